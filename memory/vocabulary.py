"""What words mean, as vectors learned from questions and the passages that answer them: ``vocabulary.npz``, made by training/.

Words that customers use for one thing point in one direction, and each has a weight: how much it says about what a text is about.
A word that was never seen is known by its parts of three to five letters (Bojanowski et al., "Enriching Word Vectors with Subword
Information", 2017), so that a slip of the keyboard stays near the word that was meant.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .embeddings import unit
from .words import is_cjk, stem, words

Numbers = NDArray[np.float32]

FILE: Final = Path(__file__).with_name("vocabulary.npz")
_FORMS: Final = Path(__file__).with_name("forms.txt")
GRAMS: Final = 8192
"""Rows of the table of parts of words, which share them by their CRC-32."""
_LETTERS: Final = (3, 4, 5)
_LONGEST: Final = 40
"""Letters of a word that are looked at when it was never seen."""
_SPELLED: Final = (
    (re.compile(r"\bwon['’]t\b", re.IGNORECASE), "will not"),
    (re.compile(r"\bcan(?:['’]t|not)\b", re.IGNORECASE), "can not"),
    (re.compile(r"(?<=\w)n['’]t\b", re.IGNORECASE), " not"),
    (re.compile(r"\be-(?=mail|bike|book|ticket)", re.IGNORECASE), "e"),
)
"""Negations as words of their own, and what has two spellings in one."""


@dataclass(frozen=True)
class Meant:
    """What n words mean."""

    vectors: Numbers
    """(n, d)."""
    weights: Numbers
    """(n,), above 0."""

    @cached_property
    def directions(self) -> Numbers:
        """``vectors`` at length 1."""
        return unit(self.vectors)


class Vocabulary:
    """The words of a file, and the constants that were learned with them."""

    def __init__(self, file: Path) -> None:
        with np.load(file) as held:
            self.constants = {name: float(held[name]) for name in held.files if held[name].ndim == 0}
            self.turned: Numbers = held["turned"].astype(np.float32)
            """(d, d): turns the sum of a question's words towards that of a passage's."""
            self._vectors, self._scale = held["vectors"], held["scale"].astype(np.float32)
            self._grams, self._grams_scale = held["grams"], held["grams_scale"].astype(np.float32)
            self._weights, self._gram_weights = (
                held["weights"].astype(np.float32),
                held["gram_weights"].astype(np.float32),
            )
            self._places = {word: place for place, word in enumerate(held["words"].tobytes().decode().split("\n"))}

    def look_up(self, found: Sequence[str]) -> Meant:
        """What *found*, as ``tokens`` gives them, mean."""
        places = np.array([self._places.get(token, -1) for token in found], np.int64)
        vectors = self._vectors[places] * self._scale[places, None]
        weights = self._weights[places]
        for row in np.flatnonzero(places < 0).tolist():
            parts = grams(found[row])
            vectors[row] = (self._grams[parts] * self._grams_scale[parts, None]).mean(0)
            weights[row] = self._gram_weights[parts].mean()
        return Meant(vectors, np.logaddexp(weights, 0))


@cache
def vocabulary() -> Vocabulary:
    """The one that comes with the package."""
    return Vocabulary(FILE)


def tokens(text: str) -> list[str]:
    """The words of *text* in order, stemmed; of Chinese, Japanese and Korean each character and each pair of neighbours."""
    for pattern, plain in _SPELLED:
        text = pattern.sub(plain, text)
    return [token for word in words(text) for token in _of_word(word)]


@lru_cache(maxsize=65_536)
def _of_word(word: str) -> tuple[str, ...]:
    if is_cjk(word):
        return tuple(
            word[place : place + size] for place in range(len(word)) for size in (1, 2) if place + size <= len(word)
        )
    return (stem(_forms().get(word, word)),)


@cache
def _forms() -> dict[str, str]:
    """Irregular form -> the word, of forms.txt."""
    lines = _FORMS.read_text(encoding="utf-8").splitlines()
    return {form: word for word, *others in map(str.split, lines) if word != "#" for form in others}


@lru_cache(maxsize=65_536)
def grams(token: str) -> list[int]:
    """The rows of the parts of *token* in the table of parts."""
    marked = f"<{token[:_LONGEST]}>"
    parts = [marked[place : place + size] for size in _LETTERS for place in range(len(marked) - size + 1)]
    return [zlib.crc32(part.encode()) % GRAMS for part in parts or [marked]]
