"""Motion -> Layer."""
