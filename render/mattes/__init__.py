"""image -> alpha."""
