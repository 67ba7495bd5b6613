"""A frame of a portrait that is a video: the picture of that moment, with the mouth in the pose that is spoken.

Head, eyes and body are the video's. The lips are the portrait's own, shut ones, so that nothing is left of what the person said
while the video was taken; they are carried to where the mouth is now, and so is the movement of the face around them. All the
rest of the picture is copied.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from ..portraits.strip import picture, shown_at
from ..types import Box, Bytes, Floats, Strip
from . import _mouth
from ._anatomy import LIP_OUTER, Anatomy
from ._carry import Carried, Carrier, jaw_field, looked_up
from ._controls import Pose
from ._field import Field, Grid, grid
from ._head import HEAD_BASES
from ._resample import Reals, blur, resample
from ._rig import Rig

_NODES: Final = 64
_AROUND_CM: Final = 0.3
"""How far the lips that are laid over reach beyond the red, before they fade."""
_FEATHER_CM: Final = 0.5
_STEP: Final = 4
"""Pixels between the places where colours are compared."""
_SPREAD: Final = 5.0
"""Standard deviation of their mean, in such places."""
_STILL: Final = 0.02
"""Pixels by which a pixel may move and still be copied."""
_RIM_PX: Final = 4
"""Border of the mouth's box that is computed but not shown: its field knows nothing of what lies beyond."""


@dataclass(frozen=True, slots=True)
class _Patch:
    """The part of a frame that is drawn, and where it comes from."""

    on: Grid
    at: Floats
    """float32 (rows, columns, 2): its nodes in the portrait."""
    carried: Carried

    @property
    def box(self) -> Box:
        return self.on.box

    def dense(self, values: Floats) -> Floats:
        """Values at the nodes -> at the pixels."""
        return np.asarray(cv2.resize(values, (self.box.width, self.box.height)), np.float32)


class Moving:
    """A video portrait ready to be moved; read only once made."""

    def __init__(self, rig: Rig, strip: Strip) -> None:
        self._rig = rig
        self._strip = strip
        self._carrier = Carrier(rig)
        self._jaw = jaw_field(rig)
        self._mask = _lips(rig)
        self._places = _every(rig.upper.grid.box, _STEP)
        self._colours = resample(rig.source.picture, self._places).astype(np.float32)
        inside = resample(self._mask, self._places - _corner(rig.upper.grid.box))
        self._ring = inside * (1 - inside)

    def render(self, state: Pose, frame: int, fps: float) -> tuple[Bytes, Box]:
        """The person in *state* in frame *frame* of a reply at *fps*, uint8 (h, w, 4), and where it may differ from the portrait.

        Head and eyes are left to the video. Raises ``AssetError`` when its pictures are damaged.
        """
        index = shown_at(self._strip, frame, fps)
        rgb, alpha = picture(self._strip, index)
        carried = self._carrier.to(self._strip.landmarks[index])
        weights = state.weights.copy()
        weights[-len(HEAD_BASES) :] = 0
        state = replace(state, weights=weights)
        region = self._patch(self._rig.region, carried, alpha.shape)
        whole = np.asarray(cv2.merge([*cv2.split(rgb), alpha]), np.uint8)
        drawn = whole.copy()
        drawn[_slices(region.box)] = _moved(whole, region.box, self._sources(region, self._rig.frame, weights)[1])
        if state.drop > 0:
            neck = self._patch(self._rig.shadow.box, carried, alpha.shape)
            came_from = self._sources(neck, self._rig.frame, weights)[0]
            self._rig.shadow.darken_part(drawn[_slices(neck.box)], came_from, state.drop)
        self._draw_mouth(drawn, whole, self._patch(self._rig.upper.grid.box, carried, alpha.shape), state)
        return drawn, Box(0, 0, alpha.shape[1], alpha.shape[0])

    def _patch(self, box: Box, carried: Carried, shape: tuple[int, ...]) -> _Patch:
        """What lies in *box* of the portrait, in a picture of *shape*."""
        corners = np.array([[x, y] for x in (box.x0, box.x1) for y in (box.y0, box.y1)])
        there = carried.to_picture(corners)
        (x0, y0), (x1, y1) = np.floor(there.min(axis=0)).astype(int), np.ceil(there.max(axis=0)).astype(int)
        left, top = min(max(int(x0), 0), shape[1] - 16), min(max(int(y0), 0), shape[0] - 16)
        seen = Box(left, top, max(min(int(x1), shape[1]), left + 16), max(min(int(y1), shape[0]), top + 16))
        on = grid(seen, _NODES)
        return _Patch(on, carried.to_portrait(on.nodes()), carried)

    def _sources(self, patch: _Patch, field: Field, weights: Floats) -> tuple[Floats, Floats]:
        """For every pixel of *patch*, where in the portrait it comes from, and how far from itself in the picture: (h, w, 2)."""
        forward = field.displacement(weights)
        shift = looked_up(forward, field.grid, patch.at)
        for _ in range(4):
            shift = looked_up(forward, field.grid, patch.at - shift)
        source, way = patch.at - shift, -shift
        if patch.carried.jaw:
            way = way + patch.carried.jaw * looked_up(self._jaw, self._rig.frame.grid, source)
        return patch.dense(source), patch.dense(way @ patch.carried.linear.T)

    def _draw_mouth(self, drawn: Bytes, whole: Bytes, patch: _Patch, state: Pose) -> None:
        """Lips and what is between them, into *drawn*, uint8 (h, w, 4)."""
        rig, box = self._rig, patch.box
        upper, lower = (patch.carried.to_picture(line) for line in rig.contours.moved(state.weights))
        face, skull = _seen(rig.face, patch.carried)
        below = _mouth.below_seam(box, upper, lower, face)
        tint = self._tint(whole, patch.carried)
        sides = [self._sources(patch, field, state.weights) for field in (rig.upper, rig.lower)]
        source, way = (np.where(below[..., None] > 0.5, *both[::-1]) for both in zip(*sides, strict=True))
        lips = self._lips_of(whole, box, tint, source, way)
        line = _mouth.seam_box(box, upper, lower)
        band = slice(line.y0 - box.y0, line.y1 - box.y0), slice(line.x0 - box.x0, line.x1 - box.x0)
        meeting = [self._lips_of(whole, line, tint, source[band], way[band]) for source, way in sides]
        lips[band] = cv2.blendLinear(meeting[0], meeting[1], 1 - below[band], below[band])
        if rig.seam_shadow:
            _mouth.darken_seam(lips, box, upper, lower, strength=rig.seam_shadow)
        sprites = replace(rig.sprites, face=face)
        _mouth.paint(lips, box, (upper, lower), pose=state, skull=skull, sprites=sprites)
        inner = Box(box.x0 + _RIM_PX, box.y0 + _RIM_PX, box.x1 - _RIM_PX, box.y1 - _RIM_PX)
        drawn[_slices(inner)] = lips[_RIM_PX:-_RIM_PX, _RIM_PX:-_RIM_PX]

    def _lips_of(self, whole: Bytes, box: Box, tint: Floats, source: Floats, way: Floats) -> Bytes:
        """One side of the mouth: the portrait's lips in the picture's light, and the picture around them."""
        rig, home = self._rig, _corner(self._rig.upper.grid.box)
        around = _moved(whole, box, way).astype(np.float32)
        lips = resample(rig.source.fine, source * rig.source.detail).astype(np.float32)
        lips += resample(tint, (source - home) / _STEP)
        share = resample(self._mask, source - home)[..., None]
        mixed: Floats = around + share * (lips - around) + np.float32(0.5)
        return np.clip(mixed, 0, 255).astype(np.uint8)

    def _tint(self, whole: Bytes, carried: Carried) -> Floats:
        """What must be added to the portrait's colours in the light of the picture, float32 (rows, columns, 4)."""
        places = self._places + carried.jaw * looked_up(self._jaw, self._rig.frame.grid, self._places)
        difference = resample(whole, carried.to_picture(places)).astype(np.float32) - self._colours
        total = blur(self._ring, _SPREAD)[..., None] + np.float32(1e-4)
        return blur(difference * self._ring[..., None], _SPREAD) / total


def _lips(rig: Rig) -> Floats:
    """How much of the portrait is laid over at each pixel of the mouth's box, float32 (h, w) in 0..1."""
    box = rig.upper.grid.box
    outline = np.round(rig.face.landmarks[list(LIP_OUTER), :2] - (box.x0, box.y0)).astype(np.int32)
    outside = cv2.fillPoly(np.ones((box.height, box.width), np.uint8), [outline], 0)
    distance = np.asarray(cv2.distanceTransform(outside, cv2.DIST_L2, 5), np.float32) / np.float32(rig.face.scale)
    rise = np.clip((_AROUND_CM + _FEATHER_CM - distance) / _FEATHER_CM, 0, 1)
    return np.asarray(rise * rise * (3 - 2 * rise), np.float32)


def _seen(face: Anatomy, carried: Carried) -> tuple[Anatomy, Floats]:
    """The face as it is in the picture, and the affine map (2, 3) of pixels to there from the portrait, at the mouth."""
    across = carried.linear @ face.across
    across = across / max(float(np.linalg.norm(across)), 1e-3)
    mouth = carried.to_picture(face.mouth)
    scale = face.scale * float(np.sqrt(abs(np.linalg.det(carried.linear))))
    skull = np.concatenate([carried.linear, (mouth - carried.linear @ face.mouth)[:, None]], axis=1)
    there = replace(face, across=across, down=np.array([-across[1], across[0]], np.float32), mouth=mouth, scale=scale)
    return there, skull.astype(np.float32)


def _moved(whole: Bytes, box: Box, way: Floats) -> Bytes:
    """The pixels of *box*, each from *way*, float32 (h, w, 2), beside it in *whole*."""
    part = whole[_slices(box)].copy()
    moves = (np.abs(way) > _STILL).reshape(box.height, -1)
    rows = np.flatnonzero(moves.any(axis=1))
    columns = np.flatnonzero(moves.any(axis=0)) // 2
    if rows.size:
        some = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        part[some] = resample(whole, _pixels(box)[some] + way[some], cv2.INTER_CUBIC)
    return part


def _every(box: Box, step: int) -> Floats:
    x = np.arange(box.x0, box.x1, step, dtype=np.float32)
    y = np.arange(box.y0, box.y1, step, dtype=np.float32)
    return np.dstack(np.broadcast_arrays(x[None], y[:, None]))


def _pixels(box: Box) -> Floats:
    return _every(box, 1)


def _corner(box: Box) -> Reals:
    return np.array([box.x0, box.y0], np.float32)


def _slices(box: Box) -> tuple[slice, slice]:
    return slice(box.y0, box.y1), slice(box.x0, box.x1)
