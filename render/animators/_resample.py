"""Pictures and fields looked up between their pixels."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.floating[Any]]
"""float32 or float64: intermediate results whose width does not matter."""

_Scalar = TypeVar("_Scalar", np.uint8, np.float32)
_remap: Final[Any] = cv2.remap
"""Untyped: the stubs know no call without a second map, and an empty one makes OpenCV 5.0 return noise."""


def resample(image: NDArray[_Scalar], where: Reals, method: int = cv2.INTER_LINEAR) -> NDArray[_Scalar]:
    """*image* (h, w[, c]) at the pixel positions *where* (..., 2), x first; positions outside repeat the border."""
    positions = np.ascontiguousarray(where, np.float32)
    return np.asarray(_remap(image, positions, None, method, borderMode=cv2.BORDER_REPLICATE), image.dtype)


def blur(image: Reals, across: float, down: float | None = None) -> NDArray[np.float32]:
    """*image* after a Gaussian with the standard deviations *across* and *down* (the same by default) in pixels."""
    smooth: Any = cv2.GaussianBlur(
        np.ascontiguousarray(image, np.float32),
        (0, 0),
        sigmaX=across,
        sigmaY=across if down is None else down,
        borderType=cv2.BORDER_REPLICATE,
    )
    return np.asarray(smooth, np.float32)


def smoothstep(t: Reals) -> Reals:
    """0 below 0, 1 above 1, with level ends."""
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)
