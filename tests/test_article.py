"""The peer that the benchmarks are run against."""

from __future__ import annotations

import pytest

pytest.importorskip("onnx", reason="Run `pip install onnx`.")
from visavis.benchmarks.article import MODNET_GFLOP, MODNET_PARAMETERS, gigaflop, network


def test_the_stand_in_has_the_size_and_cost_of_modnet():
    assert network()[1] == pytest.approx(MODNET_PARAMETERS, rel=0.01)
    assert gigaflop() == pytest.approx(MODNET_GFLOP, rel=0.01)
    assert gigaflop(256) == pytest.approx(MODNET_GFLOP / 4, rel=0.01)
