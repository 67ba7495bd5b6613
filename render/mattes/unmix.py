"""The colours of the person for one picture of a video: as ``foreground``, at a fraction of its cost."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ..blurs import pyramid
from ..types import Bytes, Floats

_ROWS: Final = 120
"""Height of the picture in which the colours around the edge are averaged."""
_REACHES: Final = (3, 1)
"""Pixels of that picture over which they are averaged, first and second."""
_COLUMNS: Final = 1024
"""Places that are looked up at a time."""
_STEP: Final = np.float32(0.5 / 255)
"""Opacities nearer than this to 0 and 1 become 0 and 1 when they are stored in a byte."""
_SURE: Final = np.float32(20)
_GUESS: Final = np.float32(0.01)


def unmixed(image: Bytes, alpha: Floats) -> Bytes:
    """Estimate F of ``image = alpha * F + (1 - alpha) * B``, sRGB codes: uint8 (h, w, 3), equal to *image* where alpha is 0 or 1.

    Blur-fusion (Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021), with both averages taken in a small picture
    and the mixing equation solved only where there is a mixture.
    """
    mixed = np.flatnonzero((alpha > _STEP) & (alpha < 1 - _STEP))
    if not mixed.size:
        return image
    front, back = _averages(image, alpha)
    height, width = alpha.shape
    rows, columns = (places.astype(np.float32) + np.float32(0.5) for places in np.divmod(mixed, width))
    x = columns * np.float32(front.shape[1] / width) - np.float32(0.5)
    y = rows * np.float32(front.shape[0] / height) - np.float32(0.5)
    near_front, near_back = (_looked_up(colours, x, y) for colours in (front, back))
    codes = image.reshape(-1, 3).take(mixed, axis=0).astype(np.float32)
    solved, _ = _explained(codes, alpha.ravel().take(mixed)[:, None], near_front, near_back)
    result = np.ascontiguousarray(image).copy()
    result.reshape(-1, 3)[mixed] = np.rint(solved).astype(np.uint8)
    return result


def _averages(image: Bytes, alpha: Floats) -> tuple[Floats, Floats]:
    """Colours of the person and of the background near the edge, each drawn into the other's ground, small."""
    scale = min(1.0, _ROWS / alpha.shape[0])
    size = max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale))
    codes = pyramid.shrink(image, size).astype(np.float32)
    over = pyramid.shrink(alpha, size)[:, :, None]
    front, back = _extended(codes, 1 - _SURE * (1 - over)), _extended(codes, 1 - _SURE * over)
    for reach in _REACHES:
        front, back = _explained(codes, over, front, back)
        front, back = _mean(front, over + _GUESS, reach), _mean(back, 1 - over + _GUESS, reach)
    return front, back


def _extended(codes: Floats, weight: Floats) -> Floats:
    known: Floats = np.clip(weight[:, :, 0], 0, 1)
    return pyramid.fill(pyramid.premultiply(codes, known)) if known.any() else codes


def _explained(codes: Floats, over: Floats, front: Floats, back: Floats) -> tuple[Floats, Floats]:
    """The colours nearest to *front* and *back* that mix to *codes*."""
    under = 1 - over
    step = (codes - over * front - under * back) / (over * over + under * under)
    return np.clip(front + over * step, 0, 255), np.clip(back + under * step, 0, 255)


def _mean(colours: Floats, weight: Floats, reach: int) -> Floats:
    window = 2 * reach + 1, 2 * reach + 1
    share = np.asarray(cv2.blur(weight, window), np.float32).reshape(weight.shape)
    mean: Floats = np.asarray(cv2.blur(colours * weight, window), np.float32) / share
    return mean


def _looked_up(colours: Floats, x: Floats, y: Floats) -> Floats:
    """*colours* at the places *x*, *y* (n,), between pixels: float32 (n, 3)."""
    rows = -(-x.size // _COLUMNS)
    places = [np.resize(values, (rows, _COLUMNS)) for values in (x, y)]
    found = cv2.remap(colours, places[0], places[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32).reshape(-1, 3)[: x.size]
