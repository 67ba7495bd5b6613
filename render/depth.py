"""How far everything in a picture is: Depth Anything V2 (Yang et al., NeurIPS 2024) through Transformers, where it is at hand."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

import cv2
import numpy as np

from ..errors import VisavisError
from ..settings import Settings
from .mattes.fitting import size_of, to_multiple
from .types import Bytes, Floats

REQUIRES: Final = {
    "torch": "Run `pip install 'visavis[neural]'`.",
    "transformers": "Run `pip install 'visavis[neural]'`.",
}

_SIDE: Final = 518
"""Pixels of the shorter side at which the network was trained."""
_LONGEST: Final = 1036
_PATCH: Final = 14
_MEAN: Final = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION: Final = np.array([0.229, 0.224, 0.225], np.float32)
"""Of ImageNet's colours."""


@dataclass(frozen=True, slots=True)
class Depth:
    """What is known about distances."""

    disparity: Floats | None
    """float32 (h, w), at least 0, larger = nearer, in no particular unit; None when it could not be estimated."""
    reason: str = ""
    """Why it is None."""


def estimate(image: Bytes, *, settings: Settings | None = None) -> Depth:
    """Relative distances in *image* uint8 (h, w, 3). Raises nothing that a blur request would fail for."""
    missing = next((hint for module, hint in REQUIRES.items() if find_spec(module) is None), "")
    if missing:
        return Depth(None, f"The extra 'neural' is not installed. {missing}")
    try:
        return Depth(_disparity(image, settings))
    except VisavisError as exc:
        return Depth(None, str(exc))


def _disparity(image: Bytes, settings: Settings | None) -> Floats:
    from .pretrained import Pretrained

    network = Pretrained("depth_anything", "DepthAnythingForDepthEstimation", settings)
    height, width = size_of(image)
    scale = min(_SIDE / min(height, width), _LONGEST / max(height, width))
    fit = to_multiple(image, scale, _PATCH)
    framed = fit.picture(image)
    normal = (framed.astype(np.float32) / np.float32(255) - _MEAN) / _DEVIATION
    pixels = np.ascontiguousarray(normal.transpose(2, 0, 1)[None])
    answer = network.run({"pixel_values": pixels}, "predicted_depth")[0, : fit.inner[0], : fit.inner[1]]
    disparity = cv2.resize(answer, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.maximum(disparity, 0, dtype=np.float32)
