"""What a question is about, and what a text speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ...memory import words as lexical
from ...memory.words import STOPWORDS, is_cjk, stem
from .concepts import CHINESE, PHRASES, SENSES

_WEAK: Final = frozenset(
    stem(word)
    for word in ["able", "about", "actually", "advise", "ahead", "already", "always", "another", "anybody", "anyone", "anything", "ask", "asking", "available", "back", "best", "better", "bit", "bring", "case", "check", "chance", "come", "coming", "day", "days", "dear", "different", "do", "either", "else", "ever", "every", "everything", "exactly", "explain", "family", "find", "first", "fine", "friend", "girlfriend", "boyfriend", "wife", "husband", "mother", "father", "sister", "brother", "mum", "dad", "give", "go", "going", "gone", "good", "great", "guy", "guys", "happen", "happens", "hear", "help", "hope", "idea", "info", "information", "instead", "interested", "issue", "keep", "kind", "know", "last", "later", "least", "leave", "left", "long", "look", "looking", "lot", "make", "making", "many", "mean", "mind", "moment", "month", "more", "most", "much", "need", "new", "next", "nice", "now", "number", "offer", "old", "once", "online", "option", "options", "order", "part", "people", "person", "place", "plan", "possible", "problem", "product", "provide", "put", "question", "quick", "rather", "recently", "remember", "right", "rule", "run", "same", "say", "see", "sell", "send", "show", "soon", "sort", "sorry", "special", "specific", "start", "still", "stuff", "suppose", "sure", "take", "taking", "thing", "things", "think", "thinking", "time", "today", "tomorrow", "tonight", "trouble", "try", "turn", "two", "type", "unfortunately", "use", "used", "using", "usually", "via", "wait", "want", "wanted", "way", "week", "weeks", "wonder", "wondering", "work", "works", "worried", "would", "year", "years", "yesterday", "yet", "happy", "correct", "day", "days", "really", "currently", "site", "website", "shop", "store", "policy", "deal", "possible"]
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
    kind: (re.compile(asked, re.IGNORECASE), re.compile(told, re.IGNORECASE))
    for kind, asked, told in (
        (
            "duration",
            r"\bhow (?:long|fast|soon|quickly|many (?:minutes|hours|days|weeks|months|years))\b|多久|多长时间|几天|多少天|几年",
            rf"\b{_NUMERAL}\b(?:\W+\w+){{0,3}}?\W+(?:minute|hour|day|week|month|year|night)|\b(?:same|next)[- ]day\b|overnight|lifetime|"
            r"[\d一二两三四五六七八九十半]+\s?个?(?:分钟|小时|工作日|天|日|周|星期|月|年)|当天|次日",
        ),
        (
            "price",
            r"\bhow much\b|\b(?:price|cost|fee|charge|expensive)|多少钱|价格|费用|收费|运费",
            r"[$€£¥]\s?\d|\d\s?(?:dollar|euro|pound|cent|percent|%|usd|eur)|\bfree\b|no charge|\bpric|\bcosts?\b|\d\s?(?:元|美元|块)|免费|免运费",
        ),
        (
            "time",
            r"\b(?:what time|when (?:do|are|is|does) (?:you|the|your)|until when|opening hours)\b|几点|什么时候|营业时间",
            r"\b\d{1,2}(?::\d\d)?\s?(?:am|pm|a\.m|p\.m|o.clock)|\b\d{1,2}:\d\d\b|\b(?:noon|midnight)\b|"
            r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|\bfrom\b|\bwhen\b|点|星期|周",
        ),
    )
}
"""Kind of answer -> how it is asked for, and what a text that gives it looks like."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a question is about."""

    stems: tuple[str, ...]
    """All of them, for the words themselves to match."""
    senses: frozenset[int]
    weight: float


@dataclass(frozen=True, slots=True)
class Bag:
    """What a text speaks of."""

    stems: frozenset[str]
    senses: frozenset[int]

    def match(self, term: Term) -> float:
        """1 for the very words, less for a word of like meaning, 0 for neither."""
        if self.stems.issuperset(term.stems):
            return 1.0
        return 0.85 if term.senses & self.senses else 0.0


def question_terms(text: str) -> list[Term]:
    """The terms of *text*, each once; words that only carry the sentence are left out or weigh little."""
    names = {stem(word.lower()) for found in _NAME.findall(text) for word in lexical.words(found)}
    terms: dict[tuple[str, ...], Term] = {}
    for stems, senses in _parts(text):
        weight = _weight(stems, senses, names)
        if weight > 0:
            terms.setdefault(stems, Term(stems, senses, weight))
    if is_cjk(text):
        for term in _chinese(text):
            terms.setdefault(term.stems, term)
    return list(terms.values())


@lru_cache(maxsize=4096)
def bag(text: str) -> Bag:
    """All that *text* speaks of."""
    stems = set(lexical.terms(text)) | {stem(word) for word in lexical.words(text) if not is_cjk(word)}
    senses: set[int] = set()
    for _, found in _parts(text):
        senses |= found
    if is_cjk(text):
        for word in CHINESE:
            if word in text:
                senses |= SENSES[word]
    return Bag(frozenset(stems), frozenset(senses))


def _parts(text: str) -> Iterable[tuple[tuple[str, ...], frozenset[int]]]:
    """Stems and senses of the words and known phrases of *text*; Chinese runs are left out."""
    found = [word for word in lexical.words(text) if not is_cjk(word)]
    place = 0
    while place < len(found):
        phrase = next(
            (phrase for phrase in PHRASES.get(found[place], ()) if tuple(found[place : place + len(phrase)]) == phrase),
            None,
        )
        if phrase:
            yield tuple(stem(word) for word in phrase), SENSES["_".join(phrase)]
        else:
            yield (stem(found[place]),), SENSES.get(stem(found[place]), frozenset())
        place += len(phrase) if phrase else 1


def _weight(stems: tuple[str, ...], senses: frozenset[int], names: set[str]) -> float:
    if len(stems) > 1:
        return 1.0
    word = stems[0]
    if word in names:
        return _NAME_WEIGHT
    if word in _STOPS or len(word) < 2:
        return 0.0
    if word in _WEAK:
        return _WEAK_WEIGHT
    return 1.0


_STOPS: Final = frozenset(stem(word) for word in STOPWORDS) | STOPWORDS


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
