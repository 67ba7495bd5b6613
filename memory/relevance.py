"""Which of a few entries answers a question, without a model.

    score = answered + 0.35 focus + 0.6 topic + 0.25 kind

- answered: the share of the question's words, weighted by how rare they are among the entries, that the entry speaks of;
  in its heading for all, in its text for three quarters, in the headings above for half.
- focus: the share of the heading's words that the question speaks of.
- topic: the cosine between question and entry as sums of the lexicon's lines (see ``meaning.topics``).
- kind: whether the entry has the kind of answer that the question wants: a price, a time, a number.

The constants are the best of a coarse search on the sets of benchmarks/faq.py, which hardly depends on any of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from .kinds import wanted
from .meaning import SAME, Bag, Meanings, Term, bag, meanings, question_terms, topics, weight_of

_TEXT: Final = 0.75
_ABOVE: Final = 0.5
_BOTH: Final = 0.3
_FOCUS: Final = 0.35
_TOPIC: Final = 0.6
_KIND: Final = 0.25
_RARE: Final = 0.8
_RARE_IN_HEADING: Final = 1.2
_HEADING_ROOM: Final = 0.1
_HEADING_TOPIC: Final = 0.4
_BEFORE: Final = 0.3
"""What the question before counts for beside this one; the one before that, for the square."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage to be ranked."""

    heading: str
    text: str
    above: str = ""
    """The headings above its own."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well an entry answers."""

    place: int
    """Of the entry among those given."""
    score: float
    """Higher is better."""
    answered: float
    """In [0, 1]."""
    focus: float
    """In [0, 1]."""
    topic: float
    """In [0, 1]."""
    unanswered: float
    """Weight of the weightiest word of the question that the entry does not speak of."""
    terms: int
    """Terms of the question."""


def fits(question: str, entries: Sequence[Entry], *, context: Sequence[str] = ()) -> list[Fit]:
    """*entries* by how well they answer *question*, best first. *context*: what was asked before, latest first."""
    pages = [_page(entry) for entry in entries]
    rarity = _Rarity(pages)
    asked = question_terms(question)
    known = {term.stems for term in asked}
    earlier = [
        (term, _BEFORE**depth)
        for depth, text in enumerate(context, 1)
        for term in question_terms(text)
        if term.stems not in known
    ]
    weighed = [(term, term.weight * rarity.of(term) ** _RARE) for term in asked]
    weighed += [(term, share * term.weight * rarity.of(term) ** _RARE) for term, share in earlier]
    spoken = _joined([term for term, _ in weighed])
    direction = _direction([question, *context], rarity)
    told = wanted(question) or wanted(context[0] if context else "")
    found = [
        _fit(place, page, weighed, asked=asked, spoken=spoken, rarity=rarity, direction=direction, kinds=told)
        for place, page in enumerate(pages)
    ]
    return sorted(found, key=lambda fit: -fit.score)
