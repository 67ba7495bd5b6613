"""Which memories answer a query, and why: BM25 of the turn in its window, dense similarity and priors, as standard scores."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from . import dates
from .bm25 import Places, Scores, match
from .claims import AGENTS
from .embeddings import Encoder, Vectors
from .facts import USER, about_first, about_past, asked
from .shard import GENERIC, Shard
from .types import Fact
from .words import terms, words

_FACT: Final = 12.0
"""Standard scores that a turn gains by stating what is asked for."""
_ALIKE: Final = 0.25
"""Cosine from which a turn without a word of the query may be meant."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Of each part; the parts are standard scores, or 0 and 1."""

    window: float = 1.0
    turn: float = 0.3
    session: float = 0.3
    speaker: float = 0.7
    date: float = 1.2
    recency: float = 0.05


WEIGHTS: Final = Weights()

_ASKS_USER: Final = re.compile(
    r"\b(?:did|have|do|am|was|had) i\b|\bi (?:said|told|mentioned|asked|like|want)|\bmy\b|我", re.IGNORECASE
)
_ASKS_AGENT: Final = re.compile(
    r"\b(?:did|have|do|had|were) you (?:say|said|tell|told|promise|recommend|suggest|advise|answer|offer|mention|explain)\w*"
    r"|\byou (?:said|told|promised|recommended|suggested|offered|mentioned)\b|你(?:说|推荐|建议|答应|告诉)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in the shard that answers."""

    place: int
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class _Known:
    """Turns that state what the query asks for, best first, and turns whose statements no longer hold."""

    answers: dict[str, Fact]
    over: set[str]


Nearest = Callable[[Vectors], Sequence[tuple[str, float]]]
"""Ids and cosines of the turns nearest to a unit vector, of those that have no vector in the shard."""


def rank(
    shard: Shard,
    query: str,
    encoder: Encoder,
    *,
    nearest: Nearest,
    as_of: datetime | None = None,
    weights: Weights = WEIGHTS,
) -> Iterator[Hit]:
    """Every turn said by *as_of* that has anything to do with *query*, best first.

    The shard is read before this returns; it may change while the hits are taken.
    """
    if not len(shard):
        return iter(())
    now = as_of or datetime.now(UTC)
    at = shard.at
    visible = at <= now.timestamp() if as_of else np.ones(len(shard), bool)
    known = _known(shard, query, now)
    for turn in known.over:
        visible[shard.place[turn]] = False
    if not visible.any():
        return iter(())

    asked_terms = _query_terms(query)
    found = match(shard.postings, asked_terms, before=shard.before, after=shard.after, session=shard.session)
    similar = _similar(shard, encoder.encode_query(_without_names(query, shard.speakers)), nearest)
    by_speaker = _speaker_prior(shard, query)
    by_date = _date_match(at, query, now)
    score = (
        weights.window * _standard(found.window, visible)
        + weights.turn * _standard(found.turn, visible)
        + weights.session * _standard(found.session, visible)
        + encoder.weight * _standard(similar, visible)
        + weights.speaker * by_speaker
        + weights.date * by_date
        + weights.recency * np.linspace(0.0, 1.0, len(shard))
    )
    relevant = (found.window > 0) | (similar >= max(_ALIKE, float(np.quantile(similar, 0.98)))) | (by_date > 0)
    answers = {shard.place[turn]: (order, fact) for order, (turn, fact) in enumerate(known.answers.items())}
    for place, (order, _) in answers.items():
        relevant[place] = True
        score[place] += _FACT * (0.5 + 0.5 / (1 + order))
    if answers:
        first = next(iter(answers))
        score[first] = max(score[first], float(score.max()) + 1.0)
    places = np.flatnonzero(relevant & visible)
    ordered = places[np.argsort(-score[places], kind="stable")]
    facts = {place: fact for place, (_, fact) in answers.items()}
    evidence = _Evidence(found.hits, similar, by_date, by_speaker, shard.speaker, tuple(shard.speakers), facts)
    return (Hit(place, float(score[place]), evidence.reasons(place)) for place in ordered.tolist())


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What spoke for each place."""

    counts: dict[str, Scores]
    similar: Scores
    by_date: Scores
    by_speaker: Scores
    speaker: Places
    speakers: Sequence[str]
    facts: dict[int, Fact]

    def reasons(self, place: int) -> str:
        return "; ".join(self._parts(place)) or "among the nearest"

    def _parts(self, place: int) -> Iterator[str]:
        if fact := self.facts.get(place):
            yield f"states the {fact.attribute}" + (
                f" until {fact.valid_to:%Y-%m-%d}" if fact.valid_to else " that holds"
            )
        if shared := [term for term, counts in self.counts.items() if counts[place]]:
            yield "it or its neighbours say " + ", ".join(f"“{term}”" for term in shared[:5])
        if self.similar[place] > 0.2:
            yield f"similar wording or meaning ({self.similar[place]:.2f})"
        if self.by_date[place]:
            yield "of the time asked about"
        if self.by_speaker[place] > 0.5:
            yield f"said by {self.speakers[self.speaker[place]]}"


def _query_terms(query: str) -> list[str]:
    return [
        term for term in terms(query) if term not in {"say", "said", "mention", "tell", "told", "rememb", "recal"}
    ] or terms(query)


def _standard(values: Scores, visible: NDArray[np.bool_]) -> Scores:
    """Standard scores over the visible turns; all 0 where the values do not differ."""
    seen = values[visible]
    spread = float(seen.std())
    return (values - seen.mean()) / spread if spread > 1e-9 else np.zeros(len(values))


def _without_names(query: str, speakers: Sequence[str]) -> str:
    """*query* without the names of the speakers: they pull towards the other speaker's greetings."""
    names = {word for speaker in speakers if speaker.casefold() not in GENERIC for word in words(speaker)}
    kept = re.sub(r"\w+", lambda word: "" if word[0].casefold() in names else word[0], query)
    return kept if words(kept) else query


def _similar(shard: Shard, vector: Vectors, nearest: Nearest) -> Scores:
    """Cosine with each turn; 0 for those that the index did not name."""
    similar = np.zeros(len(shard))
    held = shard.vectors
    if len(held):
        similar[len(shard) - len(held) :] = np.einsum(
            "ij,j->i", held, vector
        )  # BLAS would wake every core for a millisecond's work
    if len(held) < len(shard):
        for turn, cosine in nearest(vector):
            if turn in shard.place:
                similar[shard.place[turn]] = cosine
    return similar


def _speaker_prior(shard: Shard, query: str) -> Scores:
    """1 for turns of a speaker the query names, or of the role it asks about; 0.5 for people where it asks about nobody."""
    asked_words = set(words(query))
    value = np.zeros(len(shard.speakers))
    named = [
        not asked_words.isdisjoint(words(speaker)) and speaker.casefold() not in GENERIC for speaker in shard.speakers
    ]
    for place, speaker in enumerate(shard.speakers):
        if any(named):
            value[place] = named[place]
        elif _ASKS_AGENT.search(query):
            value[place] = speaker.casefold() in AGENTS
        else:
            value[place] = (1.0 if _ASKS_USER.search(query) else 0.5) * (speaker.casefold() not in AGENTS)
    return value[shard.speaker]


def _date_match(at: Scores, query: str, now: datetime) -> Scores:
    value = np.zeros(len(at))
    for start, end in dates.spans(query, now):
        value[(at >= start.timestamp()) & (at < end.timestamp())] = 1.0
    return value


def _known(shard: Shard, query: str, now: datetime) -> _Known:
    """What the facts in the shard say about *query* at *now*."""
    subjects, past = _subjects(shard, query), about_past(query)
    begun = [fact for fact in shard.facts if fact.valid_from <= now]
    ended = [fact for fact in begun if fact.valid_to is not None and fact.valid_to <= now]
    live = [fact for fact in begun if fact.valid_to is None or fact.valid_to > now]
    wanted = asked(query, {fact.attribute for fact in begun if fact.subject in subjects})
    about = [fact for fact in reversed(live) if fact.attribute in wanted and fact.subject in subjects]
    if past:
        before = [fact for fact in ended if fact.attribute in wanted and fact.subject in subjects]
        about = sorted(before, key=lambda fact: fact.valid_to or now, reverse=not about_first(query)) + about
    answers: dict[str, Fact] = {}
    for fact in about:
        answers.setdefault(fact.turn, fact)
    said = set(terms(query))
    over = (
        set()
        if past
        else {fact.turn for fact in ended if said.isdisjoint(_value_terms(fact.value))} - {fact.turn for fact in live}
    )
    return _Known(answers, over)


@lru_cache(maxsize=16_384)
def _value_terms(value: str) -> frozenset[str]:
    return frozenset(terms(value))


def _subjects(shard: Shard, query: str) -> set[str]:
    """Whose facts *query* asks for: of the speakers it names, else of the user."""
    said = set(words(query))
    named = {
        speaker
        for speaker in shard.speakers
        if speaker.casefold() not in GENERIC and not said.isdisjoint(words(speaker))
    }
    return {USER if speaker.casefold() == shard.owner.casefold() else speaker for speaker in named} or {USER}
