"""Where a face lies in another picture of the same person: from one picture's landmarks to the other's, smoothly.

``T(q) = A q + b + r(q)``: an affine map that fits best around the mouth, and what the landmarks say beyond it, averaged over
their neighbourhood. A mouth that is open in the other picture counts as the jaw's doing, not as a change of the head.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..types import Floats
from ._anatomy import GAPS, LIP_LOWER, LIP_OUTER, LIP_UPPER
from ._bases import JAW_GAP
from ._controls import BASES
from ._field import Grid, grid
from ._resample import Reals, resample
from ._rig import Rig

_NODES: Final = 24
_NEAR_CM: Final = 5.0
"""Distance from the mouth at which a landmark counts e^-1/2 as much for the affine map."""
_FAR: Final = 0.05
"""Weight of the farthest landmarks."""
_SMOOTH_CM: Final = 1.3
"""Standard deviation of the average of what is left."""
_TREMBLE: Final = 0.02
"""Lip gap, in mouth widths, that landmarks show on a mouth that is shut."""
_WIDEST: Final = 2.5
"""Most that a mouth is opened by, in openings of jaw = 1."""


@dataclass(frozen=True, slots=True)
class Carried:
    """The map to one picture."""

    linear: Floats
    """float32 (2, 2)."""
    shift: Floats
    """float32 (2,), pixels."""
    rest: Floats
    """float32 (rows, columns, 2): what the landmarks say beyond the affine map, on ``on``."""
    on: Grid
    jaw: float
    """How far the mouth is open beyond the portrait's, 1 as in ``CHANNELS``."""

    def to_picture(self, points: Reals) -> Floats:
        """Points (..., 2) of the portrait -> of the picture, float32 (..., 2), both in pixels."""
        return np.asarray(points @ self.linear.T + self.shift + self._rest(points), np.float32)

    def to_portrait(self, points: Reals) -> Floats:
        """The inverse of ``to_picture``."""
        back = np.linalg.inv(self.linear).T
        first = (points - self.shift) @ back
        return np.asarray((points - self.shift - self._rest(first)) @ back, np.float32)

    def _rest(self, points: Reals) -> Floats:
        return looked_up(self.rest, self.on, points)


def looked_up(field: Floats, on: Grid, points: Reals) -> Floats:
    """*field* (rows, columns, 2) on the grid *on* at *points* (..., 2) in pixels: float32 (..., 2)."""
    where = on.index_of(points)
    flat = where.reshape(-1, where.shape[-2], 2) if where.ndim > 1 else where.reshape(1, 1, 2)
    return resample(field, flat).reshape(where.shape)


class Carrier:
    """Makes the maps from one portrait to pictures of the same person; read only once made."""

    def __init__(self, rig: Rig) -> None:
        face = rig.face
        points = face.landmarks[:, :2].astype(np.float64)
        inner = np.isin(np.arange(len(points)), [*LIP_UPPER[1:-1], *LIP_LOWER[1:-1]])
        self._points = points
        self._jaw = looked_up(jaw_field(rig), rig.frame.grid, points).astype(np.float64)
        self._gap = face.aperture
        distance = np.linalg.norm(points - face.mouth, axis=1) / face.scale
        self._weights = np.where(inner, 0.0, np.exp(-((distance / _NEAR_CM) ** 2) / 2) + _FAR)
        self._weights[list(LIP_OUTER)] *= 0.2
        self._grid = grid(rig.region, _NODES)
        apart = (self._grid.nodes().reshape(-1, 1, 2) - points[None]) / (face.scale * _SMOOTH_CM)
        near = np.exp(-np.square(apart).sum(axis=-1) / 2) * ~inner
        self._means = (near / (near.sum(axis=1, keepdims=True) + 0.1)).astype(np.float32)

    def to(self, landmarks: Floats) -> Carried:
        """The map to the picture with these *landmarks*, float32 (468, 3)."""
        there = landmarks[:, :2].astype(np.float64)
        jaw = float(np.clip((_gap(there) - self._gap - _TREMBLE) / JAW_GAP, 0, _WIDEST))
        here = self._points + jaw * self._jaw
        weight = np.sqrt(self._weights)[:, None]
        affine = np.linalg.lstsq(np.hstack([here, np.ones((len(here), 1))]) * weight, there * weight, rcond=None)[0]
        linear, shift = affine[:2].T, affine[2]
        beyond = (there - here @ linear.T - shift).astype(np.float32)
        return Carried(
            linear=linear.astype(np.float32),
            shift=shift.astype(np.float32),
            rest=(self._means @ beyond).reshape(*self._grid.shape, 2),
            on=self._grid,
            jaw=jaw,
        )


def jaw_field(rig: Rig) -> Floats:
    """Displacement float32 (rows, columns, 2) in pixels by jaw = 1, on ``rig.frame.grid``."""
    weights = np.zeros(len(BASES), np.float32)
    weights[BASES.index("jaw")] = 1
    return rig.frame.displacement(weights)


def _gap(points: Reals) -> float:
    width = max(float(np.linalg.norm(points[LIP_UPPER[-1]] - points[LIP_UPPER[0]])), 1.0)
    return float(np.mean([np.linalg.norm(points[a] - points[b]) for a, b in GAPS])) / width
