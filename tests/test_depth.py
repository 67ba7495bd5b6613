"""Distances are estimated where the extra and the weights are at hand; where not, there is a reason instead."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import ClassVar

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


@pytest.fixture
def network(monkeypatch):
    """In place of Depth Anything: answers with the brightness of what it is shown, and keeps that."""

    class Brightness:
        seen: ClassVar[list] = []

        def __init__(self, name, architecture, settings):
            assert (name, architecture) == ("depth_anything", "DepthAnythingForDepthEstimation")

        def run(self, inputs, output):
            self.seen.append(inputs["pixel_values"])
            assert output == "predicted_depth"
            return inputs["pixel_values"].mean(axis=1)

    monkeypatch.setattr(depth, "find_spec", lambda name: name)
    monkeypatch.setitem(sys.modules, "visavis.render.pretrained", SimpleNamespace(Pretrained=Brightness))
    return Brightness


@pytest.mark.parametrize("shape", [(512, 512), (300, 400), (360, 1280), (1, 1), (7, 900)])
def test_the_network_is_shown_whole_patches_and_answers_at_the_size_of_the_picture(network, shape):
    image = np.full((*shape, 3), 10, np.uint8)
    image[:, shape[1] // 2 :] = 250
    disparity = depth.estimate(image).disparity
    assert (disparity.shape, disparity.dtype) == (shape, np.float32)
    assert disparity.min() >= 0
    shown = network.seen[-1].shape
    assert shown[:2] == (1, 3)
    assert shown[2] % 14 == shown[3] % 14 == 0
    assert max(shown[2:]) <= 1036
    if min(shape) > 100:
        assert abs(shown[2] / shown[3] - shape[0] / shape[1]) < 14 / min(shown[2:])
        edge = shape[1] // 2
        assert disparity[:, edge + 3 :].min() > 1
        assert disparity[:, : edge - 3].max() == 0


def test_colours_are_normalised_as_in_training(network):
    depth.estimate(np.full((64, 64, 3), (255, 0, 128), np.uint8))
    expected = (np.array([1, 0, 128 / 255]) - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    np.testing.assert_allclose(network.seen[-1].mean(axis=(0, 2, 3)), expected, atol=1e-4)


@pytest.mark.parametrize("shape", [(0, 5, 3), (5, 0, 3), (5, 5)])
def test_what_is_no_picture_gives_a_reason(network, shape):
    result = depth.estimate(np.zeros(shape, np.uint8))
    assert result.disparity is None
    assert "picture" in result.reason
