"""How far apart the lips are, more exactly than landmarks know: both lips found again by their own texture.

A face mesh guesses lips from all it has learnt: it never says 0, its noise is a pixel, and it hardly sees a mouth under a beard.
Here it only brings each picture to the same place, turn and scale. There, a patch of either lip, taken from one picture (the key),
is looked for by normalised correlation; what the lower lip has moved down more than the upper is how much the mouth has opened.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import cv2
import numpy as np

from ..portraits.measure import mouth_gap
from ..types import Bytes, Floats

_SKULL: Final = (33, 133, 362, 263, 6, 168, 197, 195, 5, 4, 1, 2, 98, 327, 129, 358, 70, 300)
"""Eye corners, nose and brows: they do not move with the jaw."""
_MOUTH: Final = (78, 308)
_INNER: Final = (13, 14)
_OUTER: Final = (0, 17)
_SIZE: Final = (180, 150)
"""(width, height) of the level picture, in which the mouth is 100 wide and its middle at ``_MIDDLE``."""
_WIDTH: Final = 100.0
_MIDDLE: Final = (90.0, 60.0)
_COLUMNS: Final = slice(65, 115)
_SIDEWAYS: Final = 5
_UP_UPPER, _DOWN_UPPER, _UP_LOWER, _DOWN_LOWER = 14, 10, 10, 36
"""How far each lip may have moved, pixels of the level picture."""
_LEAST_ROWS: Final = 8
_SURE: Final = 0.5
"""Correlation below which a lip has not been found."""


class Parted(NamedTuple):
    """How far apart the lips are in one picture."""

    gap: float
    """Over the width of the mouth; NaN when a lip is not found."""
    likeness: float
    """Correlation of both patches with what was found, 0..1: how well the key fits."""


class _Patch(NamedTuple):
    pixels: Bytes
    top: int
    up: int
    down: int

    def found(self, level: Bytes) -> tuple[float, float]:
        """How many pixels below its place the patch is in *level*, and how alike."""
        first = max(self.top - self.up, 0)
        rows = slice(first, self.top + len(self.pixels) + self.down)
        part = level[rows, _COLUMNS.start - _SIDEWAYS : _COLUMNS.stop + _SIDEWAYS]
        alike: Any = cv2.matchTemplate(part, self.pixels, cv2.TM_CCOEFF_NORMED)
        row, column = np.unravel_index(int(alike.argmax()), alike.shape)
        return float(row) + _peak(alike[:, column], int(row)) + first - self.top, float(alike[row, column])


class Lips:
    """The lips of one face, as they are in its key picture."""

    def __init__(self, grey: Bytes, points: Floats, *, shut: bool) -> None:
        """*grey* uint8 (h, w) and *points* float32 (468, 3) of the key; *shut*: its lips are, whatever the points say."""
        self._rest = 0.0 if shut else mouth_gap(points)
        to_level = _upright(points)
        self._skull = _moved(points, to_level)[list(_SKULL)]
        level, at = _level(grey, to_level), _moved(points, to_level)
        seam = float(at[list(_INNER), 1].mean()) if shut else None
        upper_edge, lower_edge = (seam, seam) if seam is not None else at[list(_INNER), 1]
        top, bottom = at[list(_OUTER), 1]
        self._upper = _patch(level, top - 6, upper_edge - 2, up=_UP_UPPER, down=_DOWN_UPPER)
        self._lower = _patch(level, lower_edge + 3, bottom + 8, up=_UP_LOWER, down=_DOWN_LOWER)

    def parted(self, grey: Bytes, points: Floats) -> Parted:
        """The lips in the picture *grey* with the landmarks *points*."""
        to_level = _similarity(points[list(_SKULL), :2], self._skull)
        level = _level(grey, to_level)
        (upper, one), (lower, other) = self._upper.found(level), self._lower.found(level)
        if min(one, other) < _SURE:
            return Parted(float("nan"), 0.0)
        corners = _moved(points, to_level)[list(_MOUTH)]
        width = max(float(np.linalg.norm(corners[1] - corners[0])) / _WIDTH, 0.3)
        return Parted((self._rest + (lower - upper) / _WIDTH) / width, (one + other) / 2)


def _patch(level: Bytes, first: float, end: float, *, up: int, down: int) -> _Patch:
    top = int(np.clip(first, 0, _SIZE[1] - _LEAST_ROWS - down))
    bottom = int(np.clip(end, top + _LEAST_ROWS, _SIZE[1] - down))
    return _Patch(np.ascontiguousarray(level[top:bottom, _COLUMNS]), top, up, down)


def _peak(column: Floats, row: int) -> float:
    """Offset from *row* of the top of the parabola through it and its neighbours."""
    if not 0 < row < len(column) - 1:
        return 0.0
    before, top, after = (float(value) for value in column[row - 1 : row + 2])
    bend = before - 2 * top + after
    return 0.5 * (before - after) / bend if bend < 0 else 0.0


def _level(grey: Bytes, to_level: Floats) -> Bytes:
    upright: Any = cv2.warpAffine(grey, to_level, _SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.GaussianBlur(upright, (3, 3), 0), np.uint8)


def _upright(points: Floats) -> Floats:
    """float32 (2, 3): pixels -> a picture with level eyes and a mouth of standard width in the standard place."""
    corners = points[list(_MOUTH), :2]
    eyes = points[[362, 263], :2].mean(axis=0) - points[[33, 133], :2].mean(axis=0)
    angle = float(np.arctan2(eyes[1], eyes[0]))
    scale = _WIDTH / max(float(np.linalg.norm(corners[1] - corners[0])), 1.0)
    turn = scale * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.concatenate([turn, (np.array(_MIDDLE) - turn @ corners.mean(axis=0))[:, None]], axis=1).astype(np.float32)


def _moved(points: Floats, matrix: Floats) -> Floats:
    return np.asarray(points[:, :2] @ matrix[:, :2].T + matrix[:, 2], np.float32)


def _similarity(source: Floats, target: Floats) -> Floats:
    """float32 (2, 3): the turn, scale and shift that bring *source* (n, 2) nearest to *target* (Umeyama 1991)."""
    middle, goal = source.mean(axis=0), target.mean(axis=0)
    spread = (source - middle).T @ (target - goal)
    even, odd = spread[0, 0] + spread[1, 1], spread[0, 1] - spread[1, 0]
    turn = np.array([[even, -odd], [odd, even]]) / max(float(np.square(source - middle).sum()), 1e-6)
    return np.concatenate([turn, (goal - turn @ middle)[:, None]], axis=1).astype(np.float32)
