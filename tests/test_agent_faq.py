"""A sample of the benchmark; ``python -m visavis.benchmarks.faq`` runs it whole."""

from __future__ import annotations

from visavis.benchmarks.faq import measure, sets


def test_finds_and_refuses() -> None:
    files = {file.stem: file for file in sets()}
    figures = measure(files["faq"], step=4)
    assert figures.right >= 0.7
    assert figures.found >= 0.95
    assert figures.refused >= 0.84
