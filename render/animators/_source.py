"""The picture that the fields move: the person, with the lips of an open mouth drawn together, at three times its size.

Sampling between pixels softens a picture, the more the finer its grain, and a moving head would breathe between sharp
and soft. So the photo is interpolated once at every third of a pixel, and each of these shifted photos is given back the
detail its shift has cost; a bilinear look-up between them is near enough to all of them. Whole pixels stay exactly what
they are in the photo.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from ..types import Box, Bytes, Floats, Portrait
from ._anatomy import LUMA, Anatomy
from ._resample import Reals, blur, resample
from ._seam import Seam

_FINEST: Final = 3
_LARGEST: Final = 2560
"""Pixels along the longer side of the fine picture, unless the photo has more."""
_FINE_PX: Final = 0.6
"""Standard deviation of the Gaussian that marks off the finest detail."""
_LOSS: Final = 1 / 7
"""What a bilinear look-up takes from detail on average, in Laplacians of the fine picture: between 1/12 where detail is
coarse and 1/5 where it is as fine as the pixels."""
_DARK: Final = 0.68
"""Pixels this much darker than the skin around the mouth belong to the opening when they touch it."""
_RIM_CM: Final = 0.16
"""Pixels this near to the opening show some of it."""
_PALE: Final = 0.65
"""Bright pixels with this much less colour than the skin around, near the corners of the mouth, are teeth."""


@dataclass(frozen=True, slots=True)
class Source:
    """A picture ready to be looked up."""

    picture: Bytes
    """uint8 (h, w, 4)."""
    fine: Bytes
    """uint8 (h * detail, w * detail, 4): every *detail*-th pixel is one of ``picture``."""
    detail: int

    def at(self, where: Reals) -> Floats:
        """Colours and alpha, float32 (..., 4), at positions (..., 2) in pixels of ``picture``."""
        return resample(self.fine, where * self.detail).astype(np.float32)


def refined(picture: Bytes, face: Box) -> Source:
    """*picture*, uint8 (h, w, 4), between its pixels, with the detail it has over *face*; large pictures have enough."""
    height, width = picture.shape[:2]
    detail = max(min(_LARGEST // max(height, width), _FINEST), 1)
    fine = np.empty((height * detail, width * detail, 4), np.uint8)
    part = np.s_[face.y0 : face.y1, face.x0 : face.x1]
    edges = _edges(picture[part])
    wanted = float((edges - _LOSS / detail**2 * _laplacian(edges)).var())
    for down, right in np.ndindex(detail, detail):
        shifted = _shifted(picture, right / detail, down / detail)
        if (down, right) != (0, 0):
            edges = _edges(shifted[part])
            boost = _boost(edges, edges - blur(edges, _FINE_PX), wanted)
            colours = np.ascontiguousarray(shifted[..., :3])
            soft: Any = cv2.GaussianBlur(colours, (0, 0), _FINE_PX)
            shifted[..., :3] = cv2.addWeighted(colours, 1 + boost, soft, -boost, 0)
        fine[down::detail, right::detail] = shifted
    return Source(picture, fine, detail)


def _shifted(picture: Bytes, right: float, down: float) -> Bytes:
    """*picture*, uint8 (h, w, c), looked up *right* and *down* of its pixels, 0..1, by a sinc of four lobes (Lanczos)."""
    shifted: Any = cv2.sepFilter2D(
        picture, -1, _sinc(right), _sinc(down), anchor=(3, 3), borderType=cv2.BORDER_REPLICATE
    )
    return np.asarray(shifted, np.uint8)


def _sinc(shift: float) -> Floats:
    x = np.arange(-3, 5) - shift
    weights = np.sinc(x) * np.sinc(x / 4)
    return np.asarray(weights / weights.sum(), np.float32)


def _edges(picture: Bytes) -> Floats:
    """The Laplacian of the brightness of *picture*, uint8 (h, w, 4): float32 (h, w)."""
    return _laplacian(picture[..., :3] @ LUMA)


def _laplacian(values: Floats) -> Floats:
    found: Any = cv2.Laplacian(values, cv2.CV_32F)
    return np.asarray(found, np.float32)


def _boost(edges: Floats, finest: Floats, wanted: float) -> float:
    """The least b in 0..1 for which *edges* + b * *finest* has the variance *wanted*, or comes near to it."""
    square = float(finest.var())
    mixed = float(((edges - edges.mean()) * finest).mean())
    missing = wanted - float(edges.var())
    if missing <= 0 or square <= 0:
        return 0.0
    return min((math.sqrt(mixed * mixed + square * missing) - mixed) / square, 1.0)


def person(portrait: Portrait) -> Bytes:
    """Colours and alpha of *portrait*, uint8 (h, w, 4)."""
    alpha = np.round(np.clip(portrait.alpha, 0, 1) * 255).astype(np.uint8)
    return np.dstack([portrait.foreground, alpha])


def moving_picture(portrait: Portrait, face: Anatomy, seam: Seam) -> Bytes:
    """As ``person``; where the mouth is open, its lips reach into the opening, so that no tooth shows beside them."""
    picture = person(portrait)
    if not seam.is_open:
        return picture
    x = seam.x[(seam.x >= seam.left) & (seam.x <= seam.right)]
    top, bottom = (np.stack([x, seam.along(x, line)], axis=-1) for line in (seam.upper, seam.lower))
    outline = face.to_pixels(np.concatenate([top, bottom[::-1]]))
    hole = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(hole, [np.round(outline * 16).astype(np.int32)], 255, shift=4)
    hole = _with_rims(portrait.image, hole, face)
    rows, columns = np.nonzero(hole)
    if not len(rows):
        return picture
    part = np.s_[max(rows.min() - 8, 0) : rows.max() + 9, max(columns.min() - 8, 0) : columns.max() + 9]
    colours = np.ascontiguousarray(picture[part][..., :3])
    filled: Any = cv2.inpaint(colours, np.ascontiguousarray(hole[part]), 3, cv2.INPAINT_TELEA)
    picture[part][..., :3] = filled
    return picture


def _with_rims(image: Bytes, hole: Bytes, face: Anatomy) -> Bytes:
    """*hole*, uint8 (h, w), with what touches it and is not lip: dark corners, teeth beside them, one pixel around."""
    reach = max(round(0.22 * face.scale), 2)
    near: Any = cv2.dilate(hole, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, reach + 1)))
    outside: Any = cv2.dilate(near, np.ones((5, 5), np.uint8))
    light = image.astype(np.float32) @ LUMA
    colour = np.ptp(image, axis=-1) / np.maximum(light, 1)
    around = (outside > 0) & (near == 0)
    if not around.any():
        return hole
    x, y = np.meshgrid(np.arange(image.shape[1]), np.arange(image.shape[0]))
    aside = np.abs(face.to_face(np.stack([x, y], axis=-1))[..., 0]) * face.scale > 0.3 * face.mouth_width
    dark = light < _DARK * float(np.median(light[around]))
    tooth = aside & (light > np.median(light[around])) & (colour < _PALE * float(np.median(colour[around])))
    odd = ((dark | tooth) & (near > 0)).astype(np.uint8) * np.uint8(255)
    joined: Any = cv2.morphologyEx(odd, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    rim = max(round(_RIM_CM * face.scale), 1)
    whole: Any = cv2.dilate(
        np.maximum(hole, joined), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rim + 1, 2 * rim + 1))
    )
    return np.asarray(whole, np.uint8)
