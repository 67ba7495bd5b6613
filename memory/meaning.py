"""What a text speaks of: its words and expressions, each with the meanings that the lexicon knows for it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Final

from . import lexicon
from .slips import Speller
from .words import STOPWORDS, is_cjk, terms, words
from .words import stem as bare_stem

Meanings = Mapping[int, float]
"""Number of a meaning -> how much the word stands for it, in (0, 1]."""

SAME: Final = 0.8
"""What a word of the same meaning counts for, beside 1 for the very word."""
_GRADES: Final = (1.0, 0.8, 0.5)
"""How much a word stands for a meaning that it has, of which it is a kind, and with which it only has to do."""
_WITHIN: Final = 0.5
"""Of its meanings, what a word keeps inside a known expression: "check" in "check out"."""
_PARTS: Final = 0.8
"""What the words of an expression count for where the expression itself is not found."""
_IN_EXPRESSION: Final = 0.35
_CARRIER: Final = 0.25
_CUE: Final = 0.2
_NAME: Final = 1.3
_SILENT: Final = frozenset(
    re.findall(
        r"\w+",
        "a the an my your our his her their its do does did is are am was were be been being will would could should have has had "
        "shall just i you we please some any to of",
    )
)
"""Left out before expressions are looked for, so that "is my card blocked" and "card blocked" are one."""
_PARTICLES: Final = frozenset(
    {"back", "off", "out", "in", "up", "on", "down", "over", "away", "around", "behind", "through", "together"}
)
_ASKING: Final = frozenset({"how", "what", "when", "where", "who", "why", "which", "can"})
_SUFFIXES: Final = (
    "er", "or", "ing", "ment", "ation", "ion", "ness", "ist", "al", "li", "i", "ship", "abl", "less", "ful", "ed", "ity", "ance",
    "est",
)  # fmt: skip
_SPELLED: Final = (
    (re.compile(r"\bwon['’]t\b", re.IGNORECASE), "will not"),
    (re.compile(r"\bcan(?:['’]t|not)\b", re.IGNORECASE), "can not"),
    (re.compile(r"(?<=\w)n['’]t\b", re.IGNORECASE), " not"),
    (re.compile(r"\be-(?=mail|bike|book|car\b|bank|learn|cigar|ticket|sim)", re.IGNORECASE), "e"),
)
"""Negations as words of their own, and what has two spellings in one."""
_PROPER: Final = re.compile(r"(?<=[a-z,;:'’0-9] )[A-Z][A-Za-z]+|\b[A-Z]{2,}\b|\b(?=\w*[A-Za-z])[A-Za-z]*\d[\w-]*")


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a known expression of a text."""

    stems: tuple[str, ...]
    meanings: Meanings
    weight: float
    """What it says about the text, from its kind alone: about 1, less for words that only carry the sentence, more for names."""
    name: bool = False


@dataclass(frozen=True, slots=True)
class Bag:
    """All that a text speaks of."""

    stems: frozenset[str]
    meanings: Meanings

    def match(self, term: Term, *, same: float = SAME) -> float:
        """In [0, 1]: 1 for the very words, *same* for words of the same meaning, less for related ones."""
        if self.stems.issuperset(term.stems):
            return 1.0
        here = self.meanings
        best = same * max((grade * here[one] for one, grade in term.meanings.items() if one in here), default=0.0)
        inside = _inside(term.stems)
        if inside:
            best = max(best, _PARTS * sum(self.match(one, same=same) for one in inside) / len(inside))
        return best


@lru_cache(maxsize=8192)
def _inside(stems: tuple[str, ...]) -> tuple[Term, ...]:
    """The words of an expression as terms of their own; none for a single word."""
    return tuple(Term((one,), meanings(one), 1.0) for one in stems if one not in _stops()) if len(stems) > 1 else ()


@lru_cache(maxsize=4096)
def question_terms(text: str) -> tuple[Term, ...]:
    """The terms of *text*, each once; words that say nothing are left out."""
    names = {base(word) for found in _PROPER.findall(text) for word in words(found)} - {"i"}
    found = {
        stems: Term(stems, known, weight, stems[0] in names)
        for stems, known in _parts(text)
        if (weight := _weight(stems, names))
    }
    if is_cjk(text):
        for term in _chinese_terms(text):
            found.setdefault(term.stems, term)
    return tuple(found.values())


@lru_cache(maxsize=4096)
def bag(text: str) -> Bag:
    """All that *text* speaks of."""
    parts = list(_parts(text))
    within = [(one, _WITHIN) for stems, _ in parts if len(stems) > 1 for one in stems if one not in _stops()]
    graded = chain(((known, 1.0) for _, known in parts), ((meanings(one), share) for one, share in within))
    if is_cjk(text):
        graded = chain(graded, ((meanings(word), 1.0) for word in _table().chinese if word in text))
    found: dict[int, float] = {}
    for known, share in graded:
        for one, grade in known.items():
            found[one] = max(found.get(one, 0.0), share * grade)
    stems = ({one for parted, _ in parts for one in parted} | {one for one in terms(text) if is_cjk(one)}) - _stops()
    return Bag(frozenset(stems), found)


@lru_cache(maxsize=8192)
def topics(text: str) -> Mapping[str, Mapping[int, float]]:
    """Each word of *text* that has one -> its place among all meanings, a vector of length 1.

    After Gabrilovich and Markovitch, "Computing Semantic Relatedness using Explicit Semantic Analysis" (2007), with the lexicon's
    lines for the articles of an encyclopedia.
    """
    table = _table()
    own = dict.fromkeys(_tokens(text))
    own |= dict.fromkeys(word for word in table.chinese if word in text) if is_cjk(text) else {}
    return {word: vector for word in own if (vector := table.topics.get(word))}


@lru_cache(maxsize=65_536)
def base(word: str) -> str:
    """The stem of a lower-case word, irregular forms included."""
    return bare_stem(_forms().get(word, word))


@lru_cache(maxsize=65_536)
def meanings(stem: str) -> Meanings:
    """The meanings of a stem; of the word it seems to be derived from, or to be a slip for, when the lexicon has none."""
    known = _table().meanings
    if stem in known:
        return known[stem]
    for suffix in _SUFFIXES:
        root = stem.removesuffix(suffix)
        if root != stem and len(root) >= 4:
            for other in (root, f"{root}e", bare_stem(root), root[:-1] if root[-1] == root[-2] else root):
                if other in known:
                    return known[other]
    return known.get(_speller().meant(stem), MappingProxyType({}))


def weight_of(stem: str) -> float:
    """What a single word says about a text, from its kind alone."""
    return _CARRIER if stem in _carriers() else 1.0


def _weight(stems: tuple[str, ...], names: set[str]) -> float:
    rest = [one for one in stems if one not in _stops()]
    if len(stems) > 1:
        asks = stems[0] in _ASKING and (len(stems) == 2 or all(one in _carriers() for one in rest))
        return _CUE if asks or not rest else 1.0
    one = stems[0]
    if len(one) < 2 or (not rest and one not in names):
        return 0.0
    if one.isdigit():
        return _CARRIER
    return _NAME if one in names else weight_of(one)


def _tokens(text: str) -> list[str]:
    """Stems of the English words of *text*, negations written out, silent words left out."""
    spelled = text
    if not text.isalpha():
        for pattern, plain in _SPELLED:
            spelled = pattern.sub(plain, spelled)
    return [base(word) for word in words(spelled) if word not in _SILENT and not is_cjk(word)]


def _parts(text: str) -> Iterator[tuple[tuple[str, ...], Meanings]]:
    """The known expressions of *text* and the words between them."""
    found = _tokens(text)
    taken: set[int] = set()
    for place, one in enumerate(found):
        if place not in taken:
            stems, places = _expression(found, place, taken)
            taken.update(places)
            yield (stems, _table().meanings["_".join(stems)]) if stems else ((one,), meanings(one))


def _expression(found: Sequence[str], place: int, taken: set[int]) -> tuple[tuple[str, ...], list[int]]:
    """The longest known expression at *place*, its last particle perhaps a few words later: "send the blue one back"."""
    for stems in _table().expressions.get(found[place], ()):
        end = place + len(stems)
        if tuple(found[place:end]) == stems and taken.isdisjoint(range(place, end)):
            return stems, list(range(place, end))
        last = end - 1
        if stems[-1] in _PARTICLES and stems[0] != "not" and tuple(found[place:last]) == stems[:-1]:
            for later in range(last, min(last + 4, len(found))):
                if found[later] == stems[-1] and later not in taken:
                    return stems, [*range(place, last), later]
                if found[later] in _PARTICLES:
                    break
    return (), []


def _chinese_terms(text: str) -> Iterator[Term]:
    rest = text
    for word in _table().chinese:
        if word in rest:
            rest = rest.replace(word, " ")
            yield Term(tuple(terms(word)) or (word,), meanings(word), 1.0)
    for word in sorted(filter(is_cjk, _carriers()), key=len, reverse=True):
        rest = rest.replace(word, " ")
    for run in filter(is_cjk, words(rest)):
        pairs = terms(run)
        for pair in pairs:
            yield Term((pair,), meanings(pair), 1.0 / len(pairs))


@dataclass(frozen=True, slots=True)
class _Table:
    meanings: Mapping[str, Meanings]
    """Stem, expression (stems joined by "_") or Chinese word -> its meanings."""
    expressions: Mapping[str, list[tuple[str, ...]]]
    """First stem -> the expressions that begin with it, longest first."""
    topics: Mapping[str, Meanings]
    chinese: list[str]
    """Chinese words, longest first."""


@cache
def _table() -> _Table:
    known: defaultdict[str, dict[int, float]] = defaultdict(dict)
    about: defaultdict[str, dict[int, float]] = defaultdict(dict)
    expressions: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for number, parts in enumerate(lexicon.groups()):
        for item, grade in ((one, grade) for items, grade in zip(parts, _GRADES, strict=True) for one in items):
            stems = (item,) if is_cjk(item) else tuple(_tokens(item))
            if not stems:
                continue
            keys = ["_".join(stems)]
            if len(stems) > 1:
                expressions[stems[0]].add(stems)
                keys += [bare_stem("".join(words(item)))] if len(words(item)) == 2 else []
            for key in keys:
                known[key].setdefault(number, grade)
            share = grade if len(stems) == 1 else _IN_EXPRESSION * grade
            for one in stems:
                about[one][number] = max(about[one].get(number, 0.0), share)
    return _Table(
        known,
        {first: sorted(found, key=len, reverse=True) for first, found in expressions.items()},
        {word: _unit(vector) for word, vector in about.items() if word not in _stops()},
        sorted(filter(is_cjk, known), key=len, reverse=True),
    )


def _unit(vector: Mapping[int, float]) -> dict[int, float]:
    length = sum(value * value for value in vector.values()) ** 0.5
    return {key: value / length for key, value in vector.items()}


@cache
def _speller() -> Speller:
    return Speller(stem for stem in _table().meanings if stem.isalpha())


@cache
def _forms() -> dict[str, str]:
    return lexicon.forms()


@cache
def _stops() -> frozenset[str]:
    return STOPWORDS | {base(word) for word in STOPWORDS} | {"not"}


@cache
def _carriers() -> frozenset[str]:
    return frozenset(word if is_cjk(word) else base(word) for word in lexicon.carriers())
