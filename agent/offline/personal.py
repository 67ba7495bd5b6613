"""What the user said about themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from ...memory.claims import claims
from ...memory.facts import USER, Claim, Statement, about_first, about_past, asked, holding, timeline
from ...memory.relevance import spoken_of
from ...memory.types import Fact
from ..followup import Language, sentences
from ..quotes import Quote
from .acts import Act, act, greeting
from .situation import Said

_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ENOUGH: Final = 0.6
_TELLING: Final[dict[str, dict[Language, str]]] = {
    "name": {"en": "Your name is {value}.", "zh": "您叫{value}。"},
    "city": {"en": "You live in {value}.", "zh": "您住在{value}。"},
    "likes": {"en": "You like {value}.", "zh": "您喜欢{value}。"},
    "dislikes": {"en": "You don't like {value}.", "zh": "您不喜欢{value}。"},
    "allergy": {"en": "You are allergic to {value}.", "zh": "您对{value}过敏。"},
    "job": {"en": "You told me your job: {value}.", "zh": "您的职业是{value}。"},
    "employer": {"en": "You work at {value}.", "zh": "您在{value}工作。"},
    "age": {"en": "You are {value} years old.", "zh": "您{value}岁。"},
    "diet": {"en": "You are {value}.", "zh": "您是{value}。"},
}
_BEFORE: Final[dict[str, dict[Language, str]]] = {
    "name": {"en": "Your name was {value}.", "zh": "您以前叫{value}。"},
    "city": {"en": "You used to live in {value}.", "zh": "您以前住在{value}。"},
    "employer": {"en": "You used to work at {value}.", "zh": "您以前在{value}工作。"},
}
_CHINESE: Final = {
    "order number": "订单号",
    "address": "地址",
    "phone": "电话",
    "e-mail": "邮箱",
    "size": "尺码",
    "birthday": "生日",
    "plan": "套餐",
}
_PERSONS: Final = """
    i you; i'm you're; i've you've; i'd you'd; i'll you'll; me you; my your; mine yours; myself yourself; am are; we you;
    we're you're; we've you've; us you; our your; ours yours; ourselves yourselves; you I; your my; yours mine
"""
_SECOND: Final = {pair.split()[0]: pair.split()[1] for pair in _PERSONS.split(";")}
_BYGONE: Final = re.compile(
    r"\b(?:old|former(?:ly)?|previous(?:ly)?|used to|before)\b|以前|之前|原来|原先", re.IGNORECASE
)
"""Asks for what no longer holds; "what was my order number again?" does not."""
_WORD: Final = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_I_WAS: Final = re.compile(r"\bI was\b")


@lru_cache(maxsize=4096)
def _claims(text: str) -> tuple[Claim, ...]:
    return tuple(claims(text, USER))


def facts(said: Sequence[Said], quoted: Sequence[Quote]) -> list[Fact]:
    """What the user claimed in *said*, in order, and the facts in *quoted*; each with the time at which it ended."""
    statements = []
    for place, turn in enumerate(said):
        if turn.by_user:
            at = (
                _time(turn.at)
                if turn.at
                else datetime.max.replace(tzinfo=UTC) - timedelta(days=2) + timedelta(seconds=place)
            )
            statements += [Statement(str(place), claim, at, str(place), place) for claim in _claims(turn.text)]
    told = timeline(statements)
    known = {(fact.attribute, fact.value) for fact in told}
    stored = [
        Fact(
            quote.id,
            USER,
            quote.about.get("attribute", ""),
            quote.text,
            _time(quote.about.get("since", "")),
            _end(quote),
            "",
        )
        for quote in quoted
    ]
    return [fact for fact in stored if (fact.attribute, fact.value) not in known] + told


def name(known: Sequence[Fact]) -> str:
    """The user's first name; "" when they have not said it."""
    held = [fact.value for fact in holding(known, _now()) if fact.attribute == "name" and fact.subject == USER]
    return held[-1].split()[0] if held else ""


def from_facts(question: str, known: Sequence[Fact], language: Language) -> str:
    """What *known* says about the attributes that *question* asks for, now or before; "" when nothing."""
    wanted = asked(question, {fact.attribute for fact in known})
    answers = []
    for attribute in sorted(wanted):
        history = [fact for fact in known if fact.attribute == attribute]
        held = [fact.value for fact in holding(history, _now())]
        ended = [fact.value for fact in history if fact.value not in held]
        if about_past(question) and ended:
            answers.append(_told(attribute, ended[:1] if about_first(question) else ended[-1:], language, before=True))
        elif held and not _BYGONE.search(question):
            answers.append(_told(attribute, held[-3:], language, before=False))
    return ("" if language == "zh" else " ").join(dict.fromkeys(answers))


def describe(found: Sequence[tuple[str, str]], language: Language) -> str:
    """Newly claimed (attribute, value) pairs, to be said back."""
    told = [_told(attribute, [value], language, before=False).rstrip(".。") for attribute, value in found]
    return "；".join(told) if language == "zh" else " and ".join(text[0].lower() + text[1:] for text in told)


def from_turns(question: str, said: Sequence[Said], language: Language, *, by_user: bool = True) -> str:
    """The latest earlier sentence that speaks of what *question* asks, seen from the user; "" when there is none."""
    found = [
        rest
        for turn in said
        if turn.by_user == by_user
        for sentence in sentences(turn.text)
        if (rest := greeting(sentence)[1]) and (not by_user or act(rest) is Act.STATEMENT)
    ]
    shares = spoken_of(question, found, but=_ASKING)
    best = max(shares, default=0.0)
    if best < _ENOUGH:
        return ""
    latest = found[len(shares) - 1 - shares[::-1].index(best)]
    return seen_from_user(latest, language) if by_user else latest


def seen_from_user(text: str, language: Language) -> str:
    """*text* of the user with its persons turned: "I live in my van" -> "you live in your van"."""
    if language == "zh":
        return re.sub("我|您|你", lambda found: "您" if found[0] == "我" else "我", text)
    return _WORD.sub(lambda found: _turned(found[0]), _I_WAS.sub("you were", text))


def _turned(word: str) -> str:
    other = _SECOND.get(word.replace("’", "'").lower(), word)
    return (
        other[0].upper() + other[1:] if word[0].isupper() and word.lower() not in _CAPITAL and other != "I" else other
    )


_CAPITAL: Final = frozenset(word for word in _SECOND if word.startswith("i"))
_ASKING: Final = frozenset({"said", "say", "told", "tell", "mention", "ask", "rememb", "recal", "remind", "know"})


def _told(attribute: str, values: Sequence[str], language: Language, *, before: bool) -> str:
    value = (
        "、".join(values)
        if language == "zh"
        else " and ".join([", ".join(values[:-1]), values[-1]] if values[1:] else values)
    )
    special = (_BEFORE if before else _TELLING).get(attribute)
    if special:
        return special[language].format(value=value)
    if language == "zh":
        return f"您{'以前' if before else ''}的{_CHINESE.get(attribute, attribute)}是{value}。"
    return f"Your {'earlier ' if before else ''}{attribute} {'was' if before else 'is'} {value}."


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return _START
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _end(quote: Quote) -> datetime | None:
    until = quote.about.get("until", "")
    return _time(until) if until else None


def _now() -> datetime:
    return datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
