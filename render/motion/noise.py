"""Chance as a pure function of (seed, stream, moment): seekable, the same on every machine, and without state to carry."""

from __future__ import annotations

import math
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

_MASK = (1 << 64) - 1
_WAVES = 8


def uniform(seed: int, stream: str, index: int) -> float:
    """The *index*-th number of *stream*, in [0, 1): SplitMix64 (Steele, Lea and Flood, 2014) over the three."""
    bits = (
        seed * 0x9E3779B97F4A7C15 + crc32(stream.encode()) * 0xD1B54A32D192ED03 + index * 0x8CB92BA72F3D8DD7
    ) & _MASK
    for _ in range(2):
        bits = (bits + 0x9E3779B97F4A7C15) & _MASK
        bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _MASK
        bits ^= bits >> 31
    return (bits >> 11) / (1 << 53)


def normal(seed: int, stream: str, index: int) -> float:
    """The *index*-th number of *stream*, standard normal (Box and Muller, 1958)."""
    radius = math.sqrt(-2 * math.log(1 - uniform(seed, stream, 2 * index)))
    return radius * math.cos(2 * math.pi * uniform(seed, stream, 2 * index + 1))


def between(low: float, high: float, chance: float) -> float:
    """*chance* in [0, 1) mapped to [low, high)."""
    return low + (high - low) * chance


def drift(
    seed: int, stream: str, times_s: NDArray[np.float64], band_hz: tuple[float, float], *, period_s: float | None = None
) -> NDArray[np.float64]:
    """Wandering of variance 1 and no power outside *band_hz*, float64 (n,): eight sines, one in each eighth of the
    band.

    With *period_s* every frequency is a whole number of turns per period, so that the end meets the beginning.
    """
    low, high = np.log(band_hz)
    steps = (np.arange(_WAVES) + [uniform(seed, stream, index) for index in range(_WAVES)]) / _WAVES
    hertz = np.exp(low + (high - low) * steps)
    if period_s is not None:
        hertz = np.maximum(np.round(hertz * period_s), 1) / period_s
    phases = np.array([uniform(seed, stream, _WAVES + index) for index in range(_WAVES)])
    waves = np.sin(2 * np.pi * (np.outer(times_s, hertz) + phases))
    wandering: NDArray[np.float64] = waves.sum(axis=1) * math.sqrt(2 / _WAVES)
    return wandering
