"""Breathing: slow and even while listening, quick breaths in the pauses of speech."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .score import Pause

_INHALE_S, _HOLD_S, _EXHALE_S, _REST_S = 1.2, 0.5, 1.0, 1.5
CYCLE_S = _INHALE_S + _HOLD_S + _EXHALE_S + _REST_S
_DEPTH = 0.7
_CATCH_S = 0.35
_CATCH_PAUSE_S, _CATCH_LAST_S = 0.4, 0.15
"""A breath is caught in pauses within a sentence from the first length, and in the silence at its end from the second."""
_CATCH_DEPTH = 0.85
_EMPTY = 0.1


@dataclass(frozen=True, slots=True)
class Breath:
    """Turning points of the chest: (seconds on the gestures' clock, 0..1), in time order; the first lies in the past."""

    turns: tuple[tuple[float, float], ...] = ((0.0, 0.0), (_REST_S / 2, 0.0))


def listening(state: Breath, times_s: NDArray[np.float64]) -> tuple[NDArray[np.float64], Breath]:
    """The chest float64 (frames,) in 0..1 and the state after it: 14 breaths a minute."""
    turns = list(state.turns)
    while len(times_s) and turns[-1][0] <= times_s[-1]:
        at = turns[-1][0]
        turns += [
            (at + _INHALE_S, _DEPTH),
            (at + _INHALE_S + _HOLD_S, _DEPTH),
            (at + _INHALE_S + _HOLD_S + _EXHALE_S, 0.0),
            (at + CYCLE_S, 0.0),
        ]
    return _chest(turns, times_s)


def speaking(
    state: Breath, times_s: NDArray[np.float64], pauses: Sequence[Pause], end_s: float
) -> tuple[NDArray[np.float64], Breath]:
    """The same while speaking until *end_s*: out slowly with the phrases, a quick breath in longer pauses and at the end.

    *pauses* count from the first of *times_s*.
    """
    if not len(times_s):
        return np.zeros(0), state
    now = float(times_s[0])
    turns = [
        turn
        for turn, before in zip(state.turns, (None, *state.turns), strict=False)
        if before is None or before[0] <= now
    ]
    for pause in pauses:
        start = now + pause.start_s + 0.03
        if pause.length_s >= (_CATCH_LAST_S if pause.trailing else _CATCH_PAUSE_S) and start > turns[-1][0]:
            turns += [(start, _EMPTY), (start + _CATCH_S, _CATCH_DEPTH)]
    if turns[-1][0] < end_s:
        turns.append((max(end_s, turns[-1][0] + _EXHALE_S), _EMPTY))
    return _chest(turns, times_s)


def _chest(turns: Iterable[tuple[float, float]], times_s: NDArray[np.float64]) -> tuple[NDArray[np.float64], Breath]:
    turns = tuple(turns)
    if not len(times_s):
        return np.zeros(0), Breath(turns)
    at = np.array([turn[0] for turn in turns])
    value = np.array([turn[1] for turn in turns])
    left = np.clip(np.searchsorted(at, times_s, side="right") - 1, 0, len(at) - 2)
    x = np.clip((times_s - at[left]) / np.maximum(at[left + 1] - at[left], 1e-6), 0, 1)
    chest = value[left] + (value[left + 1] - value[left]) * x * x * (3 - 2 * x)
    kept = tuple(turn for turn, after in pairwise((*turns, (np.inf, 0.0))) if after[0] > times_s[-1])
    return chest, Breath(kept)
