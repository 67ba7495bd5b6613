"""What a question is about, and what a text speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from ..memory import words as lexical
from ..memory.words import STOPWORDS, is_cjk
from .common_words import COMMON, WEAK
from .concepts import CHINESE, PHRASES, SENSES, base, members

_WEAK: Final = frozenset(base(word) for word in WEAK.split())
_COMMON: Final = frozenset(base(word) for word in COMMON.split())
_BETWEEN: Final = frozenset(
    {"it", "them", "this", "that", "these", "those", "thing", "someth", "one", "item", "a", "an", "my", "the"}
)
_WEAK_WEIGHT: Final = 0.3
_NAME_WEIGHT: Final = 1.4
_NAME: Final = re.compile(r"(?<=[a-z,;:'’0-9] )[A-Z][A-Za-z]+|\b[A-Z]{2,}\b|\b[A-Za-z]*\d[\w-]*")
_ZH_WEAK: Final = re.compile(
    "请问一下|请问|你好|您好|我想知道|想知道|想问|我想|想要|可不可以|可以|能不能|能否|是不是|是否|有没有|怎么样|怎么办|怎么|如何|什么时候|什么|多少|多久|多长时间|"
    "多长|哪些|哪个|哪种|你们|您们|我们|他们|你|您|我|大概|大约|现在|一下|知道|告诉|如果|的话|应该|需要|能|会|要|还|吗|呢|的|了|吧|啊|是|在|有|和|与|或|也|都|就|这|那|到|给|把|被|用|去|为"
)
_NUMERAL: Final = r"(?:\d+|an?|one|two|three|four|five|six|seven|ten|twelve|thirty|several|half)"
KINDS: Final[dict[str, tuple[re.Pattern[str], re.Pattern[str]]]] = {
    "duration": (
        re.compile(
            r"\bhow (?:long|fast|soon|quickly|much time|many (?:minutes|hours|days|weeks|months|years))\b"
            r"|\b(?:period|duration|deadline)\b|\b(?:when|until when) (?:do|must|should) (?:i|we) (?:have to|need to)\b"
            r"|多久|多长时间|几天|多少天|几年",
            re.IGNORECASE,
        ),
        re.compile(
            rf"\b{_NUMERAL}\b(?:\W+\w+){{0,3}}?\W+(?:minute|hour|day|week|month|year|night)"
            r"|\b(?:same|next)[- ]day\b|overnight|lifetime"
            r"|[\d一二两三四五六七八九十半]+\s?个?(?:分钟|小时|工作日|天|日|周|星期|月|年)|当天|次日|终身",
            re.IGNORECASE,
        ),
    ),
    "number": (
        re.compile(
            r"\b(?:how (?:many(?! (?:minutes|hours|days|weeks|months|years))|often)|maximum|limit on|number of)\b|几个|多少个|几次",
            re.IGNORECASE,
        ),
        re.compile(
            rf"\b(?:up to|at most|at least|no more than|only) {_NUMERAL}\b|\b{_NUMERAL} (?!am\b|pm\b)[a-z]"
            r"|\b(?:once|twice|daily|weekly|monthly|every)\b"
            r"|[\d一二两三四五六七八九十]+\s?(?:个|次|本|件|张)",
            re.IGNORECASE,
        ),
    ),
    "price": (
        re.compile(
            r"\bhow much(?= (?:is|are|does|do|will|would|did|for|to|money|should|must|per|it)\b|\s*\?|$)"
            r"|\b(?:price|cost|fee|charge|expensive)|多少钱|价格|费用|收费|运费",
            re.IGNORECASE,
        ),
        re.compile(
            r"[$€£¥]\s?\d|\d\s?(?:dollar|euro|pound|cent|percent|%|usd|eur)|\bfree\b|no charge|\bpric|\bcosts?\b"
            r"|\d\s?(?:元|美元|块)|免费|免运费",
            re.IGNORECASE,
        ),
    ),
    "time": (
        re.compile(
            r"\b(?:what time|when (?:do|are|is|does) (?:you|the|your)|until when|opening hours)\b|几点|什么时候|营业时间",
            re.IGNORECASE,
        ),
        re.compile(
            r"\b\d{1,2}(?::\d\d)?\s?(?:am|pm|a\.m|p\.m|o.clock)|\b\d{1,2}:\d\d\b|\b(?:noon|midnight)\b"
            r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|\bfrom\b|\bwhen\b|点|星期|周",
            re.IGNORECASE,
        ),
    ),
}
"""Kind of answer -> how it is asked for, and what a text that gives it looks like."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a question is about."""

    stems: tuple[str, ...]
    """All of them, for the words themselves to match."""
    senses: frozenset[int]
    weight: float
    common: bool = False
    """Whether it says little when a text does not have it."""


@dataclass(frozen=True, slots=True)
class Bag:
    """What a text speaks of."""

    stems: frozenset[str]
    senses: frozenset[int]
    pairs: frozenset[tuple[str, str]] = frozenset()
    """Neighbours, words that only carry the sentence left out."""

    def match(self, term: Term) -> float:
        """1 for the very words, less for a word of like meaning, 0 for neither."""
        if self.stems.issuperset(term.stems):
            return 1.0
        return 0.85 if term.senses & self.senses else 0.0


@lru_cache(maxsize=4096)
def question_terms(text: str) -> tuple[Term, ...]:
    """The terms of *text*, each once; words that only carry the sentence are left out or weigh little."""
    names = {base(word.lower()) for found in _NAME.findall(text) for word in lexical.words(found)}
    terms: dict[tuple[str, ...], Term] = {}
    for stems, senses in _parts(text):
        weight = _weight(stems, names)
        if weight > 0:
            terms.setdefault(stems, Term(stems, senses, weight, weight < 1 or (weight == 1 and stems[0] in _COMMON)))
    if is_cjk(text):
        for term in _chinese(text):
            terms.setdefault(term.stems, term)
    return tuple(terms.values())


@lru_cache(maxsize=4096)
def bag(text: str) -> Bag:
    """All that *text* speaks of."""
    stems = set(lexical.terms(text)) | {base(word) for word in lexical.words(text) if not is_cjk(word)}
    senses: set[int] = set()
    for _, found in _parts(text):
        senses |= found
    if is_cjk(text):
        for word in CHINESE:
            if word in text:
                senses |= SENSES[word]
    return Bag(frozenset(stems), frozenset(senses), frozenset(pairs(text)))


def pairs(text: str) -> Iterable[tuple[str, str]]:
    """Neighbouring terms of *text*, for words that belong together: "mobile plan", "bank account"."""
    return pairwise([base(word) for word in lexical.words(text) if not is_cjk(word) and word not in STOPWORDS])


def _parts(text: str) -> Iterable[tuple[tuple[str, ...], frozenset[int]]]:
    """Stems and senses of the words and known phrases of *text*; Chinese runs are left out."""
    found = [base(word) for word in lexical.words(text) if not is_cjk(word)]
    place = 0
    while place < len(found):
        phrase, length = _phrase(found, place)
        yield phrase or (found[place],), SENSES.get("_".join(phrase) or found[place], frozenset())
        place += length


def _phrase(stems: Sequence[str], place: int) -> tuple[tuple[str, ...], int]:
    """The known phrase at *place*, perhaps around a pronoun ("send it back"), and its length; () and 1 for none."""
    for phrase in PHRASES.get(stems[place], ()):
        if tuple(stems[place : place + len(phrase)]) == phrase:
            return phrase, len(phrase)
        around = (stems[place], *stems[place + 2 : place + 1 + len(phrase)])
        if around == phrase and stems[place + 1] in _BETWEEN:
            return phrase, len(phrase) + 1
    return (), 1


def _weight(stems: tuple[str, ...], names: set[str]) -> float:
    if len(stems) > 1:
        return 1.0
    word = stems[0]
    if len(word) < 2:
        return 0.0
    if word in names:
        return _NAME_WEIGHT
    if word in _STOPS:
        return 0.0
    if word in _WEAK:
        return _WEAK_WEIGHT
    return 1.0


_STOPS: Final = frozenset(base(word) for word in STOPWORDS) | STOPWORDS


def _chinese(text: str) -> Iterable[Term]:
    rest = text
    for word in CHINESE:
        if word in rest:
            rest = rest.replace(word, " ")
            yield Term(tuple(lexical.terms(word)) or (word,), SENSES[word], 1.0)
    for run in lexical.words(_ZH_WEAK.sub(" ", rest)):
        pairs = lexical.terms(run) if is_cjk(run) else []
        for pair in pairs:
            yield Term((pair,), frozenset(), 1.0 / len(pairs))


def expanded(text: str) -> str:
    """Other words for what *text* is about, for a search that only knows words; "" when none are known."""
    own = bag(text).stems
    found = [
        word
        for term in question_terms(text)
        if term.weight >= 1
        for sense in sorted(term.senses)
        for word in members(sense)
    ]
    return " ".join(word for word in dict.fromkeys(found) if base(word) not in own)
