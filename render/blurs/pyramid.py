"""Averages in which every pixel has a weight, at the resolution they need.

Colour and weight travel together, premultiplied, as float32 (h, w, 4): three channels ``weight * colour``, then ``weight``.
Averaging such an array and dividing by its last channel is normalised convolution (Knutsson and Westin, CVPR 1993): what has no
weight, be it the person or the world beyond the frame, leaves no trace.
"""

from __future__ import annotations

from typing import Final, TypeVar

import cv2
import numpy as np

from ..light import Shorts
from ..types import Bytes, Floats

Pixels = TypeVar("Pixels", Bytes, Floats, Shorts)

_TINY: Final = np.float32(1e-6)
_ENOUGH: Final = np.float32(0.25)
"""The share of a block that must have been seen for its mean to stand for the whole block."""


def premultiply(colour: Floats, weight: Floats) -> Floats:
    """Colour (h, w, 3) and weight (h, w) -> (h, w, 4)."""
    heavy = cv2.multiply(colour, cv2.cvtColor(weight, cv2.COLOR_GRAY2RGB))
    return np.asarray(cv2.merge([*cv2.split(heavy), weight]), np.float32)


def divide(mass: Floats) -> Floats:
    """(h, w, 4) -> colour (h, w, 3); 0 where there is no weight."""
    colour: Floats = np.divide(mass[:, :, :3], np.maximum(mass[:, :, 3:], _TINY))
    return colour


def halve(values: Pixels, times: int) -> Pixels:
    """The mean over blocks of ``2**times`` pixels, of (h, w) or (h, w, c). The lower and right edges are padded with 0 to whole
    blocks."""
    height, width = values.shape[:2]
    block = 1 << times
    if height % block or width % block:
        values = np.asarray(
            cv2.copyMakeBorder(values, 0, -height % block, 0, -width % block, cv2.BORDER_CONSTANT), values.dtype
        )
    for _ in range(times):
        half = (values.shape[1] // 2, values.shape[0] // 2)
        values = np.asarray(cv2.resize(values, half, interpolation=cv2.INTER_AREA), values.dtype)
    return values


def coverage(shape: tuple[int, int], times: int) -> Floats:
    """How much of each block of ``2**times`` pixels lies in a picture of *shape* (height, width): float32 (h', w') in [0, 1]."""
    block = 1 << times
    down, across = (
        np.clip(length / block - np.arange(-(-length // block)), 0, 1).astype(np.float32) for length in shape
    )
    return np.outer(down, across)


def shrink(values: Pixels, size: tuple[int, int]) -> Pixels:
    """(h, w) or (h, w, c), averaged over areas down to *size* (width, height): by halves so far as these come out even, which is
    several times as fast."""
    width, height = size
    while (
        values.shape[0] % 2 == values.shape[1] % 2 == 0
        and 2 * width <= values.shape[1]
        and 2 * height <= values.shape[0]
    ):
        values = halve(values, 1)
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), values.dtype)


def enlarge(small: Floats, times: int, size: tuple[int, int]) -> Floats:
    """The inverse of ``halve`` in size: *small*, interpolated smoothly and cropped to *size* (width, height)."""
    width, height = size
    if times > 1:
        # Next to a blur the last pixels are so close that the way between them is straight.
        small = _times(_times(small, times - 1, cv2.INTER_CUBIC), 1, cv2.INTER_LINEAR)
    elif times:
        small = _times(small, 1, cv2.INTER_CUBIC)
    return small[:height, :width]


def _times(small: Floats, times: int, interpolation: int) -> Floats:
    size = small.shape[1] << times, small.shape[0] << times
    return np.asarray(cv2.resize(small, size, interpolation=interpolation), np.float32)


def fill(mass: Floats) -> Floats:
    """Colour (h, w, 3) at every pixel: its own where it has weight 1, else drawn in from around, coarser the farther it comes.

    Push-pull (Gortler et al., SIGGRAPH 1996): O(pixels), no iteration. Weights are in [0, 1]; all 0 gives black.
    """
    levels = [mass]
    while levels[-1].shape[0] > 1 or levels[-1].shape[1] > 1:
        small = halve(levels[-1], 1)
        levels.append(np.divide(small, np.maximum(small[:, :, 3:], _ENOUGH)))
    colour = divide(levels[-1])
    for level in reversed(levels[:-1]):
        coarse = enlarge(colour, 1, (level.shape[1], level.shape[0]))
        colour = level[:, :, :3] + (1 - level[:, :, 3:]) * coarse
    return colour
