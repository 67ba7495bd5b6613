"""Distances are estimated where the extra and the weights are at hand; where not, there is a reason instead."""

from __future__ import annotations

import numpy as np
import pytest

from visavis.render import depth
from visavis.settings import Settings


def test_without_the_extra_the_reason_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(depth, "find_spec", lambda name: None)
    result = depth.estimate(np.zeros((64, 64, 3), np.uint8))
    assert result.disparity is None
    assert "visavis[neural]" in result.reason


def test_without_weights_the_reason_says_where_they_are_had(monkeypatch, tmp_path):
    pytest.importorskip("transformers", reason=depth.REQUIRES["transformers"])
    pytest.importorskip("torch", reason=depth.REQUIRES["torch"])
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    result = depth.estimate(np.zeros((64, 64, 3), np.uint8), settings=Settings(cache=tmp_path, assets=None))
    assert result.disparity is None
    assert "Depth-Anything-V2-Small-hf" in result.reason
