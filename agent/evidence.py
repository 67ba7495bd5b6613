"""Which passage answers a question, and with which of its sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ..memory.relevance import Entries, Entry, spoken_of
from .followup import language, sentences
from .quotes import Quote

_ENOUGH: Final = -0.35
"""Confidence from which a passage is taken for the answer; see benchmarks/faq.py."""
_PERHAPS: Final = -0.75
"""Confidence from which it is worth asking whether the passage is meant."""
_LIKE: Final = 0.4
"""Scores that differ by less are a tie."""
_NEAR: Final = 1.0
"""Scores that differ by less are both worth naming when we ask back."""
_LIST: Final = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+(.*)$", re.MULTILINE)
_MARKUP: Final = re.compile(
    r"!\[([^\]]*)\]\([^)]*\)|\[([^\]]+)\]\([^)]*\)|(\*\*|__|`)|^#+\s.*$|^>\s?|^\s*\|?[-:| ]{3,}\|?\s*$", re.MULTILINE
)
_LONGEST_WORDS: Final = 60
_HALF: Final = 0.5
"""Share of a question from which a heading asks the same: its first sentence then belongs to the answer."""


@dataclass(frozen=True, slots=True)
class Match:
    """How well a passage answers."""

    passage: Quote
    score: float
    """Orders matches; higher is better."""
    confidence: float
    """Log-odds that the passage answers, if it is the best."""

    @property
    def answers(self) -> bool:
        return self.confidence >= _ENOUGH


def matches(question: str, passages: Sequence[Quote], *, context: Sequence[str] = ()) -> list[Match]:
    """*passages* by how well they answer *question*, best first. *context*: what was asked before, latest first."""
    ranked = Entries([Entry.under(passage.about.get("heading", ""), passage.text) for passage in passages]).fits(
        question, context=context
    )
    return [Match(passages[fit.place], fit.score, fit.log_odds) for fit in ranked]


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
    scores = {fit.place: fit.score for fit in Entries([Entry("", sentence) for sentence in said]).fits(question)}
    best = max(range(len(said)), key=lambda place: (scores.get(place, 0.0), -place))
    chosen = {best}
    if spoken_of(question, [heading(passage)])[0] >= _HALF:
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
