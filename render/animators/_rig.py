"""Everything about one portrait that does not depend on the motion, made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ..types import Box, Bytes, Floats, Portrait
from . import _eyes, _mouth, _seam, _teeth
from ._anatomy import CHIN, LIP_OUTER, Anatomy, measure
from ._bases import face_bases, gap_cm, lips
from ._controls import Limits
from ._field import Field, Grid, grid
from ._head import head_bases

FRAME_NODES: Final = 128
MOUTH_NODES: Final = 160


@dataclass(frozen=True, slots=True)
class Rig:
    """A portrait ready to be moved."""

    face: Anatomy
    limits: Limits
    gap_cm: float
    """Lip gap at jaw = 1."""
    source: Bytes
    """uint8 (h, w, 4): the person with alpha; an open mouth is filled with lip."""
    frame: Field
    """The whole picture; below the seam it follows the lower lip."""
    upper: Field
    lower: Field
    """The two layers around the mouth, on one grid."""
    contours: _mouth.Contours
    sprites: _teeth.Sprites
    eyes: dict[str, _eyes.Eye]
    anchors: Floats
    """float32 (k, 3, 2): bases at the mouth and two points beside it, which give the movement of the skull there."""
    anchor_points: Floats
    """float32 (3, 2), pixels."""
    region: Box
    """Where a picture with a still head can differ from the photo."""


def build(portrait: Portrait, landmarks: Floats) -> Rig:
    """Prepare *portrait* with its *landmarks*, float32 (468, 3)."""
    face = measure(landmarks)
    seam = _seam.find(portrait.image, face)
    height, width = portrait.image.shape[:2]
    whole = grid(Box(0, 0, width, height), FRAME_NODES)
    head = head_bases(whole, face, height)

    def bases(points: Floats, side: str) -> Floats:
        moved = _sample(head, whole, points)
        if side != "both":
            return np.concatenate([face_bases(points, face, seam, "upper" if side == "upper" else "lower"), moved])
        below = lips(face.to_face(points), seam, "lower").y > 0
        upper, lower = (face_bases(points, face, seam, "upper"), face_bases(points, face, seam, "lower"))
        return np.concatenate([np.where(below[..., None], lower, upper), moved])

    around = grid(_mouth_box(face, seam, width, height), MOUTH_NODES)
    nodes = around.nodes()
    upper_points, lower_points = _mouth.contour_points(face, seam)
    anchor_points = face.to_pixels(np.array([[0, 0.2], [1, 0.2], [0, 1.2]], np.float32))
    anchors = np.concatenate([np.zeros((len(bases(anchor_points, "both")) - len(head), 3, 2)), _sample(head, whole, anchor_points)])
    return Rig(
        face=face,
        limits=Limits(),
        gap_cm=gap_cm(face),
        source=_source(portrait, face, seam),
        frame=Field(whole, bases(whole.nodes(), "both")),
        upper=Field(around, bases(nodes, "upper")),
        lower=Field(around, bases(nodes, "lower")),
        contours=_mouth.Contours(upper_points, lower_points, bases(upper_points, "upper"), bases(lower_points, "lower")),
        sprites=_teeth.make(portrait.image, face, seam),
        eyes={side: _eyes.prepare(portrait.image, face, side) for side in ("left", "right")},
        anchors=anchors.astype(np.float32),
        anchor_points=anchor_points,
        region=_region(face, width, height),
    )


def _sample(head: Floats, on: Grid, points: Floats) -> Floats:
    """The head bases at any *points* (..., 2) in pixels."""
    step = np.array(on.steps, np.float32)
    where = ((points + 0.5) / step - 0.5).astype(np.float32)
    flat = np.ascontiguousarray(where.reshape(1, -1, 2))
    sampled = [cv2.remap(base, flat, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for base in head]
    return np.stack(sampled).reshape(len(head), *points.shape).astype(np.float32)


def _clip_box(points: Floats, width: int, height: int) -> Box:
    (x0, y0), (x1, y1) = np.floor(points.min(axis=0)).astype(int), np.ceil(points.max(axis=0)).astype(int)
    left, top = min(max(int(x0), 0), width - 2), min(max(int(y0), 0), height - 2)
    return Box(left, top, max(min(int(x1), width), left + 2), max(min(int(y1), height), top + 2))


def _mouth_box(face: Anatomy, seam: _seam.Seam, width: int, height: int) -> Box:
    """Where the two layers of the lips differ, with room for the head to move."""
    low = float(seam.lower.max()) + 2.6
    high = float(seam.upper.min()) - 0.6
    room = 1.1
    corners = [[x, y] for x in (seam.left - 0.5 - room, seam.right + 0.5 + room) for y in (high - room, low + room)]
    return _clip_box(face.to_pixels(np.array(corners, np.float32)), width, height)


def _region(face: Anatomy, width: int, height: int) -> Box:
    points = face.at(*range(len(face.landmarks)))
    low, high = points.min(axis=0), points.max(axis=0)
    chin = float(face.at(CHIN)[0, 1])
    corners = [[x, y] for x in (low[0] - 1.5, high[0] + 1.5) for y in (low[1] - 2.0, chin + 3.6)]
    return _clip_box(face.to_pixels(np.array(corners, np.float32)), width, height)


def _source(portrait: Portrait, face: Anatomy, seam: _seam.Seam) -> Bytes:
    """The picture that the fields move: RGBA, without teeth."""
    alpha = np.round(np.clip(portrait.alpha, 0, 1) * 255).astype(np.uint8)
    rgba = np.dstack([portrait.foreground, alpha])
    if not seam.is_open:
        return np.ascontiguousarray(rgba)
    x = seam.x[(seam.x >= seam.left) & (seam.x <= seam.right)]
    top = np.stack([x, seam.along(x, seam.upper)], axis=-1)
    bottom = np.stack([x, seam.along(x, seam.lower)], axis=-1)
    outline = face.to_pixels(np.concatenate([top, bottom[::-1]]).astype(np.float32))
    hole = np.zeros(alpha.shape, np.uint8)
    cv2.fillPoly(hole, [np.round(outline * 16).astype(np.int32)], 255, shift=4)
    hole = cv2.dilate(hole, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)))
    box = _clip_box(face.to_pixels(face.at(*LIP_OUTER)) + np.array([[-8, -8], [8, 8]] * 10, np.float32), alpha.shape[1], alpha.shape[0])
    part = np.s_[box.y0 : box.y1, box.x0 : box.x1]
    rgba[part][..., :3] = cv2.inpaint(np.ascontiguousarray(rgba[part][..., :3]), np.ascontiguousarray(hole[part]), 3, cv2.INPAINT_TELEA)
    return np.ascontiguousarray(rgba)
