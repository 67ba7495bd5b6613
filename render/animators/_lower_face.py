"""Where a network that draws faces looks, and what of its picture is shown: the lower face, feathered and matched in colour.

Landmark numbers are those of the MediaPipe face mesh (``face_mesh_connections.py``, Apache-2.0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from ..types import Box, Bytes, Floats

_EYES: Final = ((33, 133), (362, 263))
_EARS: Final = (234, 454)
_BROWS: Final = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300)
_NOSE_BASE: Final = 2
_JAW: Final = (
    454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234,
)  # fmt: skip
"""From ear to ear along the chin."""

_ABOVE: Final = 0.125
"""Forehead in the network's picture, in heights from the brows to the chin: about what face detectors give."""
_BELOW: Final = 0.10
"""Room for the chin to drop, in heights from the nose to the chin."""
_FEATHER: Final = 0.08
"""Width of the seam, in widths of the network's picture."""
_SAME: Final = 12.0
"""Grey levels by which a part may differ from what the network was shown and still count as left as it was."""


@dataclass(frozen=True, slots=True)
class LowerFace:
    """The part of one portrait that a network redraws."""

    matrix: Floats
    """float32 (2, 3): pixels of the network's picture -> pixels of the portrait at rest; upright in the frame of the eyes."""
    size: tuple[int, int]
    """(width, height) of the network's picture."""
    width: float
    """Of the face between the ears, pixels."""
    room: Box
    """Where ``mask`` lies in the portrait; it may leave the picture."""
    mask: Floats
    """float32 (h, w) in [0, 1]: how much of the network's picture is shown; 0 above the nose's base and beyond the jaw."""

    @classmethod
    def of(cls, landmarks: Floats, size: tuple[int, int]) -> LowerFace:
        """The lower face of *landmarks*, float32 (468, 3) in pixels, for a network that draws pictures of *size*."""
        points = landmarks[:, :2].astype(np.float64)
        right, left = (points[list(eye)].mean(axis=0) for eye in _EYES)
        across = (left - right) / max(float(np.linalg.norm(left - right)), 1e-3)
        axes = np.stack([across, [-across[1], across[0]]], axis=1)
        upright = points @ axes
        nose, chin = float(upright[_NOSE_BASE, 1]), float(upright[list(_JAW), 1].max())
        brows = float(upright[list(_BROWS), 1].min())
        start = np.array([upright[:, 0].min(), brows - _ABOVE * (chin - brows)])
        end = np.array([upright[:, 0].max(), chin + _BELOW * (chin - nose)])
        step = np.maximum(end - start, 1.0) / size
        matrix = np.hstack([axes * step, (axes @ (start + step / 2))[:, None]])

        jaw = upright[list(_JAW)]
        jaw[:, 1] = nose + np.maximum(jaw[:, 1] - nose, 0) * (1 + _BELOW)
        jaw[:, 1] = np.maximum(jaw[:, 1], (start[1] + end[1]) / 2)
        room, mask = _feathered(jaw @ axes.T, feather=_FEATHER * float(end[0] - start[0]))
        ears = float(np.linalg.norm(points[_EARS[0]] - points[_EARS[1]]))
        return cls(matrix.astype(np.float32), size, ears, room, mask)

    def crop(self, rgb: Bytes, shift: Floats) -> Bytes:
        """The network's picture of *rgb*, uint8 (h, w, 3), where the face has moved by *shift*, float32 (2,) pixels."""
        finer = max(int(np.linalg.norm(self.matrix[:, 0])), 1)
        width, height = self.size
        matrix = self.matrix.copy()
        matrix[:, 2] += shift - self.matrix[:, :2].sum(axis=1) * (0.5 - 0.5 / finer)
        matrix[:, :2] /= finer
        fine: Any = cv2.warpAffine(
            rgb,
            matrix,
            (width * finer, height * finer),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(cv2.resize(fine, self.size, interpolation=cv2.INTER_AREA), np.uint8)

    def paste(
        self, rgb: Bytes, drawn: Floats, *, seen: Bytes, shift: Floats, opacity: float = 1.0
    ) -> tuple[Bytes, Box]:
        """A copy of *rgb* with *drawn* over its lower face, and the box outside which they are equal.

        *drawn*, float32 (h, w, 3) in 0..255, is what the network made of *seen*, the ``crop`` of *rgb* with the same *shift*. Where
        it left the face as it was, the detail that was lost on the way through the small picture is given back.
        """
        height, width = rgb.shape[:2]
        room = self.room
        box = Box(
            x0=min(max(room.x0 + int(np.floor(shift[0])), 0), width),
            y0=min(max(room.y0 + int(np.floor(shift[1])), 0), height),
            x1=min(max(room.x1 + int(np.ceil(shift[0])), 0), width),
            y1=min(max(room.y1 + int(np.ceil(shift[1])), 0), height),
        )
        picture = rgb.copy()
        if box.width <= 0 or box.height <= 0:
            return picture, Box(0, 0, 0, 0)
        corner = np.array([box.x0, box.y0], np.float32) - shift
        matrix = self.matrix.copy()
        matrix[:, 2] -= corner
        placed, shown = (
            np.asarray(
                cv2.warpAffine(
                    each, matrix, (box.width, box.height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
                ),
                np.float32,
            )
            for each in (drawn, seen.astype(np.float32))
        )
        moved = np.array([[1, 0, corner[0] - room.x0], [0, 1, corner[1] - room.y0]], np.float32)
        mask: Any = cv2.warpAffine(
            self.mask, moved, (box.width, box.height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )
        part = picture[box.y0 : box.y1, box.x0 : box.x1]
        under = part.astype(np.float32)
        seam = mask * (1 - mask)
        placed += np.tensordot(seam, under - placed, axes=2) / max(float(seam.sum()), 1e-6)
        change: Any = cv2.GaussianBlur(
            np.abs(placed - shown).mean(axis=-1), (0, 0), float(np.linalg.norm(matrix[:, 0]))
        )
        placed += np.exp(-np.square(change / _SAME))[..., None] * (under - shown)
        mixed = under + (opacity * mask)[..., None] * (placed - under)
        part[:] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
        return picture, box


def _feathered(outline: Floats, *, feather: float) -> tuple[Box, Floats]:
    """1 deep inside *outline* (n, 2), falling to 0 at it within *feather* pixels, and where that lies."""
    x0, y0 = np.floor(outline.min(axis=0)).astype(int).tolist()
    x1, y1 = np.ceil(outline.max(axis=0)).astype(int).tolist()
    room = Box(x0 - 1, y0 - 1, x1 + 2, y1 + 2)
    inside = np.zeros((room.height, room.width), np.uint8)
    corners = np.rint((outline - [room.x0, room.y0]) * 16).astype(np.int32)
    cv2.fillPoly(inside, [corners], 255, shift=4)
    depth: Any = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    rise = np.clip((depth - 1) / max(feather, 1.0), 0, 1)
    return room, np.asarray(rise * rise * (3 - 2 * rise), np.float32)
