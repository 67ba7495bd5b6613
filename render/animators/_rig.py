"""Everything about one portrait that does not depend on the motion, made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from ..types import Box, Floats, Portrait
from ._anatomy import CHIN, Anatomy, measure
from ._bases import FACE_BASES, Side, face_bases, gap_cm, seen_from
from ._controls import Limits
from ._eyes import Eye
from ._eyes import prepare as prepare_eye
from ._field import Field, Grid, grid
from ._head import head_bases
from ._lids import margins_of
from ._limits import limits_of, wears_glasses
from ._mouth import Contours, contour_points
from ._resample import Reals, resample
from ._seam import Seam, find
from ._shadow import Shadow
from ._source import Source, moving_picture, refined
from ._teeth import Sprites
from ._teeth import make as make_sprites

FRAME_NODES: Final = 96
MOUTH_NODES: Final = 80
_SEAM_SHADOW: Final = 0.34


@dataclass(frozen=True, slots=True)
class Rig:
    """A portrait ready to be moved."""

    face: Anatomy
    limits: Limits
    gap_cm: float
    """Lip gap at jaw = 1."""
    source: Source
    """The person with alpha; an open mouth is filled with lip."""
    frame: Field
    """The whole picture; below the seam it follows the lower lip."""
    upper: Field
    lower: Field
    """The two layers around the mouth, on one grid."""
    contours: Contours
    sprites: Sprites
    eyes: dict[str, Eye]
    """By the subject's own side, "left" and "right"; none where the lids cannot be found and hold still."""
    seam_shadow: float
    """0..1: how dark to draw the line between closed lips; 0 where the photo shows it."""
    anchors: Floats
    """float32 (3, 2), pixels: the mouth and two points beside it."""
    anchor_bases: Floats
    """float32 (k, 3, 2): how the skull moves there."""
    shadow: Shadow
    region: Box
    """Where a picture with a still head can differ from the photo."""


def build(portrait: Portrait, landmarks: Floats) -> Rig:
    """Prepare *portrait* with its *landmarks*, float32 (468, 3)."""
    face = measure(landmarks)
    seam = find(portrait.image, face)
    width, height = portrait.size
    whole = grid(Box(0, 0, width, height), FRAME_NODES)
    around = grid(_mouth_box(face, seam, width, height), MOUTH_NODES)
    glasses = wears_glasses(portrait.image, face)
    source = refined(moving_picture(portrait, face, seam), _box(landmarks[:, :2], width, height))
    field = partial(Field, detail=source.detail)
    skull = partial(_at, head_bases(whole, face, height, glasses=glasses), whole)
    layers = {side: _layer(face, seam, side, skull) for side in ("upper", "lower")}
    upper, lower = contour_points(face, seam)
    anchors = face.to_pixels(np.array([[0, 0.2], [1, 0.2], [0, 1.2]]))
    nodes = whole.nodes()
    below = seen_from(face.to_face(nodes), seam, "lower").y > 0
    return Rig(
        face=face,
        limits=limits_of(portrait.image, face, seam, covered=portrait.findings.covered),
        gap_cm=gap_cm(face),
        source=source,
        frame=field(whole, np.where(below[..., None], layers["lower"](nodes), layers["upper"](nodes)), steps=3),
        upper=field(around, layers["upper"](around.nodes()), steps=5),
        lower=field(around, layers["lower"](around.nodes()), steps=5),
        contours=Contours(upper, lower, layers["upper"](upper), layers["lower"](lower)),
        sprites=make_sprites(portrait.image, face, seam),
        eyes={
            side: prepare_eye(portrait.image, face, side, margins=margins, glasses=glasses)
            for side, margins in margins_of(portrait.image, face).items()
        },
        seam_shadow=_SEAM_SHADOW if seam.is_open else 0.0,
        anchors=anchors,
        anchor_bases=np.concatenate([np.zeros((len(FACE_BASES), 3, 2), np.float32), skull(anchors)]),
        shadow=Shadow.of(face, width, height),
        region=_region(face, width, height),
    )


def _layer(face: Anatomy, seam: Seam, side: Side, skull: Callable[[Reals], Floats]) -> Callable[[Reals], Floats]:
    """A function from points (..., 2) to all bases (k, ..., 2) in the layer *side*."""
    return lambda points: np.concatenate([face_bases(points, face, seam, side), skull(points)])


def _at(bases: Floats, on: Grid, points: Reals) -> Floats:
    """*bases* (k, rows, columns, 2) on the grid *on*, looked up at *points* (..., 2): float32 (k, ..., 2)."""
    where = on.index_of(points).reshape(1, -1, 2)
    return np.stack([resample(base, where) for base in bases]).reshape(len(bases), *points.shape)


def _box(points: Floats, width: int, height: int) -> Box:
    """The part of the picture that holds *points* (n, 2), at least sixteen pixels a side."""
    (x0, y0), (x1, y1) = np.floor(points.min(axis=0)).astype(int), np.ceil(points.max(axis=0)).astype(int)
    left, top = min(max(int(x0), 0), width - 16), min(max(int(y0), 0), height - 16)
    return Box(left, top, max(min(int(x1), width), left + 16), max(min(int(y1), height), top + 16))


def _mouth_box(face: Anatomy, seam: Seam, width: int, height: int) -> Box:
    """Where the two layers of the lips differ, with room for the head to move."""
    room = 1.1
    high, low = float(seam.upper.min()) - 0.6 - room, float(seam.lower.max()) + 2.6 + room
    corners = [[x, y] for x in (seam.left - 0.5 - room, seam.right + 0.5 + room) for y in (high, low)]
    return _box(face.to_pixels(np.array(corners)), width, height)


def _region(face: Anatomy, width: int, height: int) -> Box:
    points = face.at(*range(len(face.landmarks)))
    (left, high), (right, _) = points.min(axis=0), points.max(axis=0)
    chin = float(face.at(CHIN)[0, 1])
    corners = [[x, y] for x in (left - 1.5, right + 1.5) for y in (high - 2.0, chin + 3.8)]
    return _box(face.to_pixels(np.array(corners)), width, height)
