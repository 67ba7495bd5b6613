"""468 points on each face: MediaPipe's face mesh on the turned and scaled crop of each detection.

Kartynnik et al. 2019, "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs". The crop follows MediaPipe's
``face_landmark_front`` graph: 1.5 times the longer side of the box, eyes level; a second pass crops by the points of the first one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ...settings import Settings
from .. import assets
from ..tflite import Network
from ..types import Box, Bytes, Floats
from .detect import Detection, Detector

RIGHT_EYE_OUTER: Final = 33
LEFT_EYE_OUTER: Final = 263
OVAL: Final = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""The outline of the face, clockwise for the viewer from the middle of the forehead."""

_SIDE: Final = 192
_EXPAND: Final = 1.5
_PASSES: Final = 2
_MIN_SCORE: Final = 0.5
_MOST: Final = 8
"""Faces looked at in one picture."""


@dataclass(frozen=True, slots=True)
class Face:
    """A face and its points."""

    landmarks: Floats
    """float32 (468, 3): pixels of the picture; z in the scale of x, smaller = nearer."""
    score: float
    """The mesh network's own belief that there is a face, 0..1."""
    box: Box
    """Around the landmarks; may leave the picture."""

    @property
    def oval(self) -> Floats:
        """float32 (36, 2): the outline of the face in pixels."""
        return self.landmarks[list(OVAL), :2]


class Landmarker:
    """Thread-safe; costs some 20 ms to make, so make one and keep it."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Raises ``AssetError`` when a network cannot be had."""
        self._detector = Detector(settings)
        self._network = Network(assets.path("face_landmark", settings))

    def detect(self, image: Bytes, *, small: bool = True) -> list[Face]:
        """The faces in *image* uint8 (h, w, 3), largest first.

        *small*: also look for faces that are small in the picture; without it one picture takes a few milliseconds.
        """
        detections = self._detector.detect(image, small=small)[:_MOST]
        faces = [face for detection in detections if (face := self._face(image, detection)) is not None]
        return _distinct(sorted(faces, key=lambda face: -face.box.height))

    def follow(self, image: Bytes, before: Face) -> Face | None:
        """The face of the picture *before* in the next one, *image*; None where it is not there. Looks for no other."""
        points = before.landmarks[:, :2]
        return self._near(image, points, points[[RIGHT_EYE_OUTER, LEFT_EYE_OUTER]])

    def _face(self, image: Bytes, detection: Detection) -> Face | None:
        return self._near(image, detection.box.reshape(2, 2), detection.eyes)

    def _near(self, image: Bytes, corners: Floats, eyes: Floats) -> Face | None:
        score = 0.0
        points = np.zeros((0, 3), np.float32)
        for _ in range(_PASSES):
            to_picture = _crop(corners, eyes)
            points, score = self._mesh(image, to_picture)
            if score < _MIN_SCORE:
                return None
            corners, eyes = points[:, :2], points[[RIGHT_EYE_OUTER, LEFT_EYE_OUTER], :2]
        low, high = np.floor(points[:, :2].min(axis=0)).astype(int), np.ceil(points[:, :2].max(axis=0)).astype(int)
        return Face(points, score, Box(int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1))

    def _mesh(self, image: Bytes, to_picture: Floats) -> tuple[Floats, float]:
        """The points in the crop that *to_picture* leads from, in pixels of *image*, and the score."""
        scale = float(np.hypot(*to_picture[:, 0]))
        flat, logit = self._network.run(np.asarray(_cropped(image, to_picture, scale), np.float32) / np.float32(255))
        raw = flat.reshape(-1, 3)
        points = np.empty_like(raw)
        points[:, :2] = raw[:, :2] @ to_picture[:, :2].T + to_picture[:, 2]
        points[:, 2] = raw[:, 2] * scale
        return points, float(1 / (1 + np.exp(-np.clip(logit.ravel()[0], -80, 80))))


def _crop(points: Floats, eyes: Floats) -> Floats:
    """float32 (2, 3): pixels of the level square crop around *points* -> pixels of the picture."""
    along = eyes[1] - eyes[0]
    angle = float(np.arctan2(along[1], along[0]))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    # MediaPipe turns the axis-aligned box of the points about its centre; the box of the turned points would jump with the angle.
    low, high = points.min(axis=0), points.max(axis=0)
    scale = _EXPAND * float((high - low).max()) / _SIDE
    linear = turn * scale
    shift = (low + high) / 2 - linear @ np.full(2, _SIDE / 2, np.float32)
    return np.concatenate([linear, shift[:, None]], axis=1).astype(np.float32)


def _cropped(image: Bytes, to_picture: Floats, scale: float) -> Bytes:
    """uint8 (192, 192, 3): the crop, with its surroundings made smaller first where it would skip pixels."""
    corners = to_picture[:, :2] @ np.array([[0, _SIDE, 0, _SIDE], [0, 0, _SIDE, _SIDE]], np.float32) + to_picture[:, 2:]
    limits = np.array([[image.shape[1]], [image.shape[0]]])
    low = np.clip(np.floor(corners.min(axis=1, keepdims=True)) - 1, 0, limits - 1).astype(int)
    high = np.clip(np.ceil(corners.max(axis=1, keepdims=True)) + 1, low + 1, limits).astype(int)
    part = image[low[1, 0] : high[1, 0], low[0, 0] : high[0, 0]]
    shrink = 2 ** max(0, round(np.log2(scale)))
    size = max(1, part.shape[1] // shrink), max(1, part.shape[0] // shrink)
    smaller = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    factors = np.array([[size[0] / part.shape[1]], [size[1] / part.shape[0]]])
    to_part = np.concatenate([to_picture[:, :2], to_picture[:, 2:] - low + 0.5], axis=1) * factors
    to_part[:, 2] -= 0.5
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(smaller, to_part, (_SIDE, _SIDE), flags=how, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _distinct(faces: list[Face]) -> list[Face]:
    """Without the second of two detections that ended on one face."""
    kept: list[Face] = []
    for face in faces:
        nose = face.landmarks[1, :2]
        if all(
            cv2.pointPolygonTest(other.oval, (float(nose[0]), float(nose[1])), measureDist=False) < 0 for other in kept
        ):
            kept.append(face)
    return kept
