"""Speech -> Motion."""
