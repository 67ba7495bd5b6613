"""The colours of the person, freed of the background that shines through hair and edges."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ..blurs import pyramid
from ..types import Bytes, Floats

_RADII: Final = (72, 180)
"""The averages reach one over this of the height of the picture, first and second."""
_SURE: Final = np.float32(20)
_NOISE: Final = np.float32(2)
"""Codes by which a picture may be off."""
_GUESS: Final = np.float32(0.01)
"""Weight of a colour where the person, or the background, is not present at all."""


def foreground(image: Bytes, alpha: Floats) -> Bytes:
    """Estimate F of ``image = alpha * F + (1 - alpha) * B``, all sRGB codes: uint8 (h, w, 3).

    Blur-fusion (Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021): average both colours along the edge, then
    move them by the least that makes the equation hold; wide, then narrow. It starts from the opaque and the clear pixels
    alone, drawn into each other's ground. Where alpha is 1 the result is the image; where it is 0 it continues the person, so
    that a layer can be resampled.
    """
    codes = image.astype(np.float32)
    over = alpha[:, :, None].astype(np.float32)
    front = _extended(codes, 1 - _SURE * (1 - alpha))
    back = _extended(codes, 1 - _SURE * alpha)
    for fraction in _RADII:
        front, back = _explain(codes, over, front, back)
        radius = max(1, round(image.shape[0] / fraction))
        front = _mean(front, over + _GUESS, radius)
        back = _mean(back, 1 - over + _GUESS, radius)
    front, _ = _explain(codes, over, front, back)
    return np.where(over == 1, image, np.rint(front).astype(np.uint8))


def _extended(codes: Floats, weight: Floats) -> Floats:
    """*codes* where *weight* is 1, drawn over the rest of the picture; all of them where it never is."""
    known: Floats = np.clip(weight, 0, 1).astype(np.float32)
    return pyramid.fill(pyramid.premultiply(codes, known)) if known.any() else codes


def _explain(codes: Floats, over: Floats, front: Floats, back: Floats) -> tuple[Floats, Floats]:
    """The colours nearest to *front* and *back* that mix to *codes*; neither can hold more light than the picture, nor less."""
    under = 1 - over
    step = (codes - over * front - under * back) / (over * over + under * under)
    share = np.maximum(over, _NOISE / 400)
    darkest, brightest = (codes - _NOISE - 255 * (1 - share)) / share, (codes + _NOISE) / share
    front = np.clip(front + over * step, np.maximum(darkest, 0), np.minimum(brightest, 255))
    return front, np.clip(back + under * step, 0, 255)


def _mean(colour: Floats, weight: Floats, radius: int) -> Floats:
    size = (2 * radius + 1, 2 * radius + 1)
    share = np.asarray(cv2.blur(weight, size), np.float32)
    mean: Floats = np.asarray(cv2.blur(colour * weight, size), np.float32) / share[:, :, None]
    return mean
