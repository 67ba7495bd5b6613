"""The mouth in a frame: which pixels belong to which lip, what is seen between them, the shadow where they meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ..types import Box, Bytes, Floats
from ._anatomy import Anatomy
from ._controls import Pose
from ._resample import Reals, smoothstep
from ._seam import Seam
from ._teeth import Sprites

_SHIFT: Final = 4
"""Fractional bits of polygon corners."""
_SAMPLES: Final = 49
_LEAST_OPENING_PX: Final = 0.35
"""A smaller gap is drawn closed: no dark hairline between the lips."""
_FULL_OPENING_PX: Final = 1.2
_SOFTNESS_PX: Final = 0.7
"""Of the edge of an opening, unless the photo is softer."""
_LIP_SHADOW_CM: Final = 0.26
_LIP_SHADOW: Final = 0.30
_LIP_SHADOW_ON_PHOTO: Final = 0.22
"""Teeth taken from the photo carry most of their shadow already."""
_WET_CM: Final = 0.32
"""Height of the inner side of the lower lip that an opening shows, fading into the dark."""
_WET: Final = 0.75
_WET_FROM_CM: Final = 0.5
"""Opening that shows it in full; in a narrow one it would be a dark line along the teeth."""
_GLOW: Final = 0.7
"""Light in a narrow opening, in that of the inner lip: dark as a throat is only what is seen through a wide one."""
_DEEP_CM: Final = 1.1
"""Opening from which the throat is seen."""


@dataclass(frozen=True, slots=True)
class Contours:
    """Inner lip contours with the bases at their points."""

    upper: Floats
    """float32 (n, 2), pixels of the photo, left to right."""
    lower: Floats
    upper_bases: Floats
    """float32 (k, n, 2)."""
    lower_bases: Floats

    def moved(self, weights: Floats) -> tuple[Floats, Floats]:
        """Both contours in the frame, float32 (n, 2), for *weights* float32 (k,)."""
        return (
            np.asarray(self.upper + np.tensordot(weights, self.upper_bases, axes=1), np.float32),
            np.asarray(self.lower + np.tensordot(weights, self.lower_bases, axes=1), np.float32),
        )


def contour_points(face: Anatomy, seam: Seam) -> tuple[Floats, Floats]:
    """Points of the upper and the lower contour in pixels, float32 (n, 2), denser towards the corners."""
    t = (1 - np.cos(np.linspace(0, np.pi, _SAMPLES))) / 2
    x = seam.left + (seam.right - seam.left) * t
    upper = np.stack([x, seam.along(x, seam.upper)], axis=-1)
    lower = np.stack([x, seam.along(x, seam.lower)], axis=-1)
    return face.to_pixels(upper), face.to_pixels(lower)


def below_seam(box: Box, upper: Floats, lower: Floats, face: Anatomy) -> Floats:
    """How much of each pixel of *box* lies below the middle line of the moved contours, float32 (h, w) in 0..1."""
    middle = (upper + lower) / 2
    far = face.across * (box.width + box.height)
    deep = face.down * (box.width + box.height) * 2
    ends = np.stack([middle[-1] + far, middle[-1] + far + deep, middle[0] - far + deep, middle[0] - far])
    return _filled(box, np.concatenate([middle, ends]), softness=0.6)


def seam_box(box: Box, upper: Floats, lower: Floats) -> Box:
    """The part of *box* where pixels may lie partly above and partly below the middle line of the moved contours."""
    return _around(box, (upper + lower) / 2, 2)


def darken_seam(lips: Bytes, box: Box, upper: Floats, lower: Floats, *, strength: float) -> None:
    """Draw the soft shadow between closed lips into *lips*, uint8 (h, w, 4), the pixels of *box*; *strength* in 0..1."""
    middle = (upper + lower)[1:-1] / 2
    part = _around(box, middle, 4)
    line = np.zeros((part.height, part.width), np.uint8)
    corners = _fixed(middle, part)
    cv2.polylines(line, [corners], isClosed=False, color=255, lineType=cv2.LINE_AA, shift=_SHIFT)
    soft: Any = cv2.GaussianBlur(line, (5, 5), 0.9)
    keep = 1 - soft[..., None] * (strength / 255 * np.array([0.80, 1.0, 0.95], np.float32))
    window = _window(lips, box, part)
    window[:] = (window * keep + 0.5).astype(np.uint8)


def paint(
    lips: Bytes, box: Box, contours: tuple[Floats, Floats], *, pose: Pose, skull: Floats, sprites: Sprites
) -> None:
    """Draw the inside of the mouth into *lips*, uint8 (h, w, 4), the pixels of *box*.

    *contours* are the moved inner contours, *skull* float32 (2, 3) the affine movement of the head at the mouth.
    """
    upper, lower = contours
    face = sprites.face
    gap = ((lower - upper) @ face.down).clip(0)
    if float(gap.max()) < _LEAST_OPENING_PX:
        return
    lower = np.asarray(upper + gap[:, None] * face.down, np.float32)
    outline = np.concatenate([upper, lower[::-1]])
    soft = max(sprites.softness, _SOFTNESS_PX)
    part = _around(box, outline, 2 + round(2 * soft))
    above, under, aside = _places(part, upper, lower, face)
    between = above + under
    open_ = (between * face.scale / _FULL_OPENING_PX).clip(0, 1)
    cover = (_filled(part, outline, softness=soft) * open_)[..., None]
    depth = _LIP_SHADOW_ON_PHOTO if sprites.photographed else _LIP_SHADOW
    inside = sprites.render(part, pose, skull) * _shade(above, under, aside, depth=depth, warm=sprites.warm)
    glow = _GLOW * (1 - smoothstep(np.minimum(between, 3 * under) / _DEEP_CM))
    np.maximum(inside, sprites.wet * glow[..., None], out=inside)
    height = np.minimum(_WET_CM, 0.45 * between).clip(0.01)
    wet = _WET * smoothstep(between / _WET_FROM_CM) * (1 - smoothstep(under / height))
    inside += (sprites.wet - inside) * wet[..., None]
    window = _window(lips, box, part)
    window[:] = np.clip(window + (inside - window) * cover + 0.5, 0, 255).astype(np.uint8)


def _places(part: Box, upper: Floats, lower: Floats, face: Anatomy) -> tuple[Floats, Floats, Floats]:
    """For each pixel of *part*, float32 (h, w): cm below the upper lip, cm above the lower lip, 0..1 towards a corner."""
    x = np.arange(part.x0, part.x1, dtype=np.float32)
    y = np.arange(part.y0, part.y1, dtype=np.float32)[:, None]
    along = x * face.across[0] + y * face.across[1]
    down = x * face.down[0] + y * face.down[1]
    at = upper @ face.across
    order = at.argsort()
    top = np.interp(along, at[order], (upper @ face.down)[order]).astype(np.float32)
    bottom = np.interp(along, at[order], (lower @ face.down)[order]).astype(np.float32)
    aside = np.abs((along - at[0]) / max(float(at[-1] - at[0]), 1.0) * 2 - 1).clip(0, 1)
    return (down - top) / np.float32(face.scale), (bottom - down) / np.float32(face.scale), aside


def _shade(above: Floats, under: Floats, aside: Floats, *, depth: float, warm: Floats) -> Floats:
    """Light inside the mouth, float32 (h, w, 3): darker by up to *depth* under the upper lip and towards the corners."""
    lip = 1 - depth * (1 - smoothstep((above + 0.05) / _LIP_SHADOW_CM))
    floor = 0.80 + 0.20 * smoothstep(under / 0.2)
    light = lip * floor * (1 - 1.6 * depth * aside**4)
    return np.asarray(1 - (1 - light)[..., None] * warm, np.float32)


def _around(box: Box, points: Reals, margin: int) -> Box:
    """The part of *box* within *margin* pixels of *points* (n, 2), at least one pixel."""
    (x0, y0), (x1, y1) = np.floor(points.min(axis=0)).astype(int), np.ceil(points.max(axis=0)).astype(int)
    left = min(max(int(x0) - margin, box.x0), box.x1 - 1)
    top = min(max(int(y0) - margin, box.y0), box.y1 - 1)
    return Box(left, top, max(min(int(x1) + margin, box.x1), left + 1), max(min(int(y1) + margin, box.y1), top + 1))


def _window(lips: Bytes, box: Box, part: Box) -> Bytes:
    """The colours of *part* within *lips*, the pixels of *box*."""
    return lips[part.y0 - box.y0 : part.y1 - box.y0, part.x0 - box.x0 : part.x1 - box.x0, :3]


def _filled(box: Box, outline: Reals, *, softness: float) -> Floats:
    """How much of each pixel of *box* lies inside the polygon *outline* (n, 2), float32 (h, w) in 0..1."""
    mask = np.zeros((box.height, box.width), np.uint8)
    cv2.fillPoly(mask, [_fixed(outline, box)], 255, lineType=cv2.LINE_AA, shift=_SHIFT)
    soft: Any = cv2.GaussianBlur(mask, (0, 0), softness)
    return np.asarray(soft, np.float32) * np.float32(1 / 255)


def _fixed(points: Reals, box: Box) -> NDArray[np.int32]:
    """Polygon corners relative to *box* in fixed point."""
    return np.round((points - (box.x0, box.y0)) * (1 << _SHIFT)).astype(np.int32)
