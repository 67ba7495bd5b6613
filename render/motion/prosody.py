"""Stress and loudness: how far each vowel opens, and which syllables stand out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .events import HOLD_S, Event

_FASTEST_SYLLABLES_PER_S = 6.0
_TONAL = ("cmn", "zh", "yue", "hak", "nan", "vi", "th")
"""Languages whose syllables are full ones without a stress mark."""
_STANDING_OUT = 0.7
"""Where nothing is marked as stressed, vowels above this quantile of weight count as accents."""


@dataclass(frozen=True, slots=True)
class Accent:
    """A syllable that is stressed or stands out."""

    time_s: float
    """Start of its vowel."""
    strength: float
    """0..1."""
    nuclear: bool = False
    """The last one of its phrase."""


def gains_of(events: Sequence[Event], loudness_db: NDArray[np.float64]) -> list[float]:
    """How far each event opens the mouth, 0.5 to 1.25 for vowels and 1 for the rest: stress, loudness against the
    median, haste.
    """
    vowels = [event for event in events if event.phone.vowel]
    if not vowels:
        return [1.0] * len(events)
    median = float(np.median([_level(loudness_db, event) for event in vowels]))
    hasty = len(vowels) > _FASTEST_SYLLABLES_PER_S * sum(event.length_s for event in events if not event.pause)
    gains = []
    for event in events:
        gain = 1.0
        if event.phone.vowel:
            stress = 1.0 if event.stressed else 0.5 if event.language.lower().startswith(_TONAL) else 0.0
            louder = min(max((_level(loudness_db, event) - median) / 10, -1.0), 1.0)
            gain = min(max(0.75 + 0.35 * stress + 0.25 * louder - 0.15 * hasty, 0.5), 1.25)
        gains.append(gain)
    return gains


def accents_of(events: Sequence[Event], gains: Sequence[float]) -> tuple[Accent, ...]:
    """Stressed vowels; where the voice marks none, the longest and loudest ones. The last of each phrase is nuclear."""
    weights = [gain * event.length_s if event.phone.vowel else 0.0 for event, gain in zip(events, gains, strict=True)]
    chosen = [event.phone.vowel and event.stressed for event in events]
    if not any(chosen) and any(weights):
        bar = float(np.quantile([weight for weight in weights if weight], _STANDING_OUT))
        chosen = [weight >= bar for weight in weights]
    accents: list[Accent] = []
    for event, gain, stands_out in zip(events, gains, chosen, strict=True):
        if stands_out:
            accents.append(Accent(event.start_s, min(max(gain - 0.25, 0.0), 1.0)))
        elif event.pause and event.length_s >= HOLD_S and accents:
            accents[-1] = replace(accents[-1], nuclear=True)
    return (*accents[:-1], replace(accents[-1], nuclear=True)) if accents else ()


def _level(loudness_db: NDArray[np.float64], event: Event) -> float:
    first = int(event.start_s * 100)
    stretch = loudness_db[first : max(int(event.end_s * 100), first + 1)]
    return float(stretch.mean()) if len(stretch) else -60.0
