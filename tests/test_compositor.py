"""One blend, exact where it must be."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.errors import InputError
from visavis.render.backdrop import make
from visavis.render.compositor import compose
from visavis.render.light import to_codes, to_linear
from visavis.render.mattes.refine import foreground, plate
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


def _truth(size=256, radius=14.0):
    """A dark person with strands before stripes and a lamp: photo, alpha, and the photo with an exactly blurred background."""
    rng = np.random.default_rng(5)
    big = np.zeros((4 * size, 4 * size), np.uint8)
    middle = np.array((2 * size, 2.3 * size))
    cv2.circle(big, tuple(middle.astype(int).tolist()), size, 255, -1)
    for angle in rng.uniform(np.pi, 2 * np.pi, 80):
        way = np.array((np.cos(angle), np.sin(angle)))
        ends = [tuple((middle + way * size * reach).astype(int).tolist()) for reach in (0.95, rng.uniform(1.1, 1.35))]
        cv2.line(big, *ends, 255, 4, cv2.LINE_AA)
    alpha = cv2.resize(big, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    room = np.full((size, size, 3), 170, np.uint8)
    room[:, : size // 3] = np.where(np.arange(size) // 12 % 2, 220, 90)[:, None, None]
    cv2.circle(room, (int(size * 0.8), int(size * 0.3)), size // 16, (255, 240, 200), -1)
    share = alpha[:, :, None]
    person = np.array((70, 45, 30), np.float32)
    sigma = radius * size / 512
    inside = cv2.GaussianBlur(np.ones((size, size), np.float32), (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)[
        :, :, None
    ]
    behind = to_codes(cv2.GaussianBlur(to_linear(room), (0, 0), sigma, borderType=cv2.BORDER_CONSTANT) / inside)
    photo = np.rint(share * person + (1 - share) * room).astype(np.uint8)
    return photo, alpha, share * person + (1 - share) * behind


def test_a_photo_is_recomposed_as_a_lens_would_have_it():
    photo, alpha, truth = _truth()
    layer = Layer(foreground(photo, alpha), np.rint(alpha * 255).astype(np.uint8), Box(0, 0, 256, 256), 0, 0.0)
    found = compose(layer, make(plate(photo, alpha), alpha=alpha)).image
    share = alpha[:, :, None]
    naive = share * photo + (1 - share) * cv2.GaussianBlur(photo, (0, 0), 7)
    near = cv2.dilate((alpha > 0.02).astype(np.uint8), np.ones((29, 29), np.uint8)) > 0
    for where, limit in ((near & (alpha < 0.02), 4.0), ((alpha > 0.05) & (alpha < 0.95), 7.0)):
        error = np.abs(found - truth)[where].mean()
        assert error < limit
        assert error < 0.35 * np.abs(naive - truth)[where].mean()
