"""The background without the person."""

from __future__ import annotations

import cv2
import numpy as np

from .blurs import pyramid
from .light import to_bytes, to_codes, to_linear
from .types import Bytes, Floats


def seen(alpha: Floats) -> Floats:
    """How far a pixel can be trusted to show the background: float32 (h, w), 0 where it or a neighbour holds a quarter of the
    person."""
    reach = 2 * (2 + alpha.shape[0] // 1024) + 1
    near = cv2.dilate(alpha, np.ones((reach, reach), np.uint8))
    return np.clip(1 - 4 * np.asarray(near, np.float32), 0, 1)


def without(image: Bytes, alpha: Floats) -> Bytes:
    """*image*, uint8 (h, w, 3), with the person of *alpha*, float32 (h, w) in [0, 1], taken out: uint8 (h, w, 3).

    The hole is drawn in from the background around it, in linear light. Where no background is seen at all the image is
    returned as it is.
    """
    known = seen(alpha)
    if float(known.sum()) < 1:
        return image.copy()
    filled = to_bytes(to_codes(pyramid.fill(pyramid.premultiply(to_linear(image), known))))
    return np.where(known[:, :, None] == 1, image, filled)
