"""The matte "vitmatte": ViTMatte (Yao et al., Information Fusion 2024), the finest hair, seconds a picture.

It is told where to look by a trimap, which is drawn around the edge of a coarse matte.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import cv2
import numpy as np

from ...settings import Settings
from .. import backends
from ..pretrained import Pretrained
from ..types import Bytes, Floats
from .fitting import padded, planes, to_multiple

REQUIRES: Final = {
    "torch": "Run `pip install 'visavis[neural]'`.",
    "transformers": "Run `pip install 'visavis[neural]'`.",
    "cv2": "Run `pip install opencv-python-headless`.",
}

_SIDE: Final = 1024
_MULTIPLE: Final = 32
_CLEAR, _UNKNOWN, _PERSON = 0, 128, 255
_SURE: Final = 0.05
"""A coarse matte nearer than this to 0 or 1 is sure of itself."""
_REACH: Final = 0.025
"""Hair farther than this from the edge of a coarse matte, as a share of the picture, is not expected."""


class VitMatte:
    """Thread-safe and without state."""

    name = "vitmatte"

    def __init__(self, network: Pretrained, coarse: Callable[[Bytes], Floats]) -> None:
        self._network = network
        self._coarse = coarse

    def matte(self, image: Bytes, state: Any = None) -> tuple[Floats, Any]:
        """See ``Matte.matte``. Raises ``BackendError`` when a network fails; the coarse matte stays where it is sure of itself."""
        fit = to_multiple(image, min(1.0, _SIDE / max(1, *image.shape[:2])), _MULTIPLE)
        small = fit.picture(image)
        marks = trimap(self._coarse(image), fit.inner)
        marked = padded(marks, fit.outer)
        pixels = np.concatenate(
            [planes(small, mean=127.5, deviation=127.5), marked[None, None].astype(np.float32) / np.float32(255)],
            axis=1,
        )
        answer = self._network.run({"pixel_values": pixels}, "alphas")
        known = np.where(marked == _UNKNOWN, answer, marked == _PERSON).astype(np.float32)
        return fit.alpha(known), state


def trimap(coarse: Floats, shape: tuple[int, int]) -> Bytes:
    """uint8 *shape* (height, width): 0 surely not the person, 255 surely the person, 128 to be found out."""
    matte = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_LINEAR)
    reach = max(1, round(_REACH * max(shape)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    marks = np.full(shape, _UNKNOWN, np.uint8)
    marks[cv2.erode((matte < _SURE).astype(np.uint8), disc) > 0] = _CLEAR
    marks[cv2.erode((matte > 1 - _SURE).astype(np.uint8), disc) > 0] = _PERSON
    return marks


def backend(coarse: Callable[[Bytes], Floats] | None = None, settings: Settings | None = None) -> VitMatte:
    """*coarse*: picture -> its coarse matte, of any size; the matte "selfie" if None.

    Raises ``AssetError`` when the user has not brought the network, ``BackendError`` when it is another one.
    """
    return VitMatte(Pretrained("vitmatte", "VitMatteForImageMatting", settings), coarse or _selfie(settings))


def _selfie(settings: Settings | None) -> Callable[[Bytes], Floats]:
    matte = backends.load("matte", "selfie", settings=settings)
    return lambda image: matte.matte(image)[0]
