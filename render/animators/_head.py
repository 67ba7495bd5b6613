"""The head as a relief: turning, nodding, tilting, shifting, breathing.

Depth comes from the landmarks and from a dome that reaches over the hair. Below the chin the movement fades to nothing
at the shoulders, which only breathe.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ..types import Floats
from ._anatomy import CHIN, EARS, OVAL, Anatomy
from ._field import Grid
from ._resample import Reals, blur, smoothstep

HEAD_BASES: Final = ("yaw", "pitch", "roll", "shift_x", "shift_y", "breath")
"""Units: degrees; shifts in fractions of the face width; breath 1 as in ``CHANNELS``."""

_PIVOT_DEPTH_CM: Final = 6.5
"""How far the axis of the neck lies behind the plane of the ears' front edge and eyes' corners."""
_NECK_CM: Final = 5.0
_BREATH: Final = 0.006
_GLASSES_WIDE: Final = 1.35
"""Half width of a pair of glasses, in distances of the outer corners of the eyes from the middle."""
_GLASSES_HIGH_CM: Final = 2.4
"""Half height of a lens and its rim, with room."""


def head_bases(on: Grid, face: Anatomy, picture_height: int, *, glasses: bool) -> Floats:
    """Displacements float32 (len(HEAD_BASES), rows, columns, 2) in pixels on the nodes of *on*, which spans the whole picture.

    *glasses* turn in one piece.
    """
    where = face.to_face(on.nodes())
    depth = _relief(on, face)
    if glasses:
        depth = _flattened(depth, where, face)
    centre = face.at(*EARS).mean(axis=0)
    chin = float(face.at(CHIN)[0, 1])
    x, y = where[..., 0] - centre[0], where[..., 1] - (chin + 1.0)
    below = (where[..., 1] - chin - 0.3) / _NECK_CM
    weight = 1 - smoothstep(below)
    radian = np.pi / 180
    width = float(np.abs(np.diff(face.at(*EARS)[:, 0])[0]))
    zero = np.zeros_like(x)
    lift = smoothstep((where[..., 1] - chin + 3.0) / 7.0)
    breath = -_BREATH * picture_height / face.scale * (0.25 + 0.75 * lift)
    centimetres = (
        (depth * radian * weight, zero),
        (zero, -depth * radian * weight),
        (-y * radian * weight, x * radian * weight),
        (width * weight, zero),
        (zero, width * weight),
        (zero, breath),
    )
    fields = np.stack([np.stack(pair, axis=-1) for pair in centimetres])
    return face.shift_to_pixels(fields)


def _relief(on: Grid, face: Anatomy) -> Reals:
    """Height of the head above the pivot in cm, at the nodes of *on*."""
    where = face.to_face(on.nodes())
    middle = face.at(*OVAL).mean(axis=0)
    rho = ((where[..., 0] - middle[0]) / 10.5) ** 2 + ((where[..., 1] - middle[1]) / 15.0) ** 2
    dome = _PIVOT_DEPTH_CM + 6.0 * np.clip(1 - rho, 0, None) ** 1.5
    seen, density = _landmark_heights(on, face)
    trust = 0.6 * smoothstep(density / max(0.04 * float(density.max()), 1e-6))
    return blur(dome * (1 - trust) + (_PIVOT_DEPTH_CM + seen) * trust, face.scale / float(on.step[0]))


def _flattened(depth: Reals, where: Floats, face: Anatomy) -> Reals:
    """*depth* with a plane in the place of the glasses: from temple to temple, from the brows to below the eyes."""
    eyes = face.at(33, 133, 362, 263)
    middle, half = eyes.mean(axis=0), float(np.ptp(eyes[:, 0])) / 2
    x, y = (where[..., 0] - middle[0]) / half, where[..., 1] - middle[1] - 0.3
    inside = (1 - smoothstep((np.abs(x) - _GLASSES_WIDE) / 0.5)) * (
        1 - smoothstep((np.abs(y) - _GLASSES_HIGH_CM) / 2.5)
    )
    lens = inside > 0.99
    terms = np.stack([np.ones_like(x), x, y], axis=-1)
    plane, *_ = np.linalg.lstsq(terms[lens], depth[lens], rcond=None)
    flat: Reals = depth + (terms @ plane - depth) * inside
    return flat


def _landmark_heights(on: Grid, face: Anatomy) -> tuple[Reals, Reals]:
    """Height of the face above the ears, in cm as if it looked at the camera, and how many landmarks say so."""
    ears, depth = face.at(*EARS)[:, 0], face.landmarks[list(EARS), 2]
    slope = (depth[1] - depth[0]) / max(float(ears[1] - ears[0]), 1e-3)
    x = face.at(*range(len(face.landmarks)))[:, 0]
    height = (depth.mean() + slope * (x - ears.mean()) - face.landmarks[:, 2]) / face.scale
    columns, rows = on.index_of(face.landmarks[:, :2]).round().astype(int).T
    inside = (columns >= 0) & (columns < on.shape[1]) & (rows >= 0) & (rows < on.shape[0])
    sums = np.zeros((*on.shape, 2), np.float32)
    np.add.at(sums, (rows[inside], columns[inside]), np.stack([height, np.ones_like(height)], axis=-1)[inside])
    smooth = blur(sums, face.scale / float(on.step[0]), face.scale / float(on.step[1]))
    return smooth[..., 0] / np.maximum(smooth[..., 1], 1e-6), smooth[..., 1]
