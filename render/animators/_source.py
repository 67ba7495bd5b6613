"""The picture that the fields move: the person, with the lips of an open mouth drawn together, at twice its size.

Bilinear sampling between pixels softens a picture, and a moving head would breathe between sharp and soft. From a source
interpolated once to half pixels with a long kernel, it keeps nine tenths or more of the sharpness in any position, at
the price of a plain bilinear look-up; whole pixels stay exactly what they are in the photo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from ..types import Bytes, Floats, Portrait
from ._anatomy import LUMA, Anatomy
from ._resample import Reals, resample
from ._seam import Seam

_BOOST: Final = 0.5
"""Sharpening of the half pixels, which makes up for the bilinear look-up between them."""
_LARGE: Final = 1280
_DARK: Final = 0.68
"""Pixels this much darker than the skin around the mouth belong to the opening when they touch it."""
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


def refined(picture: Bytes) -> Source:
    """*picture*, uint8 (h, w, 4), at half pixels; large pictures have enough of their own."""
    height, width = picture.shape[:2]
    if max(height, width) > _LARGE:
        return Source(picture, picture, 1)
    x, y = np.meshgrid(np.arange(2 * width) / 2, np.arange(2 * height) / 2)
    between = resample(picture, np.stack([x, y], axis=-1), cv2.INTER_LANCZOS4)
    soft: Any = cv2.GaussianBlur(between[..., :3], (0, 0), 1.0)
    fine = between.copy()
    fine[..., :3] = cv2.addWeighted(np.ascontiguousarray(between[..., :3]), 1 + _BOOST, soft, -_BOOST, 0)
    fine[::2, ::2] = picture
    return Source(picture, fine, 2)


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
    whole: Any = cv2.dilate(np.maximum(hole, joined), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)))
    return np.asarray(whole, np.uint8)
