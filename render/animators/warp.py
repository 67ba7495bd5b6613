"""The default animator: one photo, moved by analytic displacement fields. No weights, one core, faster than real time.

    row of Motion  ->  pose          limits, closure, contact                  _controls
    pose           ->  fields        bases summed, inverted                    _bases _head _field
    fields + photo ->  person        one remap of RGBA
                   ->  lips          two layers that meet at the seam          _seam _mouth
                   ->  mouth         throat, tongue, teeth, shadow             _mouth _teeth
                   ->  eyes          lids over a fixed eyeball                 _eyes
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import Final

import cv2
import numpy as np

from ..threads import single_threaded_blas
from ..types import Box, Bytes, Floats, Layer, Motion, Portrait, Speech
from . import _mouth
from ._controls import Pose, pose
from ._rig import Rig, build

REQUIRES: Final = {"cv2": "pip install opencv-python-headless"}

_KEPT: Final = 4
"""Prepared portraits held in memory."""


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
        for number, row in enumerate(motion.weights):
            index = motion.start_frame + number
            if rig is None:
                picture, box = still(portrait), Box(0, 0, 0, 0)
            else:
                with single_threaded_blas():
                    controls = dict(zip(motion.channels, row.tolist(), strict=True))
                    picture, box = render(rig, pose(controls, rig.gap_cm, rig.limits))
            yield Layer(
                rgb=np.ascontiguousarray(picture[..., :3]),
                alpha=np.ascontiguousarray(picture[..., 3]),
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


def still(portrait: Portrait) -> Bytes:
    """The portrait at rest as uint8 (h, w, 4)."""
    alpha = np.round(np.clip(portrait.alpha, 0, 1) * 255).astype(np.uint8)
    return np.dstack([portrait.foreground, alpha])


def render(rig: Rig, state: Pose) -> tuple[Bytes, Box]:
    """The person in *state*, uint8 (h, w, 4), and where it may differ from the portrait."""
    where = rig.frame.source(state.weights)
    if state.still:
        box = rig.region
        picture = rig.source.copy()
        part = np.s_[box.y0 : box.y1, box.x0 : box.x1]
        picture[part] = _remap(rig.source, where[part])
    else:
        box = Box(0, 0, rig.source.shape[1], rig.source.shape[0])
        picture = _remap(rig.source, where)
    _draw_mouth(rig, state, picture, where)
    _draw_eyes(rig, state, picture, where)
    return picture, box


def _remap(source: Bytes, where: Floats, method: int = cv2.INTER_LINEAR) -> Bytes:
    return np.asarray(cv2.remap(source, where, None, method, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _draw_mouth(rig: Rig, state: Pose, picture: Bytes, where: Floats) -> None:
    box = rig.upper.grid.box
    part = np.s_[box.y0 : box.y1, box.x0 : box.x1]
    upper, lower = rig.contours.moved(state.weights)
    below = _mouth.below_seam(box, upper, lower, rig.face)
    from_upper, from_lower = rig.upper.source(state.weights), rig.lower.source(state.weights)
    mixed = np.where(below[..., None].astype(bool), from_lower, from_upper)
    where[part] = mixed
    lips = _remap(rig.source, mixed, cv2.INTER_CUBIC)
    _mouth.paint(lips, box, (upper, lower), state, _skull(rig, state), rig.sprites)
    picture[part] = lips


def _skull(rig: Rig, state: Pose) -> Floats:
    """The movement of the skull at the mouth as an affine map (2, 3) of pixels."""
    moved = rig.anchor_points + np.tensordot(state.weights, rig.anchors, axes=1)
    return np.asarray(cv2.getAffineTransform(rig.anchor_points, moved.astype(np.float32)), np.float32)


def _draw_eyes(rig: Rig, state: Pose, picture: Bytes, where: Floats) -> None:
    height, width = picture.shape[:2]
    for side, eye in rig.eyes.items():
        if state.blink[side] <= 0 and not any(state.gaze):
            continue
        centre = (eye.box.y0 + eye.box.y1) // 2, (eye.box.x0 + eye.box.x1) // 2
        if not (0 <= centre[0] < height and 0 <= centre[1] < width):
            continue
        shift = np.round(np.array([centre[1], centre[0]]) - where[centre]).astype(int)
        x0, y0 = max(eye.box.x0 + int(shift[0]), 0), max(eye.box.y0 + int(shift[1]), 0)
        x1, y1 = min(eye.box.x1 + int(shift[0]), width), min(eye.box.y1 + int(shift[1]), height)
        box = Box(x0, y0, x1, y1)
        eye.draw(picture, rig.source, where[y0:y1, x0:x1], box, blink=state.blink[side], gaze=state.gaze)
