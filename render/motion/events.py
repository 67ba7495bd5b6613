"""Phonemes as a voice gives them -> sounds and pauses without holes, overlaps and lost lengths."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ..types import TimedPhoneme
from .phonemes import Kind, Manner, Phone, phone

HOLD_S = 0.12
"""A pause shorter than this leaves the mouth as it is; a longer hole between phonemes is a pause."""
RELAX_S = 0.35
"""A pause up to this long relaxes the mouth; a longer one closes it."""


@dataclass(slots=True)
class Event:
    """A phoneme that can be seen or waited for, with its length put right."""

    phone: Phone
    start_s: float
    end_s: float
    stressed: bool
    symbol: str
    language: str
    before_plosive: bool = False
    """A voiceless plosive follows, whose silence takes the end of this sound."""

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s

    @property
    def shape(self) -> str:
        """The key in ``SHAPES`` of its first part; "pause" for a pause."""
        return self.phone.parts[0].shape if self.phone.kind is Kind.SOUND else "pause"

    @property
    def pause(self) -> bool:
        return self.phone.kind is Kind.PAUSE


def heard(phonemes: Sequence[TimedPhoneme], duration_s: float) -> list[Event]:
    """The events of a speech of *duration_s*, in order; the first and the last are pauses where the speech begins or
    ends in silence.
    """
    events = list(_with_pauses(_lengthened(_sounding(phonemes, duration_s)), duration_s))
    for event, after in pairwise(events):
        event.before_plosive = after.phone.manner is Manner.PLOSIVE
    return events


def _sounding(phonemes: Sequence[TimedPhoneme], duration_s: float) -> list[Event]:
    """Phonemes with finite times inside the speech, in order and without overlap; marks that are no sound are left out."""
    events: list[Event] = []
    floor = 0.0
    for item in phonemes:
        known = phone(item.symbol, item.language)
        if known.kind is Kind.NOTHING or not (math.isfinite(item.start_s) and math.isfinite(item.end_s)):
            continue
        start = min(max(item.start_s, floor), duration_s)
        end = min(max(item.end_s, start), duration_s)
        events.append(Event(known, start, end, item.stressed, item.symbol, item.language))
        floor = end
    return events


def _lengthened(events: list[Event]) -> list[Event]:
    """Events that the voice merged into a neighbour (length 0) get a third of that neighbour back, at most 40 ms."""
    for at, event in enumerate(events):
        if event.pause or event.length_s > 0.001:
            continue
        before = events[at - 1] if at else None
        after = events[at + 1] if at + 1 < len(events) else None
        if before and before.phone.kind is Kind.SOUND and before.end_s == event.start_s:
            event.start_s -= min(0.04, (before.length_s) / 3)
            before.end_s = event.start_s
        elif after and after.phone.kind is Kind.SOUND and after.start_s == event.end_s:
            event.end_s += min(0.04, (after.length_s) / 3)
            after.start_s = event.end_s
    return [event for event in events if event.phone.kind is Kind.SOUND or event.end_s > event.start_s]


def _with_pauses(events: list[Event], duration_s: float) -> Iterator[Event]:
    """Runs of pauses become one; a hole that is too long for a closure is a pause as well."""
    silence = phone("_", "")
    waiting: Event | None = None
    clock = 0.0
    for event in events:
        pause = event.pause
        if pause or event.start_s - clock > HOLD_S or clock == 0.0 < event.start_s:
            start = min(clock, event.start_s)
            end = event.end_s if pause else event.start_s
            waiting = replace(waiting, end_s=end) if waiting else Event(silence, start, end, False, "_", event.language)
        if not pause:
            if waiting:
                yield waiting
            waiting = None
            yield event
        clock = event.end_s
    if waiting or clock < duration_s:
        yield replace(waiting, end_s=duration_s) if waiting else Event(silence, clock, duration_s, False, "_", "")
