"""The background without the person."""

from __future__ import annotations

import cv2
import numpy as np

from .blurs import pyramid
from .light import to_bytes, to_codes, to_linear
from .types import Bytes, Floats


def without(image: Bytes, alpha: Floats) -> Bytes:
    """*image*, uint8 (h, w, 3), with the person of *alpha*, float32 (h, w) in [0, 1], taken out: uint8 (h, w, 3).

    Pixels that hold any of the person, and those next to them, are not looked at; the hole is drawn in from the background around it, in
    linear light. Where no background is seen at all the image is returned as it is.
    """
    reach = 1 + image.shape[0] // 256
    near = cv2.dilate(cv2.GaussianBlur(alpha, (0, 0), reach / 2), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    seen: Floats = np.clip(1 - 8 * np.asarray(near, np.float32), 0, 1)
    if float(seen.sum()) < 1:
        return image.copy()
    mass = pyramid.premultiply(to_linear(image), seen)
    filled = to_bytes(to_codes(pyramid.fill(mass)))
    return np.where(seen[:, :, None] == 1, image, filled)
