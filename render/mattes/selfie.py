"""The matte "selfie": MediaPipe's general selfie segmentation, 256x256, some milliseconds a picture, Apache-2.0."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np

from ...settings import Settings
from .. import assets
from ..tflite import Network
from ..types import Bytes, Floats

REQUIRES: Final = {"ai_edge_litert": "Run `pip install ai-edge-litert`."}


class Selfie:
    """Thread-safe and without state."""

    name = "selfie"

    def __init__(self, settings: Settings | None = None) -> None:
        self._network = Network(assets.path("selfie_segmentation", settings))

    def matte(self, image: Bytes, state: Any = None) -> tuple[Floats, Any]:
        """See ``Matte.matte``. A picture that is not square is padded, not distorted."""
        height, width = image.shape[:2]
        scale = self._network.side / max(height, width)
        inner = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(image, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        left, top = (self._network.side - inner[0]) // 2, (self._network.side - inner[1]) // 2
        right, bottom = self._network.side - inner[0] - left, self._network.side - inner[1] - top
        square = cv2.copyMakeBorder(small, top, bottom, left, right, cv2.BORDER_REPLICATE)
        (probability,) = self._network.run(np.asarray(square, np.float32) / np.float32(255))
        inside = probability[top : top + inner[1], left : left + inner[0], 0]
        alpha = cv2.resize(inside, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.clip(alpha, 0, 1, dtype=np.float32), state


def backend(settings: Settings | None = None) -> Selfie:
    """Raises ``AssetError`` when the network cannot be had."""
    return Selfie(settings)
