"""The background without the person."""

from __future__ import annotations

from math import ceil, log2
from typing import Final

import cv2
import numpy as np

from .blurs import pyramid
from .light import FIXED_UNIT, to_bytes, to_codes, to_fixed, to_highlights, to_linear
from .types import Bytes, Floats

_TRUST: Final = np.clip(1 - 4 * np.arange(256) / 255, 0, 1).astype(np.float32)
_RIM: Final = 0.003
"""How far, as a share of the height, a matte may have missed something beyond the neighbours of the person."""
_AROUND: Final = 0.06
"""Width, as a share of the height, of the windows in which the background beyond the rim is described."""
_UNUSUAL: Final = np.float32(2.5)
"""Standard deviations of the background's colours from which one is not believed to be the background's."""
_NOISE: Final = np.float32(2)
"""Codes by which a colour of a plain background may be off."""
_CALM: Final = np.float32(8)
"""Standard deviation, in codes, of a background before which a stray speck is noticed; before twice that, none is looked for."""
_ROWS: Final = 1024
"""The background behind the person is drawn in a picture not higher than this."""
_STRIP: Final = 64
"""Rows that are decoded and averaged at a time: few enough to stay in the processor's cache."""
_HALF: Final = 32
"""The opacity, of 255, at which a pixel is trusted by half."""


def seen(alpha: Floats) -> Floats:
    """How far a pixel can be trusted to show the background: float32 (h, w), 0 where it or a neighbour holds a quarter of the
    person."""
    return np.asarray(cv2.LUT(_near(alpha), _TRUST), np.float32)


def shown(alpha: Floats) -> Bytes:
    """Where a pixel can be trusted by half or more to show the background: uint8 (h, w), 255 there, else 0."""
    return np.asarray(cv2.threshold(_near(alpha), _HALF, 255, cv2.THRESH_BINARY_INV)[1], np.uint8)


def _near(alpha: Floats) -> Bytes:
    """The greatest opacity of a pixel and its neighbours, uint8 (h, w)."""
    side = 2 * _neighbours(alpha) + 1
    return np.asarray(cv2.dilate(cv2.convertScaleAbs(alpha, alpha=255), np.ones((side, side), np.uint8)), np.uint8)


def _neighbours(alpha: Floats) -> int:
    """How far, in pixels, the person spreads by the lens and by the coding of the picture."""
    height: int = alpha.shape[0]
    return 2 + height // 1024


def without(image: Bytes, alpha: Floats) -> Bytes:
    """*image*, uint8 (h, w, 3), with the person of *alpha*, float32 (h, w) in [0, 1], taken out: uint8 (h, w, 3).

    The hole is drawn in from the background around it, in linear light; before a calm background, so are the specks of the
    person that a matte has missed along its edge. Where no background is seen at all the image is returned as it is.
    """
    height, width = alpha.shape
    scale = min(1.0, _ROWS / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    usual = cv2.resize(_usual(pyramid.shrink(image, size), pyramid.shrink(alpha, size)), (width, height))
    known = seen(alpha) * np.asarray(usual, np.float32)
    mask = np.where(known > np.float32(0.5), np.uint8(255), np.uint8(0))
    if not mask.any():
        return image.copy()
    times = max(0, ceil(log2(height / _ROWS)))
    light = pyramid.fill(reduced(image, mask, times))
    filled = to_bytes(pyramid.enlarge(to_codes(light), times, (width, height)))
    return np.where(known[:, :, None] == 1, image, filled)


def reduced(image: Bytes, mask: Bytes | None, times: int, *, highlights: bool = False) -> Floats:
    """The light of *image* where *mask*, uint8 (h, w), is not 0, and how much that is: premultiplied, float32 (h', w', 4), over
    blocks of ``2**times`` pixels. With *highlights*, as ``light.to_highlights`` has it.

    The weight is a fourth channel, white where the mask is: what happens to the colours happens to it too.
    """
    rows = max(_STRIP, 1 << times)
    strips = []
    for top in range(0, image.shape[0], rows):
        codes = np.asarray(cv2.cvtColor(image[top : top + rows], cv2.COLOR_RGB2RGBA), np.uint8)
        if mask is not None:
            codes = np.asarray(cv2.copyTo(codes, mask[top : top + rows]), np.uint8)
        if highlights:
            strips.append(pyramid.halve(to_highlights(to_linear(codes)), times))
        else:
            strips.append(pyramid.halve(to_fixed(codes), times) * FIXED_UNIT)
    return np.concatenate(strips)


def _usual(image: Bytes, alpha: Floats) -> Floats:
    """How far a pixel at the rim of the person is like the background nearby: float32 (h, w) in [0, 1], 1 beyond the rim and
    where the background is not calm."""
    codes = image.astype(np.float32)
    rim = 2 * (_neighbours(alpha) + max(1, round(_RIM * alpha.shape[0]))) + 1
    near = np.asarray(cv2.dilate(alpha, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (rim, rim))), np.float32)
    beyond = (near == 0).astype(np.float32)
    side = 2 * round(_AROUND / 2 * alpha.shape[0]) + 1
    mean, square = (
        pyramid.fill(np.asarray(cv2.blur(pyramid.premultiply(part, beyond), (side, side)), np.float32))
        for part in (codes, codes * codes)
    )
    variance = np.maximum(square - mean * mean, 0) + _NOISE * _NOISE
    unusual = ((codes - mean) ** 2 / variance).max(axis=2) / (_UNUSUAL * _UNUSUAL)
    lively = np.sqrt(variance.max(axis=2)) / _CALM
    usual: Floats = np.maximum(beyond, np.clip(np.maximum(2 - unusual, lively - 1), 0, 1))
    return usual
