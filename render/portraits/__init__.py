"""photo -> Portrait."""
