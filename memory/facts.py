"""What is known about the user, derived from what was claimed: which value holds when, and which attribute a question asks for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal

from .types import Fact
from .words import terms, words

Kind = Literal["is", "has", "not"]

USER: Final = "user"
"""The subject of the facts that the user states about themselves."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one sentence claims."""

    subject: str
    attribute: str
    value: str
    """For kind "not", "" stands for any value."""
    kind: Kind
    """"is" replaces earlier values of the attribute, "has" stands beside them, "not" ends them."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim as it was made."""

    id: str
    claim: Claim
    at: datetime
    turn: str
    seq: int


def timeline(statements: Iterable[Statement]) -> list[Fact]:
    """One fact per positive statement, oldest first, each with the time at which another statement ended it.

    The order of arrival does not matter, only the times; saying the same again keeps the value going.
    """
    groups: dict[tuple[str, str], list[Statement]] = defaultdict(list)
    for statement in statements:
        groups[statement.claim.subject, statement.claim.attribute].append(statement)
    facts = [fact for group in groups.values() for fact in _spans(sorted(group, key=lambda one: (one.at, one.seq)))]
    return sorted(facts, key=lambda fact: fact.valid_from)


def _spans(group: Iterable[Statement]) -> Iterator[Fact]:
    """The statements of one attribute, in order of time, with their ends."""
    running: list[Statement] = []
    for one in group:
        ended = [earlier for earlier in running if _ends(one.claim, earlier.claim)]
        if ended:
            running = [earlier for earlier in running if not _ends(one.claim, earlier.claim)]
            yield from (_fact(earlier, one.at) for earlier in ended)
        if one.claim.kind != "not":
            running.append(one)
    yield from (_fact(one, None) for one in running)


def _fact(one: Statement, end: datetime | None) -> Fact:
    return Fact(one.id, one.claim.subject, one.claim.attribute, one.claim.value, one.at, end, one.turn)


def _ends(later: Claim, earlier: Claim) -> bool:
    if later.kind == "has":
        return False
    same = value_key(later.value) == value_key(earlier.value)
    return same or not later.value if later.kind == "not" else not same


@lru_cache(maxsize=16_384)
def value_key(value: str) -> tuple[str, ...]:
    """What makes two values the same: their words."""
    return tuple(words(value))


def holding(facts: Iterable[Fact], at: datetime) -> list[Fact]:
    """The facts that hold at *at*, the newest statement of each value only, oldest first."""
    newest: dict[tuple[str, str, tuple[str, ...]], Fact] = {}
    for fact in facts:
        if fact.valid_from <= at and (fact.valid_to is None or fact.valid_to > at):
            key = (fact.subject, fact.attribute, value_key(fact.value))
            newest.pop(key, None)
            newest[key] = fact
    return list(newest.values())


_PAST: Final = re.compile(
    r"\b(?:old|older|previous|previously|former|formerly|earlier|before|used to|past|prior|original|originally|initially|no longer|"
    r"any ?more|history|ever|over time|changed?|last time|at first|first)\b"
    r"|以前|之前|原来|原先|旧|曾|过去|从前|最初|上一个|换过|改过",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(r"\b(?:original(?:ly)?|initially|at first|first)\b|最初|最早|原先", re.IGNORECASE)


def about_past(query: str) -> bool:
    """Whether *query* asks for a value that no longer holds."""
    return _PAST.search(query) is not None


def about_first(query: str) -> bool:
    """Whether *query* asks for the earliest value rather than the last one before the present."""
    return _FIRST.search(query) is not None


_DOING: Final = r"(?:do|does|did|am|is|was|has|have|had) (?:i|we|the user|\w+)"
_CUES: Final[dict[str, re.Pattern[str]]] = {
    attribute: re.compile(cue, re.IGNORECASE)
    for attribute, cue in {
        "name": r"\b(?:my|user's|the user's) (?:full |first |last )?name\b|\bwho am i\b|\bcall me\b|\bam i called\b"
        r"|我(?:的名字|叫什么|姓什么|是谁)|怎么称呼我",
        "address": r"(?<!mail )\baddress\b|地址|住址",
        "city": rf"\b(?:city|town)\b|\bwhere {_DOING} (?:now )?(?:liv|mov|stay|based|relocat)\w*|\bwhere \w+ lives?\b"
        r"|住哪|住在哪|城市|搬到哪",
        "phone": r"\b(?:phone|mobile|cell|telephone)\b|\bcall (?:me|\w+) (?:on|at)\b|电话|手机",
        "e-mail": r"\be-?mails?\b|邮箱|邮件",
        "order number": r"\border (?:number|no|id)\b|\bwhich order\b|\bmy orders?\b|订单",
        "size": r"\bsize\b|尺码|几码|多大码",
        "allergy": r"\ballerg\w*|过敏",
        "likes": r"\b(?:like|likes|love|loves|enjoys?|prefers?|favou?rites?)\b|喜欢|爱好|爱吃|爱喝",
        "dislikes": r"\b(?:dislikes?|hates?|not like|n't like|avoids?)\b|讨厌|不喜欢",
        "diet": r"\b(?:diet|vegan|vegetarian)\b|\b(?:do|does|can) \w+ eat\b|吃素|饮食",
        "job": r"\b(?:job|profession|occupation|for a living)\b|\bwhat (?:do|does|did) \w+ (?:do|work as)\b|\bwork as\b"
        r"|职业|做什么工作|什么工作",
        "employer": r"\b(?:employer|company)\b|\b(?:where|who|whom) (?:do|does|did) \w+ work\b|公司|在哪(?:里|儿)?(?:工作|上班)",
        "birthday": r"\b(?:birthday|born|birth date|date of birth)\b|生日|出生",
        "age": r"\bhow old (?:am|is) \w+\b|\bmy age\b|我多大|几岁",
        "plan": r"\b(?:plan|subscription|tariff)\b|套餐",
    }.items()
}
_INSTEAD: Final = {"address": "city", "city": "address"}
"""What answers a question for an attribute that nobody stated."""


def asked(query: str, attributes: Iterable[str]) -> set[str]:
    """Those of *attributes* that *query* asks for: by a cue, or, of attributes without one, because it names every word."""
    known, said = set(attributes), set(terms(query))
    cued = {attribute for attribute, cue in _CUES.items() if cue.search(query)}
    named = {attribute for attribute in known - _CUES.keys() if (needed := set(terms(attribute))) and needed <= said}
    instead = {other for wanted, other in _INSTEAD.items() if wanted in cued - known}
    return (cued | named | instead) & known
