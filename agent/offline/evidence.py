"""Which passage answers a question, and with which of its sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ..followup import sentences
from ..quotes import Quote
from .terms import KINDS, Bag, Term, bag, question_terms

_ENOUGH: Final = 0.62
"""Share of the question that a passage has to speak of to count as an answer; see benchmarks/faq.py."""
_SURE: Final = 0.8
_CONTEXT: Final = 0.35
_KIND_WEIGHT: Final = 0.6
_LIKE: Final = 0.04
_EVERYWHERE: Final = re.compile(r"\bworldwide|\b(?:all|every|any) (?:countr|brand|make|model|state)|\banywhere\b|全球|世界各地|任何国家", re.IGNORECASE)
_LIST: Final = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+(.*)$", re.MULTILINE)
_MARKUP: Final = re.compile(r"!\[([^\]]*)\]\([^)]*\)|\[([^\]]+)\]\([^)]*\)|(\*\*|__|`)|^#+\s.*$|^>\s?|^\s*\|?[-:| ]{3,}\|?\s*$", re.MULTILINE)
_LONGEST_WORDS: Final = 60


@dataclass(frozen=True, slots=True)
class Match:
    """How well a passage answers."""

    passage: Quote
    coverage: float
    """Share of the question's weight that the passage speaks of, in [0, 1]."""
    score: float
    """Orders matches; higher is better."""
    foreign: bool
    """Whether the question names something that the passage does not."""

    @property
    def answers(self) -> bool:
        return self.coverage >= (_SURE if self.foreign else _ENOUGH)


def matches(question: str, passages: Sequence[Quote], *, context: Sequence[str] = ()) -> list[Match]:
    """*passages* by how well they answer *question*, best first. *context*: what was asked before, latest first.

    The score is the matched share of the question's terms, a heading counting more than the text below it, plus how much of the
    heading the question is about.
    """
    terms = question_terms(question)
    known = {term.stems for term in terms}
    earlier = [
        (term, _CONTEXT**depth)
        for depth, text in enumerate(context, 1)
        for term in question_terms(text)
        if term.stems not in known
    ]
    kinds = [kind for kind, (asked, _) in KINDS.items() if asked.search(question)]
    found = [_match(terms, earlier, kinds, passage) for passage in passages]
    return sorted(found, key=lambda match: match.score, reverse=True)


def _match(terms: Sequence[Term], earlier: Sequence[tuple[Term, float]], kinds: Sequence[str], passage: Quote) -> Match:
    title = bag(heading(passage))
    above = bag(passage.about.get("heading", ""))
    body = bag(passage.text)
    everywhere = _EVERYWHERE.search(passage.text) is not None
    total = covered = ranked = 0.0
    foreign = False
    for term in terms:
        in_title, in_body = title.match(term), max(body.match(term), above.match(term))
        total += term.weight
        covered += term.weight * max(in_title, in_body)
        ranked += term.weight * max(in_title, 0.75 * in_body)
        if term.weight > 1 and not max(in_title, in_body):
            foreign = not everywhere
            covered += term.weight * everywhere
    for kind in kinds:
        told = KINDS[kind][1].search(passage.text) is not None
        total += _KIND_WEIGHT
        covered += _KIND_WEIGHT * told
        ranked += _KIND_WEIGHT * told
    for term, depth in earlier:
        hit = max(title.match(term), 0.75 * body.match(term), 0.75 * above.match(term))
        ranked += depth * term.weight * hit
        if not terms:
            total += depth * term.weight
            covered += depth * term.weight * (hit > 0)
    every = [*terms, *(term for term, _ in earlier)]
    score = ranked / max(total, 1e-9) + 0.3 * _focus(title, every)
    return Match(passage, covered / total if total else 0.0, score, foreign)


def _focus(title: Bag, terms: Sequence[Term]) -> float:
    """Share of the heading's words that the question has too."""
    own = [word for word in title.stems if word.isalnum()]
    if not own:
        return 0.0
    return sum(any(word in term.stems for term in terms) for word in own) / len(own)


def alike(first: Match, second: Match) -> bool:
    """Whether two matches are too close to choose between."""
    return second.answers and first.score - second.score < _LIKE and heading(first.passage) != heading(second.passage)


def heading(passage: Quote) -> str:
    """The innermost heading."""
    return passage.about.get("heading", "").rpartition(" > ")[2]


def telling(question: str, passage: Quote) -> list[str]:
    """The one to three sentences of *passage* that answer *question*, in the passage's order, without Markdown."""
    said = plain(passage.text)
    if sum(len(sentence.split()) for sentence in said) <= _LONGEST_WORDS and len(said) <= 3:
        return said
    terms = question_terms(question)
    kinds = [told for asked, told in KINDS.values() if asked.search(question)]
    scores = [
        sum(term.weight * bag(sentence).match(term) for term in terms) + sum(0.7 for told in kinds if told.search(sentence))
        for sentence in said
    ]
    best = max(range(len(said)), key=lambda place: (scores[place], -place))
    chosen = {best}
    title = bag(heading(passage))
    if sum(term.weight * title.match(term) for term in terms) >= 0.5 * sum(term.weight for term in terms):
        chosen.add(0)
    follow = best + 1
    if len(chosen) < 3 and follow < len(said):
        chosen.add(follow)
    picked: list[str] = []
    for place in sorted(chosen):
        if picked and sum(len(sentence.split()) for sentence in [*picked, said[place]]) > _LONGEST_WORDS:
            continue
        picked.append(said[place])
    return picked


@lru_cache(maxsize=1024)
def _plain(text: str) -> tuple[str, ...]:
    flat = _MARKUP.sub(lambda found: found[1] or found[2] or "", text)
    said: list[str] = []
    for block in re.split(r"\n\s*\n", flat):
        lead = _LIST.split(block, maxsplit=1)[0]
        said += sentences(" ".join(lead.split()))
        said += [item.strip() if item.strip()[-1:] in ".!?。！？" else item.strip() + "." for item in _LIST.findall(block) if item.strip()]
    return tuple(sentence for sentence in said if re.search(r"\w", sentence))


def plain(text: str) -> list[str]:
    """*text* as sentences to be spoken: no Markdown, headings and rules left out, an item of a list a sentence."""
    return list(_plain(text))
