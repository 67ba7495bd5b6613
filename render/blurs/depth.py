"""Blur that grows with the distance from the plane of focus, as a lens has it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ..types import Floats
from .kernels import Kernel, blur

_LAYERS: Final = 5
_NEAREST: Final = 0.3
"""Blur of the least blurred background relative to the most blurred one, where depth is guessed."""
FINEST: Final = 1 / (_LAYERS - 1)
"""Blur of the least blurred layer that holds anything then, likewise."""


def from_picture(alpha: Floats | None, shape: tuple[int, int]) -> Floats:
    """A guess at the blur, float32 (h, w) in [0, 1], of what stands behind a person: the ground recedes upwards, and what is
    far from the person in the picture is far from it in the room."""
    height, width = shape
    ground = np.linspace(1.2, 0, height, dtype=np.float32)[:, None] * np.ones((1, width), np.float32)
    aside = np.ones(shape, np.float32)
    if alpha is not None and (alpha > 0.5).any():
        distance = cv2.distanceTransform((alpha <= 0.5).astype(np.uint8), cv2.DIST_L2, 5)
        aside = np.asarray(distance, np.float32) / np.float32(0.4 * height)
    far = np.clip((ground + aside) / 2, 0, 1)
    return (_NEAREST + (1 - _NEAREST) * far).astype(np.float32)


def from_disparity(disparity: Floats, alpha: Floats | None, shape: tuple[int, int]) -> Floats:
    """The blur, float32 (h, w) in [0, 1], from *disparity*, float32 of any size, larger = nearer, in any unit.

    The circle of confusion of a thin lens is proportional to the difference of disparities; the focus is the person's.
    """
    scaled = np.asarray(cv2.resize(disparity, shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
    on_person = scaled[alpha > 0.9] if alpha is not None else scaled[:0]
    focus = float(np.median(on_person)) if on_person.size else float(scaled.max())
    away: Floats = np.abs(scaled - np.float32(focus))
    most = float(away.max())
    if most > 0:
        away *= np.float32(1 / most)
    return away


def spread(light: Floats, amount: Floats, sigma: float, kernel: Kernel) -> Floats:
    """Blur *light* (h, w, 3) by ``amount * sigma`` pixels, *amount* (h, w) in [0, 1].

    The picture is cut into layers of equal blur, far to near; each is blurred with its own opacity and laid over those behind
    it, so a sharp edge in front stays sharp and does not leak (Kraus and Strengert, "Depth-of-Field Rendering by Pyramidal
    Image Processing", 2007).
    """
    level = amount * (_LAYERS - 1)
    behind = np.zeros(amount.shape, np.float32)
    image = blur(light, sigma, kernel)
    for k in range(_LAYERS - 1, -1, -1):
        part = np.clip(1 - np.abs(level - k), 0, 1)
        behind = behind + part
        opacity = np.divide(part, behind, out=np.zeros_like(part), where=behind > 0)[:, :, None]
        layer = blur(np.concatenate((light * opacity, opacity), axis=2), sigma * k / (_LAYERS - 1), kernel)
        image = image * (1 - layer[:, :, 3:]) + layer[:, :, :3]
    return image
