"""Times of phonemes and words for a voice or a recording that gives none.

The same text is spoken by a voice that knows its times, both sounds are turned into mel-frequency cepstra, dynamic time warping
finds which moment of one is which moment of the other, and the times are carried over: the method of the aeneas aligner
(github.com/readbeyond/aeneas), without trained weights, for every language of the reference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from .. import sound
from ..contracts import Voice, VoiceCapabilities
from ..types import Floats, Sentence, Speech, TimedWord
from ._timing import Onset, time_phonemes

_RATE: Final = 16000
_HOP: Final = 80
"""Samples between frames: 5 ms."""
_WINDOW: Final = 400
"""Samples of a frame: 25 ms."""
_FFT: Final = 512
_BANDS: Final = 40
_COEFFICIENTS: Final = 13
_FLOOR_DB: Final = 60.0
"""What is so far below the loudest frame counts as silence."""
_COARSEST: Final = 400
"""Frames below which the whole plane is searched."""
_REACH: Final = 40
"""Frames searched on either side of the path found at half the resolution: memory grows with the length, not with its square."""
_BLOCK: Final = 4096


def align(samples: Floats, rate: int, sentence: Sentence, reference: Voice) -> Speech:
    """*samples*, float32 (n,) at *rate* Hertz, a recording of *sentence*, with the times of *reference*'s phonemes and words.

    Raises ``InputError`` when there is no sound, and what ``reference.speak`` raises.
    """
    samples = sound.tidy(samples)
    if not sound.voiced(samples, rate).any():
        raise InputError("The recording is silent.", "Check the file and the microphone.")
    spoken = reference.speak(sentence)
    path = _warp(_features(samples, rate), _features(spoken.samples, spoken.rate))
    moments = _moments(path) * _HOP / _RATE
    known = np.arange(len(moments)) * _HOP / _RATE

    def carried(time_s: float) -> float:
        return min(float(np.interp(time_s, known, moments)), len(samples) / rate)

    onsets = [
        Onset(round(carried(phoneme.start_s) * rate) if k else 0, phoneme.symbol, phoneme.stressed, phoneme.language)
        for k, phoneme in enumerate(spoken.phonemes)
    ]
    words = tuple(TimedWord(word.text, carried(word.start_s), carried(word.end_s)) for word in spoken.words)
    return Speech(samples, rate, sentence, time_phonemes(onsets, len(samples), rate), words, timing="aligned")


@dataclass(frozen=True)
class AlignedVoice:
    """A voice that gives no times, with those of another."""

    voice: Voice
    reference: Voice

    @property
    def name(self) -> str:
        return self.voice.name

    @property
    def capabilities(self) -> VoiceCapabilities:
        return replace(self.voice.capabilities, timing="aligned")

    def speak(self, sentence: Sentence) -> Speech:
        """The voice's own sound. Raises what either voice raises."""
        speech = self.voice.speak(sentence)
        return align(speech.samples, speech.rate, sentence, self.reference)


def _features(samples: Floats, rate: int) -> Floats:
    """Mel-frequency cepstra and their slopes every 5 ms, each of zero mean and unit variance: float32 (frames, 26).

    S. Davis and P. Mermelstein, "Comparison of parametric representations", IEEE ASSP 28 (1980).
    """
    sound_16k = sound.resample(samples, rate, _RATE)
    emphasised = np.append(sound_16k[:1], sound_16k[1:] - 0.97 * sound_16k[:-1]).astype(np.float32)
    padded = np.pad(emphasised, (_WINDOW // 2, _WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[: len(emphasised) : _HOP]
    window = np.hanning(_WINDOW).astype(np.float32)
    bank, cosines = _mel_bank(), _cosines()
    power = np.concatenate(
        [
            np.square(np.abs(np.fft.rfft(frames[start : start + _BLOCK] * window, _FFT))) @ bank
            for start in range(0, len(frames), _BLOCK)
        ]
    )
    floor = power.sum(axis=1).max() * 10 ** (-_FLOOR_DB / 10) / _BANDS
    cepstra = np.log(power + floor) @ cosines
    slopes = np.gradient(cepstra, axis=0) * 4 if len(cepstra) > 1 else np.zeros_like(cepstra)
    features = np.hstack((cepstra, slopes))
    normalised: Floats = ((features - features.mean(axis=0)) / (features.std(axis=0) + 1e-9)).astype(np.float32)
    return normalised


@cache
def _mel_bank() -> NDArray[np.float64]:
    """Triangles equally spaced on the mel scale from 100 to 7600 Hz: (bins, bands)."""

    def mel(hertz: float) -> float:
        return 2595 * float(np.log10(1 + hertz / 700))

    edges = 700 * (10 ** (np.linspace(mel(100), mel(7600), _BANDS + 2) / 2595) - 1)
    bins = np.arange(_FFT // 2 + 1)[:, None] * _RATE / _FFT
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(rising, falling), 0, None)


@cache
def _cosines() -> NDArray[np.float64]:
    """The discrete cosine transform of type II: (bands, coefficients)."""
    return np.cos(np.pi * np.outer(np.arange(_BANDS) + 0.5, np.arange(_COEFFICIENTS)) / _BANDS)


def _warp(first: Floats, second: Floats) -> NDArray[np.int64]:
    """The cheapest monotonic path through two sequences, (steps, 2), from both starts to both ends.

    Coarse to fine, each level near the path of the level above: S. Salvador and P. Chan, "FastDTW" (2007).
    """
    if min(len(first), len(second)) <= _COARSEST:
        low = np.zeros(len(first), np.int64)
        return _cheapest(first, second, low, low + len(second))
    coarse = _warp(_halved(first), _halved(second))
    low = np.full(len(first), len(second), np.int64)
    high = np.zeros(len(first), np.int64)
    rows = np.minimum(2 * coarse[:, 0], len(first) - 1)
    for row in (rows, np.minimum(rows + 1, len(first) - 1)):
        np.minimum.at(low, row, 2 * coarse[:, 1] - _REACH)
        np.maximum.at(high, row, 2 * coarse[:, 1] + 2 + _REACH)
    return _cheapest(first, second, np.clip(low, 0, None), np.clip(high, None, len(second)))


def _halved(features: Floats) -> Floats:
    even = features[: len(features) // 2 * 2]
    pairs: Floats = (even[0::2] + even[1::2]) * np.float32(0.5)
    return pairs if len(even) == len(features) else np.vstack((pairs, features[-1:]))


def _cheapest(first: Floats, second: Floats, low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.int64]:
    """Dynamic time warping within columns ``low[i] <= j < high[i]`` of each row; a diagonal step costs twice its cell.

    Within a row, D[j] = C[j] + min over k <= j of (entry[k] - C[k]), with C the running sum of the costs.
    """
    came: list[NDArray[np.int8]] = []  # 0 from the left, 1 from above, 2 diagonally
    above, above_low = np.zeros(0), 0
    for i in range(len(first)):
        left, right = int(low[i]), int(high[i])
        cost = np.sqrt(np.square(second[left:right] - first[i]).sum(axis=1, dtype=np.float64)) + 1e-6
        entry = np.full(right - left, np.inf)
        step = np.ones(right - left, np.int8)
        if i == 0:
            entry[0] = cost[0]
        else:
            start, end = max(left, above_low), min(right, above_low + len(above))
            entry[start - left : end - left] = (
                above[start - above_low : end - above_low] + cost[start - left : end - left]
            )
            start, end = max(left, above_low + 1), min(right, above_low + len(above) + 1)
            diagonal = above[start - 1 - above_low : end - 1 - above_low] + 2 * cost[start - left : end - left]
            better = diagonal <= entry[start - left : end - left]
            entry[start - left : end - left] = np.where(better, diagonal, entry[start - left : end - left])
            step[start - left : end - left][better] = 2
        total = np.cumsum(cost)
        best = np.minimum.accumulate(entry - total)
        step[1:][best[:-1] <= (entry - total)[1:]] = 0
        above, above_low = total + best, left
        came.append(step)
    i, j = len(first) - 1, len(second) - 1
    path = [(i, j)]
    while i or j:
        step_back = came[i][j - int(low[i])] if i else 0
        i -= int(step_back > 0)
        j -= int(step_back != 1)
        path.append((i, j))
    return np.array(path[::-1], np.int64)


def _moments(path: NDArray[np.int64]) -> NDArray[np.float64]:
    """For each frame of the second sequence, the mean frame of the first: (frames,), ascending."""
    count = np.bincount(path[:, 1])
    return np.bincount(path[:, 1], weights=path[:, 0]) / count
