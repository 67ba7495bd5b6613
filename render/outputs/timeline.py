"""The one clock of a video: pictures are counted, and the sound goes where the count says."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from ...errors import InputError
from ..types import Bytes, Floats, Frame, Speech

_SMALLEST, _LARGEST = 16, 4096
_FASTEST: Final = 120
_RATES: Final = range(8_000, 192_001)
_FADE_S: Final = 0.005


@dataclass(frozen=True, slots=True)
class Timeline:
    """What every picture and every sound of one video has in common."""

    size: tuple[int, int]
    """(width, height) in pixels, both even: H.264 stores colour for blocks of 2x2."""
    fps: Fraction
    """Frames per second, exact: 30000/1001, not 29.97."""
    rate: int
    """Of the sound that comes in, in Hertz."""

    @classmethod
    def checked(cls, size: tuple[int, int], fps: float, rate: int) -> Timeline:
        """Raises ``InputError`` for a size, frame rate or sample rate that no video can have."""
        width, height = size
        if not all(_SMALLEST <= side <= _LARGEST and side % 2 == 0 for side in size):
            raise InputError(
                f"A video cannot be {width}x{height} pixels.",
                f"Choose an even width and height from {_SMALLEST} to {_LARGEST}.",
            )
        if not 1 <= fps <= _FASTEST:
            raise InputError(f"A video cannot have {fps:g} frames per second.", f"Choose from 1 to {_FASTEST}.")
        if rate not in _RATES:
            raise InputError(f"Sound cannot be sampled at {rate} Hz.", f"Choose from {_RATES[0]} to {_RATES[-1]} Hz.")
        return cls((width, height), Fraction(fps).limit_denominator(1001), rate)

    def seconds(self, frames: int) -> float:
        """When frame number *frames* starts."""
        return float(frames / self.fps)

    def samples(self, frames: int) -> int:
        """The sample at which frame number *frames* starts, within half a sample however long the video is."""
        return round(frames * self.rate / self.fps)

    def image(self, frame: Frame) -> Bytes:
        """The picture of *frame*, C-contiguous. Raises ``InputError`` when it does not have this video's size and type."""
        width, height = self.size
        if frame.image.shape != (height, width, 3) or frame.image.dtype != np.uint8:
            raise InputError(
                f"Frame {frame.index} is {frame.image.dtype} {frame.image.shape}, not uint8 {(height, width, 3)}.",
                "Give every frame the size the output was made with.",
            )
        return np.ascontiguousarray(frame.image)

    def alpha(self, frame: Frame) -> Bytes | None:
        """The alpha of *frame*, if it has one. Raises ``InputError`` when it does not have this video's size and type."""
        width, height = self.size
        if frame.alpha is not None and (frame.alpha.shape != (height, width) or frame.alpha.dtype != np.uint8):
            raise InputError(
                f"The alpha of frame {frame.index} is {frame.alpha.dtype} {frame.alpha.shape}, not uint8 {(height, width)}.",
                "Give every alpha the size the output was made with.",
            )
        return frame.alpha

    def sound(self, speech: Speech) -> Floats:
        """The samples of *speech*, float32 (n,) in [-1, 1], without NaN. Raises ``InputError`` for another sample rate."""
        if speech.rate != self.rate:
            raise InputError(
                f"The speech has {speech.rate} Hz, but this output was made for {self.rate} Hz.",
                "Resample the speech, or make the output with the voice's own rate.",
            )
        return np.clip(np.nan_to_num(np.asarray(speech.samples, dtype=np.float32)), -1.0, 1.0)

    def faded(self, sound: Floats) -> Floats:
        """*sound* with its last 5 ms faded out: the end of sound that is cut off before its own end."""
        fade = min(len(sound), round(_FADE_S * self.rate))
        out = sound.copy()
        out[len(out) - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
        return out
