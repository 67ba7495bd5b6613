"""Blinking and looking: lids slide over an eyeball that stays where it is.

Squeezing the eye would turn the iris into an ellipse. Here the lid margins move over the untouched eyeball: the skin
between margin and brow unfolds downwards, the band with the lashes keeps its size, and a gaze moves the iris as a whole
inside the opening. The upper lid does nine tenths of the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..types import Box, Bytes, Floats
from ._anatomy import BROWS, EYES, LUMA, Anatomy
from ._resample import Reals, blur, resample, smoothstep
from ._source import Source

_LASHES_CM: Final = (0.15, 0.42)
"""Least and greatest height of the band above the margin that moves as one piece: lashes, make-up, the edge of the lid."""
_LOWER_SHARE: Final = 0.10
"""Part of the way that the lower lid goes."""
_CREASE_SHARE: Final = 0.42
"""How far the crease follows the margin."""
_CREASE_CM: Final = 0.16
"""Skin between the lashes and the crease of the lid in the photo."""
_CHEEK_CM: Final = 0.5
_EYEBALL_CM: Final = 1.2
_IRIS_CM: Final = 0.62
_ROW_CM: Final = 0.03
"""Spacing of the rows in which lashes are looked for."""


@dataclass(frozen=True, slots=True)
class Eye:
    """One eye of the photo; lengths in centimetres down and right of the frame of ``Anatomy.to_face``."""

    face: Anatomy
    box: Box
    """Pixels of the photo that blinking may change."""
    lids: Floats
    """float32 (h, w, 4) over ``box``: height of the upper and of the lower margin; above the upper one, the height of
    the lashes and of the skin that stays where it is."""
    skin: Floats
    """float32 (h, w, 3) over ``box``: colours of the lid without lashes, as a shut lid shows them."""
    room: Floats
    """float32 (h, w) over ``box``: how freely the eyeball moves sideways, 1 on the iris, 0 at the corners."""

    def draw(self, source: Source, where: Floats, *, blink: float, gaze: tuple[float, float]) -> Bytes:
        """The eye as uint8 (h, w, 4).

        *where*, float32 (h, w, 2), says for each pixel where in the photo *source* it comes from.
        *blink* is 1 for shut lids, *gaze* the rotation of the eyeball in degrees, to the viewer's right and up.
        """
        local = where - np.array([self.box.x0, self.box.y0], np.float32)
        top, bottom, lashes, fixed = np.moveaxis(resample(self.lids, local), -1, 0)
        y = ((where - self.face.mouth) @ self.face.down) / self.face.scale
        pixel = 1 / self.face.scale
        right, up = (float(np.sin(np.radians(angle))) * _EYEBALL_CM for angle in gaze)
        opening = bottom - top
        follow = min(max(-0.8 * up, 0.0), 0.15) * (1 - blink)
        upper = top + opening * (1 - _LOWER_SHARE) * blink + follow * smoothstep(opening / 0.4)
        lower = bottom - opening * _LOWER_SHARE * blink
        seen = np.clip(np.minimum(y - upper, lower - y) / pixel + 0.5, 0, 1) * np.clip((lower - upper) / pixel, 0, 1)
        eyeball = self._eyeball(source, where, resample(self.room, local), (right, up), (y - top, bottom - y))
        if blink == 0 and follow == 0:
            lid = source.at(where)
        else:
            lid = self._upper_lid(source, where, local, y, (upper, upper - top, lashes, fixed))
            cheek = _lower_skin(y, lower, bottom - lower)
            share = np.clip((y - (upper + lower) / 2) / pixel + 0.5, 0, 1)
            lid += (source.at(where + self._down(cheek)) - lid) * share[..., None]
        lid += (eyeball - lid) * seen[..., None]
        drawn: Bytes = np.clip(lid + 0.5, 0, 255).astype(np.uint8)
        return drawn

    def _eyeball(
        self, source: Source, where: Floats, room: Floats, shift: tuple[float, float], margins: tuple[Reals, Reals]
    ) -> Floats:
        """The eyeball turned by *shift* cm right and up; *margins* are the distances to the lids, where it holds still."""
        inner = smoothstep(np.minimum(*margins) / 0.22)
        across = (-shift[0] * self.face.scale * room)[..., None] * self.face.across
        return source.at(where + across + self._down(shift[1] * room * inner))

    def _upper_lid(
        self, source: Source, where: Floats, local: Floats, y: Reals, lid: tuple[Reals, Reals, Reals, Reals]
    ) -> Floats:
        """Skin above the eye for a *lid* of (height of the margin, way it has gone, lashes, skin that stays)."""
        margin, fall, lashes, fixed = lid
        down = self._down(_upper_skin(y, margin, fall, lashes, fixed))
        pixels = source.at(where + down)
        crease = lashes + _CREASE_CM + (1 - _CREASE_SHARE) * fall
        bare = smoothstep((margin - y - 0.7 * lashes) / (0.5 * lashes)) * (
            1 - smoothstep((margin - y - crease) / 0.25 + 0.5)
        )
        unfolded = 0.85 * bare * smoothstep(fall / 0.3)
        pixels[..., :3] += (resample(self.skin, local + down) - pixels[..., :3]) * unfolded[..., None]
        return pixels

    def _down(self, centimetres: Reals) -> Reals:
        """A shift down the face, (h, w) cm -> (h, w, 2) pixels."""
        return centimetres[..., None] * (self.face.down * self.face.scale)


def _upper_skin(y: Reals, margin: Reals, fall: Reals, lashes: Reals, fixed: Reals) -> Reals:
    """For lid skin at height *y*: how far down (cm, mostly negative) its place in the photo is."""
    height = np.maximum(margin - y, 0)
    crease = lashes + _CREASE_CM
    lifted = crease + (1 - _CREASE_SHARE) * fall
    unfolded = lashes + (height - lashes) * _CREASE_CM / np.maximum(lifted - lashes, 1e-3)
    rest = crease + (height - lifted) * (fixed - crease) / np.maximum(fixed + fall - lifted, 1e-3)
    bounds = [height <= lashes, height <= lifted, height <= fixed + fall]
    in_photo: Reals = np.select(bounds, [height, unfolded, rest], height - fall)
    return height - fall - in_photo


def _lower_skin(y: Reals, margin: Reals, rise: Reals) -> Reals:
    """As ``_upper_skin``, for the lower lid when its *margin* has risen by *rise*."""
    depth: Reals = np.maximum(y - margin, 0)
    left: Reals = 1 - depth / (_CHEEK_CM + rise)
    return rise * np.maximum(left, 0)


def prepare(image: Bytes, face: Anatomy, side: str) -> Eye:
    """The subject's eye on *side*, "left" or "right"."""
    margins = [face.at(*ring) for ring in EYES[side]]
    brow = face.at(*BROWS[side])
    left, right = float(margins[0][0, 0]), float(margins[0][-1, 0])
    width = max(right - left, 0.5)
    box = _box(
        face, image, (left - 0.25 * width, right + 0.25 * width), (brow[:, 1].min(), margins[1][:, 1].max() + 0.8)
    )
    px, py = np.meshgrid(np.arange(box.x0, box.x1), np.arange(box.y0, box.y1))
    where = face.to_face(np.stack([px, py], axis=-1))
    x, y = where[..., 0], where[..., 1]
    top, bottom = (_curve(x, margin) for margin in margins)
    bottom = np.maximum(bottom, top)
    to_brow = np.maximum(top - np.interp(x, brow[:, 0], brow[:, 1]), 0.45)
    lashes = np.minimum(_lashes(image, face, margins[0], x, to_brow), 0.45 * to_brow)
    fixed = np.maximum(lashes + _CREASE_CM + 0.2, 0.9 * to_brow)
    iris = _iris(image, face, margins)
    free = np.maximum(np.minimum(iris - left, right - iris) - _IRIS_CM, 0.3)
    return Eye(
        face=face,
        box=box,
        lids=np.stack([top, bottom, lashes, fixed], axis=-1).astype(np.float32),
        skin=_lid_colours(image[box.y0 : box.y1, box.x0 : box.x1], face.scale, top - y, y - bottom, lashes),
        room=smoothstep(np.minimum(x - left, right - x) / free).astype(np.float32),
    )


def _box(face: Anatomy, image: Bytes, x: tuple[float, float], y: tuple[float, float]) -> Box:
    """The part of the picture that holds the rectangle *x*, *y* of the face, at least one pixel."""
    height, width = image.shape[:2]
    corners = face.to_pixels(np.array([[a, b] for a in x for b in y]))
    (x0, y0), (x1, y1) = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int)
    left, top = min(max(int(x0), 0), width - 1), min(max(int(y0), 0), height - 1)
    return Box(left, top, max(min(int(x1), width), left + 1), max(min(int(y1), height), top + 1))


def _lid_colours(part: Bytes, scale: float, above: Reals, below: Reals, lashes: Reals) -> Floats:
    """Lid skin of *part*: the strip over the lashes, smooth along the eye, its light drawn towards the skin around."""
    pixels = part.astype(np.float32)
    bare = ((above > 0.9 * lashes) & (above < lashes + _CREASE_CM + 0.5)).astype(np.float32)
    known = np.dstack([pixels * bare[..., None], bare])
    sums = blur(known, 0.30 * scale, 0.10 * scale) + 0.02 * blur(known, 0.9 * scale)
    colour = sums[..., :3] / np.maximum(sums[..., 3:], 1e-5)
    strip = (above > lashes) & (above < lashes + _CREASE_CM + 0.1)
    around = ((above > lashes + 0.35) & (above < lashes + 0.7)) | ((below > 0.25) & (below < 0.7))
    if not strip.any() or not around.any():
        return colour.astype(np.float32)
    wanted = 0.94 * pixels[around].mean(axis=0)
    gain = np.clip(wanted / np.maximum(pixels[strip].mean(axis=0), 1), 0.55, 1.3)
    return np.asarray(colour * (1 + 0.7 * (gain - 1)), np.float32)


def _curve(x: Reals, points: Floats) -> Reals:
    """A smooth curve through *points* (n, 2), level beyond its ends."""
    order = points[:, 0].argsort()
    fine = np.linspace(points[order[0], 0], points[order[-1], 0], 64)
    line = np.interp(fine, points[order, 0], points[order, 1])
    smooth = blur(line[None], 2.5)[0]
    smooth[[0, -1]] = line[[0, -1]]
    return np.asarray(np.interp(x, fine, smooth))


def _iris(image: Bytes, face: Anatomy, margins: list[Floats]) -> float:
    """x of the iris in cm: the centre of the dark part of the opening."""
    upper, lower = margins
    x = upper[0, 0] + (upper[-1, 0] - upper[0, 0]) * np.linspace(0.15, 0.85, 41)
    y = 0.35 * np.interp(x, upper[:, 0], upper[:, 1]) + 0.65 * np.interp(x, lower[:, 0], lower[:, 1])
    line = resample(image, face.to_pixels(np.stack([x, y], axis=-1))[None])[0]
    dark = 255 - line.astype(np.float32) @ LUMA
    weight = np.clip(dark - np.percentile(dark, 50), 0, None) + 1e-3
    return float((x * weight).sum() / weight.sum())


def _lashes(image: Bytes, face: Anatomy, margin: Floats, x: Reals, to_brow: Reals) -> Reals:
    """Height of the dark band above the upper *margin* (n, 2) in cm, for each *x*."""
    columns = np.linspace(margin[0, 0], margin[-1, 0], 32)
    rows = np.arange(0, 0.9, _ROW_CM)
    heights = _curve(columns, margin)[None] - rows[:, None]
    points = np.stack([np.broadcast_to(columns, heights.shape), heights], axis=-1)
    light = blur(resample(image, face.to_pixels(points)).astype(np.float32) @ LUMA, 2.5, 1)
    light = light[: max(int(0.8 * float(np.median(to_brow)) / _ROW_CM), 12)]
    start = light[:8].argmin(axis=0)
    dark, skin = light[:8].min(axis=0), np.percentile(light, 75, axis=0)
    clear = (light > dark + 0.55 * (skin - dark)) & (np.arange(len(light))[:, None] > start)
    height = np.where(clear.any(axis=0), clear.argmax(axis=0), len(rows)) * _ROW_CM
    return np.asarray(np.interp(x, columns, blur(np.clip(height, *_LASHES_CM)[None], 3)[0]))
