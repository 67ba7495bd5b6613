"""What speech sounds like, as far as two speakers can be compared in it: mel-frequency cepstra.

S. Davis and P. Mermelstein, "Comparison of parametric representations for monosyllabic word recognition in continuously spoken
sentences", IEEE ASSP 28 (1980).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .. import sound
from ..types import Floats

STEP_S: Final = 0.005
"""Between frames."""

_RATE: Final = 16000
_HOP: Final = 80
_WINDOW: Final = 400
"""Samples of a frame: 25 ms."""
_FFT: Final = 512
_BANDS: Final = 40
_COEFFICIENTS: Final = 13
_BLOCK: Final = 4096
_LOUD: Final = 0.95
"""The quantile of the level that counts as loud."""
_NOISE: Final = 0.05
"""The quantile of each band that counts as noise."""
_STEADY: Final = 12
"""Frames over which noise is averaged."""
_FLOOR_DB: Final = -45.0
"""Relative to loud: what is below is as good as silent."""
_GATE_DB: Final = (-35.0, -6.0)
"""Relative to loud: speech is above, silence below; between the two 8 dB above the noise."""
_ABOVE_NOISE_DB: Final = 8.0
_FALL: Final = 6.0
"""Cepstral coefficient k weighs 1 / (1 + k / 6): the finer the detail, the more it is the speaker's own."""
_LEVEL: Final = 1.2
"""Weight of the first coefficient."""
_SLOPES: Final = 0.5
"""Weight of the slopes, relative to the coefficients they belong to."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The energy of a sound, relative to its loud frames."""

    bands: NDArray[np.float64]
    """float64 (frames, 40), at least 0."""

    @classmethod
    def of(cls, samples: Floats, rate: int, *, highest_hz: float) -> Spectrum:
        """Every ``STEP_S`` of *samples*, 25 ms under a Hann window, in bands up to *highest_hz*."""
        heard = sound.resample(samples, rate, _RATE)
        padded = np.pad(heard, (_WINDOW // 2, _WINDOW))
        frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[: len(heard) : _HOP]
        window, bank = np.hanning(_WINDOW).astype(np.float32), _mel_bank(highest_hz)
        bands = np.concatenate(
            [
                np.square(np.abs(np.fft.rfft(frames[start : start + _BLOCK] * window, _FFT))) @ bank
                for start in range(0, len(frames), _BLOCK)
            ]
        )
        return cls(bands / max(float(np.quantile(bands.sum(axis=1), _LOUD)), 1e-12))

    @property
    def floor(self) -> NDArray[np.float64]:
        """What is as good as silent in each band: (bands,)."""
        return 10 ** (_FLOOR_DB / 10) * np.quantile(self.bands, _LOUD, axis=0) + 1e-9

    def noise(self) -> NDArray[np.float64]:
        """What is there all the time: (bands,)."""
        sums = np.cumsum(np.pad(self.bands, ((1, 0), (0, 0))), axis=0)
        width = min(_STEADY, len(self.bands))
        steady: NDArray[np.float64] = np.quantile((sums[width:] - sums[:-width]) / width, _NOISE, axis=0)
        return steady

    def above_gate_db(self) -> NDArray[np.float64]:
        """How far the level is above that of silence: (frames,)."""
        level = 10 * np.log10(self.bands.sum(axis=1) + 1e-12)
        gate = np.clip(10 * np.log10(self.noise().sum() + 1e-12) + _ABOVE_NOISE_DB, *_GATE_DB)
        return np.asarray(level - gate)

    def features(self, noise: NDArray[np.float64], spoken: NDArray[np.bool_]) -> Floats:
        """Cepstra and their slopes with *noise* added, of zero mean and unit variance where *spoken*: float32 (frames, 26)."""
        cepstra = np.log(self.bands + noise + self.floor) @ _cosines()
        slopes = np.gradient(cepstra, axis=0) if len(cepstra) > 1 else np.zeros_like(cepstra)
        both = np.hstack((cepstra, slopes))
        known = both[spoken] if spoken.any() else both
        comparable: Floats = ((both - known.mean(axis=0)) / (known.std(axis=0) + 1e-6) * _weights()).astype(np.float32)
        return comparable


@cache
def _weights() -> NDArray[np.float64]:
    own = 1 / (1 + np.arange(_COEFFICIENTS) / _FALL)
    own[0] = _LEVEL
    weights: NDArray[np.float64] = np.concatenate((own, _SLOPES * own)) / np.sqrt(2 * _COEFFICIENTS)
    return weights


@cache
def _mel_bank(highest_hz: float) -> NDArray[np.float64]:
    """Triangles equally spaced on the mel scale from 100 to *highest_hz*: (bins, bands)."""

    def mel(hertz: float) -> float:
        return 2595 * float(np.log10(1 + hertz / 700))

    edges = 700 * (10 ** (np.linspace(mel(100), mel(highest_hz), _BANDS + 2) / 2595) - 1)
    bins = np.arange(_FFT // 2 + 1)[:, None] * _RATE / _FFT
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(rising, falling), 0, None)


@cache
def _cosines() -> NDArray[np.float64]:
    """The discrete cosine transform of type II: (bands, coefficients)."""
    return np.cos(np.pi * np.outer(np.arange(_BANDS) + 0.5, np.arange(_COEFFICIENTS)) / _BANDS)
