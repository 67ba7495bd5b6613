"""The shadow that the chin throws on the neck: it deepens as the jaw drops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from ..types import Box, Bytes, Floats
from ._anatomy import CHIN, JAW, Anatomy
from ._resample import resample, smoothstep

_DEEPEST: Final = 0.14
"""How much light a jaw that has dropped by a centimetre takes."""
_EDGE_CM, _REACH_CM = 0.35, 2.0
"""From the edge of the jaw the shadow grows to its depth, and is gone again."""
_ROOM_CM: Final = 0.8
"""How far the head may carry it."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """Where the neck of one photo lies in the shadow of the chin."""

    box: Box
    """Pixels of the frame that it may reach."""
    depth: Bytes
    """uint8 (h, w) over ``box``, in the photo: 0..255, 0 along the border."""

    @classmethod
    def of(cls, face: Anatomy, width: int, height: int) -> Shadow:
        """The shadow of *face* in a picture of *width* by *height* pixels."""
        jaw = face.at(*JAW)
        order = jaw[:, 0].argsort()
        (left, _), (right, _) = jaw.min(axis=0), jaw.max(axis=0)
        top, bottom = float(jaw[:, 1].min()), float(face.at(CHIN)[0, 1]) + _REACH_CM
        corners = face.to_pixels(np.array([[x, y] for x in (left, right) for y in (top, bottom)]))
        low, high = corners.min(axis=0) - _ROOM_CM * face.scale, corners.max(axis=0) + _ROOM_CM * face.scale
        (x0, y0), (x1, y1) = np.clip([low, high], 0, [width, height]).astype(int).tolist()
        where = face.to_face(np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), axis=-1))
        x, below = where[..., 0], where[..., 1] - np.interp(where[..., 0], jaw[order, 0], jaw[order, 1])
        aside = np.abs(2 * (x - left) / max(float(right - left), 1e-3) - 1)
        depth = smoothstep(below / _EDGE_CM) * (1 - smoothstep(below / _REACH_CM)) * (1 - smoothstep(aside))
        if depth.size:
            depth[[0, -1]] = depth[:, [0, -1]] = 0
        return cls(Box(x0, y0, x1, y1), (255 * depth).round().astype(np.uint8))

    def darken(self, picture: Bytes, where: Floats, detail: int, drop: float) -> None:
        """Throw it on *picture*, uint8 (h, w, 4), for a jaw that has dropped by *drop* cm.

        *where*, float32 (h, w, 2), says for each pixel of the frame where in the photo, *detail* times as fine, it comes from.
        """
        if not self.depth.size or drop <= 0:
            return
        part = np.s_[self.box.y0 : self.box.y1, self.box.x0 : self.box.x1]
        self.darken_part(picture[part], where[part] / np.float32(detail), drop)

    def darken_part(self, part: Bytes, where: Floats, drop: float) -> None:
        """The same for any part of a frame, uint8 (h, w, 4), that comes from *where*, float32 (h, w, 2), in the photo."""
        if not self.depth.size or drop <= 0:
            return
        depth = resample(self.depth, where - np.array([self.box.x0, self.box.y0], np.float32))
        light: Any = cv2.addWeighted(depth, -_DEEPEST * min(drop, 1.0), depth, 0.0, 255.0)
        part[:] = cv2.multiply(part, cv2.merge([light, light, light, np.full_like(light, 255)]), scale=1 / 255)
