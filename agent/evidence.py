"""Which passage answers a question, and with which of its sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from .followup import language, sentences
from .quotes import Quote
from .terms import KINDS, Bag, Term, bag, pairs, question_terms

_ENOUGH: Final = 0.5
"""Share of the question that a passage has to speak of to count as an answer; see benchmarks/faq.py."""
_PERHAPS: Final = 0.36
"""Share from which it is worth asking whether the passage is meant."""
_SURE: Final = 0.8
_CONTEXT: Final = 0.3
_KIND_WEIGHT: Final = 0.6
_FOCUS: Final = 0.3
_COMMON: Final = 0.7
_SHRUG: Final = 0.2
_UNHEARD: Final = 1.1
_LIKE_MEANING: Final = 0.95
_PAIR: Final = 0.08
_PAIRS: Final = 0.24
_BY_NAME_ONLY: Final = 0.4
_SETTLED: Final = 0.5
_SECTION: Final = 0.6
_ALLOWED: Final = 0.4
_BEHIND: Final = 0.02
_LIKE: Final = 0.1
_EVERYWHERE: Final = re.compile(
    r"\bworldwide|\b(?:all|every|any) (?:countr|brand|make|model|state)|\banywhere\b|全球|世界各地|任何国家",
    re.IGNORECASE,
)
_MAY: Final = re.compile(r"\b(?:can|may|could) (?:i|we)\b|可以.*吗|能.*吗|能不能|可不可以", re.IGNORECASE)
_YOU_MAY: Final = re.compile(
    r"\b(?:you|i|we) (?:can|may|cannot|can['’]t)\b|^(?:yes|no)\b|可以|不能|不可", re.IGNORECASE
)
_LIST: Final = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+(.*)$", re.MULTILINE)
_MARKUP: Final = re.compile(
    r"!\[([^\]]*)\]\([^)]*\)|\[([^\]]+)\]\([^)]*\)|(\*\*|__|`)|^#+\s.*$|^>\s?|^\s*\|?[-:| ]{3,}\|?\s*$", re.MULTILINE
)
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
    headed: bool
    """Whether the heading speaks of something the question is about, not only of words that any question has."""

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
    settled = any(term.weight >= 1 and term.senses for term in terms)
    earlier = [
        (term, _CONTEXT**depth * (_SETTLED if settled else 1.0))
        for depth, text in enumerate(context, 1)
        for term in question_terms(text)
        if term.stems not in known
    ]
    pages = [_page(passage) for passage in passages]
    weighed = [(term, _weight(term, pages)) for term in terms]
    kinds = _kinds(question) or _kinds(context[0] if context else "")
    together = frozenset(pairs(question))
    found = [_match(weighed, earlier, kinds, page, together) for page in pages]
    if context and _MAY.search(question):
        found = [
            replace(match, score=match.score + _ALLOWED * (_YOU_MAY.search(match.passage.text) is not None))
            for match in found
        ]
    return sorted(found, key=lambda match: match.score, reverse=True)


def _kinds(question: str) -> list[str]:
    return [kind for kind, (asked, _) in KINDS.items() if asked.search(question)]


@dataclass(frozen=True, slots=True)
class _Page:
    passage: Quote
    title: Bag
    whole: Bag
    """Title and text."""
    above: Bag
    """The headings above the title."""

    def match(self, term: Term) -> float:
        return max(self.whole.match(term), _SECTION * self.above.match(term))


def _page(passage: Quote) -> _Page:
    title = heading(passage)
    above = passage.about.get("heading", "").rpartition(" > ")[0]
    return _Page(passage, bag(title), bag(f"{title}\n{passage.text}"), bag(above))


def _weight(term: Term, pages: Sequence[_Page]) -> float:
    """What *term* counts for: little when most pages speak of it; a name that none has counts for more than any other word."""
    share = sum(page.match(term) > 0 for page in pages) / max(len(pages), 1)
    return _UNHEARD * term.weight if share == 0 else (1.0 - _COMMON * share) * min(term.weight, 1.0)


def _match(
    terms: Sequence[tuple[Term, float]],
    earlier: Sequence[tuple[Term, float]],
    kinds: Sequence[str],
    page: _Page,
    together: frozenset[tuple[str, str]],
) -> Match:
    everywhere = _EVERYWHERE.search(page.passage.text) is not None
    total = full = covered = ranked = 0.0
    foreign = False
    for term, weight in terms:
        in_title, anywhere = page.title.match(term), page.match(term)
        full += weight
        total += weight if anywhere or not term.common else _SHRUG * weight
        covered += weight * anywhere
        ranked += weight * max(_standing(in_title), 0.75 * _standing(anywhere))
        if term.weight > 1 and not anywhere:
            foreign = not everywhere
            covered += weight * everywhere
    for kind in kinds:
        told = KINDS[kind][1].search(page.passage.text) is not None
        full += _KIND_WEIGHT
        total += _KIND_WEIGHT
        covered += _KIND_WEIGHT * told
        ranked += _KIND_WEIGHT * told
    for term, depth in earlier:
        hit = max(page.title.match(term), 0.75 * page.match(term))
        ranked += depth * term.weight * hit
        if not terms:
            full += depth * term.weight
            total += depth * term.weight
            covered += depth * term.weight * (hit > 0)
    about = [term for term, _ in terms] or [term for term, _ in earlier]
    close = len(together & page.whole.pairs) + len(together & page.title.pairs)
    score = ranked / max(full, 1e-9) + _FOCUS * _focus(page, about) + min(_PAIR * close, _PAIRS)
    coverage = covered / total if total else 0.0
    strong = [term for term, _ in terms if term.weight == 1]
    if strong and not any(page.match(term) for term in strong):
        coverage = min(coverage, _BY_NAME_ONLY)
    return Match(page.passage, coverage, score, foreign, any(page.title.match(term) for term in strong))


def _standing(match: float) -> float:
    return match if match == 1.0 else _LIKE_MEANING * match


def _focus(page: _Page, terms: Sequence[Term]) -> float:
    """Share of the heading's weight that the question speaks of too."""
    own = question_terms(heading(page.passage))
    total = sum(term.weight for term in own)
    if not total:
        return 0.0
    asked = Bag(
        frozenset(stem for term in terms for stem in term.stems),
        frozenset(sense for term in terms for sense in term.senses),
    )
    return sum(term.weight * _standing(asked.match(term)) for term in own) / total


def answering(ranked: Sequence[Match]) -> list[Match]:
    """Those of *ranked* that answer, as long as they are not far behind the best."""
    return [match for match in ranked if match.answers and match.score >= ranked[0].score - _BEHIND]


def perhaps(question: str, ranked: Sequence[Match]) -> str:
    """The heading of the best match, if it does not answer but may be what was meant; else ""."""
    best = ranked[0] if ranked else None
    if best is None or best.coverage < _PERHAPS or best.foreign or not best.headed:
        return ""
    title = heading(best.passage)
    return title if language(title) == language(question) else ""


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
        sum(term.weight * bag(sentence).match(term) for term in terms)
        + sum(0.7 for told in kinds if told.search(sentence))
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
        said += [
            item.strip() if item.strip()[-1:] in ".!?。！？" else item.strip() + "."
            for item in _LIST.findall(block)
            if item.strip()
        ]
    return tuple(sentence for sentence in said if re.search(r"\w", sentence))


def plain(text: str) -> list[str]:
    """*text* as sentences to be spoken: no Markdown, headings and rules left out, an item of a list a sentence."""
    return list(_plain(text))
