"""A sample of the benchmark on a knowledge base of 100 entries; ``python -m visavis.benchmarks.faq`` runs it whole."""

from __future__ import annotations

from visavis.benchmarks.faq import measure


def test_finds_and_refuses() -> None:
    figures = measure(step=4)
    assert figures["faq_right"] >= 0.78
    assert figures["faq_refused"] >= 0.84
