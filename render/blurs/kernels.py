"""Two shapes of blur, a Gaussian and the disc of a lens, of any size at the cost of a small one."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, log2, sqrt
from typing import Final

import cv2
import numpy as np

from ..types import Floats
from . import pyramid

Kernel = Callable[[Floats, float], Floats]
"""Blurs float32 (h, w) or (h, w, c), c > 1, by a standard deviation in pixels, zeros beyond the frame."""

_FINE: Final = 2.0
"""A blur is computed on a picture so small that this standard deviation, or up to twice it, remains."""
_DISC: Final = (
    (0.886528, 5.268909, 0.411259, -0.548794),
    (1.960518, 1.558213, 0.513282, 4.561110),
)
"""a, b, A, B of ``exp(-a r²) (A cos(b r²) + B sin(b r²))``, whose sum is near 1 for r < 1 and near 0 beyond (Garcia, "Circular
Separable Convolution Depth of Field", SIGGRAPH 2017)."""
_DISC_EXTENT: Final = 1.2
"""Where its terms are cut, in radii."""


def gaussian(values: Floats, sigma: float) -> Floats:
    """A Gaussian, cut at 3.5 standard deviations."""
    if sigma < 0.1:
        return values
    size = 2 * ceil(3.5 * sigma) + 1
    return np.asarray(cv2.GaussianBlur(values, (size, size), sigma, borderType=cv2.BORDER_CONSTANT), np.float32)


def disc(values: Floats, sigma: float) -> Floats:
    """A disc of radius ``2 * sigma``, which has the standard deviation *sigma*; its sum is 1."""
    if sigma < 1.5:
        return gaussian(values, sigma)
    reach = ceil(_DISC_EXTENT * 2 * sigma)
    square = (np.arange(-reach, reach + 1) / (2 * sigma)) ** 2
    pairs = []
    for a, b, cosine, sine in _DISC:
        real, imaginary = np.exp(-a * square) * np.cos(b * square), np.exp(-a * square) * np.sin(b * square)
        pairs += [(real, cosine * real + sine * imaginary), (imaginary, sine * real - cosine * imaginary)]
    total = sum(across.sum() * down.sum() for across, down in pairs)
    blurred = np.zeros_like(values)
    for across, down in pairs:
        blurred += cv2.sepFilter2D(values, -1, across, down / total, borderType=cv2.BORDER_CONSTANT).reshape(
            values.shape
        )
    return blurred


def reduction(sigma: float) -> int:
    """How often a picture can be halved before a blur of *sigma* pixels without loss."""
    return max(0, int(log2(sigma / _FINE))) if sigma > _FINE else 0


def spread(light: Floats, times: int, sigma: float, kernel: Kernel, coverage: Floats) -> Floats:
    """Blur *light* (h, w, c), a picture halved *times* times, by *sigma* pixels of the whole picture, and normalise at the frame.

    *coverage* (h, w) is how much of each small pixel lies within the frame. Averaging blocks of n pixels has itself a variance of
    (n² - 1) / 12, and variances add up, so the kernel only adds the rest.
    """
    block = float(1 << times)
    rest = sqrt(max(sigma * sigma - (block * block - 1) / 12, 0.0)) / block
    inside = np.maximum(kernel(coverage, rest), np.float32(1e-3))
    blurred: Floats = np.divide(kernel(light * coverage[:, :, None], rest), inside[:, :, None])
    return blurred


def blur(light: Floats, sigma: float, kernel: Kernel) -> Floats:
    """Blur *light*, float32 (h, w, c), c > 1, by *sigma* pixels; the cost does not grow with it."""
    times = reduction(sigma)
    size = light.shape[1], light.shape[0]
    coverage = pyramid.coverage((light.shape[0], light.shape[1]), times)
    small: Floats = np.divide(pyramid.halve(light, times), np.maximum(coverage, np.float32(1e-3))[:, :, None])
    return pyramid.enlarge(spread(small, times, sigma, kernel, coverage), times, size)
