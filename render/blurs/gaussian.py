"""A Gaussian of any width at the cost of a narrow one."""

from __future__ import annotations

from math import log2, sqrt

import cv2
import numpy as np

from ..types import Floats


def reduction(sigma: float) -> int:
    """How often the picture can be halved before a blur of *sigma* pixels, so that at least 2 of the small pixels remain."""
    return max(0, int(log2(sigma / 2))) if sigma > 2 else 0


def remaining(sigma: float, times: int) -> float:
    """The standard deviation, in pixels of a picture halved *times* times, that is still to be added to reach *sigma*.

    Averaging blocks of n pixels has itself a variance of (n² - 1) / 12; variances add up.
    """
    block = float(1 << times)
    return sqrt(max(sigma * sigma - (block * block - 1) / 12, 0.0)) / block


def blur(mass: Floats, sigma: float) -> Floats:
    """Blur premultiplied *mass* (h, w, 4), nothing beyond its edges, by *sigma* of its own pixels."""
    if sigma < 0.1:
        return mass
    size = 2 * int(np.ceil(3.5 * sigma)) + 1
    return np.asarray(cv2.GaussianBlur(mass, (size, size), sigma, borderType=cv2.BORDER_CONSTANT), np.float32)
