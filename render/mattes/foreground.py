"""The colours of the person, freed of the background that shines through hair and edges."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ..blurs import pyramid
from ..types import Bytes, Floats
from .unmix import averages, solved

_ROWS: Final = 1024
"""Height of the largest picture in which the colours are averaged."""
_REACHES: Final = (72, 180)
"""The averages reach one over this of the height of the picture, first and second."""
_TRACE: Final = np.float32(1 / 255)


def foreground(image: Bytes, alpha: Floats) -> Bytes:
    """Estimate F of ``image = alpha * F + (1 - alpha) * B``, all sRGB codes: uint8 (h, w, 3).

    Where alpha is 1 the result is the image; where it is 0 it continues the person, so that a layer can be resampled.
    """
    height, width = alpha.shape
    scale = min(1.0, _ROWS / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    wide, narrow = (max(1, round(size[1] / share)) for share in _REACHES)
    around = averages(pyramid.shrink(image, size), pyramid.shrink(alpha, size), (wide, narrow))
    beyond = cv2.resize(np.rint(around[0]).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.where(alpha[:, :, None] < _TRACE, np.asarray(beyond, np.uint8), solved(image, alpha, around))
