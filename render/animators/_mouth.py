"""What is seen between the lips: cavity, tongue, lower teeth, upper teeth, and the shadow of the upper lip.

The upper teeth belong to the skull, the lower teeth and the tongue to the jaw. All sizes are centimetres in the frame of the mouth; all
colours come from the photo. Where the photo shows teeth, they are used as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ..types import Box, Bytes, Floats
from ._anatomy import Anatomy
from ._bases import smoothstep
from ._controls import Pose
from ._seam import Seam
from ._teeth import Sprites

_SHIFT: Final = 4
"""Fractional bits of polygon corners."""
_LIP_SHADOW_CM: Final = 0.45
_SAMPLES: Final = 49


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
        """Both contours in the frame, float32 (n, 2)."""
        upper = self.upper + np.tensordot(weights, self.upper_bases, axes=1)
        lower = self.lower + np.tensordot(weights, self.lower_bases, axes=1)
        return upper.astype(np.float32), lower.astype(np.float32)


def contour_points(face: Anatomy, seam: Seam) -> tuple[Floats, Floats]:
    """Points of the upper and the lower contour in pixels, float32 (n, 2), denser towards the corners."""
    t = (1 - np.cos(np.linspace(0, np.pi, _SAMPLES))) / 2
    x = (seam.left + (seam.right - seam.left) * t).astype(np.float32)
    upper = np.stack([x, seam.along(x, seam.upper)], axis=-1)
    lower = np.stack([x, seam.along(x, seam.lower)], axis=-1)
    return face.to_pixels(upper), face.to_pixels(lower)


def below_seam(box: Box, upper: Floats, lower: Floats, face: Anatomy) -> Bytes:
    """Mask uint8 (h, w) of *box*: 1 below the middle line of the moved contours."""
    middle = (upper + lower) / 2
    far = face.across * (box.width + box.height)
    deep = face.down * (box.width + box.height) * 2
    line = np.concatenate([[middle[0] - far], middle, [middle[-1] + far], [middle[-1] + far + deep], [middle[0] - far + deep]])
    mask = np.zeros((box.height, box.width), np.uint8)
    cv2.fillPoly(mask, [_fixed(line, box)], 1, shift=_SHIFT)
    return mask


def paint(lips: Bytes, box: Box, contours: tuple[Floats, Floats], pose: Pose, skull: Floats, sprites: Sprites) -> None:
    """Draw the interior into *lips*, uint8 (h, w, 4), the rendered pixels of *box*. *skull* is the affine (2, 3) of the head."""
    upper, lower = contours
    opening = np.maximum(((lower - upper) @ sprites.face.down), 0)
    if float(opening.max()) < 0.35:
        return
    open_lower = upper + opening[:, None] * sprites.face.down + np.maximum(0, 0) * lower
    outline = np.concatenate([upper, open_lower[::-1]])
    x0, y0 = np.floor(outline.min(axis=0)).astype(int) - 2
    x1, y1 = np.ceil(outline.max(axis=0)).astype(int) + 3
    part = Box(max(x0, box.x0), max(y0, box.y0), min(x1, box.x1), min(y1, box.y1))
    if part.width <= 0 or part.height <= 0:
        return
    mask = np.zeros((part.height, part.width), np.uint8)
    cv2.fillPoly(mask, [_fixed(outline, part)], 255, lineType=cv2.LINE_AA, shift=_SHIFT)
    cover = cv2.GaussianBlur(mask, (3, 3), 0.55).astype(np.float32)[..., None] / 255
    inside = sprites.render(part, pose, skull) * _shade(part, upper, open_lower, sprites.face)
    window = lips[part.y0 - box.y0 : part.y1 - box.y0, part.x0 - box.x0 : part.x1 - box.x0, :3]
    window[:] = np.clip(window * (1 - cover) + inside * cover + 0.5, 0, 255).astype(np.uint8)


def _shade(part: Box, upper: Floats, lower: Floats, face: Anatomy) -> Floats:
    """Light inside the mouth, float32 (h, w, 1): dark under the upper lip and towards the corners."""
    x, y = np.meshgrid(np.arange(part.x0, part.x1), np.arange(part.y0, part.y1))
    along = x * face.across[0] + y * face.across[1]
    deep = x * face.down[0] + y * face.down[1]
    at, top, bottom = upper @ face.across, upper @ face.down, lower @ face.down
    order = np.argsort(at)
    above = (deep - np.interp(along, at[order], top[order])) / face.scale
    under = (np.interp(along, at[order], bottom[order]) - deep) / face.scale
    t = (along - at[0]) / max(float(at[-1] - at[0]), 1.0) * 2 - 1
    lip = 0.50 + 0.50 * smoothstep((above + 0.05) / _LIP_SHADOW_CM)
    floor = 0.72 + 0.28 * smoothstep(under / 0.25)
    corner = 0.25 + 0.75 * np.clip(1 - np.abs(t) ** 3, 0, 1)
    return np.asarray(lip * floor * corner, np.float32)[..., None]


def _fixed(points: Floats, box: Box) -> Floats:
    """Polygon corners relative to *box* in fixed point."""
    return np.round((points - (box.x0, box.y0)) * (1 << _SHIFT)).astype(np.int32)
