"""From what a voice reports to times of phonemes and words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..types import TimedPhoneme, TimedWord

_SHORTEST_S: Final = 0.02
"""What a phoneme without a duration of its own gets, as far as its neighbours can spare it."""
_SPARED: Final = 0.4
"""The part of its own time a neighbour gives at most."""

_CJK: Final = r"\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_OPENING: Final = r"(\[{<“‘«‹「『【《〈（［｛〔"
_WORD: Final = re.compile(rf"[{_OPENING}]*(?:[{_CJK}][^\w\s{_OPENING}]*|[^\s{_CJK}{_OPENING}]+|[{_OPENING}]+)")


@dataclass(frozen=True, slots=True)
class Onset:
    """A phoneme as a voice reports it: where it begins."""

    sample: int
    symbol: str
    stressed: bool = False
    language: str = "en-us"

    @property
    def pause(self) -> bool:
        return self.symbol.startswith("_")


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where the words of *text* lie: split at spaces, each Chinese or Japanese character alone, punctuation with its word."""
    return [match.span() for match in _WORD.finditer(text)]


def time_phonemes(onsets: Sequence[Onset], count: int, rate: int) -> tuple[TimedPhoneme, ...]:
    """Phonemes without gaps from 0 to *count* samples, in the given order.

    Pauses without a duration vanish, neighbouring pauses become one, a phoneme without a duration gets some from its neighbours.
    """
    kept: list[Onset] = []
    ends = [*(onset.sample for onset in onsets[1:]), count]
    for onset, end in zip(onsets, ends, strict=True):
        if onset.pause and kept and kept[-1].pause:
            if "_:" in (onset.symbol, kept[-1].symbol):
                kept[-1] = replace(kept[-1], symbol="_:")
        elif not onset.pause or end > onset.sample:
            kept.append(onset)
    if not kept:
        return (TimedPhoneme("_", 0.0, count / rate),) if count else ()
    bounds = _spread([0, *(onset.sample for onset in kept[1:]), count], [onset.pause for onset in kept], rate)
    return tuple(
        TimedPhoneme(onset.symbol, bounds[k] / rate, bounds[k + 1] / rate, onset.stressed, onset.language)
        for k, onset in enumerate(kept)
    )


def _spread(bounds: list[int], pause: list[bool], rate: int) -> list[int]:
    """Move boundaries apart where a phoneme has no duration: time comes from the phoneme before, then from the one after."""
    bounds = list(bounds)
    first = 0
    while first < len(pause):
        last = first
        while last < len(pause) and bounds[last + 1] == bounds[first]:
            last += 1
        empty = last - first
        if not empty:
            first += 1
            continue
        wanted = round(empty * _SHORTEST_S * rate)
        before = bounds[first] - bounds[first - 1] if first else 0
        after = bounds[last + 1] - bounds[last] if last < len(pause) else 0
        taken = min(wanted, int(_SPARED * before)) if first and not pause[first - 1] else 0
        given = min(wanted - taken, int(_SPARED * after))
        if taken + given < wanted and first and pause[first - 1]:
            taken = min(wanted - given, int(_SPARED * before))
        start, end = bounds[first] - taken, bounds[first] + given
        for k in range(empty + 1):
            bounds[first + k] = start + (end - start) * k // empty
        first = last + 1
    return bounds


def time_words(
    text: str, marks: Sequence[tuple[int, float]], phonemes: Sequence[TimedPhoneme]
) -> tuple[TimedWord, ...]:
    """The words of *text* from *marks*: (index of a character, time in seconds at which it begins to be spoken), in time order.

    A word without a mark of its own shares the time of the one before it; what has neither a mark nor letters is left out. Words
    end where the sound does, before a pause.
    """
    spans = word_spans(text)
    if not spans or not marks:
        return ()
    starts = [start for start, _ in spans]
    begins: dict[int, float] = {}
    reached = 0
    for index, time_s in marks:
        reached = max(reached, bisect_right(starts, index) - 1)
        begins.setdefault(reached, time_s)
    spoken = [
        k for k, (start, end) in enumerate(spans) if k in begins or any(char.isalnum() for char in text[start:end])
    ]
    groups: list[list[int]] = []
    for k in spoken:
        if k in begins or not groups:
            groups.append([k])
        else:
            groups[-1].append(k)
    froms = [begins.get(group[0], marks[0][1]) for group in groups]
    sounding = [phoneme for phoneme in phonemes if not phoneme.symbol.startswith("_")]
    onsets = [phoneme.start_s for phoneme in sounding]
    words: list[TimedWord] = []
    for group, start_s, next_s in zip(groups, froms, [*froms[1:], float("inf")], strict=True):
        last = bisect_right(onsets, next_s - 1e-9) - 1
        end_s = max(start_s, min(next_s, sounding[last].end_s)) if last >= 0 else start_s
        sizes = [sum(char.isalnum() for char in text[slice(*spans[k])]) or 1 for k in group]
        at = start_s
        for k, size in zip(group, sizes, strict=True):
            until = at + (end_s - start_s) * size / sum(sizes)
            words.append(TimedWord(text[slice(*spans[k])], at, until))
            at = until
    return tuple(words)
