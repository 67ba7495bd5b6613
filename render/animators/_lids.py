"""Where the eyes of a photo are open: the margins of the lids, from landmarks, or from the picture where those are lost."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ..types import Bytes, Floats
from ._anatomy import EYES, Anatomy
from ._resample import resample

LANDMARKS_YAW: Final = 26.0
"""Degrees a head may be turned before the landmarks of its eyes slide off them."""
_STEP_CM: Final = 0.04
_ROOM_CM: Final = np.array([2.2, 1.2])
"""What is looked at, to either side of and above and below the landmarks."""
_NEAR_CM, _SKIN_CM = 0.45, 0.9
"""How far from the landmarks the eye may be, and from where on up to where below them all is skin."""
_PALER, _LESS_COLOUR = 6.0, 6.0
"""The white of the eye against the skin, CIE L* and chroma."""
_DARK: Final = 0.5
"""The iris against the skin, part of L*."""
_AREA: Final = (0.5, 2.0)
"""Plausible sizes of the opening, in those of the landmarks' one."""
_COLUMNS: Final = 17

Margins = tuple[Floats, Floats]
"""Upper and lower margin, float32 (n, 2) each, from left to right, centimetres of ``Anatomy.to_face``."""


def margins_of(image: Bytes, face: Anatomy) -> dict[str, Margins]:
    """The margins of both eyes of *image*, uint8 (h, w, 3), by the subject's own side; none where one cannot be found."""
    known = {side: (face.at(*upper), face.at(*lower)) for side, (upper, lower) in EYES.items()}
    if face.yaw <= LANDMARKS_YAW:
        return known
    seen = {side: _seen(image, face, margins) for side, margins in known.items()}
    return {side: margins for side, margins in seen.items() if margins} if all(seen.values()) else {}


def _seen(image: Bytes, face: Anatomy, guess: Margins) -> Margins | None:
    """The hull of what is white or dark near the opening that the landmarks *guess*."""
    middle = np.concatenate(guess).mean(axis=0)
    x, y = (np.arange(-room, room + 1e-6, _STEP_CM) for room in _ROOM_CM)
    where = np.stack(np.meshgrid(x, y), axis=-1) + middle
    lab: Any = cv2.cvtColor(resample(image, face.to_pixels(where)).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    opening = _filled(np.concatenate([guess[0], guess[1][::-1]]) - middle, (len(y), len(x)))
    near = cv2.dilate(opening, _disc(_NEAR_CM)) > 0
    skin = (cv2.dilate(opening, _disc(_SKIN_CM)) > 0) & ~near & (where[..., 1] > middle[1])
    if not skin.any():
        return None
    light, *hue = np.median(lab[skin], axis=0)
    less_colour = np.hypot(lab[..., 1], lab[..., 2]) < np.hypot(*hue) - _LESS_COLOUR
    white, iris = (lab[..., 0] > light + _PALER) & less_colour, lab[..., 0] < (1 - _DARK) * light
    found = ((white | iris) & near).astype(np.uint8)
    found = cv2.morphologyEx(cv2.morphologyEx(found, cv2.MORPH_CLOSE, _disc(0.14)), cv2.MORPH_OPEN, _disc(0.24))
    count, label, sizes, _ = cv2.connectedComponentsWithStats(found)
    if count < 2:
        return None
    largest = int(sizes[1:, cv2.CC_STAT_AREA].argmax()) + 1
    corners = cv2.convexHull(np.argwhere(label == largest)[:, ::-1].astype(np.int32))[:, 0]
    if not _AREA[0] < cv2.contourArea(corners) / max(int(opening.sum()), 1) < _AREA[1]:
        return None
    hull = _filled(corners * _STEP_CM - _ROOM_CM, opening.shape) > 0
    columns = np.linspace(corners[:, 0].min(), corners[:, 0].max(), _COLUMNS).round().astype(int)
    top, bottom = hull.argmax(axis=0)[columns], len(y) - 1 - hull[::-1].argmax(axis=0)[columns]
    upper, lower = (np.stack([columns, rows], axis=-1) * _STEP_CM - _ROOM_CM + middle for rows in (top, bottom))
    lower[[0, -1]] = upper[[0, -1]] = (upper[[0, -1]] + lower[[0, -1]]) / 2
    return upper.astype(np.float32), lower.astype(np.float32)


def _filled(outline: NDArray[np.floating[Any]], shape: tuple[int, ...]) -> Bytes:
    """1 inside *outline* (n, 2) cm from the middle of the part that is looked at, uint8 *shape*."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round((outline + _ROOM_CM) / _STEP_CM * 16).astype(np.int32)], 1, shift=4)
    return mask


def _disc(radius_cm: float) -> Bytes:
    side = 2 * int(radius_cm / _STEP_CM) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
