"""The pictures of a video portrait, coded one by one in one file: JPEG for the colours, PNG for the alpha.

Each can be had without the others, forwards and backwards, so that memory does not grow with the length.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import IO, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import AssetError
from ..types import Bytes, Strip

_JPEG: Final = (
    cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
)  # fmt: skip
_PNG: Final = (cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE)
_SAME_SPEED: Final = (0.8, 1.25)
"""Pictures of the video to a frame that are taken as one to one: a little slower or faster, but even."""
_BLOCK: Final = 16
"""Pixels."""
_GREY: Final = 128


class Spool:
    """Takes pictures and writes them, coded, to a stream."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._lengths: list[int] = [0]

    def add(self, rgb: Bytes, alpha: Bytes) -> None:
        """The next picture, uint8 (h, w, 3), and its alpha, uint8 (h, w). Raises ``OSError`` when the disk is full."""
        for part in (_coded(".jpg", _person(rgb, alpha)[..., ::-1], _JPEG), _coded(".png", alpha, _PNG)):
            self._stream.write(part)
            self._lengths.append(len(part))

    def offsets(self) -> NDArray[np.int64]:
        """See ``Strip.offsets``."""
        return np.fromiter(accumulate(self._lengths), np.int64)


def picture(strip: Strip, index: int) -> tuple[Bytes, Bytes]:
    """Colours uint8 (h, w, 3) and alpha uint8 (h, w) of picture *index*. Raises ``AssetError`` when the file is damaged."""
    colours = _decoded(strip, 2 * index, cv2.IMREAD_COLOR)
    alpha = _decoded(strip, 2 * index + 1, cv2.IMREAD_GRAYSCALE)
    return np.asarray(cv2.cvtColor(colours, cv2.COLOR_BGR2RGB), np.uint8), alpha


def shown_at(strip: Strip, frame: int, fps: float) -> int:
    """Index of the picture that is shown in *frame* of a reply at *fps*."""
    pace = strip.fps / fps
    slowest, fastest = _SAME_SPEED
    step = frame if slowest <= pace <= fastest else round(frame * pace)
    return int(strip.order[step % len(strip.order)])


def _person(rgb: Bytes, alpha: Bytes) -> Bytes:
    """*rgb* in the blocks that hold something of the person and next to them; the others, which nobody sees, in one colour."""
    height, width = alpha.shape
    blocks = -(-height // _BLOCK), -(-width // _BLOCK)
    padded = np.zeros((blocks[0] * _BLOCK, blocks[1] * _BLOCK), np.uint8)
    padded[:height, :width] = alpha
    held = padded.reshape(blocks[0], _BLOCK, blocks[1], _BLOCK).max(axis=(1, 3))
    near = cv2.dilate(held, np.ones((3, 3), np.uint8)) > 0
    shown = near.repeat(_BLOCK, axis=0).repeat(_BLOCK, axis=1)[:height, :width]
    return np.where(shown[..., None], rgb, np.uint8(_GREY))


def _coded(ending: str, picture: Bytes, options: Sequence[int]) -> bytes:
    return cv2.imencode(ending, np.ascontiguousarray(picture), options)[1].tobytes()


def _decoded(strip: Strip, part: int, mode: int) -> Bytes:
    coded = strip.data[strip.offsets[part] : strip.offsets[part + 1]]
    decoded = cv2.imdecode(coded, mode) if len(coded) else None
    if decoded is None:
        raise AssetError("An analysed video in the cache is damaged.", "Delete the folder portraits in the cache.")
    return np.asarray(decoded, np.uint8)
