"""The picture that the fields move: the person, with the lips of an open mouth drawn together."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np

from ..types import Bytes, Portrait
from ._anatomy import Anatomy
from ._seam import Seam

_DARK: Final = 0.68
"""Pixels this much darker than the skin around the mouth belong to the opening when they touch it."""


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
    hole = _with_rims(portrait.image, hole, face.scale)
    rows, columns = np.nonzero(hole)
    if not len(rows):
        return picture
    part = np.s_[max(rows.min() - 8, 0) : rows.max() + 9, max(columns.min() - 8, 0) : columns.max() + 9]
    colours = np.ascontiguousarray(picture[part][..., :3])
    filled: Any = cv2.inpaint(colours, np.ascontiguousarray(hole[part]), 3, cv2.INPAINT_TELEA)
    picture[part][..., :3] = filled
    return picture


def _with_rims(image: Bytes, hole: Bytes, scale: float) -> Bytes:
    """*hole*, uint8 (h, w), with the dark corners of the mouth that touch it and one pixel around."""
    reach = max(round(0.22 * scale), 2)
    near: Any = cv2.dilate(hole, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, reach + 1)))
    outside: Any = cv2.dilate(near, np.ones((5, 5), np.uint8))
    light: Any = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    around = light[(outside > 0) & (near == 0)]
    if not len(around):
        return hole
    odd = ((light < _DARK * float(np.median(around))) & (near > 0)).astype(np.uint8) * np.uint8(255)
    joined: Any = cv2.morphologyEx(odd, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    whole: Any = cv2.dilate(np.maximum(hole, joined), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)))
    return np.asarray(whole, np.uint8)
