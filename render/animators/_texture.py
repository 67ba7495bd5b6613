"""How soft and how grainy a photo is, so that what is drawn into it looks taken by the same camera or painted by the same hand."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ..types import Bytes, Floats
from ._anatomy import LUMA, Anatomy
from ._resample import blur

_OPERATOR_PX: Final = 0.78
"""What the Sobel operator and the pixels themselves add to the softness of an edge."""
_SOFTEST_PX: Final = 2.0
_GRAIN_PX: Final = 1.2
"""Standard deviation of the Gaussian below which detail counts as grain."""
_PATCH_PX: Final = 4.0
"""Standard deviation of the Gaussian over which its strength is taken."""
_GRAIN_LIMIT: Final = 3.0
"""Times the mean strength, which is more than two standard deviations of noise; beyond are edges, lashes, a beard."""


def softness(image: Bytes, face: Anatomy) -> float:
    """Standard deviation in pixels of the blur on the clearest edges of the face in *image*, uint8 (h, w, 3); 0 outside it.

    Re-blurring changes a soft edge less than a sharp one (Zhuo and Sim, "Defocus map estimation from a single image", 2011).
    """
    light, inside = image @ LUMA, _inside(image, face)
    if not inside.any():
        return 0.0
    slope, blurred = _slope(light), _slope(blur(light, 1.0))
    clear = inside & (slope >= np.percentile(slope[inside], 98))
    ratio = float(np.percentile(slope[clear] / np.maximum(blurred[clear], 1e-3), 75))
    squared = 1 / max(ratio**2 - 1, 1e-3) - _OPERATOR_PX**2
    return min(float(np.sqrt(max(squared, 0))), _SOFTEST_PX)


def grain(image: Bytes, face: Anatomy) -> Floats:
    """The finest detail of *image*, uint8 (h, w, 3), no stronger than on the calmest skin of the face.

    float32 (h, w), levels of brightness around 0; all 0 when the face lies outside.
    """
    light, inside = image @ LUMA, _inside(image, face)
    if not inside.any():
        return np.zeros_like(light)
    finest = light - blur(light, _GRAIN_PX)
    calm = float(np.percentile(blur(np.abs(finest), _PATCH_PX)[inside], 20))
    return np.asarray(np.clip(finest, -_GRAIN_LIMIT * calm, _GRAIN_LIMIT * calm), np.float32)


def _inside(image: Bytes, face: Anatomy) -> NDArray[np.bool_]:
    """Where in *image* the face is, bool (h, w)."""
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(face.landmarks[:, :2].round().astype(np.int32)), 1)
    return mask > 0


def _slope(light: Floats) -> Floats:
    x, y = (cv2.Sobel(light, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    return np.asarray(np.hypot(x, y), np.float32)
