"""When the eyes blink, and how a blink looks.

Rates: Bentivoglio et al. (1997), 26 a minute in conversation and 17 at rest, log-normal. Shape: VanderWerf et al.
(2003) and Trutoiu et al. (2011): closing takes about 70 ms, opening two to three times as long, and blinks that shut
fully and asymmetrically look natural.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .noise import between, normal, uniform

_SPEAKING_S, _LISTENING_S = 2.2, 3.4
"""Median time from blink to blink."""
_SPREAD = 0.6
_LEAST_S, _MOST_S = 0.6, 8.0
_DOUBLE = 0.12
_CLOSING_S, _SHUT_S, _OPENING_S = 0.070, 0.030, 0.075
LENGTH_S = 0.45
"""From onset until nothing of a blink is left."""
_EARLIER_S, _LATER_S = 0.4, 0.7


@dataclass(frozen=True, slots=True)
class Blinks:
    """What is decided: times are seconds on the gestures' clock."""

    next_s: float
    drawn: int = 0
    seen_s: tuple[float, ...] = ()
    """Onsets of the blinks that may still be under way."""

    @classmethod
    def begin(cls, seed: int) -> Blinks:
        """The first blink comes after 1 to 3 seconds."""
        return cls(next_s=between(1.0, 3.0, uniform(seed, "first blink", 0)))


def blink(
    state: Blinks,
    times_s: NDArray[np.float64],
    fps: float,
    *,
    seed: int,
    rate: float,
    moments_s: Sequence[float] | None,
) -> tuple[NDArray[np.float64], Blinks]:
    """Lid closure float64 (frames,) in 0..1 and the state after it.

    *moments_s* are ends of phrases, where a blink is likely; None while listening. *rate* scales how often, 0 is never.
    """
    if not len(times_s):
        return np.zeros(0), state
    end_s = times_s[-1] + 1 / fps
    if rate <= 0:
        state = replace(state, next_s=max(state.next_s, end_s + 1.0))
    while state.next_s < end_s:
        onset = _favoured(state, times_s[0], moments_s or ())
        onsets = [_on_frame(onset, fps)]
        if uniform(seed, "double blink", state.drawn) < _DOUBLE:
            onsets.append(_on_frame(onset + between(0.25, 0.40, uniform(seed, "second blink", state.drawn)), fps))
        median = _LISTENING_S if moments_s is None else _SPEAKING_S
        wait = min(max(median * math.exp(_SPREAD * normal(seed, "blink", state.drawn)), _LEAST_S), _MOST_S) / rate
        state = Blinks(onsets[-1] + max(wait, _LEAST_S), state.drawn + 1, (*state.seen_s, *onsets))
    curve = np.zeros(len(times_s))
    for onset in state.seen_s:
        first, last = np.searchsorted(times_s, (onset, onset + LENGTH_S))
        curve[first:last] = np.maximum(curve[first:last], lid(times_s[first:last] - onset))
    return curve, replace(state, seen_s=tuple(onset for onset in state.seen_s if onset + LENGTH_S > end_s))


def lid(since_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Closure of the lid *since_s* after the onset of a blink, float64 (n,) in 0..1."""
    closing = np.clip(since_s / _CLOSING_S, 0, 1)
    opening = np.maximum(since_s - _CLOSING_S - _SHUT_S, 0) / _OPENING_S
    curve: NDArray[np.float64] = np.where(
        since_s < _CLOSING_S, closing * closing * (3 - 2 * closing), np.exp(-(opening**1.4))
    )
    return curve


def _favoured(state: Blinks, now_s: float, moments_s: Sequence[float]) -> float:
    """The phrase end nearest to the next blink, when one is near."""
    earliest = max(state.next_s - _EARLIER_S, now_s, *(onset + _LEAST_S for onset in state.seen_s), 0.0)
    near = [moment for moment in moments_s if earliest <= moment <= state.next_s + _LATER_S]
    return min(near, key=lambda moment: abs(moment - state.next_s), default=state.next_s)


def _on_frame(onset_s: float, fps: float) -> float:
    """*onset_s* moved by less than half a frame so that a frame shows the shut eye."""
    shut = _CLOSING_S + _SHUT_S / 2
    return round((onset_s + shut) * fps) / fps - shut
