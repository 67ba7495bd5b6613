"""Pictures -> what is seen of the face in each, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import cv2
import numpy as np

from ..portraits.landmarks import Landmarker
from ..portraits.measure import mouth_gap
from ..types import Bytes, Floats
from .hearing import Series
from .lips import Lips, Parted

_EYES: Final = ((33, 133), (362, 263))
"""Corners of each eye, from left to right in the picture."""
_MOUTH_CORNERS: Final = (61, 291)
_BROWS: Final = (70, 300)
_NOSE_BASE: Final = 2
_CHIN: Final = 152
_EARS: Final = (234, 454)
_EYE_PATCH: Final = (32, 12)
_EYE_REACH: Final = (0.36, 0.20, 0.12)
"""Half width, height above and height below the line between the corners of an eye, in eye widths."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One value per picture; NaN where there is no face, or no picture before."""

    times_s: Series
    gap: Series
    """Lip gap over mouth width, by the lips' own texture: see ``lips``."""
    landmark_gap: Series
    """The same by landmarks, ``mouth_gap``: never 0, coarse, and blind under a beard."""
    iris: Series
    """Strength of upright edges in the eyes, which are those of the iris: the lids cover them in a blink."""
    mouth_detail: Series
    """Variance of the Laplacian between nose and chin, grey levels squared."""
    face_detail: Series
    """The same between brows and nose."""
    moved: Series
    """Mean way of the 468 points since the picture before, in face widths."""
    change: Series
    """Mean difference from the picture before, grey levels."""
    face_change: Series
    """The same inside the box of the face."""

    def __len__(self) -> int:
        return len(self.times_s)


@dataclass(slots=True)
class Eye:
    """Takes pictures with their times, gives ``Seen``. Keeps one picture and nine numbers of each.

    ``shut`` are pictures of the same face with shut lips in several shapes, uint8 (h, w, 3) each: the one whose lips are most
    alike is the key of a picture. Without any, the lips of the first face are the key for those after it.
    """

    landmarker: Landmarker
    shut: Sequence[Bytes] = ()
    _keys: list[Lips] = field(default_factory=list)
    _rows: list[tuple[float, ...]] = field(default_factory=list)
    _grey: Bytes | None = None
    _points: Floats | None = None

    def take(self, picture: Bytes, time_s: float) -> None:
        """Look at *picture* uint8 (h, w, 3), shown at *time_s*."""
        grey, points = self._face(picture)
        nothing = float("nan")
        shape = (nothing,) * 5
        moved = face_change = nothing
        if points is not None:
            gap = max((key.parted(grey, points) for key in self._lips(grey, points)), key=_likeness).gap
            shape = (gap, mouth_gap(points), iris_edges(grey, points), *detail(grey, points))
        if points is not None and self._points is not None:
            moved = float(np.linalg.norm((points - self._points)[:, :2], axis=1).mean()) / face_width(points)
        if points is not None and self._grey is not None:
            part = box_of(points, grey.shape)
            face_change = mean_difference(grey[part], self._grey[part])
        change = mean_difference(grey, self._grey) if self._grey is not None else nothing
        self._rows.append((time_s, *shape, moved, change, face_change))
        self._grey, self._points = grey, points

    def seen(self) -> Seen:
        """Everything taken so far."""
        columns = np.array(self._rows, np.float64).reshape(-1, 9).T
        return Seen(*columns)

    def _face(self, picture: Bytes) -> tuple[Bytes, Floats | None]:
        faces = self.landmarker.detect(picture, small=not self._rows)
        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
        return grey, faces[0].landmarks if faces else None

    def _lips(self, grey: Bytes, points: Floats) -> list[Lips]:
        if not self._keys:
            shut = [self._face(picture) for picture in self.shut]
            self._keys = [Lips(picture, face, shut=True) for picture, face in shut if face is not None]
        if not self._keys:
            self._keys = [Lips(grey, points, shut=False)]
        return self._keys


def _likeness(parted: Parted) -> float:
    return parted.likeness


def face_width(points: Floats) -> float:
    """Distance of the ears in pixels, at least 1."""
    return max(float(np.linalg.norm(points[_EARS[1], :2] - points[_EARS[0], :2])), 1.0)


def box_of(points: Floats, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The part of a picture of *shape* (h, w, …) that holds *points* (n, 2 or more)."""
    low = np.clip(np.floor(points[:, :2].min(axis=0)).astype(int), 0, (shape[1] - 1, shape[0] - 1))
    high = np.clip(np.ceil(points[:, :2].max(axis=0)).astype(int) + 1, low + 1, (shape[1], shape[0]))
    return slice(low[1], high[1]), slice(low[0], high[0])


def mean_difference(one: Bytes, other: Bytes) -> float:
    """Mean absolute difference in grey levels."""
    return float(cv2.norm(one, other, cv2.NORM_L1)) / one.size if one.shape == other.shape else float("nan")


def detail(grey: Bytes, points: Floats) -> tuple[float, float]:
    """Variance of the Laplacian between nose and chin, and between brows and nose, in grey levels squared."""
    across = points[[*_MOUTH_CORNERS, *_EYES[0], *_EYES[1]]]
    lower = np.concatenate([points[[*_MOUTH_CORNERS, _NOSE_BASE, _CHIN]]])
    upper = np.concatenate([across[2:], points[[*_BROWS, _NOSE_BASE]]])
    return _laplacian(grey[box_of(lower, grey.shape)]), _laplacian(grey[box_of(upper, grey.shape)])


def iris_edges(grey: Bytes, points: Floats) -> float:
    """Mean upright gradient in both eyes over their brightness, on patches turned level with the eyes."""
    strengths = []
    for left, right in _EYES:
        patch: Any = cv2.GaussianBlur(_level(grey, points[left, :2], points[right, :2]).astype(np.float32), (3, 3), 0)
        strengths.append(float(np.abs(cv2.Sobel(patch, cv2.CV_32F, 1, 0)).mean()) / max(float(patch.mean()), 1.0))
    return float(np.mean(strengths))


def _level(grey: Bytes, left: Floats, right: Floats) -> Bytes:
    along = right - left
    down = np.array([-along[1], along[0]])
    middle = (left + right) / 2
    half, above, below = _EYE_REACH
    corners = np.array(
        [
            middle - half * along - above * down,
            middle + half * along - above * down,
            middle - half * along + below * down,
        ]
    )
    width, height = _EYE_PATCH
    to_patch = cv2.getAffineTransform(
        np.array([[0, 0], [width - 1, 0], [0, height - 1]], np.float32), corners.astype(np.float32)
    )
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(grey, to_patch, _EYE_PATCH, flags=how, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _laplacian(grey: Bytes) -> float:
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())
