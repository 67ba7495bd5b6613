"""How the head sways while idle, moves with the phrases of speech, and nods on stressed syllables.

Hadar et al. (1983): slow postural shifts, movements with the phrases, and quick small ones on peaks of stress. Nothing
moves faster than 5 Hz.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .noise import between, drift, uniform
from .prosody import Accent

AXES = ("yaw", "pitch", "roll", "shift_x", "shift_y")
_SPREAD = np.array([1.0, 0.9, 0.8, 0.003, 0.002])
"""Standard deviation of each axis: degrees, then fractions of the face width."""
_SWAY_HZ, _PHRASE_HZ = (0.15, 0.6), (0.6, 2.0)
_SWAY, _PHRASE = 0.6, 0.3
"""Shares of the power; nods have the rest."""
_LISTENING = 0.7
_BREATH_SHIFT = -0.004
_NOD_HALF_S = 0.3
_NOD_PEAK_S = 0.16
_NOD_GAP_S = 0.55
_NOD_CHANCE = 0.6
_NOD_DEG = (0.8, 1.5)


@dataclass(frozen=True, slots=True)
class Bump:
    """A single movement out and back, on the gestures' clock."""

    peak_s: float
    rise_s: float
    fall_s: float
    amount: float

    @property
    def end_s(self) -> float:
        return self.peak_s + self.fall_s

    def at(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n,): a raised cosine each way, 0 outside."""
        away = times_s - self.peak_s
        x = np.clip(np.where(away < 0, away / self.rise_s, away / self.fall_s), -1, 1)
        hill: NDArray[np.float64] = self.amount * 0.5 * (1 + np.cos(np.pi * x))
        return hill


def bumps_at(bumps: Sequence[Bump], times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of *bumps* at *times_s*, float64 (n,)."""
    total = np.zeros(len(times_s))
    for bump in bumps:
        first, last = np.searchsorted(times_s, (bump.peak_s - bump.rise_s, bump.end_s))
        total[first:last] += bump.at(times_s[first:last])
    return total


def sway(
    times_s: NDArray[np.float64],
    *,
    seed: int,
    activity: NDArray[np.float64],
    chest: NDArray[np.float64],
    period_s: float | None = None,
) -> NDArray[np.float64]:
    """Head float64 (frames, 5) in the order of ``AXES``, without nods. *activity* float64 (frames,) is 0 listening, 1
    speaking.
    """
    poses = np.empty((len(times_s), len(AXES)))
    for axis, name in enumerate(AXES):
        slow = drift(seed, f"sway {name}", times_s, _SWAY_HZ, period_s=period_s)
        phrase = drift(seed, f"phrase {name}", times_s, _PHRASE_HZ, period_s=period_s)
        calm = _LISTENING + (1 - _LISTENING) * activity
        poses[:, axis] = _SPREAD[axis] * (calm * np.sqrt(_SWAY) * slow + activity * np.sqrt(_PHRASE) * phrase)
    poses[:, 4] += _BREATH_SHIFT * chest
    return poses


def nodded(accents: Sequence[Accent], *, seed: int, start_s: float, after: Sequence[Bump]) -> tuple[Bump, ...]:
    """Nods for *accents*, which count from *start_s*: each starts on its syllable and is lowest after it. *after* is
    what is under way.
    """
    chosen = list(after)
    for accent in accents:
        peak = start_s + max(accent.time_s + _NOD_PEAK_S, _NOD_HALF_S)
        chance = uniform(seed, "nod", round(peak * 1000))
        if chosen and peak - chosen[-1].peak_s < _NOD_GAP_S:
            continue
        if accent.nuclear or chance < _NOD_CHANCE:
            depth = between(*_NOD_DEG, uniform(seed, "nod depth", round(peak * 1000))) * (0.6 + 0.4 * accent.strength)
            chosen.append(Bump(peak, _NOD_HALF_S, _NOD_HALF_S, -depth))
    return tuple(chosen)
