"""The word that a mistyped one was meant to be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

_SHORTEST: Final = 5
"""Letters below which one wrong letter makes another word."""


class Speller:
    """Finds the known word that is one slip away: a letter too many, too few, wrong, or two swapped."""

    def __init__(self, known: Iterable[str]) -> None:
        by_start: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for word in known:
            if len(word) >= _SHORTEST - 1:
                by_start[word[0], len(word)].append(word)
        self._by_start: Mapping[tuple[str, int], list[str]] = by_start

    def meant(self, word: str) -> str:
        """The known word nearest to *word*, which begins with the same letter; "" when none is one slip away."""
        if len(word) < _SHORTEST:
            return ""
        near = (other for more in (1, 0, -1) for other in self._by_start.get((word[0], len(word) + more), ()))
        return next((other for other in near if _one_slip(word, other)), "")


def _one_slip(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    place = next((at for at, letter in enumerate(short) if letter != long[at]), len(short))
    if len(long) > len(short):
        return short[place:] == long[place + 1 :]
    swapped = short[place : place + 2] == long[place : place + 2][::-1] and short[place + 2 :] == long[place + 2 :]
    return swapped or short[place + 1 :] == long[place + 1 :]
