"""Between stored pixels and light: sRGB is decoded before anything is averaged, and encoded after.

The transfer function is that of IEC 61966-2-1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from .types import Bytes, Floats

Shorts = NDArray[np.uint16]

_STEPS: Final = 16383
"""Size of the encoding table, which is indexed by the square root of the light: finest where sRGB is steepest."""
_DITHER: Final = np.float32(0.97)
"""Peak to peak, in codes; below 1, so that a code which is whole already stays as it is."""
_PATTERN_ROWS: Final = 64
"""After so many rows the dither repeats: few enough to stay in the processor's cache."""
_CLIP: Final = np.float32(1.15)


def _decoding() -> Floats:
    code = np.arange(256) / 255
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _encoding() -> Floats:
    light = (np.arange(_STEPS + 1) / _STEPS) ** 2
    encoded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return (255 * encoded).astype(np.float32)


_LIGHT: Final = _decoding()
_FIXED: Final = np.rint(_LIGHT * 65535).astype(np.uint16)
_CODES: Final = _encoding()

FIXED_UNIT: Final = np.float32(1 / 65535)
"""What a step of ``to_fixed`` is worth."""


def to_linear(image: Bytes) -> Floats:
    """sRGB codes uint8 (…) -> linear light float32 (…) in [0, 1]."""
    light: Floats = np.asarray(cv2.LUT(image, _LIGHT), np.float32)
    return light


def to_fixed(image: Bytes) -> Shorts:
    """sRGB codes uint8 (…) -> linear light uint16 (…), 65535 at white: within 0.03 code, and half of the memory to go through."""
    return np.asarray(cv2.LUT(image, _FIXED), np.uint16)


def to_codes(light: Floats) -> Floats:
    """Linear light float32 (…), clipped to [0, 1] -> sRGB codes float32 (…) in [0, 255], within 0.02 code, not yet rounded."""
    place = np.sqrt(np.clip(light, 0, 1))
    place *= np.float32(_STEPS)
    place += np.float32(0.5)
    return _CODES[place.astype(np.uint16)]


def to_highlights(light: Floats) -> Floats:
    """Undo the clipping of the sensor, light float32 in [0, 1]: next to white, what is darker loses up to 7 times. A lamp then
    survives being spread into a disc. A monotone map, so flat areas come back unchanged through ``from_highlights``."""
    stretched: Floats = (_CLIP - 1) * light / (_CLIP - light)
    return stretched


def from_highlights(light: Floats) -> Floats:
    """The inverse of ``to_highlights``."""
    light = np.maximum(light, 0)
    restored: Floats = _CLIP * light / (_CLIP - 1 + light)
    return restored


@lru_cache(maxsize=8)
def _pattern(width: int) -> Floats:
    """Ordered noise float32 (rows, width, 3) in (-0.5, 0.5), near blue: interleaved gradient noise (Jimenez, SIGGRAPH 2014)."""
    y, x = np.mgrid[:_PATTERN_ROWS, :width]
    planes = [
        np.modf(52.9829189 * np.modf(0.06711056 * (x + 47 * c) + 0.00583715 * (y + 17 * c))[0])[0] for c in range(3)
    ]
    pattern = ((np.stack(planes, axis=2) - 0.5) * _DITHER).astype(np.float32)
    pattern.setflags(write=False)
    return pattern


def to_bytes(codes: Floats) -> Bytes:
    """Codes float32 (h, w, 3) -> uint8, with a fixed dither of ±0.5 code against bands: same input, same bytes."""
    result = np.empty(codes.shape, np.uint8)
    pattern = _pattern(codes.shape[1])
    for top in range(0, codes.shape[0], _PATTERN_ROWS):
        strip = codes[top : top + _PATTERN_ROWS]
        cv2.add(strip, pattern[: len(strip)], result[top : top + _PATTERN_ROWS], dtype=cv2.CV_8U)
    return result
