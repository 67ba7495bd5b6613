"""Sentences in, chunks of video out. Knows no language model."""
