"""Phoneme events -> when the articulators are where.

espeak-ng's events mark where a phoneme's synthesis starts, not where it is heard or seen: everything sounds about 10 ms later, and the
silence of a voiceless plosive, when the lips are shut, comes before its event. The offsets below were measured on espeak-ng 1.52;
times that were aligned to espeak-ng's speech keep them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..types import TimedPhoneme
from .phonemes import SHAPES, Kind, Manner, Phone, phone

Seconds = NDArray[np.float64]

HOLD_S = 0.12
"""A pause shorter than this leaves the mouth as it is."""
RELAX_S = 0.35
"""A pause up to this long relaxes the mouth; a longer one closes it."""

_LAG_S = 0.01
_SHORTEST_S = 0.02
_FULL_VOWEL_S = 0.18
_FASTEST_SYLLABLES_PER_S = 6.0

_HEARD: dict[Manner, tuple[float, float, bool]] = {
    # Offset of the start from the event, offset of the end, and whether the end counts from the event too (or from the next one).
    Manner.VOWEL: (0.010, 0.010, False),
    Manner.GLIDE: (0.010, 0.010, False),
    Manner.PLOSIVE: (-0.035, 0.008, True),
    Manner.VOICED: (0.005, -0.025, False),
    Manner.NASAL: (0.005, 0.005, False),
    Manner.FRICATIVE: (0.000, 0.005, False),
    Manner.OTHER: (0.010, 0.010, False),
}
_SEALED: dict[Manner, tuple[float, float, bool]] = {
    Manner.PLOSIVE: (-0.040, 0.005, True),
    Manner.VOICED: (-0.010, -0.025, False),
    Manner.NASAL: (-0.010, -0.005, False),
    # A bilabial fricative or trill of another language.
    Manner.FRICATIVE: (-0.010, -0.025, False),
}
_TOUCHING = (-0.015, -0.010)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, seconds from the start of the speech."""

    start_s: float
    end_s: float
    after_vowel: bool = False
    """For a closure: a vowel lies between it and the closure before."""

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s

    @property
    def middle_s(self) -> float:
        return (self.start_s + self.end_s) / 2


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
class Accent:
    """A syllable that is stressed or stands out."""

    time_s: float
    """Start of its vowel."""
    strength: float
    """0..1."""
    nuclear: bool = False
    """The last one of its phrase."""


@dataclass(frozen=True, slots=True)
class Segments:
    """Stretches with one lip shape each, in time order; n of them."""

    start_s: Seconds
    """float64 (n,): start of the plateau."""
    end_s: Seconds
    """float64 (n,): end of the plateau."""
    targets: NDArray[np.float64]
    """float64 (n, 7): jaw, width, round, upper, lower, teeth, tongue."""
    dominance: NDArray[np.float64]
    """float64 (n, 4): over jaw, lips, rounding and tongue."""
    nucleus: NDArray[np.bool_]
    """bool (n,): the main part of a vowel."""

    def __len__(self) -> int:
        return len(self.start_s)


@dataclass(frozen=True, slots=True)
class Score:
    """What the mouth has to do, read from the phonemes."""

    segments: Segments
    closures: tuple[Span, ...]
    contacts: tuple[Span, ...]
    pauses: tuple[Pause, ...]
    accents: tuple[Accent, ...]


@dataclass(slots=True)
class _Event:
    """A phoneme that can be seen or waited for, with its length put right."""

    phone: Phone
    start_s: float
    end_s: float
    stressed: bool
    symbol: str
    language: str


def read(phonemes: Sequence[TimedPhoneme], duration_s: float, loudness_db: Seconds) -> Score:
    """The score of a speech of *duration_s*; *loudness_db* is its level every 10 ms, for the gain of the vowels."""
    events = list(_with_pauses(_lengthened(_sounding(phonemes, duration_s)), duration_s))
    gains = _gains(events, loudness_db)
    return Score(
        segments=_segments(events, gains),
        closures=_closures(events),
        contacts=tuple(
            Span(event.start_s + _TOUCHING[0], max(event.end_s + _TOUCHING[1], event.start_s + _SHORTEST_S))
            for event in events
            if _shape(event) == "FF"
        ),
        pauses=_pauses(events, duration_s),
        accents=_accents(events, gains),
    )


def _sounding(phonemes: Sequence[TimedPhoneme], duration_s: float) -> list[_Event]:
    """Phonemes with finite times inside the speech, in order and without overlap; marks that are no sound are left out."""
    events: list[_Event] = []
    floor = 0.0
    for item in phonemes:
        known = phone(item.symbol, item.language)
        if known.kind is Kind.NOTHING or not (math.isfinite(item.start_s) and math.isfinite(item.end_s)):
            continue
        start = min(max(item.start_s, floor), duration_s)
        end = min(max(item.end_s, start), duration_s)
        events.append(_Event(known, start, end, item.stressed, item.symbol, item.language))
        floor = end
    return events


def _lengthened(events: list[_Event]) -> list[_Event]:
    """Events that the voice merged into a neighbour (length 0) get a third of that neighbour back, at most 40 ms."""
    for at, event in enumerate(events):
        if event.phone.kind is Kind.PAUSE or event.end_s - event.start_s > 0.001:
            continue
        before = events[at - 1] if at else None
        after = events[at + 1] if at + 1 < len(events) else None
        if before and before.phone.kind is Kind.SOUND and before.end_s == event.start_s:
            event.start_s -= min(0.04, (before.end_s - before.start_s) / 3)
            before.end_s = event.start_s
        elif after and after.phone.kind is Kind.SOUND and after.start_s == event.end_s:
            event.end_s += min(0.04, (after.end_s - after.start_s) / 3)
            after.start_s = event.end_s
    return [event for event in events if event.phone.kind is Kind.SOUND or event.end_s > event.start_s]


def _with_pauses(events: list[_Event], duration_s: float) -> Iterator[_Event]:
    """Runs of pauses become one; a hole that is too long for a closure is a pause as well."""
    silence = phone("_", "")
    waiting: _Event | None = None
    clock = 0.0
    for event in events:
        pause = event.phone.kind is Kind.PAUSE
        if pause or event.start_s - clock > HOLD_S or clock == 0.0 < event.start_s:
            start = min(clock, event.start_s)
            end = event.end_s if pause else event.start_s
            waiting = replace(waiting, end_s=end) if waiting else _Event(silence, start, end, False, "_", event.language)
        if not pause:
            if waiting:
                yield waiting
            waiting = None
            yield event
        clock = event.end_s
    if waiting or clock < duration_s:
        yield replace(waiting, end_s=duration_s) if waiting else _Event(silence, clock, duration_s, False, "_", "")


def _shape(event: _Event) -> str:
    return event.phone.parts[0].shape if event.phone.kind is Kind.SOUND else "pause"


def _offset(event: _Event, offsets: tuple[float, float, bool]) -> tuple[float, float]:
    start, end, from_event = offsets
    first = event.start_s + start
    last = (event.start_s if from_event else event.end_s) + end
    return first, max(last, first + _SHORTEST_S)


def _gains(events: Sequence[_Event], loudness_db: Seconds) -> list[float]:
    """How far each vowel opens, about 0.5 to 1.25: stress, loudness against the median vowel, and speech rate."""
    vowels = [event for event in events if event.phone.vowel]
    if not vowels:
        return [1.0] * len(events)
    levels = {id(event): _level(loudness_db, event.start_s, event.end_s) for event in vowels}
    median = float(np.median(list(levels.values())))
    talking = sum(event.end_s - event.start_s for event in events if event.phone.kind is Kind.SOUND)
    hasty = 0.15 if len(vowels) > _FASTEST_SYLLABLES_PER_S * talking else 0.0
    gains = []
    for event in events:
        louder = min(max((levels.get(id(event), median) - median) / 10, -1.0), 1.0)
        gains.append(min(max(0.75 + 0.35 * event.stressed + 0.25 * louder - hasty, 0.5), 1.25) if event.phone.vowel else 1.0)
    return gains


def _level(loudness_db: Seconds, start_s: float, end_s: float) -> float:
    stretch = loudness_db[int(start_s * 100) : max(int(end_s * 100), int(start_s * 100) + 1)]
    return float(stretch.mean()) if len(stretch) else -60.0


def _segments(events: Sequence[_Event], gains: Sequence[float]) -> Segments:
    starts: list[float] = []
    ends: list[float] = []
    targets: list[tuple[float, ...]] = []
    dominance: list[tuple[float, ...]] = []
    nucleus: list[bool] = []
    for at, (event, gain) in enumerate(zip(events, gains, strict=True)):
        if event.phone.kind is Kind.PAUSE:
            continue
        first, last = _offset(event, _HEARD[event.phone.manner])
        vowel = event.phone.vowel
        opening = gain * min(max((last - first) / _FULL_VOWEL_S, 0.55), 1.0) if vowel else 1.0
        main = max(range(len(event.phone.parts)), key=lambda part: (event.phone.parts[part].share, -part))
        coda = _coda_of(events, at)
        for index, part in enumerate(event.phone.parts):
            shape = SHAPES[part.shape]
            length = (last - first) * part.share
            # The apex of a vowel lies at 38 % of it; a plateau covers the middle 40 %.
            plateau = first + length * (0.18 if vowel else 0.3)
            starts.append(plateau)
            ends.append(plateau + 0.4 * length)
            if coda is not None:
                kept = targets[-1]
                targets.append((0.7 * kept[0], *kept[1:5], shape.teeth, shape.tongue))
                dominance.append((0.45, 0.5, 0.5, 0.9))
            else:
                lips = math.sqrt(gain)
                targets.append(
                    (
                        min(shape.jaw * opening, 1.0),
                        shape.width * lips,
                        min(shape.round * lips, 1.0),
                        shape.upper * lips,
                        shape.lower * lips,
                        shape.teeth,
                        shape.tongue,
                    )
                )
                dominance.append((shape.on_jaw, shape.on_lips, shape.on_round, 0.5 if vowel else 0.9))
            nucleus.append(vowel and index == main)
            first += length
    return Segments(
        np.array(starts, np.float64),
        np.array(ends, np.float64),
        np.array(targets, np.float64).reshape(-1, 7),
        np.array(dominance, np.float64).reshape(-1, 4),
        np.array(nucleus, np.bool_),
    )


def _coda_of(events: Sequence[_Event], at: int) -> _Event | None:
    """The vowel whose lip shape a Mandarin final n or ng keeps, or None."""
    event = events[at]
    if event.symbol not in ("n", "N") or not event.language.lower().startswith(("cmn", "zh")) or not at:
        return None
    after = events[at + 1] if at + 1 < len(events) else None
    glides_on = after is not None and (after.phone.vowel or after.phone.manner is Manner.GLIDE)
    return events[at - 1] if events[at - 1].phone.vowel and not glides_on else None


def _closures(events: Sequence[_Event]) -> tuple[Span, ...]:
    closures: list[Span] = []
    vowel = False
    for event in events:
        vowel = vowel or event.phone.vowel
        if _shape(event) == "PP":
            closures.append(Span(*_offset(event, _SEALED[event.phone.manner]), after_vowel=vowel))
            vowel = False
    return tuple(closures)


def _pauses(events: Sequence[_Event], duration_s: float) -> tuple[Pause, ...]:
    pauses = []
    for at, event in enumerate(events):
        if event.phone.kind is not Kind.PAUSE:
            continue
        before = events[at - 1] if at else None
        after = events[at + 1] if at + 1 < len(events) else None
        edge = before is None or after is None
        if not edge and event.end_s - event.start_s < HOLD_S:
            continue
        pauses.append(
            Pause(
                event.start_s,
                event.end_s if after else duration_s,
                leading=before is None,
                trailing=after is None,
                shut_before=before is not None and _shape(before) == "PP" and before.phone.manner is Manner.NASAL,
                shut_after=after is not None and _shape(after) == "PP",
            )
        )
    return tuple(pauses)


def _accents(events: Sequence[_Event], gains: Sequence[float]) -> tuple[Accent, ...]:
    """Stressed vowels; where the voice marks none, as in Mandarin, the longest and loudest ones. The last of each phrase is nuclear."""
    vowels = [(event, gain) for event, gain in zip(events, gains, strict=True) if event.phone.vowel]
    chosen = {id(event) for event, _ in vowels if event.stressed}
    if not chosen and vowels:
        weight = [gain * (event.end_s - event.start_s) for event, gain in vowels]
        bar = float(np.quantile(weight, 0.7))
        chosen = {id(event) for (event, _), each in zip(vowels, weight, strict=True) if each >= bar}
    accents: list[Accent] = []
    gain_of = {id(event): gain for event, gain in vowels}
    for event in events:
        if event.phone.kind is Kind.PAUSE and event.end_s - event.start_s >= HOLD_S and accents:
            accents[-1] = replace(accents[-1], nuclear=True)
        if id(event) in chosen:
            accents.append(Accent(event.start_s + _LAG_S, min(max(gain_of[id(event)] - 0.25, 0.0), 1.0)))
    if accents:
        accents[-1] = replace(accents[-1], nuclear=True)
    return tuple(accents)
