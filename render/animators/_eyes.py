"""Blinking and looking: lids slide over an eyeball that stays where it is.

Squeezing the eye would turn the iris into an ellipse. Here the lid margins move over the untouched eyeball: the skin between margin and
brow unfolds downwards, the band with the lashes keeps its size, and a gaze moves the iris as a whole inside the opening.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ..types import Box, Bytes, Floats
from ._anatomy import BROWS, EYES, Anatomy
from ._bases import smoothstep

_LASHES_CM: Final = 0.17
"""Height of the band above the margin that moves as one piece."""
_LOWER_SHARE: Final = 0.10
"""Part of the way that the lower lid goes."""
_CREASE_SHARE: Final = 0.42
"""How far the crease follows the margin."""
_EYEBALL_CM: Final = 1.2
_IRIS_CM: Final = 0.62
_LID_TINT: Final = 0.06


@dataclass(frozen=True, slots=True)
class Eye:
    """One eye of the photo; lengths in centimetres down and right of the frame of ``Anatomy.to_face``."""

    face: Anatomy
    box: Box
    """Pixels of the photo that blinking may change."""
    lids: Floats
    """float32 (h, w, 4) over ``box``: height of the upper margin, of the lower margin, distance margin to crease, margin to fixed skin."""
    room: Floats
    """float32 (h, w) over ``box``: how freely the eyeball moves sideways, 1 on the iris, 0 at the corners."""

    def draw(self, frame: Bytes, source: Bytes, where: Floats, box: Box, *, blink: float, gaze: tuple[float, float]) -> None:
        """Draw the eye into *box* of *frame*, uint8 (h, w, 4).

        *where*, float32 (h, w, 2), says for each pixel of *box* where in the photo *source* it comes from.
        """
        local = where - np.array([self.box.x0, self.box.y0], np.float32)
        lids = cv2.remap(self.lids, local, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        room = cv2.remap(self.room, local, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        top, bottom, crease, fixed = (lids[..., i] for i in range(4))
        y = ((where - self.face.mouth) @ self.face.down) / self.face.scale
        opening = np.maximum(bottom - top, 0)
        right, up = (np.sin(np.radians(angle)) * _EYEBALL_CM for angle in gaze)
        follow = np.clip(-0.8 * up, 0, 0.15) * smoothstep(opening / 0.4) * (1 - blink)
        upper = top + opening * (1 - _LOWER_SHARE) * blink + follow
        lower = bottom - opening * _LOWER_SHARE * blink
        skin = _skin(y, upper, lower, upper - top, bottom - lower, crease, fixed)
        inner = smoothstep(np.minimum(y - top, bottom - y) / 0.22)
        ball = (-right * room)[..., None] * self.face.across + (up * room * inner)[..., None] * self.face.down
        edge = 0.5 / self.face.scale
        seen = np.clip(np.minimum(y - upper, lower - y) / (2 * edge) + 0.5, 0, 1) * np.clip(opening / (2 * edge), 0, 1)
        lid_pixels = _pick(source, where + (skin * self.face.scale)[..., None] * self.face.down)
        ball_pixels = _pick(source, where + ball * self.face.scale)
        above = smoothstep((upper - top) / 0.3) * smoothstep((fixed - (upper - y)) / 0.3 + 0.2) * (y < upper)
        lid_pixels[..., :3] *= (1 - _LID_TINT * above)[..., None]
        mixed = lid_pixels + (ball_pixels - lid_pixels) * seen[..., None]
        frame[box.y0 : box.y1, box.x0 : box.x1] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)


def _skin(y: Floats, upper: Floats, lower: Floats, fall: Floats, rise: Floats, crease: Floats, fixed: Floats) -> Floats:
    """For lid skin at height *y*: how far down (cm, mostly negative above the eye) its place in the photo is."""
    out = np.maximum(upper - y, 0)
    lifted = crease + (1 - _CREASE_SHARE) * fall
    unfolded = _LASHES_CM + (out - _LASHES_CM) * (crease - _LASHES_CM) / np.maximum(lifted - _LASHES_CM, 1e-3)
    rest = crease + (out - lifted) * (fixed - crease) / np.maximum(fixed + fall - lifted, 1e-3)
    height = np.where(out <= _LASHES_CM, out, np.where(out <= lifted, unfolded, np.where(out <= fixed + fall, rest, out - fall)))
    above = (upper - fall - height) - y
    span = 0.5
    depth = np.maximum(y - lower, 0)
    below = rise * np.clip(1 - depth / (span + rise), 0, 1)
    return np.asarray(np.where(y < (upper + lower) / 2, np.where(out > 0, above, -fall), below), np.float32)


def _pick(source: Bytes, where: Floats) -> Floats:
    return cv2.remap(source, where.astype(np.float32), None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)


def prepare(image: Bytes, face: Anatomy, side: str, *, reach: float = 1.0) -> Eye:
    """The subject's eye on *side* ("left" or "right"). *reach* 0..1 is the part of the way to the brow that the lid skin may use."""
    margins = [face.at(*ring) for ring in EYES[side]]
    brow = face.at(*BROWS[side])
    left, right = float(margins[0][0, 0]), float(margins[0][-1, 0])
    width = max(right - left, 0.5)
    extent = np.array(
        [[x, y] for x in (left - 0.25 * width, right + 0.25 * width) for y in (brow[:, 1].min(), margins[1][:, 1].max() + 0.8)], np.float32
    )
    corners = face.to_pixels(extent)
    height, wide = image.shape[:2]
    (x0, y0), (x1, y1) = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int)
    box = Box(max(int(x0), 0), max(int(y0), 0), min(int(x1), wide), min(int(y1), height))
    px, py = np.meshgrid(np.arange(box.x0, box.x1), np.arange(box.y0, box.y1))
    where = face.to_face(np.stack([px, py], axis=-1).astype(np.float32))
    x = where[..., 0]
    top, bottom = (_curve(x, margin) for margin in margins)
    bottom = np.maximum(bottom, top)
    to_brow = np.maximum(top - np.interp(x, brow[:, 0], brow[:, 1]), 0.45)
    crease = np.clip(0.22 * to_brow, _LASHES_CM + 0.08, 0.42)
    fixed = np.maximum(crease + 0.2, 0.9 * reach * to_brow)
    iris = _iris(image, face, side)
    free = np.minimum((x - left), (right - x))
    reach_x = np.maximum(np.minimum(iris - left, right - iris) - _IRIS_CM, 0.3)
    room = smoothstep(np.minimum(free / reach_x, 1)) * (np.abs(x - iris) < width)
    return Eye(
        face=face,
        box=box,
        lids=np.ascontiguousarray(np.stack([top, bottom, crease, fixed], axis=-1), np.float32),
        room=np.ascontiguousarray(room, np.float32),
    )


def _curve(x: Floats, points: Floats) -> Floats:
    """A smooth curve through *points* (n, 2), level beyond its ends."""
    order = np.argsort(points[:, 0])
    fine = np.linspace(points[order[0], 0], points[order[-1], 0], 64)
    line = np.interp(fine, points[order, 0], points[order, 1]).astype(np.float32)[None]
    smooth = cv2.GaussianBlur(line, (0, 0), sigmaX=2.5, borderType=cv2.BORDER_REPLICATE)[0]
    smooth[[0, -1]] = line[0, [0, -1]]
    return np.interp(x, fine, smooth).astype(np.float32)


def _iris(image: Bytes, face: Anatomy, side: str) -> float:
    """x of the iris in cm: the centre of the dark part of the opening."""
    upper, lower = (face.at(*ring) for ring in EYES[side])
    t = np.linspace(0.15, 0.85, 41)
    x = upper[0, 0] + (upper[-1, 0] - upper[0, 0]) * t
    middle = 0.35 * np.interp(x, upper[:, 0], upper[:, 1]) + 0.65 * np.interp(x, lower[:, 0], lower[:, 1])
    points = face.to_pixels(np.stack([x, middle], axis=-1).astype(np.float32))[None]
    line = cv2.remap(image, points.astype(np.float32), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]
    dark = 255 - line.astype(np.float32) @ (0.299, 0.587, 0.114)
    weight = np.clip(dark - np.percentile(dark, 50), 0, None) + 1e-3
    return float((x * weight).sum() / weight.sum())
