"""What is learned from: the help pages of trades/ and the meanings of words/, as tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from visavis.benchmarks.faq import entries, questions
from visavis.memory.vocabulary import tokens
from visavis.memory.words import is_cjk

Words = list[str]
Meaning = list[tuple[Words, float]]
"""Expressions, each with how much it stands for the meaning, in (0, 1]."""


@dataclass(frozen=True)
class Trade:
    """Entries and questions, as tokens."""

    headings: list[Words]
    texts: list[Words]
    above: list[Words]
    asked: list[Words]
    answers: list[int]
    """Place of the entry for each of *asked*; -1 for none."""
    chinese: bool

    def only(self, kept: Sequence[int]) -> Trade:
        """With the entries *kept*, their questions and those that nothing answers."""
        places = {old: new for new, old in enumerate(kept)} | {-1: -1}
        chosen = [place for place, answer in enumerate(self.answers) if answer in places]
        return replace(
            self,
            headings=[self.headings[place] for place in kept],
            texts=[self.texts[place] for place in kept],
            above=[self.above[place] for place in kept],
            asked=[self.asked[place] for place in chosen],
            answers=[places[self.answers[place]] for place in chosen],
        )


def read_trade(file: Path) -> Trade:
    """The trade of a file in the format of the sets of benchmarks/."""
    source = file.read_text(encoding="utf-8")
    found = entries(source)
    places = {entry.heading: place for place, entry in enumerate(found)}
    asked = [
        (words, places.get(one.heading, -1))
        for one in questions(source)
        if (words := list(dict.fromkeys(tokens(one.text))))
    ]
    return Trade(
        [tokens(entry.heading) for entry in found],
        [tokens(entry.text) for entry in found],
        [tokens(entry.above) for entry in found],
        [words for words, _ in asked],
        [place for _, place in asked],
        is_cjk(source),
    )


def read_meanings(folder: Path) -> list[Meaning]:
    """Each line of the files in *folder* that has at least two expressions."""
    made = []
    for file in sorted(folder.glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            rest, _, related = line.partition("|")
            same, _, kinds = rest.partition(":")
            graded = ((same, 1.0), (kinds, 0.8), (related, 0.5))
            known = [(words, grade) for part, grade in graded for item in part.split(",") if (words := tokens(item))]
            if not line.startswith("#") and len(known) > 1 and known[0][1] == 1:
                made.append(known)
    return made


def joined(trades: Sequence[Trade]) -> Trade:
    """The entries of all, and their questions."""
    shifts = np.cumsum([0, *(len(one.headings) for one in trades)]).tolist()
    return Trade(
        [words for one in trades for words in one.headings],
        [words for one in trades for words in one.texts],
        [words for one in trades for words in one.above],
        [words for one in trades for words in one.asked],
        [
            answer + shift if answer >= 0 else -1
            for one, shift in zip(trades, shifts, strict=False)
            for answer in one.answers
        ],
        trades[0].chinese,
    )
