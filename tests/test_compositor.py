"""One blend, exact where it must be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.errors import InputError
from visavis.render.compositor import compose
from visavis.render.types import Backdrop, Box, Layer


def _pair(height, width, alpha, seed=0):
    rng = np.random.default_rng(seed)
    over, under = rng.integers(0, 256, (2, height, width, 3), np.uint8)
    mask = np.broadcast_to(np.asarray(alpha, np.uint8), (height, width)).copy()
    return Layer(over, mask, Box(0, 0, width, height), 7, 0.28), Backdrop(under, "off", 0.0)


@given(height=st.integers(1, 40), width=st.integers(1, 40), seed=st.integers(0, 99))
def test_every_pixel_is_the_rounded_mean(height, width, seed):
    alpha = np.random.default_rng(seed).integers(0, 256, (height, width))
    layer, backdrop = _pair(height, width, alpha, seed)
    share = alpha[:, :, None] / 255
    exact = share * layer.rgb + (1 - share) * backdrop.image
    assert np.abs(compose(layer, backdrop).image - exact).max() <= 0.51


@pytest.mark.parametrize(("alpha", "which"), [(0, "backdrop"), (255, "layer")])
def test_clear_and_opaque_pixels_are_copies(alpha, which):
    layer, backdrop = _pair(33, 65, alpha)
    expected = layer.rgb if which == "layer" else backdrop.image
    np.testing.assert_array_equal(compose(layer, backdrop).image, expected)


def test_no_tone_bias():
    alpha = np.random.default_rng(1).integers(1, 255, (256, 256))
    layer, backdrop = _pair(256, 256, alpha, 2)
    share = alpha[:, :, None] / 255
    exact = share * layer.rgb + (1 - share) * backdrop.image
    assert abs((compose(layer, backdrop).image - exact).mean()) < 0.01


@given(code=st.integers(0, 255), alpha=st.integers(0, 255))
def test_equal_colours_stay(code, alpha):
    image = np.full((3, 5, 3), code, np.uint8)
    layer = Layer(image, np.full((3, 5), alpha, np.uint8), Box(0, 0, 5, 3), 0, 0.0)
    np.testing.assert_array_equal(compose(layer, Backdrop(image, "off", 0.0)).image, image)


def test_the_frame_keeps_the_clock_and_owns_its_pixels():
    layer, backdrop = _pair(4, 6, 0)
    frame = compose(layer, backdrop)
    assert (frame.index, frame.time_s) == (7, 0.28)
    assert frame.image.dtype == np.uint8
    assert frame.image.flags.c_contiguous
    assert not np.shares_memory(frame.image, backdrop.image)


def test_sizes_must_agree():
    layer, _ = _pair(4, 6, 0)
    _, backdrop = _pair(6, 4, 0)
    with pytest.raises(InputError, match="backdrop"):
        compose(layer, backdrop)
