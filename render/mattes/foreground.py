"""The colours of the person, freed of the background that shines through hair and edges."""

from __future__ import annotations

import cv2
import numpy as np

from ..blurs import pyramid
from ..types import Bytes, Floats


def foreground(image: Bytes, alpha: Floats) -> Bytes:
    """Estimate F of ``image = alpha * F + (1 - alpha) * B``, all sRGB codes: uint8 (h, w, 3).

    Blur-fusion, two passes, wide then narrow (Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021). Where alpha is 1 it is
    the image; where it is 0 the colours of the person are drawn outwards, so that the layer can be resampled.
    """
    codes = image.astype(np.float32)
    over = alpha[:, :, None]
    near, behind = codes, codes
    for radius in (max(2, image.shape[0] // 12), max(1, image.shape[0] // 160)):
        near, behind = _pass(codes, near, behind, over, radius)
    spread = pyramid.fill(pyramid.premultiply(near, np.minimum(alpha * 4, 1)))
    colours = np.where(over > 0, near, spread)
    return np.where(over == 1, image, np.rint(np.clip(colours, 0, 255)).astype(np.uint8))


def _pass(codes: Floats, near: Floats, behind: Floats, over: Floats, radius: int) -> tuple[Floats, Floats]:
    front = _mean(near, over, radius)
    back = _mean(behind, 1 - over, radius)
    colours = np.clip(front + over * (codes - over * front - (1 - over) * back), 0, 255)
    return colours, back


def _mean(colour: Floats, weight: Floats, radius: int) -> Floats:
    size = (2 * radius + 1, 2 * radius + 1)
    total = cv2.blur(colour * weight, size)
    share = cv2.blur(weight, size)
    mean: Floats = np.asarray(total, np.float32) / (np.asarray(share, np.float32)[:, :, None] + np.float32(1e-5))
    return mean
