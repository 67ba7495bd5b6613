"""Teeth, tongue and throat as sprites in the pixels of the photo, made once per portrait.

The upper teeth belong to the skull, the lower teeth and the tongue to the jaw. Sizes are those of an adult's teeth;
colours come from the photo, and where it shows teeth, they are used as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from ..types import Box, Bytes, Floats
from ._anatomy import EYES, LUMA, Anatomy
from ._controls import Pose
from ._resample import Reals, blur, resample, smoothstep
from ._seam import Seam
from ._texture import grain, softness

_OVERSAMPLE: Final = 4
_LEAST_HUE: Final = 0.008
"""Difference of the share of a primary in lips and skin from which a picture is coloured; colour photos have 0.009 or more."""
_WARM: Final = np.array([0.88, 1.06, 1.12], np.float32)


@dataclass(frozen=True, slots=True)
class _Row:
    """Teeth from the middle line outwards, as seen from the front; centimetres."""

    widths: tuple[float, ...]
    lengths: tuple[float, ...]
    """How far each reaches below the common edge."""
    edge: float
    """Height of the biting edge below the line where the lips meet."""
    sag: float
    """How much the edge rises at the canines."""
    roots: int
    """1 where the roots lie above the edge, -1 below."""


_UPPER: Final = _Row((0.84, 0.66, 0.72, 0.55, 0.45), (0.0, -0.05, 0.06, 0.0, 0.0), edge=0.20, sag=0.10, roots=1)
_LOWER: Final = _Row((0.52, 0.55, 0.62, 0.52, 0.42), (0.0, 0.02, -0.03, 0.0, 0.0), edge=0.22, sag=0.08, roots=-1)


@dataclass(frozen=True, slots=True)
class Sprites:
    """Pictures in ``box``; colours float32 in 0..255, straight, with alpha in 0..1 as the fourth channel."""

    face: Anatomy
    box: Box
    upper_teeth: Floats
    """float32 (h, w, 4): moves with the skull."""
    lower_teeth: Floats
    """float32 (h, w, 4): moves with the jaw; in the place where it stands with closed teeth."""
    tongue: Floats
    """float32 (h, w, 4): moves with the jaw."""
    throat: Floats
    """float32 (3,): the darkest colour."""
    wet: Floats
    """float32 (3,): the inner side of the lower lip."""
    grain: Floats
    """float32 (h, w): brightness to be added to all that is drawn."""
    softness: float
    """Standard deviation in pixels of the blur on the edges of the photo."""
    warm: Floats
    """float32 (3,): how much of each colour a shadow between the lips takes: it is lit through them, red falls off least."""
    photographed: bool
    """The upper teeth come from the photo, with the light that fell on them."""

    def render(self, part: Box, pose: Pose, skull: Floats) -> Floats:
        """The inside of the mouth without the shadow of the lips, float32 (h, w, 3) for the pixels of *part*."""
        drop = pose.drop * self.face.scale
        out = np.empty((part.height, part.width, 3), np.float32)
        out[:] = self.throat
        tongue = self._placed(self.tongue, part, skull, 0.50 * drop - 0.30 * pose.tongue * self.face.scale)
        lower = self._placed(self.lower_teeth, part, skull, 0.96 * drop * (1 - 0.6 * pose.teeth))
        _over(out, tongue)
        _over(out, lower)
        tongue[..., 3] *= pose.tongue
        _over(out, tongue)
        out += self._placed(self.grain, part, skull, 0.0)[..., None]
        _over(out, self._placed(self.upper_teeth, part, skull, 0.0))
        return out

    def _placed(self, sprite: Floats, part: Box, skull: Floats, shift: float) -> Floats:
        """*sprite* moved with the head and *shift* pixels down the face, as seen in *part*."""
        move = skull.copy()
        move[:, 2] += skull[:, :2] @ (self.box.x0, self.box.y0) + self.face.down * shift - (part.x0, part.y0)
        moved: Any = cv2.warpAffine(sprite, move, (part.width, part.height), flags=cv2.INTER_LINEAR)
        return np.asarray(moved, np.float32)


def _over(below: Floats, sprite: Floats) -> None:
    alpha = sprite[..., 3:]
    below *= 1 - alpha
    below += sprite[..., :3] * alpha


def make(image: Bytes, face: Anatomy, seam: Seam) -> Sprites:
    """The sprites for *image*, uint8 (h, w, 3)."""
    corners = face.to_pixels(np.array([[x, y] for x in (seam.left - 1, seam.right + 1) for y in (-1.5, 2.5)]))
    (x0, y0), (x1, y1) = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int)
    box = Box(int(x0), int(y0), int(x1), int(y1))
    skin, lip, white = _colours(image, face)
    where = face.to_face(_pixels(box, _OVERSAMPLE))
    line = float(seam.along(np.zeros(1), seam.upper + 0.35 * (seam.lower - seam.upper))[0])
    x, y = where[..., 0] - (seam.left + seam.right) / 2, where[..., 1] - line
    hue = _hue(skin, lip)
    soft = softness(image, face)
    noise = resample(grain(image, face), _pixels(box, 1))
    photographed = seam.is_open and _shows_teeth(image, face, seam, lip)
    if photographed:
        upper = _shrink(_photographed(image, face, where, seam), box, 0.0)
    else:
        upper = _shrink(_arch(x, y, _UPPER, white), box, soft)
        upper[..., :3] += noise[..., None]
    return Sprites(
        face=face,
        box=box,
        upper_teeth=upper,
        lower_teeth=_shrink(_arch(x, y, _LOWER, white * 0.86), box, soft),
        tongue=_shrink(_as_lit(_tongue(x, y, lip), lip, hue), box, soft),
        wet=_as_lit(_linear(lip, (0.33, 0.20, 0.20)), lip, hue),
        throat=_as_lit(_linear(skin, (0.060, 0.018, 0.016)), lip, hue),
        warm=1 + hue * (_WARM - 1),
        grain=noise,
        softness=soft,
        photographed=photographed,
    )


def _pixels(box: Box, each: int) -> Reals:
    """Positions of *each* by *each* points in every pixel of *box*, float64 (h * each, w * each, 2)."""
    x = box.x0 - 0.5 + (np.arange(box.width * each) + 0.5) / each
    y = box.y0 - 0.5 + (np.arange(box.height * each) + 0.5) / each
    return np.stack(np.meshgrid(x, y), axis=-1)


def _shrink(sprite: Floats, box: Box, soft: float) -> Floats:
    """Average down to the pixels of *box* and blur by *soft* pixels, weighing colours by alpha."""
    size = (box.width, box.height)
    weighted = np.concatenate([sprite[..., :3] * sprite[..., 3:], sprite[..., 3:]], axis=-1)
    small: Any = cv2.resize(weighted, size, interpolation=cv2.INTER_AREA)
    plain: Any = cv2.resize(np.ascontiguousarray(sprite[..., :3]), size, interpolation=cv2.INTER_AREA)
    if soft > 0:
        small = blur(small, soft)
    alpha = small[..., 3:]
    colour = np.where(alpha > 1e-3, small[..., :3] / np.maximum(alpha, 1e-3), plain)
    return np.concatenate([colour, alpha], axis=-1).astype(np.float32)


def _colours(image: Bytes, face: Anatomy) -> tuple[Floats, Floats, Floats]:
    """Skin, lip and tooth colour, float32 (3,) in 0..255."""
    skin = np.median(_around(image, face.landmarks[[50, 280, 205, 425, 101, 330], :2], 2), axis=0)
    lip = np.median(_around(image, face.landmarks[[15, 16, 85, 315, 86, 316], :2], 1), axis=0)
    eyes = [(face.landmarks[list(upper), :2] + face.landmarks[list(lower), :2]) / 2 for upper, lower in EYES.values()]
    light = _around(image, np.concatenate(eyes), 1) @ LUMA
    sclera = float(light[light >= np.percentile(light, 75)].mean())
    bright = float(np.clip(sclera, 0.95 * skin.mean(), 1.12 * skin.mean()))
    tint = 0.45 + 0.55 * skin / max(float(skin.mean()), 1.0)
    white = np.clip(bright * 0.93 * tint * (1.0, 0.99, 0.95), 0, 245)
    return skin.astype(np.float32), lip.astype(np.float32), white.astype(np.float32)


def _around(image: Bytes, points: Floats, radius: int) -> Floats:
    """Colours within *radius* pixels of *points* (n, 2), float32 (m, 3)."""
    offsets = np.arange(-radius, radius + 1)
    near = np.stack(np.meshgrid(offsets, offsets), axis=-1).reshape(-1, 2)
    return resample(image, (points[:, None] + near).round()).reshape(-1, 3).astype(np.float32)


def _hue(skin: Floats, lip: Floats) -> float:
    """0 where lips have the hue of the skin, as in a picture in black and white or sepia, to 1 as in life."""
    apart = np.abs(skin / max(float(skin.sum()), 1.0) - lip / max(float(lip.sum()), 1.0)).max()
    return min(float(apart) / _LEAST_HUE, 1.0)


def _as_lit(colours: Floats, lip: Floats, hue: float) -> Floats:
    """*colours* (..., 3 or 4) of flesh in a picture of which ``_hue`` is *hue*."""
    plain = (colours[..., :3] @ LUMA)[..., None] * lip / max(float(lip @ LUMA), 1.0)
    mixed = plain + hue * (colours[..., :3] - plain)
    return np.concatenate([mixed, colours[..., 3:]], axis=-1).astype(np.float32)


def _linear(colour: Floats, factor: tuple[float, float, float]) -> Floats:
    """*colour* times *factor* in linear light (gamma 2.2)."""
    return np.asarray(255 * ((colour / 255) ** 2.2 * factor) ** (1 / 2.2), np.float32)


def _arch(x: Reals, y: Reals, row: _Row, white: Floats) -> Floats:
    """A row of teeth; *x* from the middle line and *y* below the line of the lips, cm."""
    bounds = np.concatenate([[0.0], np.cumsum(row.widths)])
    index = np.clip(np.searchsorted(bounds, np.abs(x)) - 1, 0, len(row.widths) - 1)
    width = np.asarray(row.widths)[index]
    inside = (np.abs(x) - bounds[index]) / width * 2 - 1
    corner = np.abs(inside) ** 3
    edge = row.edge - row.sag * (np.abs(x) / 2.2) ** 2 + np.asarray(row.lengths)[index] - row.roots * 0.08 * corner
    depth = row.roots * (edge - y)
    shape = smoothstep(depth / 0.09) * smoothstep((bounds[-1] - np.abs(x)) / 0.5)
    between = 1 - 0.14 * np.exp(-(((1 - np.abs(inside)) * width / 2 / 0.045) ** 2))
    lateral = 0.25 + 0.75 * np.cos(np.clip(np.abs(x) / 3.6, 0, 1) * np.pi / 2).clip(0) ** 1.1
    tip = 1 - 0.10 * np.exp(-((depth / 0.07) ** 2))
    light = between * lateral * tip * (1 - 0.10 * inside**2)
    gum = smoothstep((depth - 0.85) / 0.1)[..., None]
    colour = white * light[..., None] * (1 - gum) + white * (0.62, 0.36, 0.36) * gum
    return np.concatenate([colour, shape[..., None]], axis=-1).astype(np.float32)


def _shows_teeth(image: Bytes, face: Anatomy, seam: Seam, lip: Floats) -> bool:
    """Whether a quarter of the open mouth of the photo is brighter than its lips, or about as bright and less coloured."""
    x = np.linspace(0.5 * seam.left, 0.5 * seam.right, 25)
    top, bottom = seam.along(x, seam.upper), seam.along(x, seam.lower)
    y = top + np.linspace(0.2, 0.7, 7)[:, None] * (bottom - top)
    inside = resample(image, face.to_pixels(np.stack(np.broadcast_arrays(x, y), axis=-1))).astype(np.float32)
    light = inside @ LUMA / max(float(lip @ LUMA), 1.0)
    colour = np.ptp(inside, axis=-1) / np.maximum(inside.mean(axis=-1), 1)
    pale = colour < 0.75 * float(np.ptp(lip)) / max(float(lip.mean()), 1.0)
    return float(((light > 0.8) & pale | (light > 1.15)).mean()) > 0.25


def _photographed(image: Bytes, face: Anatomy, where: Floats, seam: Seam) -> Floats:
    """The teeth of the photo, drawn out towards their roots; below them nothing."""
    x, y = where[..., 0], where[..., 1]
    top, bottom = seam.along(x, seam.upper), seam.along(x, seam.lower)
    tall = bottom - top
    clean = top + np.minimum(0.28, 0.35 * tall)
    lowest = bottom - np.minimum(0.10, 0.25 * tall)
    held = np.clip(y, clean, np.maximum(lowest, clean))
    colour = resample(image, face.to_pixels(np.stack([x, held], axis=-1)), cv2.INTER_CUBIC)
    alpha = smoothstep((lowest - y) / 0.06) * smoothstep((tall - 0.08) / 0.15)
    return np.concatenate([colour, alpha[..., None]], axis=-1).astype(np.float32)


def _tongue(x: Reals, y: Reals, lip: Floats) -> Floats:
    """A dome behind the lower teeth; its back fades into the dark."""
    top = -0.05 + 0.16 * x**2
    shape = smoothstep((y - top) / 0.4) * smoothstep((2.4 - np.abs(x)) / 0.9)
    furrow = 1 - 0.14 * np.exp(-((x / 0.14) ** 2))
    round_ = np.cos(np.clip(np.abs(x) / 2.9, 0, 1) * np.pi / 2)
    light = (0.30 + 0.50 * smoothstep(y - top)) * furrow * round_
    colour = lip * (0.92, 0.72, 0.72) * light[..., None]
    return np.concatenate([colour, shape[..., None]], axis=-1).astype(np.float32)
