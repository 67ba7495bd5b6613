"""Where each point of the photo goes for each control: displacement bases, in pixels per unit.

The lips are two layers of one photo. Each basis is therefore asked for one side of the seam: the upper layer (everything
above the mouth opening) or the lower one (everything below). Both are functions of x and of the distance ``y`` to the
lip contour of that side, so they agree wherever there is no opening. Every basis that opens the mouth does so by
``profile(x)`` times a constant: subtracting that constant closes it from corner to corner.

The jaw turns about a hinge in front of the ears; seen from the front, its drop is largest at the chin and vanishes at
the jaw angles (computed from the canonical face model of MediaPipe, Apache-2.0). Shapes are smooth bumps whose slope
stays below 1, so that no point overtakes its neighbour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ..types import Floats
from ._anatomy import BROWS, CHIN, JAW_ANGLES, PUPIL_DISTANCE_CM, Anatomy
from ._resample import Reals, smoothstep
from ._seam import Seam

Side = Literal["upper", "lower"]

FACE_BASES: Final = (
    "rest", "jaw", "raise_upper", "drop_lower", "roll_upper", "roll_lower", "purse_upper", "purse_lower",
    "stretch", "pout", "smile", "brow_inner", "brow_outer",
)  # fmt: skip
"""Units: rest 1 (always on); jaw 1 as in ``CHANNELS``; raise, drop and roll in cm at the middle of the lip; purse in cm
of an opening whose sides it closes; stretch in fractions of the half width of the mouth; pout, smile and brows 1 as in
``CHANNELS``."""

JAW_GAP: Final = 0.27
"""Lip gap at jaw = 1, in inner mouth widths."""
UPPER_SHARE: Final = 0.35
"""Part of a gap that the upper lip closes."""
_REST_CM, _WIDEST_REST_CM = 4.2, 4.9
"""A usual and a wide inner mouth at rest."""
_CHIN_DROP_CM: Final = 0.9
_CORNER_SHARE: Final = 0.46
"""Drop of the mouth corners, in lip gaps."""
_INWARD_SHARE: Final = 0.12
"""How far the corners come in, in lip gaps."""
_NECK_CM: Final = 4.8
"""Length over which the drop of the chin fades: five times its size, so that the neck is not folded."""


@dataclass(frozen=True, slots=True)
class Lips:
    """Points seen from one lip."""

    x: Reals
    """Centimetres right of the middle of the mouth."""
    y: Reals
    """Centimetres below (lower) or, negative, above (upper) the contour of this lip; 0 in the opening."""
    u: Reals
    """``x`` in half mouth widths of its side: -1 and 1 at the corners."""
    side: Side

    @property
    def profile(self) -> Reals:
        """Shape of an opening: 1 in the middle, 0 at the corners and beyond."""
        square = np.minimum(self.u**2, 1)
        return (1 - square) * (1 + 0.3 * square)

    @property
    def sides(self) -> Reals:
        """What an opening loses when it becomes round: 0 in the middle and at the corners."""
        lost: Reals = self.profile - np.clip(1 - (self.u / 0.82) ** 2, 0, 1) ** 0.85
        return lost.clip(0)


def seen_from(points: Reals, seam: Seam, side: Side) -> Lips:
    """*points* (..., 2) in the frame of ``Anatomy.to_face``, seen from the lip *side*."""
    x, y = points[..., 0], points[..., 1]
    above, below = np.minimum(y - seam.along(x, seam.upper), 0), np.maximum(y - seam.along(x, seam.lower), 0)
    distance = above if side == "upper" else below
    return Lips(x, distance, np.where(x < 0, x / -seam.left, x / seam.right), side)


def face_bases(points: Reals, face: Anatomy, seam: Seam, side: Side) -> Floats:
    """Displacements float32 (len(FACE_BASES), ..., 2) in pixels of *points* (..., 2) in pixels, in the layer *side*."""
    where = face.to_face(points)
    at = seen_from(where, seam, side)
    zero = np.zeros_like(at.x)
    fade = _fade(at.y, 1.6 if side == "upper" else 1.9)
    opening, pursing, rolling = at.profile * fade, at.sides * fade, at.profile * _roll(at, face)
    upper = side == "upper"
    centimetres = {
        "rest": _rest(at, face, seam),
        "jaw": _jaw(at, face, seam),
        "raise_upper": (zero, -opening if upper else zero),
        "drop_lower": (zero, zero if upper else opening),
        "roll_upper": (zero, rolling if upper else zero),
        "roll_lower": (zero, zero if upper else -rolling),
        "purse_upper": (zero, pursing if upper else zero),
        "purse_lower": (zero, zero if upper else -pursing),
        "stretch": (_stretch(at, seam), zero),
        "pout": (zero, _pout(at, face)),
        "smile": _smile(at),
        "brow_inner": (zero, _brow(where, face, right=(3, 4), left=(0, 1))),
        "brow_outer": (zero, _brow(where, face, right=(0, 1), left=(3, 4))),
    }
    fields = np.stack([np.stack(np.broadcast_arrays(*centimetres[name]), axis=-1) for name in FACE_BASES])
    return face.shift_to_pixels(fields)


def gap_cm(face: Anatomy) -> float:
    """Lip gap at jaw = 1. A mouth drawn wide by a smile opens no further than one at rest, a foreshortened one hardly less."""
    width = face.mouth_width / face.scale
    return JAW_GAP * min(max(width, min(1.15 * width, _REST_CM)), _WIDEST_REST_CM)


def _fade(y: Reals, length: float) -> Reals:
    return 1 - smoothstep(np.abs(y) / length)


def _jaw(at: Lips, face: Anatomy, seam: Seam) -> tuple[Reals, Reals]:
    """All of the chin, none of the jaw angles, half of the corners, none of the upper lip."""
    gap = gap_cm(face)
    corner = _CORNER_SHARE * gap
    chin = float(face.at(CHIN)[0, 1] - seam.along(np.zeros(1), seam.lower)[0])
    start = chin - 1.3
    full = _CHIN_DROP_CM / float(_fade(np.array(1.3), _NECK_CM))
    angles = face.at(*JAW_ANGLES)[:, 0]
    reach = np.where(at.x < 0, at.x / min(float(angles[0]), -1.5), at.x / max(float(angles[1]), 1.5))
    lateral = np.cos(np.pi / 2 * np.clip(reach, 0, 1)).clip(0) ** 1.15
    beyond = (np.abs(at.u) - 1).clip(0)
    inward = -_INWARD_SHARE * gap * np.sign(at.u) * smoothstep(np.abs(at.u)) * np.exp(-(beyond**2) / 0.5)
    inward = inward * np.exp(-((at.y / 1.2) ** 2))
    if at.side == "upper":
        return inward, corner * _fade(at.y, 1.9) * lateral * (1 - at.profile)
    below = (corner + (full - corner) * smoothstep(at.y / 2.0)) * lateral * _fade((at.y - start).clip(0), _NECK_CM)
    return inward, below + (gap - corner * lateral) * at.profile * _fade(at.y, 2.2)


def _rest(at: Lips, face: Anatomy, seam: Seam) -> tuple[Reals, Reals]:
    """Closes the mouth of a photo that shows it open: the jaw does what it can, the lips the rest."""
    if not seam.is_open:
        return np.zeros_like(at.x), np.zeros_like(at.x)
    gap = seam.along(at.x, seam.lower) - seam.along(at.x, seam.upper)
    jaw = -0.45 * float((seam.lower - seam.upper).max()) / gap_cm(face)
    jaw_x, jaw_y = _jaw(at, face, seam)
    contour = Lips(at.x, np.zeros_like(at.x), at.u, at.side)
    done = jaw * _jaw(contour, face, seam)[1]
    wanted = UPPER_SHARE * gap if at.side == "upper" else (UPPER_SHARE - 1) * gap
    return 0.3 * jaw * jaw_x, jaw * jaw_y + (wanted - done) * _fade(at.y, 1.7 if at.side == "upper" else 2.0)


def _vermilion(face: Anatomy, side: Side) -> float:
    """Height of the red of one lip, cm."""
    inner, outer = (13, 0) if side == "upper" else (14, 17)
    return float(np.clip(np.linalg.norm(face.at(inner) - face.at(outer)), 0.45, 1.1))


def _roll(at: Lips, face: Anatomy) -> Reals:
    """The inner edge turns in while the outer edge of the red stays."""
    return (1 - np.minimum(np.abs(at.y) / (1.25 * _vermilion(face, at.side)), 1)) ** 2


def _stretch(at: Lips, seam: Seam) -> Reals:
    half: Reals = np.where(at.u < 0, -seam.left, seam.right)
    along = at.u / (1 + (np.abs(at.u) / 1.5) ** 4) * (1 + 1.5**-4)
    reach: Reals = np.where(at.y < 0, 1.4, 2.2) * (1.4 if seam.is_open else 1.0)
    return half * along * np.exp(-((at.y / reach) ** 2))


def _pout(at: Lips, face: Anatomy) -> Reals:
    """The red grows by a tenth and its outer edge turns out."""
    red = _vermilion(face, at.side)
    edge: Reals = np.exp(-(((np.abs(at.y) - red) / (0.7 * red)) ** 2))
    seam: Reals = np.exp(-((1 / 0.7) ** 2)) * np.exp(-((at.y / (0.5 * red)) ** 2))
    middle: Reals = np.exp(-((at.u / 0.75) ** 2))
    return (edge - seam) * middle * (-0.11 if at.side == "upper" else 0.11)


def _smile(at: Lips) -> tuple[Reals, Reals]:
    lateral = np.exp(-(((np.abs(at.u) - 1.05) / 0.6) ** 2))
    bump = lateral * np.exp(-((at.y / np.where(at.y < 0, 2.0, 1.6)) ** 2))
    return 0.16 * np.sign(at.u) * bump, -0.30 * bump


def _brow(where: Reals, face: Anatomy, *, right: tuple[int, ...], left: tuple[int, ...]) -> Reals:
    """1 = 4 % of the distance between the pupils, up."""
    total = np.zeros(where.shape[:-1])
    for indices in ([BROWS["right"][i] for i in right], [BROWS["left"][i] for i in left]):
        centre = face.at(*indices).mean(axis=0)
        x, y = where[..., 0] - centre[0], where[..., 1] - centre[1] + 0.35
        total += np.exp(-((x / 1.5) ** 2) - (y / np.where(y > 0, 0.75, 1.6)) ** 2)
    return -0.04 * PUPIL_DISTANCE_CM * np.minimum(total, 1)
