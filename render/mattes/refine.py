"""From a small, soft matte to hair at full resolution; with the two other pictures an animated layer needs."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ...errors import InputError
from ..blurs import pyramid
from ..patches import patches
from ..plate import without as plate
from ..types import Bytes, Floats
from .colour_model import ColourModel, apply
from .foreground import foreground
from .settle import settle

__all__ = ["foreground", "plate", "refine"]

_SEGMENTATION: Final = 256
"""A network that works at this size or below tells how likely a person is at a pixel, not how much of the pixel is covered."""

_UNIT: Final = np.float32(1 / 255)
_END: Final = np.float32(0.05)
"""How far from 0 and 1 a network's "nothing" and "all" may lie."""


def refine(image: Bytes, coarse: Floats, *, probability: bool | None = None) -> Floats:
    """Alpha float32 (h, w) in [0, 1] for *image*, uint8 (h, w, 3), from *coarse*, a matte of any size with the same framing.

    The matte is enlarged as linear models of colour found at its own size (He and Sun, "Fast Guided Filter", 2015), where it
    has detail that its size cannot show; where it is smooth, cubic interpolation is exact. With *probability* the matte is
    first settled into an opacity; by default that is done for mattes not larger than 256 pixels. Raises ``InputError`` for
    arrays that cannot be used.
    """
    _check(image, coarse)
    height, width = image.shape[:2]
    if coarse.shape[0] > height or coarse.shape[1] > width:
        coarse = _resize(coarse, (min(width, coarse.shape[1]), min(height, coarse.shape[0])), cv2.INTER_AREA)
    matte = _without_floor(np.clip(coarse, 0, 1, dtype=np.float32))
    colours = pyramid.shrink(image.astype(np.float32), (matte.shape[1], matte.shape[0])) * _UNIT
    model = ColourModel(colours)
    if min(matte.shape) <= _SEGMENTATION if probability is None else probability:
        matte = settle(matte, colours, model)
    slopes, offset = model.fit(matte)
    share, *linear = (_resize(part, (width, height), cv2.INTER_LINEAR) for part in (_aliased(matte), *slopes, offset))
    alpha = _resize(matte, (width, height), cv2.INTER_CUBIC)
    for part in patches(share > 0):
        guide = cv2.split(image[part].astype(np.float32) * _UNIT)
        *tilt, level = (each[part] for each in linear)
        alpha[part] += share[part] * (
            apply(tilt, level, [np.asarray(plane, np.float32) for plane in guide]) - alpha[part]
        )
    return np.clip(alpha, 0, 1, out=alpha)


def _aliased(matte: Floats) -> Floats:
    """Where *matte* holds detail at the limit of its resolution, float32 (h, w) in [0, 1]."""
    detail = cv2.dilate(np.abs(matte - cv2.GaussianBlur(matte, (5, 5), 1)), np.ones((5, 5), np.uint8))
    share = np.clip((np.asarray(detail, np.float32) - 0.06) / 0.04, 0, 1)
    return np.asarray(cv2.blur(share * share * (3 - 2 * share), (3, 3)), np.float32)


def _without_floor(matte: Floats) -> Floats:
    """A network's background is often a little above 0 and its person a little below 1: what most pixels near the ends have
    becomes the end."""
    low, high = matte[matte < _END], matte[matte > 1 - _END]
    floor = float(np.median(low)) if low.size else 0.0
    ceiling = float(np.median(high)) if high.size else 1.0
    stretched: Floats = np.clip((matte - floor) / (ceiling - floor), 0, 1, dtype=np.float32)
    return stretched


def _resize(values: Floats, size: tuple[int, ...], interpolation: int) -> Floats:
    return np.asarray(cv2.resize(values, (size[0], size[1]), interpolation=interpolation), np.float32)


def _check(image: Bytes, coarse: Floats) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise InputError(
            f"A picture of {image.dtype} {image.shape} has no matte.", "Give uint8 (height, width, 3) in RGB."
        )
    if coarse.ndim != 2 or coarse.size == 0 or not np.isfinite(coarse).all():
        raise InputError(f"A matte of shape {coarse.shape} cannot be refined.", "Give finite float32 (height, width).")
