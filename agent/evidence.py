"""Which passage answers a question, and with which of its sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ..memory.kinds import wanted
from ..memory.meaning import bag, question_terms
from ..memory.relevance import Entry, Fit, fits
from .followup import language, sentences
from .quotes import Quote

_ENOUGH: Final = 0.0
"""Confidence from which a passage is taken for the answer; see benchmarks/faq.py."""
_PERHAPS: Final = -1.67
"""Confidence from which it is worth asking whether the passage is meant."""
_LIKE: Final = 0.1
"""Scores that differ by less are a tie."""
_NEAR: Final = 0.2
"""Scores that differ by less are both worth naming when we ask back."""
_MANY: Final = 8
_LIST: Final = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+(.*)$", re.MULTILINE)
_MARKUP: Final = re.compile(
    r"!\[([^\]]*)\]\([^)]*\)|\[([^\]]+)\]\([^)]*\)|(\*\*|__|`)|^#+\s.*$|^>\s?|^\s*\|?[-:| ]{3,}\|?\s*$", re.MULTILINE
)
_LONGEST_WORDS: Final = 60


@dataclass(frozen=True, slots=True)
class Match:
    """How well a passage answers."""

    passage: Quote
    score: float
    """Orders matches; higher is better."""
    confidence: float
    """Above 0 for an answer: about the log-odds that the passage answers; see docs/agent.md."""

    @property
    def answers(self) -> bool:
        return self.confidence >= _ENOUGH


def matches(question: str, passages: Sequence[Quote], *, context: Sequence[str] = ()) -> list[Match]:
    """*passages* by how well they answer *question*, best first. *context*: what was asked before, latest first."""
    ranked = fits(question, [_entry(passage) for passage in passages], context=context)
    return [Match(passages[fit.place], fit.score, _confidence(fit)) for fit in ranked]


def _entry(passage: Quote) -> Entry:
    return Entry(heading(passage), passage.text, passage.about.get("heading", "").rpartition(" > ")[0])


def _confidence(fit: Fit) -> float:
    return 5.5 * fit.score - 2.0 * fit.unanswered - 5.0 * fit.stranger + 1.2 * min(fit.terms, _MANY) - 6.85


def answering(ranked: Sequence[Match]) -> list[Match]:
    """Those of *ranked* that answer: the best, if it does, and what is too close to it to choose between."""
    if not ranked or not ranked[0].answers:
        return []
    return [match for match in ranked if ranked[0].score - match.score < _LIKE]


def perhaps(question: str, ranked: Sequence[Match]) -> list[str]:
    """The headings of the one or two best matches, if none answers but they may be what was meant."""
    close = [match for match in ranked[:2] if match.score > ranked[0].score - _NEAR]
    likely = [heading(match.passage) for match in close if ranked[0].confidence >= _PERHAPS]
    return [title for title in dict.fromkeys(likely) if title and language(title) == language(question)]


def heading(passage: Quote) -> str:
    """The innermost heading."""
    return passage.about.get("heading", "").rpartition(" > ")[2]


def telling(question: str, passage: Quote) -> list[str]:
    """The one to three sentences of *passage* that answer *question*, in the passage's order, without Markdown."""
    said = plain(passage.text)
    if sum(len(sentence.split()) for sentence in said) <= _LONGEST_WORDS and len(said) <= 3:
        return said
    terms = question_terms(question)
    kinds = wanted(question)
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
