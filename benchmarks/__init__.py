"""Measurements: `visavis bench` for the whole, one module for each part."""
