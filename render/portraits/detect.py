"""Faces in a picture: BlazeFace short range on the whole picture and, for small faces, on overlapping windows of it.

Anchors, box decoding and weighted non-maximum suppression follow MediaPipe's ``face_detection_short_range`` graph
(Bazarevsky et al. 2019, "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ...settings import Settings
from .. import assets
from ..tflite import Network
from ..types import Bytes, Floats

SIDE: Final = 128
_LAYERS: Final = ((16, 2), (8, 6))
"""Cells along a side, anchors a cell."""
_MIN_SCORE: Final = 0.5
_CLEAR: Final = 0.8
"""Score of a face that ends the search for much smaller ones."""
_OVERLAP: Final = 0.3
_MARGIN: Final = 0.02
"""A box closer than this share of the window to a cut edge of the window belongs to another window."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A face that the detector found."""

    box: Floats
    """float32 (4,): x0, y0, x1, y1 in pixels, brow to chin; may leave the picture."""
    eyes: Floats
    """float32 (2, 2): the subject's right and left eye in pixels."""
    score: float
    """0..1."""


class Detector:
    """Thread-safe."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Raises ``AssetError`` when the network cannot be had."""
        self._network = Network(assets.path("face_detection", settings))
        self._anchors = _anchors()

    def detect(self, image: Bytes, *, small: bool = True) -> list[Detection]:
        """Faces in *image* uint8 (h, w, 3), best first.

        *small*: also search windows of down to an eighth of the short side, but none that are smaller than a face already found.
        """
        height, width = image.shape[:2]
        sides = _sides(width, height, small=small)
        finest = _scaled(image, width, height, SIDE / sides[-1])
        found: list[Detection] = []
        for side in sides:
            if any(face.score > _CLEAR and face.box[3] - face.box[1] > side for face in found):
                break
            level = _scaled(finest, width, height, SIDE / side)
            size = level.shape[1], level.shape[0]
            stretch = np.array([width / size[0], height / size[1]], np.float32)
            for y in _starts(size[1]):
                for x in _starts(size[0]):
                    found += self._in(level[y : y + SIDE, x : x + SIDE], np.array([x, y], np.float32), stretch, size)
        return _merged(found)

    def _in(self, part: Bytes, origin: Floats, stretch: Floats, size: tuple[int, int]) -> Iterator[Detection]:
        """Faces in a window that starts at *origin* of a picture of *size*; *stretch* leads from that picture to the given one."""
        window = np.zeros((SIDE, SIDE, 3), np.float32)
        window[: part.shape[0], : part.shape[1]] = part
        boxes, logits = self._network.run(window / np.float32(127.5) - 1)
        scores = 1 / (1 + np.exp(-np.clip(logits[:, 0], -80, 80)))
        keep = scores > _MIN_SCORE
        points = boxes[keep].reshape(-1, 8, 2)
        anchors = self._anchors[keep] * SIDE
        centres, halves, eyes = points[:, 0] + anchors, points[:, 1] / 2, points[:, 2:4] + anchors[:, None]
        for low, high, pair, score in zip(centres - halves, centres + halves, eyes, scores[keep], strict=True):
            if _belongs(low, high, origin, size):
                corners = (np.stack([low, high]) + origin + 0.5) * stretch - 0.5
                yield Detection(corners.reshape(4), (pair + origin + 0.5) * stretch - 0.5, float(score))


def _anchors() -> Floats:
    """float32 (896, 2): anchor centres as shares of the window."""
    rows = []
    for cells, repeats in _LAYERS:
        axis = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
        rows.append(np.repeat(grid, repeats, axis=0))
    return np.concatenate(rows)


def _sides(width: int, height: int, *, small: bool) -> list[float]:
    """Sides of the square windows in pixels: one that holds the whole picture, then smaller ones."""
    longest, shortest = max(width, height), min(width, height)
    sides = [shortest / divisor for divisor in (1, 2, 4, 8) if small and (divisor == 1 or shortest / divisor >= SIDE)]
    return [float(longest), *(side for side in sides if side < longest)]


def _scaled(image: Bytes, width: int, height: int, scale: float) -> Bytes:
    """*image* at *scale* times *width* and *height*."""
    size = max(1, round(width * scale)), max(1, round(height * scale))
    how = cv2.INTER_AREA if size[0] < image.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=how))


def _starts(length: int) -> list[int]:
    """Starts of windows along a side of *length* pixels, overlapping by half or more."""
    room = max(0, length - SIDE)
    return [round(start) for start in np.linspace(0, room, 1 + -(-room * 2 // SIDE))]


def _belongs(low: Floats, high: Floats, origin: Floats, size: tuple[int, int]) -> bool:
    """Whether a box is whole in its window: it keeps off every side of the window that is not a side of the picture."""
    inside = (low > SIDE * _MARGIN) | (origin == 0)
    return bool(np.all(inside & ((high < SIDE * (1 - _MARGIN)) | (origin + SIDE >= size))))


def _merged(found: list[Detection]) -> list[Detection]:
    """Weighted non-maximum suppression: boxes that overlap become one, averaged by score."""
    rest = sorted(found, key=lambda face: -face.score)
    merged = []
    while rest:
        best = rest[0]
        same = [face for face in rest if face is best or _same(best.box, face.box)]
        weights = np.array([face.score for face in same], dtype=np.float32)
        box = np.average([face.box for face in same], axis=0, weights=weights).astype(np.float32)
        eyes = np.average([face.eyes for face in same], axis=0, weights=weights).astype(np.float32)
        merged.append(Detection(box, eyes, best.score))
        rest = [face for face in rest if face is not best and not _same(best.box, face.box)]
    return merged


def _same(one: Floats, other: Floats) -> bool:
    """Whether two boxes overlap enough, or one lies mostly inside the other, as it happens across windows of different size."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    areas = [float(np.prod(box[2:] - box[:2])) for box in (one, other)]
    return shared > _OVERLAP * (sum(areas) - shared) or shared > 0.6 * min(areas)
