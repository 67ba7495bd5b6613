"""From a small, soft matte to hair at full resolution; with the two other pictures an animated layer needs."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ...errors import InputError
from ..plate import without as plate
from ..types import Bytes, Floats
from .foreground import foreground

__all__ = ["foreground", "plate", "refine"]

_EPS: Final = np.float32(1e-5)
"""Regularisation of the guided filter, for colours in 0..1."""


def refine(image: Bytes, coarse: Floats) -> Floats:
    """Alpha float32 (h, w) in [0, 1] for *image*, uint8 (h, w, 3), from *coarse*, a matte of any size with the same framing.

    A colour guided filter (He et al., ECCV 2010) whose coefficients are found at the size of the coarse matte and enlarged (He and Sun,
    "Fast Guided Filter", 2015). Raises ``InputError`` when *coarse* is empty or not finite.
    """
    if coarse.ndim != 2 or coarse.size == 0 or not np.isfinite(coarse).all():
        raise InputError(f"A matte of shape {coarse.shape} cannot be refined.", "Give finite float32 (height, width).")
    height, width = image.shape[:2]
    coarse = np.clip(coarse, 0, 1).astype(np.float32)
    small = (min(coarse.shape[1], width), min(coarse.shape[0], height))
    coarse = np.asarray(cv2.resize(coarse, small, interpolation=cv2.INTER_AREA), np.float32)
    guide = np.asarray(image, np.float32) / 255
    slope, offset = _coefficients(np.asarray(cv2.resize(guide, small, interpolation=cv2.INTER_AREA), np.float32), coarse)
    cubic = np.clip(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)
    slope = np.asarray(cv2.resize(slope, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    offset = np.asarray(cv2.resize(offset, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    guided = np.clip((slope * guide).sum(axis=2) + offset, 0, 1)
    band = (cubic > 0.01) & (cubic < 0.99)
    alpha = np.where(band, guided, cubic)
    refined: Floats = np.clip((alpha - 0.02) / 0.96, 0, 1).astype(np.float32)
    return refined


def _coefficients(guide: Floats, matte: Floats) -> tuple[Floats, Floats]:
    """The linear models ``matte = slope . guide + offset`` of 3x3 windows: (h, w, 3) and (h, w)."""
    mean = _box(guide)
    level = _box(matte)
    rows, columns = np.triu_indices(3)
    products = _box(guide[:, :, rows] * guide[:, :, columns]) if False else np.stack(
        [_box(guide[:, :, r] * guide[:, :, c]) - mean[:, :, r] * mean[:, :, c] for r, c in zip(rows, columns, strict=True)], axis=2
    )
    sigma = np.empty((*matte.shape, 3, 3), np.float32)
    for k, (r, c) in enumerate(zip(rows, columns, strict=True)):
        sigma[:, :, r, c] = sigma[:, :, c, r] = products[:, :, k]
    sigma += _EPS * np.eye(3, dtype=np.float32)
    both = _box(guide * matte[:, :, None]) - mean * level[:, :, None]
    slope = np.linalg.solve(sigma, both[..., None])[..., 0].astype(np.float32)
    offset = level - (slope * mean).sum(axis=2)
    return _box(slope), _box(offset)


def _box(values: Floats) -> Floats:
    return np.asarray(cv2.blur(values, (3, 3), borderType=cv2.BORDER_REFLECT), np.float32)
