"""Sentence -> Speech."""
