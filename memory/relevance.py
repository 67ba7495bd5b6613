"""Which of a few entries answers a question.

    score = a answered + b focus + c heading + d text - e gap - f gaps

- answered: the share of the question's words, by weight and by how rare they are among the entries, that the entry speaks of. A
  word counts for the cosine with the nearest word of the entry ("late interaction": Khattab and Zaharia, "ColBERT", 2020), times
  what its place counts for: the heading, the text, the headings above.
- focus: the share of the heading's words that the question speaks of.
- heading, text: the cosine of the question, as the weighted sum of its words, with that of the heading and of the text.
- gap, gaps: the weight of the weightiest word that the entry does not speak of, and of all that it does not speak of.

The vectors, the weights of the words and the constants are learned together by training/vocabulary.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from .embeddings import unit
from .vocabulary import Meant, Numbers, Vocabulary, tokens, vocabulary
from .words import is_cjk, terms

_FOREIGN: Final = 4.0
"""What an entry loses that is in Chinese when the question is not, or the other way round."""
OTHERS: Final = 8
USUAL: Final = 0.3
"""How rare a word is is told from the entries and so many others, which speak of any word so much."""
_NAME: Final = re.compile(r"(?<=[a-z,;:'’0-9] )(?!I\b)[A-Z][A-Za-z]+")
_VERY: Final = 0.8
_STRANGE: Final = 1.6
"""What the log-odds lose by a name that the entry does not speak of: who asks about Mars is not helped with Alaska."""
_LONGEST: Final = 64
"""Words of a question that are looked at, the last ones."""
_SAME: Final = 0.5
"""Cosine from which one word speaks of what another does."""
_FIGURE: Final = re.compile(
    r"\bhow (?:much|many|long|far|fast|soon|often|big|large|heavy|old|late|early|high|wide)\b|\b(?:price|cost|fee)s?\b|\bwhen\b"
    r"|多少|多久|多长|多大|多重|几|价格|费用",
    re.IGNORECASE,
)
_BEFORE: Final = 0.4
"""What the words of each question before count for beside those of the one that came after it; names lose half as much."""
_BESIDE: Final = 0.2
"""What they count for beside a question that says what it is about."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage to be ranked."""

    heading: str
    text: str
    above: str = ""
    """The headings above its own."""

    @classmethod
    def under(cls, headings: str, text: str) -> Self:
        """Of a passage below *headings*, outermost first, joined by " > "."""
        above, _, heading = headings.rpartition(" > ")
        return cls(heading, text, above)


@dataclass(frozen=True, slots=True)
class Fit:
    """How well an entry answers."""

    place: int
    """Of the entry among those given."""
    score: float
    """Higher is better."""
    answered: float
    """Share of the question that it speaks of: 0 for nothing, about 1 for all."""
    gap: float
    """What the entry leaves out of the weightiest word of the question that it does not speak of; 0 or more."""
    log_odds: float
    """That it answers, if it is the best: a logistic regression of score and gap on trades that nothing was learned from."""


class Entries:
    """Entries made ready to be asked again and again."""

    def __init__(self, entries: Sequence[Entry], known: Vocabulary | None = None) -> None:
        """*known*: the vocabulary of the package by default."""
        self._known = known or vocabulary()
        rows: dict[str, int] = {}
        heading = _numbered([entry.heading for entry in entries], rows)
        text = _numbered([entry.text for entry in entries], rows)
        above = _numbered([entry.above for entry in entries], rows)
        self._meant = self._known.look_up(list(rows))
        self._heading, self._text, self._above = (_Part(part, len(rows)) for part in (heading, text, above))
        self._titles, self._texts = self._heading.summed(self._meant), self._text.summed(self._meant)
        self._chinese = np.array([is_cjk(entry.text) for entry in entries], bool)

    def fits(self, question: str, *, context: Sequence[str] = ()) -> list[Fit]:
        """How well each answers *question*, best first.

        *context*, what was asked before, latest first, counts most where the question says little of its own or asks for a figure
        ("and how much is it?").
        """
        words = _asked(question, context)
        if not len(self._chinese) or not words:
            return []
        asked, shares = self._known.look_up(list(words)), np.array(list(words.values()), np.float32)
        learned = self._known.constants
        near = asked.directions @ self._meant.directions.T
        heading, text, above = (part.nearest(near) for part in (self._heading, self._text, self._above))
        match = np.maximum(np.maximum(learned["heading"] * heading, learned["text"] * text), learned["above"] * above)
        match += learned["both"] * np.maximum(np.minimum(heading, text), 0) * (1 - match)
        spoken = (np.clip(match, 0, 1).sum(1) + USUAL * OTHERS) / (match.shape[1] + OTHERS)
        rare = np.maximum(1 - spoken, 0.02) ** learned["rarity"]
        counts = shares * asked.weights * rare
        lacking = counts[:, None] * (1 - match)
        answered = 1 - lacking.sum(0) / counts.sum()
        gap = lacking.max(0)
        focus = self._heading.mean(near.max(0), self._meant.weights)
        sought = unit((shares * asked.weights) @ (asked.vectors @ self._known.turned))
        score = (
            learned["answered"] * answered
            + learned["focus"] * focus
            + learned["title"] * (self._titles @ sought)
            + learned["whole"] * (self._texts @ sought)
            - learned["gap"] * gap
            - learned["gaps"] * lacking.sum(0)
            - _FOREIGN * (self._chinese != is_cjk(question))
        )
        names = _names(question)
        strange = (match[[token in names for token in words]] < _VERY).any(0)
        log_odds = learned["odds"] + learned["odds_score"] * score + learned["odds_gap"] * gap - _STRANGE * strange
        return [
            Fit(place, float(score[place]), float(answered[place]), float(gap[place]), float(log_odds[place]))
            for place in np.argsort(-score, kind="stable").tolist()
        ]


def _numbered(texts: Sequence[str], rows: dict[str, int]) -> list[list[int]]:
    """The words of *texts* as their places in *rows*, which grows."""
    return [[rows.setdefault(token, len(rows)) for token in tokens(text)] for text in texts]


def spoken_of(question: str, texts: Sequence[str], *, but: Collection[str] = ()) -> list[float]:
    """The share of the question's words, by weight, that each of *texts* speaks of, in [0, 1]; the words *but* are left out."""
    asked = vocabulary().look_up(list(dict.fromkeys(token for token in tokens(question) if token not in but)))
    shares = asked.weights / max(float(asked.weights.sum()), 1e-6)
    found = []
    for text in texts:
        near = asked.directions @ vocabulary().look_up(tokens(text)).directions.T
        found.append(float(shares @ np.where(near >= _SAME, near, 0).max(1, initial=0)))
    return found


def _asked(question: str, context: Sequence[str]) -> dict[str, float]:
    """The words of a question and of those before it -> what each counts for; none if they are only numbers and small words."""
    shares: dict[str, float] = {}
    full = len(terms(question)) > 1 and not _FIGURE.search(question)
    for depth, text in enumerate([question, *context]):
        names = _names(text)
        for token in tokens(text)[-_LONGEST:]:
            kept = _BEFORE ** (depth / 2 if token in names else depth**1.25)
            shares.setdefault(token, kept * _BESIDE if full and depth else kept)
    told = any(not term.isdigit() for text in (question, *context) for term in terms(text))
    return shares if told else {}


def _names(text: str) -> set[str]:
    return {token for name in _NAME.findall(text) for token in tokens(name)}


class _Part:
    """One part of all entries, as rows of the words they use; every entry has one row that stands for nothing."""

    def __init__(self, rows: Sequence[Sequence[int]], nothing: int) -> None:
        self._rows = np.array([row for one in rows for row in (nothing, *one)], np.int64)
        self._starts = np.cumsum([0, *(1 + len(one) for one in rows)])[:-1]

    def nearest(self, near: Numbers) -> Numbers:
        """*near*: (words asked for, words) cosines -> (words asked for, entries), each the greatest of the entry."""
        padded = np.pad(near, ((0, 0), (0, 1)), constant_values=-1)
        return np.asarray(np.maximum.reduceat(padded[:, self._rows], self._starts, axis=1), np.float32)

    def mean(self, near: Numbers, weights: Numbers) -> Numbers:
        """The mean of *near* over the words of each entry, by weight; (entries,)."""
        counts = np.append(weights, 1e-6)[self._rows]
        summed = np.add.reduceat(np.append(near, 0)[self._rows] * counts, self._starts)
        return np.asarray(summed / np.add.reduceat(counts, self._starts), np.float32)

    def summed(self, meant: Meant) -> Numbers:
        """The direction of each entry's words together; (entries, d)."""
        vectors, weights = np.pad(meant.vectors, ((0, 1), (0, 0))), np.append(meant.weights, 0)
        parted = np.split(self._rows, self._starts[1:])
        return unit(np.array([weights[rows] @ vectors[rows] for rows in parted], np.float32))
