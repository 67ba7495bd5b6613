"""How far one curve is behind another, and how alike they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..sound import resample
from .hearing import STEP_S, Heard, Series

_REACH_S: Final = 0.25
_TRIED_S: Final = 0.005
_FINER: Final = 8
_WINDOW_S: Final = 10.0
_LEAST_POINTS: Final = 12
_SYLLABLE_S: Final = 0.2
"""Width of the Hann window under which levels follow syllables, as lips do, and not periods of the voice."""


@dataclass(frozen=True, slots=True)
class Match:
    """Where two curves are most alike."""

    lag_s: float
    """Positive: the first is behind the second."""
    correlation: float
    """Pearson's, at that lag."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Values at even times."""

    values: Series
    """float64 (n,)."""
    step_s: float
    start_s: float = 0.0

    def at(self, times_s: Series) -> Series:
        """Linear interpolation, level beyond the ends."""
        return np.interp(times_s, self.start_s + np.arange(len(self.values)) * self.step_s, self.values)

    def finer(self) -> Curve:
        """The same band-limited curve at eight times the rate, so that linear interpolation is exact enough."""
        mean = self.values.mean()
        dense = resample((self.values - mean).astype(np.float32), 1, _FINER)
        return Curve(dense + mean, self.step_s / _FINER, self.start_s)


def match(times_s: Series, values: Series, other: Curve) -> Match | None:
    """The lag within 250 ms at which *values* (n,) at *times_s* follow *other* best; None where either stands still.

    Correlation every 5 ms, its maximum refined by a parabola. NaN values are left out.
    """
    known = np.isfinite(values)
    if known.sum() < _LEAST_POINTS:
        return None
    times, here = times_s[known], values[known]
    lags = np.arange(-round(_REACH_S / _TRIED_S), round(_REACH_S / _TRIED_S) + 1) * _TRIED_S
    alike = np.array([_correlation(here, other.at(times - lag)) for lag in lags])
    if not np.isfinite(alike).all():
        return None
    best = int(alike.argmax())
    if not 0 < best < len(lags) - 1:
        return Match(float(lags[best]), float(alike[best]))
    before, top, after = alike[best - 1 : best + 2]
    bend = before - 2 * top + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return Match(float(lags[best] + shift * _TRIED_S), float(top - 0.25 * (before - after) * shift))


def windows(times_s: Series, values: Series, other: Curve) -> Iterator[Match]:
    """``match`` in windows of 10 s, each half a window after the one before; one of everything when it is shorter."""
    last = times_s[-1] - _WINDOW_S if len(times_s) else 0.0
    for start in np.arange(0, max(last, 0.0) + 1e-6, _WINDOW_S / 2):
        part = slice(*np.searchsorted(times_s, (start, start + _WINDOW_S)))
        found = match(times_s[part], values[part], other)
        if found:
            yield found


def openness(heard: Heard) -> Curve:
    """How open the mouth sounds: the loudness between 300 and 1100 Hz, where the first formant of open vowels lies.

    Loudness is intensity to the power of 0.3 (Stevens 1957, "On the psychophysical law"), relative to the loud parts.
    """
    level = heard.level["open"]
    loud = float(np.quantile(level, 0.95)) if len(level) else 0.0
    return Curve(smooth(10 ** (0.03 * (level - loud)), _SYLLABLE_S), STEP_S)


def smooth(curve: Series, width_s: float) -> Series:
    """*curve*, a value every ``STEP_S``, as its mean under a Hann window of *width_s*, without delay."""
    half = max(round(width_s / STEP_S / 2), 1)
    window = np.hanning(2 * half + 3)[1:-1]
    if not len(curve):
        return curve
    return np.convolve(np.pad(curve, half, mode="edge"), window / window.sum(), mode="valid")


def _correlation(a: Series, b: Series) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt(np.dot(a, a) * np.dot(b, b)))
    return float(np.dot(a, b)) / scale if scale > 1e-12 else float("nan")
