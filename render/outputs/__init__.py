"""Frame -> media."""
