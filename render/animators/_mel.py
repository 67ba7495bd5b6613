"""The mel spectrogram that Wav2Lip was trained on, in closed form.

16 kHz, pre-emphasis 0.97, Hann windows of 800 samples every 200, magnitudes through 80 triangles from 55 to 7600 Hz on Slaney's
scale with Slaney's areas, as ``librosa.filters.mel`` makes them; decibels from -100 to 20 mapped to -4..4
(github.com/Rudrabha/Wav2Lip, audio.py and hparams.py). The sound is silent before its start and after its end.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..types import Floats

RATE: Final = 16000
HOP: Final = 200
COLUMNS_PER_S: Final = RATE / HOP
BANDS: Final = 80
SILENCE: Final = -4.0
"""Every value of a column without sound."""

_FFT: Final = 800
WINDOW_S: Final = _FFT / RATE
_EMPHASIS: Final = 0.97
_LOWEST_HZ, _HIGHEST_HZ = 55.0, 7600.0
_FLOOR: Final = 1e-5
"""Magnitude below which all is silence; also keeps the logarithm finite."""

_HZ_PER_MEL: Final = 200 / 3
_BEND_HZ, _BEND_MEL = 1000.0, 15.0
_LOG_STEP: Final = float(np.log(6.4)) / 27


def mel(sound: Floats, first: int, count: int) -> Floats:
    """Columns *first* to *first* + *count* of *sound*, float32 (n,) in [-1, 1] at ``RATE``: float32 (BANDS, count) in [-4, 4].

    Column c is centred on sample c * ``HOP``; it may lie before or after the sound.
    """
    if count <= 0:
        return np.empty((BANDS, 0), np.float32)
    start = first * HOP - _FFT // 2
    stretch = _stretch(sound, start - 1, start + (count - 1) * HOP + _FFT)
    emphasised = stretch[1:] - _EMPHASIS * stretch[:-1]
    emphasised[max(len(sound) - start, 0) :] = 0  # a cut-off end is no click
    windows = np.lib.stride_tricks.sliding_window_view(emphasised, _FFT)[::HOP]
    magnitudes = np.abs(np.fft.rfft(windows * _hann())) @ _triangles().T
    decibels = 20 * np.log10(np.maximum(magnitudes, _FLOOR)) - 20
    return np.ascontiguousarray(np.clip(8 * (decibels + 100) / 100 - 4, -4, 4).T, np.float32)


def _stretch(sound: Floats, start: int, end: int) -> NDArray[np.float64]:
    """Samples *start* to *end*, zero outside the sound."""
    inside = sound[min(max(start, 0), len(sound)) : max(end, 0)]
    before = min(max(-start, 0), end - start)
    return np.pad(inside.astype(np.float64), (before, end - start - before - len(inside)))


@cache
def _hann() -> NDArray[np.float64]:
    """The periodic Hann window."""
    return np.hanning(_FFT + 1)[:-1]


@cache
def _triangles() -> NDArray[np.float64]:
    """(BANDS, bins): M. Slaney, "Auditory Toolbox" (1998), linear below 1 kHz and logarithmic above; every area is the same."""
    edges = _hertz(np.linspace(_mels(_LOWEST_HZ), _mels(_HIGHEST_HZ), BANDS + 2))
    bins = np.arange(_FFT // 2 + 1) * RATE / _FFT
    low, middle, high = (each[:, None] for each in (edges[:-2], edges[1:-1], edges[2:]))
    rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
    return np.clip(np.minimum(rising, falling), 0, None) * 2 / (high - low)


def _mels(hertz: float) -> float:
    if hertz < _BEND_HZ:
        return hertz / _HZ_PER_MEL
    return _BEND_MEL + float(np.log(hertz / _BEND_HZ)) / _LOG_STEP


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mels < _BEND_MEL, mels * _HZ_PER_MEL, _BEND_HZ * np.exp(_LOG_STEP * (mels - _BEND_MEL)))
