"""The matte "edges": no network. GrabCut (Rother et al. 2004) started from where head and shoulders must be."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np

from ...errors import BackendError
from ..types import Bytes, Floats

REQUIRES: Final = {"cv2": "Run `pip install opencv-python-headless`."}

_SIDE: Final = 256
_ROUNDS: Final = 5
_FACE: Final = (0.5, 0.42, 0.31, 0.36)
"""Centre x, centre y, width and height of the face as shares of a picture framed to head and shoulders."""


class Edges:
    """Thread-safe and without state."""

    name = "edges"

    def __init__(self, face: tuple[float, float, float, float]) -> None:
        self._face = face

    def matte(self, image: Bytes, state: Any = None) -> tuple[Floats, Any]:
        """See ``Matte.matte``. Raises ``BackendError`` when the picture has too little structure to be cut."""
        height, width = image.shape[:2]
        scale = min(1.0, _SIDE / max(height, width))
        small = cv2.resize(
            image, (max(8, round(width * scale)), max(8, round(height * scale))), interpolation=cv2.INTER_AREA
        )
        labels = _prior(small.shape[1], small.shape[0], self._face)
        cv2.setRNGSeed(0)
        try:
            cv2.grabCut(
                small, labels, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)), _ROUNDS, cv2.GC_INIT_WITH_MASK
            )
        except cv2.error as exc:
            raise BackendError(
                "The picture has too little structure to find the person's outline.", "Use another matte."
            ) from exc
        person = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
        alpha = cv2.resize(cv2.GaussianBlur(person, (0, 0), 1.0), (width, height), interpolation=cv2.INTER_LINEAR)
        return np.clip(alpha, 0, 1, dtype=np.float32), state


def backend(face: tuple[float, float, float, float] = _FACE) -> Edges:
    """*face*: centre x, centre y, width and height as shares of the picture."""
    return Edges(face)


def _prior(width: int, height: int, face: tuple[float, float, float, float]) -> Bytes:
    """GrabCut labels: surely, probably and not the person."""
    x, y, wide, high = face[0] * width, face[1] * height, face[2] * width, face[3] * height
    labels = np.full((height, width), cv2.GC_BGD, np.uint8)

    def ellipse(centre_y: float, half_width: float, half_height: float, label: int) -> None:
        cv2.ellipse(labels, ((x, centre_y), (2 * half_width, 2 * half_height), 0), label, -1)

    def trunk(top: float, half_top: float, half_bottom: float, label: int) -> None:
        polygon = [[x - half_top, top], [x + half_top, top], [x + half_bottom, height], [x - half_bottom, height]]
        cv2.fillPoly(labels, [np.rint(polygon).astype(np.int32)], label)

    chin = y + high / 2
    trunk(chin - 0.05 * high, 0.9 * wide, 2.2 * wide, cv2.GC_PR_BGD)
    ellipse(y - 0.1 * high, 1.05 * wide, 1.0 * high, cv2.GC_PR_BGD)
    trunk(chin + 0.1 * high, 0.55 * wide, 1.6 * wide, cv2.GC_PR_FGD)
    ellipse(y - 0.1 * high, 0.7 * wide, 0.72 * high, cv2.GC_PR_FGD)
    trunk(chin - 0.1 * high, 0.25 * wide, 0.8 * wide, cv2.GC_FGD)
    ellipse(y - 0.1 * high, 0.48 * wide, 0.57 * high, cv2.GC_FGD)
    return labels
