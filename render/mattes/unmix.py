"""The mixing equation ``image = alpha * person + (1 - alpha) * background``, solved for the colours; all are sRGB codes.

Blur-fusion (Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021): average both colours along the edge, then move
them by the least that makes the equation hold; wide, then narrow. It starts from the opaque and the clear pixels alone, drawn into
each other's ground. Averages are smooth, so they are taken in a smaller picture, and the equation is solved only where there is a
mixture.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ..blurs import pyramid
from ..types import Bytes, Floats

_ROWS: Final = 120
"""Height of the picture in which the colours of a video are averaged."""
_REACHES: Final = (3, 1)
"""Pixels of that picture over which they are averaged, first and second."""
_COLUMNS: Final = 1024
"""Places that are looked up at a time."""
_STEP: Final = np.float32(0.5 / 255)
"""Opacities nearer than this to 0 and 1 become 0 and 1 when they are stored in a byte."""
_SURE: Final = np.float32(20)
_NOISE: Final = np.float32(2)
"""Codes by which a picture may be off."""
_GUESS: Final = np.float32(0.01)
"""Weight of a colour where the person, or the background, is not present at all."""


def unmixed(image: Bytes, alpha: Floats) -> Bytes:
    """The colours of the person in one picture of a video: uint8 (h, w, 3), equal to *image* where alpha is 0 or 1."""
    scale = min(1.0, _ROWS / alpha.shape[0])
    size = max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale))
    return solved(image, alpha, averages(pyramid.shrink(image, size), pyramid.shrink(alpha, size), _REACHES))


def averages(image: Bytes, alpha: Floats, reaches: tuple[int, int]) -> tuple[Floats, Floats]:
    """Colours of the person and of the background near the edge, float32 (h, w, 3), each drawn into the other's ground.

    They are averaged over so many pixels as *reaches* says, first and second.
    """
    codes, over = image.astype(np.float32), alpha[:, :, None]
    front, back = _extended(codes, 1 - _SURE * (1 - alpha)), _extended(codes, 1 - _SURE * alpha)
    for reach in reaches:
        front, back = _explained(codes, over, front, back)
        front, back = _mean(front, over + _GUESS, reach), _mean(back, 1 - over + _GUESS, reach)
    return front, back


def solved(image: Bytes, alpha: Floats, around: tuple[Floats, Floats]) -> Bytes:
    """*image*, (h, w, 3), with the colours of the person in place of its mixtures; *around* are its ``averages``, of any size."""
    result = image.copy()
    mixed = np.flatnonzero((alpha > _STEP) & (alpha < 1 - _STEP))
    if mixed.size:
        near = (_looked_up(colours, mixed, alpha.shape) for colours in around)
        codes = image.reshape(-1, 3).take(mixed, axis=0).astype(np.float32)
        front, _ = _explained(codes, alpha.ravel().take(mixed)[:, None], *near)
        result.reshape(-1, 3)[mixed] = np.rint(front).astype(np.uint8)
    return result


def _extended(codes: Floats, weight: Floats) -> Floats:
    """*codes* where *weight* is 1, drawn over the rest of the picture; all of them where it never is."""
    known: Floats = np.clip(weight, 0, 1)
    return pyramid.fill(pyramid.premultiply(codes, known)) if known.any() else codes


def _explained(codes: Floats, over: Floats, front: Floats, back: Floats) -> tuple[Floats, Floats]:
    """The colours nearest to *front* and *back* that mix to *codes*; neither can hold more light than the picture, nor less."""
    under = 1 - over
    step = (codes - over * front - under * back) / (over * over + under * under)
    share = np.maximum(over, _NOISE / 400)
    darkest, brightest = (codes - _NOISE - 255 * (1 - share)) / share, (codes + _NOISE) / share
    front = np.clip(front + over * step, np.maximum(darkest, 0), np.minimum(brightest, 255))
    return front, np.clip(back + under * step, 0, 255)


def _mean(colours: Floats, weight: Floats, reach: int) -> Floats:
    window = 2 * reach + 1, 2 * reach + 1
    share = np.asarray(cv2.blur(weight, window), np.float32).reshape(weight.shape)
    mean: Floats = np.asarray(cv2.blur(colours * weight, window), np.float32) / share
    return mean


def _looked_up(colours: Floats, places: NDArray[np.int64], shape: tuple[int, ...]) -> Floats:
    """*colours*, made of a picture of *shape* (h, w), at its pixels *places* (n,), counted row by row: float32 (n, 3)."""
    rows = -(-places.size // _COLUMNS)
    y, x = (each.astype(np.float32) for each in np.divmod(np.resize(places, (rows, _COLUMNS)), shape[1]))
    x = (x + np.float32(0.5)) * np.float32(colours.shape[1] / shape[1]) - np.float32(0.5)
    y = (y + np.float32(0.5)) * np.float32(colours.shape[0] / shape[0]) - np.float32(0.5)
    found = cv2.remap(colours, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32).reshape(-1, 3)[: places.size]
