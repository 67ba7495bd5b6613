"""Pictures of any size for networks that are particular about theirs: scaled in proportion and padded, never distorted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

import cv2
import numpy as np

from ...errors import BackendError
from ..types import Bytes, Floats

Pixels = TypeVar("Pixels", Bytes, Floats)

LONGEST: Final = 2048
"""Pixels of the longer side that a network is shown at most; what it costs grows with their square."""
_SLACK: Final = 0.5
"""How far outside 0..1 an opacity may lie, of a network with coarse numbers."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A picture's way into a network and its matte's way back. All sizes are (height, width)."""

    shape: tuple[int, int]
    """Of the picture."""
    inner: tuple[int, int]
    """Of the picture once scaled."""
    outer: tuple[int, int]
    """With the padding below and to the right."""

    def picture(self, image: Bytes) -> Bytes:
        """*image* uint8 (*shape*, 3) as uint8 (*outer*, 3), continued by its mirror image."""
        return padded(_resized(image, self.inner), self.outer)

    def alpha(self, answer: Floats) -> Floats:
        """What a network gave for ``picture``, (1, 1, *outer*), as float32 *shape* in [0, 1].

        Raises ``BackendError`` for another shape, and for values that are no opacities.
        """
        if answer.shape != (1, 1, *self.outer):
            raise BackendError(
                f"The network gave {answer.shape} for a picture of {self.outer}.", "Give a network for mattes."
            )
        if answer.min() < -_SLACK or answer.max() > 1 + _SLACK:
            limits = f"{answer.min():.3g} to {answer.max():.3g}"
            raise BackendError(f"The network gave values of {limits}, no opacities.", "Give a network for mattes.")
        inside: Floats = np.clip(answer[0, 0, : self.inner[0], : self.inner[1]], 0, 1)
        alpha: Floats = np.clip(_resized(inside, self.shape), 0, 1)
        return alpha


def to_multiple(image: Bytes, scale: float, multiple: int) -> Fit:
    """*image* times *scale*, at most ``LONGEST``, padded to a *multiple*. Raises ``BackendError`` for a picture of no pixels."""
    height, width = size_of(image)
    scale = min(scale, LONGEST / max(height, width))
    inner = max(1, round(height * scale)), max(1, round(width * scale))
    return Fit((height, width), inner, (-(-inner[0] // multiple) * multiple, -(-inner[1] // multiple) * multiple))


def into(image: Bytes, outer: tuple[int, int]) -> Fit:
    """*image* as large as *outer* (height, width) can hold it. Raises ``BackendError`` for a picture of no pixels."""
    height, width = size_of(image)
    scale = min(outer[0] / height, outer[1] / width)
    inner = max(1, min(outer[0], round(height * scale))), max(1, min(outer[1], round(width * scale)))
    return Fit((height, width), inner, outer)


def padded(image: Bytes, outer: tuple[int, int]) -> Bytes:
    """*image* uint8 (h, w, 3), continued below and to the right by its mirror image to *outer* (height, width)."""
    below, beside = outer[0] - image.shape[0], outer[1] - image.shape[1]
    return np.asarray(cv2.copyMakeBorder(image, 0, below, 0, beside, cv2.BORDER_REFLECT), np.uint8)


def planes(image: Bytes, *, mean: float, deviation: float) -> Floats:
    """*image* uint8 (h, w, 3) as float32 (1, 3, h, w): ``(code - mean) / deviation``."""
    normal = (image.astype(np.float32) - np.float32(mean)) / np.float32(deviation)
    return np.ascontiguousarray(normal.transpose(2, 0, 1)[None])


def size_of(image: Bytes) -> tuple[int, int]:
    """Height and width of *image* (h, w, 3). Raises ``BackendError`` for what is no picture."""
    if image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise BackendError(f"An array of shape {image.shape} is no picture.", "Give (height, width, 3) in RGB.")
    return image.shape[0], image.shape[1]


def _resized(values: Pixels, shape: tuple[int, int]) -> Pixels:
    if values.shape[:2] == shape:
        return values
    how = cv2.INTER_AREA if shape[0] < values.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(values, shape[::-1], interpolation=how), values.dtype)
