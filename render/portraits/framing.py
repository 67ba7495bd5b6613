"""Head and shoulders: the square of a photo that becomes the portrait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ..mattes.views import Surroundings
from ..types import Bytes, Floats
from .landmarks import LEFT_EYE_OUTER, RIGHT_EYE_OUTER, Face

FACE_HEIGHT: Final = 0.36
"""Forehead to chin, as a share of the frame."""
EYE_LEVEL: Final = 0.42
"""Eyes below the top, as a share of the frame."""

_SURROUNDINGS: Final = 1.8
"""Side of what is shown around the frame, in sides of the frame."""
_FAR_SIDE: Final = 512
_FOREHEAD: Final = 10
_CHIN: Final = 152


@dataclass(frozen=True, slots=True)
class Square:
    """Part of a photo in whole pixels, never outside it."""

    x: int
    y: int
    side: int

    def picture(self, image: Bytes, size: int) -> Bytes:
        """This part of *image* as uint8 (size, size, 3)."""
        part = image[self.y : self.y + self.side, self.x : self.x + self.side]
        if self.side == size:
            return np.ascontiguousarray(part)
        how = cv2.INTER_AREA if self.side > size else cv2.INTER_LANCZOS4
        return np.ascontiguousarray(cv2.resize(part, (size, size), interpolation=how))

    def surroundings(self, image: Bytes) -> Surroundings:
        """This part of *image* with more around it, at a size for looking, not for showing."""
        margin = round(self.side * (_SURROUNDINGS - 1) / 2)
        left, top = max(0, self.x - margin), max(0, self.y - margin)
        around = image[top : self.y + self.side + margin, left : self.x + self.side + margin]
        high, wide = around.shape[:2]
        scale = min(1.0, _FAR_SIDE / max(high, wide))
        return Surroundings(
            picture=np.asarray(cv2.resize(around, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8),
            x=(self.x - left) / wide,
            y=(self.y - top) / high,
            width=self.side / wide,
            height=self.side / high,
        )

    def points(self, landmarks: Floats, size: int) -> Floats:
        """*landmarks* (n, 3) of the photo in pixels of ``picture``."""
        scale = size / self.side
        origin = np.array([self.x - 0.5, self.y - 0.5, 0], np.float32)
        return np.asarray((landmarks - origin) * scale - [0.5, 0.5, 0], np.float32)


def face_height(landmarks: Floats) -> float:
    """Forehead to chin in pixels."""
    return float(np.linalg.norm(landmarks[_FOREHEAD, :2] - landmarks[_CHIN, :2]))


def around(face: Face, width: int, height: int) -> Square:
    """The frame around *face* in a photo of that size: shifted where it would leave the photo, smaller where the photo is tight."""
    side = min(width, height, max(2, round(face_height(face.landmarks) / FACE_HEIGHT)))
    middle = (face.oval[:, 0].min() + face.oval[:, 0].max()) / 2
    eyes = face.landmarks[[RIGHT_EYE_OUTER, LEFT_EYE_OUTER], 1].mean()
    x, y = round(float(middle) - side / 2), round(float(eyes) - side * EYE_LEVEL)
    return Square(min(max(x, 0), width - side), min(max(y, 0), height - side), side)


def centre(width: int, height: int) -> Square:
    """The largest square in the middle, for a photo without a face."""
    side = min(width, height)
    return Square((width - side) // 2, (height - side) // 2, side)
