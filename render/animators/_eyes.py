"""Blinking and looking: lids slide over an eyeball that stays where it is.

Squeezing the eye would turn the iris into an ellipse. Here the lid margins move over the untouched eyeball: the skin
between margin and brow unfolds downwards, the band with the lashes keeps its size, and a gaze moves the iris as a whole
inside the opening. The upper lid does nine tenths of the way. What it covers the eye with is not in the photo: the
colour of the bare skin above and below the eye, with the grain of the cheek.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..types import Box, Bytes, Floats
from ._anatomy import BROWS, LUMA, Anatomy
from ._lids import Margins
from ._resample import Reals, blur, resample, smoothstep
from ._source import Source

_LASHES_CM: Final = (0.15, 0.42)
"""Least and greatest height of the band above the margin that moves as one piece: lashes, make-up, the edge of the lid."""
_LASHES_BEHIND_GLASSES_CM: Final = 0.2
_LOWER_SHARE: Final = 0.10
"""Part of the way that the lower lid goes."""
_CREASE_SHARE: Final = 0.42
"""How far the crease follows the margin; behind glasses it stays, so that nothing pulls at their rims."""
_CREASE_CM: Final = 0.16
"""Skin between the lashes and the crease of the lid in the photo."""
_CHEEK_CM: Final = 0.5
_RIM_CM: Final = 0.2
"""Edge of the lower lid that a shut eye hides: it is wet, pale, and not where the landmarks say to a pixel."""
_LID_SHADE: Final = 0.22
"""How much darker a lid is at its margin and its crease than where it bulges."""
_SAME_LIGHT: Final = 0.35
_SAME_HUE: Final = 0.07
"""How far brightness, relative, and each share of red, green and blue may be from the median of the skin."""
_GRAIN_CM: Final = 0.2
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
    grain: Floats
    """float32 (h, w) over ``box``: what the surface of the lid adds to all three colours; it moves with the margin."""
    shadow: Floats
    """float32 (h, w, 3) over ``box``: the photo without what is small along the eye: lashes are no brighter than this."""
    crease: float
    """How far the crease follows the margin, 0..1."""
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
            fall = upper - top
            skin = resample(self.skin, local) + resample(self.grain, local - self._down(fall))[..., None]
            lid = self._upper_lid(source, where, skin, upper - y, (fall, lashes, fixed))
            rim = smoothstep(opening / 0.4) * smoothstep(np.array(2 * blink - 1))
            under = self._lower_lid(source, where, skin, y - lower, (bottom - lower, rim))
            share = np.clip((y - (upper + lower) / 2) / pixel + 0.5, 0, 1)
            lid += (under - lid) * share[..., None]
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
        self, source: Source, where: Floats, skin: Floats, height: Reals, lid: tuple[Reals, Reals, Reals]
    ) -> Floats:
        """What is seen at *height* over the margin of a *lid* of (how far it has come down, lashes, skin that stays)."""
        fall, lashes, _ = lid
        came_from = where + self._down(_upper_skin(height, lid, self.crease))
        pixels = source.at(came_from)
        shadow = resample(self.shadow, came_from - np.array([self.box.x0, self.box.y0], np.float32))
        crease = lashes + _CREASE_CM + (1 - self.crease) * fall
        covered = smoothstep(fall / 0.3)
        lash = 1 - smoothstep((height - 0.7 * lashes) / (0.5 * lashes))
        bare = (1 - lash) * (1 - smoothstep((height - crease - 0.1) / 0.3 + 0.5))
        shade = 1 - _LID_SHADE * (1 - np.sin(np.pi * np.clip(0.15 + 0.75 * height / crease, 0, 1)))
        over = skin * shade[..., None] - pixels[..., :3]
        too_bright = np.minimum(np.minimum(over, shadow - pixels[..., :3]), 0)
        pixels[..., :3] += over * (bare * covered)[..., None] + too_bright * (lash * covered)[..., None]
        return pixels

    def _lower_lid(self, source: Source, where: Floats, skin: Floats, depth: Reals, lid: tuple[Reals, Reals]) -> Floats:
        """What is seen at *depth* under the margin of a *lid* of (how far it has come up, how much of its edge is hidden)."""
        rise, hidden = lid
        pixels = source.at(where + self._down(_lower_skin(depth, rise)))
        rim = (1 - smoothstep(depth / _RIM_CM)) * hidden
        pixels[..., :3] += (skin - pixels[..., :3]) * rim[..., None]
        return pixels

    def _down(self, centimetres: Reals) -> Reals:
        """A shift down the face, (h, w) cm -> (h, w, 2) pixels."""
        return centimetres[..., None] * (self.face.down * self.face.scale)


def _upper_skin(height: Reals, lid: tuple[Reals, Reals, Reals], crease_share: float) -> Reals:
    """For skin at *height* over the margin of *lid*: how far down (cm, mostly negative) its place in the photo is."""
    fall, lashes, fixed = lid
    height = np.maximum(height, 0)
    crease = lashes + _CREASE_CM
    lifted = crease + (1 - crease_share) * fall
    unfolded = lashes + (height - lashes) * _CREASE_CM / np.maximum(lifted - lashes, 1e-3)
    rest = crease + (height - lifted) * (fixed - crease) / np.maximum(fixed + fall - lifted, 1e-3)
    bounds = [height <= lashes, height <= lifted, height <= fixed + fall]
    in_photo: Reals = np.select(bounds, [height, unfolded, rest], height - fall)
    return height - fall - in_photo


def _lower_skin(depth: Reals, rise: Reals) -> Reals:
    """As ``_upper_skin``, for skin at *depth* under the margin of the lower lid, which has come up by *rise*."""
    left: Reals = 1 - np.maximum(depth, 0) / (_CHEEK_CM + rise)
    return rise * np.maximum(left, 0)


def prepare(image: Bytes, face: Anatomy, side: str, *, margins: Margins, glasses: bool) -> Eye:
    """The subject's eye on *side*, "left" or "right", of a face with or without *glasses*; *margins* are those of its lids."""
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
    if glasses:
        lashes = np.minimum(lashes, _LASHES_BEHIND_GLASSES_CM)
    fixed = np.maximum(lashes + _CREASE_CM + 0.2, 0.9 * to_brow)
    above = (top - y - lashes) / (0.75 * to_brow - lashes)
    iris = _iris(image, face, margins)
    free = np.maximum(np.minimum(iris - left, right - iris) - _IRIS_CM, 0.3)
    part = image[box.y0 : box.y1, box.x0 : box.x1]
    return Eye(
        face=face,
        box=box,
        lids=np.stack([top, bottom, lashes, fixed], axis=-1).astype(np.float32),
        skin=_lid_colours(part, face.scale, above, y - bottom),
        grain=_grain(image, face, x, bottom + 0.2 + np.maximum(top - y, 0)),
        shadow=blur(part.astype(np.float32), 0.3 * face.scale, 0.5),
        crease=0.0 if glasses else _CREASE_SHARE,
        room=smoothstep(np.minimum(x - left, right - x) / free).astype(np.float32),
    )


def _box(face: Anatomy, image: Bytes, x: tuple[float, float], y: tuple[float, float]) -> Box:
    """The part of the picture that holds the rectangle *x*, *y* of the face, at least one pixel."""
    height, width = image.shape[:2]
    corners = face.to_pixels(np.array([[a, b] for a in x for b in y]))
    (x0, y0), (x1, y1) = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int)
    left, top = min(max(int(x0), 0), width - 1), min(max(int(y0), 0), height - 1)
    return Box(left, top, max(min(int(x1), width), left + 1), max(min(int(y1), height), top + 1))


def _lid_colours(part: Bytes, scale: float, above: Reals, below: Reals) -> Floats:
    """The colours of bare skin *above* the eye, as a share of the way from lashes to brow, and *below* it, cm, drawn over it.

    Brows, lashes, rims of glasses and reflections on them are not skin: they are much darker, brighter or of another hue.
    """
    pixels = part.astype(np.float32)
    near = ((above > 0) & (above < 1)) | ((below > 0.2) & (below < 0.8))
    if not near.any():
        near = np.ones_like(near)
    light = pixels @ LUMA
    hue = pixels / np.maximum(pixels.sum(axis=-1, keepdims=True), 1)
    usual, usual_hue = np.median(light[near]), np.median(hue[near], axis=0)
    skin = near & (np.abs(light / max(float(usual), 1) - 1) < _SAME_LIGHT)
    skin &= np.abs(hue - usual_hue).max(axis=-1) < _SAME_HUE
    known = np.dstack([pixels, np.ones_like(light)]) * skin[..., None]
    sums = blur(known, 0.35 * scale, 0.25 * scale) + 0.05 * blur(known, 0.9 * scale) + 1e-4 * known.mean(axis=(0, 1))
    return np.asarray(sums[..., :3] / np.maximum(sums[..., 3:], 1e-7), np.float32)


def _grain(image: Bytes, face: Anatomy, x: Reals, y: Reals) -> Floats:
    """The fine structure of *image* at (*x*, *y*) cm, float32 grey levels; edges are held down to what is usual."""
    light = image.astype(np.float32) @ LUMA
    fine = resample(light - blur(light, max(_GRAIN_CM * face.scale, 1.0)), face.to_pixels(np.stack([x, y], axis=-1)))
    usual = 1.48 * float(np.median(np.abs(fine)))
    return np.asarray(np.clip(fine, -3 * usual, 3 * usual), np.float32)


def _curve(x: Reals, points: Floats) -> Reals:
    """A smooth curve through *points* (n, 2), level beyond its ends."""
    order = points[:, 0].argsort()
    fine = np.linspace(points[order[0], 0], points[order[-1], 0], 64)
    line = np.interp(fine, points[order, 0], points[order, 1])
    smooth = blur(line[None], 2.5)[0]
    smooth[[0, -1]] = line[[0, -1]]
    return np.asarray(np.interp(x, fine, smooth))


def _iris(image: Bytes, face: Anatomy, margins: Margins) -> float:
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
