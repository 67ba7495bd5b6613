"""Which of a few entries answers a question, without a model.

    score = answered + 0.5 focus + 0.8 topic + 0.25 kind

- answered: the share of the question's words, weighted by how rare they are among the entries, that the entry speaks of: in its
  heading for all, in its text for three quarters, in the headings above for half; a word of the same meaning counts for 0.8.
- focus: the share of the heading's words that the question speaks of.
- topic: the cosine between question and entry as sums of lines of the lexicon (see ``meaning.topics``).
- kind: whether the entry has the kind of answer that the question wants: a price, a time, a number.

The constants are the best of a coarse search on the sets of benchmarks/faq.py; no figure there hangs on any of them.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from .kinds import wanted, wants_figure
from .meaning import SAME, Bag, Meanings, Term, bag, meanings, question_terms, topics, weight_of
from .words import is_cjk

_TEXT: Final = 0.75
_ABOVE: Final = 0.5
_BOTH: Final = 0.3
_RARE: Final = 0.8
_RARE_IN_HEADING: Final = 1.2
_HEADING_ROOM: Final = 0.1
_HEADING_TOPIC: Final = 0.4
_FOREIGN: Final = 0.3
"""What an entry loses that is in Chinese when the question is not, or the other way round."""
_BEFORE: Final = 0.5
"""What the questions before count for together beside this one when it says little itself; a fifth of that when it says more."""
_LONG_BEFORE: Final = 0.6
"""What each of them counts for beside the one that came after it."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What the parts of a score count for."""

    same: float = SAME
    """Of a word of the same meaning, beside 1 for the very word."""
    focus: float = 0.5
    topic: float = 0.8
    kind: float = 0.25


WEIGHTS: Final = Weights()


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
    """At least 0; above 1 only by what was asked before."""
    focus: float
    """In [0, 1]."""
    topic: float
    """In [0, 1]."""
    unanswered: float
    """Weight of the weightiest word of the question that the entry does not speak of."""
    stranger: bool
    """Whether the question has a name that the entry does not speak of."""
    terms: int
    """Terms of the question."""


def fits(
    question: str, entries: Sequence[Entry], *, context: Sequence[str] = (), weights: Weights = WEIGHTS
) -> list[Fit]:
    """*entries* by how well they answer *question*, best first. *context*: what was asked before, latest first."""
    pages = [_page(entry) for entry in entries]
    asked = _asked(question, context, _Rarity(pages, weights.same), weights)
    return sorted((_fit(place, page, asked) for place, page in enumerate(pages)), key=lambda fit: -fit.score)


@dataclass(frozen=True, slots=True)
class _Page:
    title: Bag
    text: Bag
    above: Bag
    entry: Entry

    def match(self, term: Term, same: float) -> float:
        title, text = self.title.match(term, same=same), self.text.match(term, same=same)
        best = max(title, _TEXT * text, _ABOVE * self.above.match(term, same=same))
        return best + _BOTH * min(title, text) * (1 - best)


@lru_cache(maxsize=2048)
def _page(entry: Entry) -> _Page:
    return _Page(bag(entry.heading), bag(entry.text), bag(entry.above), entry)


class _Rarity:
    """How rare a word and its meanings are among the entries, in (0, 1]: 1 when none speaks of it."""

    def __init__(self, pages: Sequence[_Page], same: float) -> None:
        self._count, self._same = len(pages), same
        self._stems = Counter(stem for page in pages for stem in page.title.stems | page.text.stems)
        self._meanings: defaultdict[int, float] = defaultdict(float)
        for page in pages:
            for one in page.title.meanings.keys() | page.text.meanings.keys():
                grades = page.title.meanings.get(one, 0.0), _TEXT * page.text.meanings.get(one, 0.0)
                self._meanings[one] += max(grades)

    def of(self, stems: Iterable[str], known: Meanings) -> float:
        near = max((self._same * grade * self._meanings.get(one, 0.0) for one, grade in known.items()), default=0.0)
        holding = max(near, min(self._stems[stem] for stem in stems))
        return math.log1p(self._count / (0.5 + holding)) / math.log1p(2 * max(self._count, 1))


@dataclass(frozen=True, slots=True)
class _Asked:
    terms: Sequence[tuple[Term, float]]
    """Of the question and then, with less weight, of what was asked before."""
    own: int
    """How many of them are the question's."""
    before: float
    """What the others count for."""
    spoken: Bag
    direction: Mapping[int, float]
    kinds: Sequence[re.Pattern[str]]
    rarity: _Rarity
    weights: Weights
    chinese: bool


def _asked(question: str, context: Sequence[str], rarity: _Rarity, weights: Weights) -> _Asked:
    shares: dict[tuple[str, ...], tuple[Term, float]] = {}
    full = not wants_figure(question) and any(term.weight >= 1 and term.meanings for term in question_terms(question))
    for depth, text in enumerate([question, *context]):
        for term in question_terms(text):
            shares.setdefault(term.stems, (term, _LONG_BEFORE**depth))
    terms = [
        (term, share * term.weight * rarity.of(term.stems, term.meanings) ** _RARE) for term, share in shares.values()
    ]
    latest = context[0] if context else ""
    about = question if question_terms(question) else latest
    return _Asked(
        terms=terms,
        own=len(question_terms(question)),
        before=_BEFORE / 5 if full else _BEFORE,
        spoken=bag(about),
        direction=_direction(about, rarity),
        kinds=wanted(question) or wanted(latest),
        rarity=rarity,
        weights=weights,
        chinese=is_cjk(question),
    )


def _fit(place: int, page: _Page, asked: _Asked) -> Fit:
    matched = [(term, weight, page.match(term, asked.weights.same)) for term, weight in asked.terms]
    own, earlier = matched[: asked.own], matched[asked.own :]
    answered = _share(own) + asked.before * _share(earlier)
    focus = _focus(page, asked)
    title = _direction(page.entry.heading, asked.rarity)
    whole = _direction(f"{page.entry.heading} {page.entry.text}", asked.rarity)
    topic = _HEADING_TOPIC * _cosine(title, asked.direction) + (1 - _HEADING_TOPIC) * _cosine(whole, asked.direction)
    weights = asked.weights
    foreign = is_cjk(page.entry.text) != asked.chinese
    kind = sum(told.search(page.entry.text) is not None for told in asked.kinds) / max(len(asked.kinds), 1)
    return Fit(
        place,
        answered + weights.focus * focus + weights.topic * topic + weights.kind * kind - _FOREIGN * foreign,
        answered,
        focus,
        topic,
        max((term.weight * (1 - match) for term, _, match in own), default=0.0),
        any(term.name and not match for term, _, match in own),
        len(own),
    )


def _share(matched: Sequence[tuple[Term, float, float]]) -> float:
    total = sum(weight for _, weight, _ in matched)
    return sum(weight * match for _, weight, match in matched) / total if total else 0.0


def _focus(page: _Page, asked: _Asked) -> float:
    own = [
        (term, term.weight * asked.rarity.of(term.stems, term.meanings) ** _RARE_IN_HEADING)
        for term in question_terms(page.entry.heading)
    ]
    matched = sum(weight * asked.spoken.match(term, same=asked.weights.same) for term, weight in own)
    return float(matched / (sum(weight for _, weight in own) + _HEADING_ROOM))


def _direction(text: str, rarity: _Rarity) -> Mapping[int, float]:
    """*text* among the meanings of the lexicon: a vector of length 1, or 0."""
    found: defaultdict[int, float] = defaultdict(float)
    for word, vector in topics(text).items():
        weight = weight_of(word) * rarity.of((word,), meanings(word))
        for one, share in vector.items():
            found[one] += weight * share
    length = math.sqrt(sum(value * value for value in found.values())) or 1.0
    return {one: value / length for one, value in found.items()}


def _cosine(one: Mapping[int, float], other: Mapping[int, float]) -> float:
    return math.fsum(value * other[key] for key, value in one.items() if key in other)
