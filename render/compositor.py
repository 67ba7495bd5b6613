"""Layer over backdrop -> frame."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ..errors import InputError
from .types import Backdrop, Frame, Layer

_OVER: Final = (np.arange(256) / 255).astype(np.float32)
_UNDER: Final = 1 - _OVER


def compose(layer: Layer, backdrop: Backdrop) -> Frame:
    """Blend *layer* over *backdrop*, once and rounded: ``alpha * layer + (1 - alpha) * backdrop``.

    The blend is of sRGB codes, the space in which mattes are made. Where alpha is 0 or 255 pixels are copied unchanged. Over a
    clear backdrop the layer is passed on with its alpha. Raises ``InputError`` when the two differ in size.
    """
    if layer.rgb.shape != backdrop.image.shape or layer.alpha.shape != layer.rgb.shape[:2]:
        raise InputError(
            f"A layer {layer.rgb.shape} with alpha {layer.alpha.shape} cannot lie over a backdrop {backdrop.image.shape}.",
            "Make the backdrop from the plate of the portrait that is animated.",
        )
    if backdrop.clear:
        return Frame(layer.rgb, layer.index, layer.time_s, layer.alpha)
    over = cv2.LUT(layer.alpha, _OVER)
    under = cv2.LUT(layer.alpha, _UNDER)
    image = np.asarray(cv2.blendLinear(layer.rgb, backdrop.image, over, under), np.uint8)
    return Frame(image, layer.index, layer.time_s)
