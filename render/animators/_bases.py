"""Where each point of the photo goes for each control: displacement bases, in pixels per unit.

The lips are two layers of one photo. Each basis is therefore asked for one side of the seam: the upper layer (everything above the mouth
opening) or the lower one (everything below). Both are functions of x and of the distance ``y`` to the lip contour of that side, so they
agree wherever there is no opening, and every basis that opens the mouth does so by ``profile(x)`` times a constant: subtracting that
constant closes it from corner to corner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ..types import Floats
from ._anatomy import BROWS, CHIN, JAW_ANGLES, Anatomy
from ._seam import Seam

Side = Literal["upper", "lower"]

FACE_BASES: Final = (
    "rest", "jaw", "raise_upper", "drop_lower", "roll_upper", "roll_lower", "stretch", "pout", "smile", "brow_inner", "brow_outer",
)  # fmt: skip
"""Units: rest 1 (always on); jaw 1 as in ``CHANNELS``; raise, drop and roll in cm at the middle of the lip; stretch in fractions of the
half width of the mouth; pout, smile and brows 1 as in ``CHANNELS``."""

JAW_GAP: Final = 0.27
"""Lip gap at jaw = 1, in inner mouth widths."""
_CHIN_DROP_CM: Final = 0.9
_UPPER_SHARE: Final = 0.35
"""Part of a gap that the upper lip closes."""
_CORNER_SHARE: Final = 0.46
"""Drop of the mouth corners, in lip gaps."""


def smoothstep(t: Floats) -> Floats:
    """0 below 0, 1 above 1, with level ends."""
    t = np.clip(t, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


@dataclass(frozen=True, slots=True)
class Lips:
    """Points seen from one lip."""

    x: Floats
    """Centimetres right of the middle of the mouth."""
    y: Floats
    """Centimetres below (lower) or, negative, above (upper) the contour of this lip; 0 in the opening."""
    u: Floats
    """``x`` in half mouth widths of its side: -1 and 1 at the corners."""
    side: Side

    @property
    def profile(self) -> Floats:
        """Shape of an opening: 1 in the middle, 0 at the corners and beyond."""
        square = np.minimum(self.u**2, 1)
        return np.asarray((1 - square) * (1 + 0.3 * square), np.float32)


def lips(points: Floats, seam: Seam, side: Side) -> Lips:
    """*points* (..., 2) in the frame of ``Anatomy.to_face``, seen from the lip *side*."""
    x, y = points[..., 0], points[..., 1]
    u = np.where(x < 0, x / -seam.left, x / seam.right)
    if side == "upper":
        distance = np.minimum(y - seam.along(x, seam.upper), 0)
    else:
        distance = np.maximum(y - seam.along(x, seam.lower), 0)
    return Lips(x, distance, u, side)


def face_bases(points: Floats, face: Anatomy, seam: Seam, side: Side) -> Floats:
    """Displacements float32 (len(FACE_BASES), ..., 2) in pixels of *points* (..., 2) in pixels, as parts of the layer *side*."""
    where = face.to_face(points)
    at = lips(where, seam, side)
    zero = np.zeros_like(at.x)
    jaw = _jaw(at, face, seam)
    opening = at.profile * _fade(at.y, 1.6 if side == "upper" else 1.9)
    roll = at.profile * _roll(at, face)
    upper = side == "upper"
    centimetres = {
        "rest": _rest(where, at, face, seam),
        "jaw": jaw,
        "raise_upper": (zero, -opening if upper else zero),
        "drop_lower": (zero, zero if upper else opening),
        "roll_upper": (zero, roll if upper else zero),
        "roll_lower": (zero, zero if upper else -roll),
        "stretch": (_stretch(at, seam), zero),
        "pout": (zero, _pout(at, face)),
        "smile": _smile(at),
        "brow_inner": (zero, _brow(where, face, (3, 4), (0, 1))),
        "brow_outer": (zero, _brow(where, face, (0, 1), (3, 4))),
    }
    fields = np.stack([np.stack(np.broadcast_arrays(*centimetres[name]), axis=-1) for name in FACE_BASES])
    return np.asarray(fields @ (np.stack([face.across, face.down]) * face.scale), np.float32)


def gap_cm(face: Anatomy) -> float:
    """Lip gap at jaw = 1."""
    return JAW_GAP * face.mouth_width / face.scale


def _fade(y: Floats, length: float) -> Floats:
    return 1 - smoothstep(np.abs(y) / length)


def _jaw(at: Lips, face: Anatomy, seam: Seam) -> tuple[Floats, Floats]:
    """Rotation about the hinge in front of the ear, seen from the front: all of the chin, none of the jaw angle, half of the corners."""
    gap = gap_cm(face)
    corner = _CORNER_SHARE * gap
    chin = float(face.at(CHIN)[0, 1] - seam.along(np.zeros(1), seam.lower)[0])
    start, length = chin - 1.3, 4.8
    full = _CHIN_DROP_CM / float(1 - smoothstep(np.array((chin - start) / length)))
    angles = face.at(*JAW_ANGLES)[:, 0]
    reach = np.where(at.x < 0, at.x / min(angles[0], -1.5), at.x / max(angles[1], 1.5))
    lateral = np.cos(np.pi / 2 * np.clip(reach, 0, 1)) ** 1.15
    inward = -0.12 * gap * np.sign(at.u) * smoothstep(np.abs(at.u)) * np.exp(-((np.abs(at.u) - 1).clip(0) ** 2) / 0.5)
    if at.side == "upper":
        drop = corner * (1 - smoothstep(-at.y / 1.9)) * lateral * (1 - at.profile)
        return inward * np.exp(-((at.y / 1.2) ** 2)), drop
    below = (corner + (full - corner) * smoothstep(at.y / 2.0)) * lateral
    tail = 1 - smoothstep((at.y - start) / length)
    drop = below * tail + (gap - corner * lateral) * at.profile * _fade(at.y, 2.2)
    return inward * np.exp(-((at.y / 1.2) ** 2)), drop


def _rest(where: Floats, at: Lips, face: Anatomy, seam: Seam) -> tuple[Floats, Floats]:
    """Closes the mouth of a photo that shows it open: the jaw does what it can, the lips the rest."""
    x = at.x
    if not seam.is_open:
        return np.zeros_like(x), np.zeros_like(x)
    upper, lower = seam.along(x, seam.upper), seam.along(x, seam.lower)
    gap = lower - upper
    jaw = -0.45 * float((seam.lower - seam.upper).max()) / gap_cm(face)
    side_x, side_y = _jaw(at, face, seam)
    contour = Lips(x, np.zeros_like(x), at.u, at.side)
    done = jaw * _jaw(contour, face, seam)[1]
    wanted = _UPPER_SHARE * gap if at.side == "upper" else -(1 - _UPPER_SHARE) * gap
    return jaw * side_x * 0.3, jaw * side_y + (wanted - done) * _fade(at.y, 1.7 if at.side == "upper" else 2.0)


def _vermilion(face: Anatomy, side: Side) -> float:
    """Height of the red of one lip, cm."""
    inner, outer = (13, 0) if side == "upper" else (14, 17)
    return float(np.clip(np.linalg.norm(face.at(inner) - face.at(outer)), 0.45, 1.1))


def _roll(at: Lips, face: Anatomy) -> Floats:
    """The inner edge turns in while the outer edge of the red stays."""
    return np.asarray((1 - np.minimum(np.abs(at.y) / (1.25 * _vermilion(face, at.side)), 1)) ** 2, np.float32)


def _stretch(at: Lips, seam: Seam) -> Floats:
    half = np.where(at.u < 0, -seam.left, seam.right)
    reach = np.where(at.y < 0, 1.4, 2.2)
    along = at.u / (1 + (np.abs(at.u) / 1.5) ** 4) * (1 + 1.5**-4)
    return np.asarray(half * along * np.exp(-((at.y / reach) ** 2)), np.float32)


def _pout(at: Lips, face: Anatomy) -> Floats:
    """The red grows by a tenth and its outer edge turns out."""
    red = _vermilion(face, at.side)
    bump = np.exp(-(((np.abs(at.y) - red) / (0.7 * red)) ** 2)) - np.exp(-((1 / 0.7) ** 2)) * np.exp(-((at.y / (0.5 * red)) ** 2))
    sign = -1.0 if at.side == "upper" else 1.0
    return np.asarray(sign * 0.11 * bump * np.exp(-((at.u / 0.75) ** 2)), np.float32)


def _smile(at: Lips) -> tuple[Floats, Floats]:
    lateral = np.exp(-(((np.abs(at.u) - 1.05) / 0.6) ** 2))
    vertical = np.exp(-((at.y / np.where(at.y < 0, 2.0, 1.6)) ** 2))
    return 0.16 * np.sign(at.u) * lateral * vertical, -0.30 * lateral * vertical


def _brow(where: Floats, face: Anatomy, right: tuple[int, ...], left: tuple[int, ...]) -> Floats:
    """1 = 4 % of the distance between the pupils, up."""
    total = np.zeros(where.shape[:-1], np.float32)
    for centre in (
        face.at(*(BROWS["right"][i] for i in right)).mean(axis=0),
        face.at(*(BROWS["left"][i] for i in left)).mean(axis=0),
    ):
        x, y = where[..., 0] - centre[0], where[..., 1] - centre[1] + 0.35
        tall = np.where(y > 0, 0.75, 1.6)
        total += np.exp(-((x / 1.5) ** 2) - (y / tall) ** 2)
    return np.asarray(-0.04 * 6.3 * np.minimum(total, 1), np.float32)
