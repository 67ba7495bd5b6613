"""Which memories answer a query, and why: BM25 of the turn in its window, dense similarity and priors, added up as standard scores."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from . import dates
from .bm25 import Scores, match
from .claims import AGENTS
from .embeddings import Encoder
from .facts import about_first, about_past, asked, timeline
from .shard import GENERIC, Shard
from .types import Fact
from .words import terms, words

_FACT: Final = 12.0
"""Above anything that text similarity alone reaches."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Of each part; the parts are standard scores, or 0 and 1."""

    window: float = 1.0
    turn: float = 0.45
    session: float = 0.15
    speaker: float = 0.35
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


@dataclass(slots=True)
class Hit:
    """A place in the shard with the parts of its score."""

    place: int
    score: float
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    """Turns that state what the query asks for, best first, and turns whose statements no longer hold."""

    answers: dict[str, Fact]
    stale: set[str]


def rank(
    shard: Shard, query: str, encoder: Encoder, *, as_of: datetime | None = None, weights: Weights = WEIGHTS
) -> list[Hit]:
    """Every turn said by *as_of* that has anything to do with *query*, best first."""
    if not len(shard):
        return []
    now = as_of or datetime.now(UTC)
    at = shard.at
    visible = at <= now.timestamp() if as_of else np.ones(len(shard), bool)
    known = _known(shard, query, now)
    for turn in known.stale:
        visible[shard.place[turn]] = False
    if not visible.any():
        return []

    asked_terms = _query_terms(query)
    found = match(shard.postings, asked_terms, before=shard.before, after=shard.after, session=shard.session)
    similar = _similar(shard, query, encoder)
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
    relevant = (found.window > 0) | (similar > max(0.25, float(np.quantile(similar, 0.98)))) | (by_date > 0)
    answers = {shard.place[turn]: (order, fact) for order, (turn, fact) in enumerate(known.answers.items())}
    for place, (order, _) in answers.items():
        relevant[place] = True
        score[place] += _FACT * (1 - order / (len(answers) + 1)) + 2 * len(answers)
    places = np.flatnonzero(relevant & visible)
    ordered = places[np.argsort(-score[places], kind="stable")]
    hits = []
    for place in ordered.tolist():
        reasons = _reasons(found.hits, place, similar=float(similar[place]), dated=bool(by_date[place] > 0))
        if place in answers:
            reasons.insert(0, _fact_reason(answers[place][1]))
        if by_speaker[place] > 0:
            reasons.append(f"said by {shard.speakers[int(shard.speaker[place])]}")
        hits.append(Hit(place, float(score[place]), reasons))
    return hits


def _query_terms(query: str) -> list[str]:
    return [
        term for term in terms(query) if term not in {"say", "said", "mention", "tell", "told", "rememb", "recal"}
    ] or terms(query)


def _standard(values: Scores, visible: NDArray[np.bool_]) -> Scores:
    """Standard scores over the visible turns; all 0 where the values do not differ."""
    seen = values[visible]
    spread = float(seen.std())
    return (values - seen.mean()) / spread if spread > 1e-9 else np.zeros(len(values))


def _similar(shard: Shard, query: str, encoder: Encoder) -> Scores:
    """Cosine with each turn, names of the speakers taken out of the query: they pull towards the other speaker's greetings."""
    names = {word for speaker in shard.speakers if speaker.casefold() not in GENERIC for word in words(speaker)}
    kept = re.sub(r"\w+", lambda word: "" if word[0].casefold() in names else word[0], query)
    vector = encoder.encode_query(kept if words(kept) else query)
    return np.asarray(shard.vectors @ vector, np.float64)


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
    """What the statements in the shard say about *query* at *now*."""
    until = [statement for statement in shard.statements if statement.at <= now]
    facts = timeline(until)
    past = about_past(query)
    wanted = asked(query, {fact.attribute for fact in facts})
    about = [fact for fact in facts if fact.attribute in wanted]
    holding = [fact for fact in about if fact.valid_to is None]
    ended = [fact for fact in about if fact.valid_to is not None]
    mentioned = set(terms(query))
    if past:
        about = sorted(ended, key=lambda fact: fact.valid_to or now, reverse=not about_first(query)) + holding[::-1]
    else:
        about = holding[::-1]
    live = {fact.turn for fact in facts if fact.valid_to is None}
    stale = {
        fact.turn
        for fact in facts
        if fact.valid_to is not None and fact.turn not in live and mentioned.isdisjoint(terms(fact.value)) and not past
    }
    return _Known(_first_of_each(about), stale)


def _first_of_each(facts: Sequence[Fact]) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    for fact in facts:
        found.setdefault(fact.turn, fact)
    return found


def _fact_reason(fact: Fact) -> str:
    if fact.valid_to is None:
        return f"states the current {fact.attribute}"
    return f"states the {fact.attribute} until {fact.valid_to:%Y-%m-%d}"


def _reasons(hits: dict[str, Scores], place: int, *, similar: float, dated: bool) -> list[str]:
    reasons = []
    shared = [term for term, counts in hits.items() if counts[place]]
    if shared:
        reasons.append("it or its neighbours say " + ", ".join(f"“{term}”" for term in shared[:5]))
    if similar > 0.2:
        reasons.append(f"similar wording or meaning ({similar:.2f})")
    if dated:
        reasons.append("of the time asked about")
    return reasons
