"""The measurements run and give every figure; how large they are is not tested."""

from __future__ import annotations

from visavis import Settings
from visavis.benchmarks.suite import run

FIGURES = {
    "animate_fps_p50", "animate_ms_p95", "first_layer_ms", "compose_ms_p95_720p", "article_ratio_512", "say_rtf", "first_chunk_ms",
    "portrait_cold_s", "portrait_warm_ms", "recall_ms_p95", "write_ms_p95", "peak_rss_mb",
}  # fmt: skip


def test_every_figure_is_a_number(models):
    figures = run(Settings(), rounds=1)
    assert set(figures) == FIGURES
    assert all(value is not None and value > 0 for value in figures.values()), figures
