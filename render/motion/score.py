"""Phonemes -> score: what the mouth has to do, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..types import TimedPhoneme
from . import timing
from .events import HOLD_S, Event, heard
from .phonemes import Manner
from .prosody import Accent, accents_of, gains_of
from .segments import Segments

_SEEN_S: Final = 0.025
"""A shorter fricative between two closures is not seen: the lips stay shut."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, seconds from the start of the speech."""

    start_s: float
    end_s: float
    parted: bool = False
    """For a closure: a sound that opens the lips lies between it and the closure before."""

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s

    def at(self, share: float) -> float:
        """The moment when *share* of it has passed."""
        return self.start_s + share * self.length_s


@dataclass(frozen=True, slots=True)
class Pause(Span):
    """A silence and what stands around it."""

    leading: bool = False
    trailing: bool = False
    shut_before: bool = False
    """The lips are already together when it starts (m)."""
    shut_after: bool = False
    """The lips are together when it ends (p b m)."""


@dataclass(frozen=True, slots=True)
class Score:
    """What the mouth has to do. Everything in time order."""

    segments: Segments
    closures: tuple[Span, ...]
    contacts: tuple[Span, ...]
    vowels: tuple[Span, ...]
    pauses: tuple[Pause, ...]
    """Those of at least ``HOLD_S``, and any at the edges."""
    accents: tuple[Accent, ...]


def read(phonemes: Sequence[TimedPhoneme], duration_s: float, loudness_db: NDArray[np.float64]) -> Score:
    """The score of a speech of *duration_s*; *loudness_db* is its level every 10 ms, for the gain of the vowels."""
    events = heard(phonemes, duration_s)
    gains = gains_of(events, loudness_db)
    return Score(
        segments=Segments.of(events, gains),
        closures=_closures(events),
        contacts=tuple(Span(*timing.touching(event)) for event in events if event.shape == "FF"),
        vowels=tuple(Span(*timing.audible(event)) for event in events if event.phone.vowel),
        pauses=_pauses(events, duration_s),
        accents=accents_of(events, gains),
    )


def _closures(events: Sequence[Event]) -> tuple[Span, ...]:
    closures: list[Span] = []
    parted = False
    for event in events:
        if event.shape == "PP":
            closures.append(Span(*timing.shut(event), parted=parted))
            parted = False
        elif event.phone.vowel or (event.phone.manner is Manner.FRICATIVE and event.length_s >= _SEEN_S):
            parted = True
    return tuple(closures)


def _pauses(events: Sequence[Event], duration_s: float) -> tuple[Pause, ...]:
    pauses = []
    for at, event in enumerate(events):
        before = events[at - 1] if at else None
        after = events[at + 1] if at + 1 < len(events) else None
        if event.pause and (event.length_s >= HOLD_S or before is None or after is None):
            pauses.append(
                Pause(
                    event.start_s,
                    event.end_s if after else duration_s,
                    leading=before is None,
                    trailing=after is None,
                    shut_before=before is not None and before.shape == "PP" and before.phone.manner is Manner.NASAL,
                    shut_after=after is not None and after.shape == "PP",
                )
            )
    return tuple(pauses)
