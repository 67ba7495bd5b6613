"""Where the eyes look: fixations joined by saccades, mostly at the viewer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .noise import between, uniform

_SACCADE_S = 0.045
_CONTACT_SPEAKING, _CONTACT_LISTENING = 0.62, 0.75
"""Share of fixations that meet the viewer's eyes."""
_WANDER_DEG = 0.4


@dataclass(frozen=True, slots=True)
class Gaze:
    """The fixation under way: seconds on the gestures' clock, degrees as in ``CHANNELS``."""

    until_s: float
    drawn: int = 0
    since_s: float = -1.0
    origin: tuple[float, float] = (0.0, 0.0)
    goal: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def begin(cls, seed: int) -> Gaze:
        """Looking at the viewer for the first seconds."""
        return cls(until_s=between(1.0, 2.5, uniform(seed, "first gaze", 0)))


def look(
    state: Gaze, times_s: NDArray[np.float64], *, seed: int, amount: float, speaking: bool
) -> tuple[NDArray[np.float64], Gaze]:
    """Eye rotation float64 (frames, 2), degrees, and the state after it. *amount* scales how far the eyes wander, 0 is
    not at all.
    """
    path = np.empty((len(times_s), 2))
    first = 0
    while first < len(times_s):
        last = int(np.searchsorted(times_s, state.until_s))
        path[first:last] = _move(state, times_s[first:last])
        first = max(first, last)
        if first < len(times_s):
            state = _next(state, seed, amount, speaking=speaking)
    return path, state


def _move(state: Gaze, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Minimum-jerk movement from the last fixation to this one, then rest."""
    x = np.clip((times_s - state.since_s) / _SACCADE_S, 0, 1)[:, None]
    moved: NDArray[np.float64] = np.array(state.origin) + np.subtract(state.goal, state.origin) * (
        x**3 * (10 - 15 * x + 6 * x * x)
    )
    return moved


def _next(state: Gaze, seed: int, amount: float, *, speaking: bool) -> Gaze:
    draws = [uniform(seed, "gaze", 4 * state.drawn + index) for index in range(4)]
    if draws[0] < (_CONTACT_SPEAKING if speaking else _CONTACT_LISTENING):
        goal = (between(-_WANDER_DEG, _WANDER_DEG, draws[1]), between(-_WANDER_DEG, _WANDER_DEG, draws[2]))
        stay = between(1.0, 3.0, draws[3])
    else:
        side = -1 if draws[1] < 0.5 else 1
        goal = (side * between(1.5, 4.0, draws[1] * 2 % 1), between(-2.0, 1.5, draws[2]))
        stay = between(0.4, 1.1, draws[3])
    return Gaze(state.until_s + stay, state.drawn + 1, state.until_s, state.goal, (goal[0] * amount, goal[1] * amount))
