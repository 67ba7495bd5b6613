"""Smoothing that keeps edges: clutter turns into calm areas, and shapes stay readable."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ..types import Floats

_CONTRAST: Final = 0.3
"""Differences of colour, of 1, that are half kept; larger ones are edges."""


def smooth(codes: Floats, weight: Floats, sigma: float) -> Floats:
    """Self-guided filter of *codes*, float32 (h, w, 3) in [0, 1], with means over boxes whose standard deviation is *sigma*
    pixels.

    He, Sun and Tang, "Guided Image Filtering", ECCV 2010, with *weight* (h, w) in every mean: what has no weight does not
    count. Colours are sRGB codes, because what looks like an edge is decided by the eye; the channel with most contrast decides
    for all, since else an edge between two colours would take on a third. O(1) in *sigma*.
    """
    radius = max(1, round(sigma * 3**0.5))
    share = np.maximum(_box(weight, radius), np.float32(1e-6))[:, :, None]
    heavy = weight[:, :, None]
    mean: Floats = np.divide(_box(codes * heavy, radius), share)
    square: Floats = np.divide(_box(codes * codes * heavy, radius), share)
    red, green, blue = cv2.split(square - mean * mean)
    variance = np.maximum(np.maximum(red, green), np.maximum(blue, 0))[:, :, None]
    slope: Floats = np.divide(variance, variance + np.float32(_CONTRAST**2))
    offset = mean - slope * mean
    kept = _box(slope[:, :, 0] * weight, radius)[:, :, None]
    smoothed: Floats = np.divide(kept * codes + _box(offset * heavy, radius), share)
    return smoothed


def _box(values: Floats, radius: int) -> Floats:
    size = 2 * radius + 1
    return np.asarray(cv2.blur(values, (size, size), borderType=cv2.BORDER_REFLECT), np.float32)
