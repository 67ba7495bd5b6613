"""Mattes of a video made steady: each is mixed with the one before, moved to where the person is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ..types import Bytes, Floats

_SIDE: Final = 256
"""Pixels of the longer side of the pictures in which movement is looked for."""
_TRUST: Final = np.float32(0.75)
"""Share of the matte before where the two agree."""
_DISAGREEMENT: Final = np.float32(0.5)
"""Difference of two opacities at which that share has fallen to 1/e: the new matte is right, and waiting would be lag."""
_REACH: Final = 12.0
"""Standard deviation, in pixels of the small picture, over which the movement of the person is averaged."""
_RIM: Final = np.ones((17, 17), np.uint8)
"""Along the outline, so far as the patches that are searched for reach, the movement found is partly the background's."""
_ON_RIM, _ELSEWHERE = np.float32(0.01), np.float32(1e-4)
"""Weights of the movement there and where there is no person, to that of the person's inside."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is remembered of the picture before."""

    grey: Bytes
    """uint8 (h, w): that picture, small."""
    alpha: Floats
    """float32 (h, w) in [0, 1]: its matte, at full size, made steady."""


def steadied(image: Bytes, alpha: Floats, past: Past | None) -> tuple[Floats, Past]:
    """*alpha*, float32 (h, w) of *image* uint8 (h, w, 3), without flicker, and the state for the next picture.

    The matte before is moved by dense inverse search flow (Kroeger et al., ECCV 2016) of the pictures; at the outline that of the
    person counts, not that of the background. Pass None as *past* to start; a picture of another size starts anew by itself.
    After a cut the mattes disagree, so that next to nothing of the old one is left.
    """
    grey = _small(image)
    if past is None or past.alpha.shape != alpha.shape:
        return alpha, Past(grey, alpha)
    moved = _moved(past.alpha, _movement(grey, past.grey, alpha))
    difference = moved - alpha
    share = _TRUST * np.exp(-((difference / _DISAGREEMENT) ** 2))
    steady: Floats = np.clip(alpha + share * difference, 0, 1)
    return steady, Past(grey, steady)


def _small(image: Bytes) -> Bytes:
    scale = min(1.0, _SIDE / max(image.shape[:2]))
    size = max(16, round(image.shape[1] * scale)), max(16, round(image.shape[0] * scale))
    return np.asarray(cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY), np.uint8)


def _movement(grey: Bytes, before: Bytes, alpha: Floats) -> Floats:
    """Where each pixel of *grey* was in *before*, less its place now: float32 (h, w, 2), of the person and around it."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = search.calc(grey, before, np.zeros((*grey.shape, 2), np.float32))
    small = cv2.resize(alpha, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_AREA)
    person = cv2.erode(small, _RIM) + _ON_RIM * small + _ELSEWHERE
    total = cv2.GaussianBlur(person, (0, 0), _REACH)
    mean = cv2.GaussianBlur(flow * person[:, :, None], (0, 0), _REACH) / total[:, :, None]
    return np.asarray(mean, np.float32)


def _moved(alpha: Floats, movement: Floats) -> Floats:
    height, width = alpha.shape
    large = np.asarray(cv2.resize(movement, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    x = large[:, :, 0] * np.float32(width / movement.shape[1]) + np.arange(width, dtype=np.float32)
    y = large[:, :, 1] * np.float32(height / movement.shape[0]) + np.arange(height, dtype=np.float32)[:, None]
    moved = cv2.remap(alpha, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.clip(np.asarray(moved, np.float32), 0, 1)
