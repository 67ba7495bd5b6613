"""Some sets of the benchmark; ``python -m visavis.benchmarks.faq`` runs them all."""

from __future__ import annotations

import pytest

from visavis.benchmarks.faq import measure, sets


@pytest.mark.parametrize(
    ("name", "right", "refused", "found"),
    [
        ("faq", 0.64, 0.87, 0.95),
        ("faq_airline", 0.52, 0.82, 0.94),
        ("faq_restaurant_zh", 0.66, 0.9, 0.97),
    ],
)
def test_finds_and_refuses(name: str, right: float, refused: float, found: float) -> None:
    files = {file.stem: file for file in sets()}
    figures = measure(files[name])
    assert figures.right >= right
    assert figures.refused >= refused
    assert figures.found >= found
