"""The default animator: one photo, moved by analytic displacement fields. No weights, one core, faster than real time.

row of Motion  ->  pose          limits, closure, contact                  _controls
pose           ->  fields        bases summed, inverted                    _bases _head _field
fields + photo ->  person        one remap of RGBA
               ->  lips          two layers that meet at the seam          _seam _mouth
               ->  mouth         throat, tongue, teeth, shadow             _mouth _teeth
               ->  eyes          lids over a fixed eyeball                 _eyes _lids
               ->  neck          the shadow of the chin                    _shadow
a video's picture  ->  the same, carried to where the face is then         _moving _carry
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import Any, Final

import cv2
import numpy as np

from ..threads import single_threaded_blas
from ..types import Box, Bytes, Floats, Layer, Motion, Portrait, Speech
from . import _mouth
from ._controls import Pose, pose
from ._moving import Moving
from ._resample import resample
from ._rig import Rig, build
from ._source import person

REQUIRES: Final = {"cv2": "pip install opencv-python-headless"}

_KEPT: Final = 4
"""Prepared portraits held in memory."""
_RIM_PX: Final = 4
"""Border of the mouth's box that is computed but not shown: its field knows nothing of what lies beyond."""


def backend() -> WarpAnimator:
    return WarpAnimator()


class WarpAnimator:
    """An ``Animator``. Thread-safe: a prepared portrait is read only."""

    name = "warp"

    def __init__(self) -> None:
        self._rigs: OrderedDict[str, Rig] = OrderedDict()
        self._lock = Lock()

    def animate(self, portrait: Portrait, motion: Motion, speech: Speech) -> Iterator[Layer]:
        """One layer per row of *motion*; a portrait without landmarks stays as it is."""
        del speech
        rig = self.prepare(portrait)
        moving = Moving(rig, portrait.strip) if rig is not None and portrait.strip is not None else None
        for number, row in enumerate(motion.weights):
            index = motion.start_frame + number
            if rig is None:
                picture, box = person(portrait), Box(0, 0, 0, 0)
            else:
                with single_threaded_blas():
                    controls = dict(zip(motion.channels, row.tolist(), strict=True))
                    state = pose(controls, rig.gap_cm, rig.limits)
                    picture, box = moving.render(state, index, motion.fps) if moving else render(rig, state)
            yield Layer(
                rgb=np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGBA2RGB), np.uint8),
                alpha=np.asarray(cv2.extractChannel(picture, 3), np.uint8),
                box=box,
                index=index,
                time_s=index / motion.fps,
            )

    def prepare(self, portrait: Portrait) -> Rig | None:
        """The rig of *portrait*, from memory where it is known; None without landmarks."""
        if portrait.landmarks is None:
            return None
        with self._lock:
            rig = self._rigs.get(portrait.key)
            if rig is None:
                rig = self._rigs[portrait.key] = build(portrait, portrait.landmarks)
            self._rigs.move_to_end(portrait.key)
            while len(self._rigs) > _KEPT:
                self._rigs.popitem(last=False)
            return rig


def render(rig: Rig, state: Pose) -> tuple[Bytes, Box]:
    """The person in *state*, uint8 (h, w, 4), and where it may differ from the portrait."""
    where = rig.frame.source(state.weights)
    if state.still:
        box = rig.region
        picture = rig.source.picture.copy()
        picture[_slices(box)] = resample(rig.source.fine, where[_slices(box)])
    else:
        box = rig.frame.grid.box
        picture = resample(rig.source.fine, where)
    rig.shadow.darken(picture, where, rig.source.detail, state.drop)
    _draw_mouth(rig, state, picture)
    _draw_eyes(rig, state, picture, where)
    return picture, box


def _draw_mouth(rig: Rig, state: Pose, picture: Bytes) -> None:
    box = rig.upper.grid.box
    upper, lower = rig.contours.moved(state.weights)
    from_upper, from_lower = rig.upper.source(state.weights), rig.lower.source(state.weights)
    below = _mouth.below_seam(box, upper, lower, rig.face)
    lips = resample(rig.source.fine, np.where(below[..., None] > 0.5, from_lower, from_upper))
    line = _mouth.seam_box(box, upper, lower)
    band = slice(line.y0 - box.y0, line.y1 - box.y0), slice(line.x0 - box.x0, line.x1 - box.x0)
    sides = [resample(rig.source.fine, source[band]) for source in (from_upper, from_lower)]
    lips[band] = cv2.blendLinear(sides[0], sides[1], 1 - below[band], below[band])
    if rig.seam_shadow:
        _mouth.darken_seam(lips, box, upper, lower, strength=rig.seam_shadow)
    _mouth.paint(lips, box, (upper, lower), pose=state, skull=_skull(rig, state), sprites=rig.sprites)
    inner = Box(box.x0 + _RIM_PX, box.y0 + _RIM_PX, box.x1 - _RIM_PX, box.y1 - _RIM_PX)
    picture[_slices(inner)] = lips[_RIM_PX:-_RIM_PX, _RIM_PX:-_RIM_PX]


def _skull(rig: Rig, state: Pose) -> Floats:
    """The movement of the skull at the mouth as an affine map (2, 3) of pixels."""
    moved = rig.anchors + np.tensordot(state.weights, rig.anchor_bases, axes=1)
    matrix: Any = cv2.getAffineTransform(rig.anchors, moved.astype(np.float32))
    return np.asarray(matrix, np.float32)


def _draw_eyes(rig: Rig, state: Pose, picture: Bytes, where: Floats) -> None:
    for side, eye in rig.eyes.items():
        seen = _follow(eye.box, where, rig.source.detail)
        moves = state.blink[side] > 0 or any(state.gaze)
        if moves and seen.width > 0 and seen.height > 0:
            came_from = where[_slices(seen)] / np.float32(rig.source.detail)
            picture[_slices(seen)] = eye.draw(rig.source, came_from, blink=state.blink[side], gaze=state.gaze)


def _follow(box: Box, where: Floats, detail: int) -> Box:
    """Where *box* of the photo lies in the frame, cut at its border; *where* maps the frame to the fine photo."""
    height, width = where.shape[:2]
    x, y = (box.x0 + box.x1) // 2, (box.y0 + box.y1) // 2
    right, down = (np.array([x, y]) - where[y, x] / detail).round().astype(int).tolist()
    return Box(max(box.x0 + right, 0), max(box.y0 + down, 0), min(box.x1 + right, width), min(box.y1 + down, height))


def _slices(box: Box) -> tuple[slice, slice]:
    return slice(box.y0, box.y1), slice(box.x0, box.x1)
