"""From a situation to the words of the answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ...memory.claims import claims
from ...memory.facts import USER
from ...memory.relevance import spoken_of
from ...memory.types import Fact
from ...memory.words import terms
from .. import evidence
from ..followup import Language, leans_back, sentences
from ..quotes import Quote
from . import personal
from .acts import Act, act, greeting
from .phrases import PHRASES, say
from .situation import Situation

_CHOICE: Final = {
    language: re.compile(
        re.escape(PHRASES["which"][language]).replace(r"\{first\}", "(.+?)").replace(r"\{second\}", "(.+?)")
    )
    for language in ("en", "zh")
}
_MAYBE: Final = [
    re.compile(re.escape(PHRASES["maybe"][language]).replace(r"\{first\}", "(.+?)")) for language in ("en", "zh")
]
_FIRST: Final = re.compile(r"\b(?:first|former|1st|1|one)\b|第一|前者|前一个", re.IGNORECASE)
_SECOND: Final = re.compile(r"\b(?:second|latter|2nd|2|last)\b|第二|后者|后一个", re.IGNORECASE)
_SELF: Final = re.compile(r"\b(?:i|i'm|i’m|my|me|we|our)\b|我", re.IGNORECASE)
_CONTACT: Final = re.compile(r"[\w.+-]+@[\w-]+\.\w|\d(?:[ ()/-]?\d){6}")
"""An e-mail address or a telephone number."""
_FEW: Final = 3
_COURTESY: Final = {
    Act.THANKS: "welcome",
    Act.GOODBYE: "goodbye",
    Act.ABILITY: "able",
    Act.HOW_ARE_YOU: "fine",
}
_ASKING: Final = {Act.QUESTION, Act.ABOUT_ME, Act.WHAT_I_SAID, Act.WHAT_YOU_SAID, Act.PERSON}


@dataclass(frozen=True, slots=True)
class Reply:
    """What to say, and the ids of the passages it rests on."""

    text: str
    cited: tuple[str, ...] = ()
    hand_over: str = ""
    """Why a person should take over, if one should."""


def reply(now: Situation) -> Reply:
    """The answer to the last message; it says only what the situation holds."""
    if now.handed_over:
        return _handed_over(now)
    known = personal.facts(now.told, now.facts)
    greets, rest = greeting(now.message)
    parts = [part for part in sentences(rest) if part]
    if not parts:
        return Reply(say("hello", now.language, name=_called(personal.name(known), now.language)))
    settled = _settled(now, parts)
    if settled:
        return settled
    answers = [found for part in _together(parts) if (found := _respond(part, now, known))]
    answers = answers or [_statement(rest, now, known)]
    told = [answer for answer in answers if answer.text != say("unknown", now.language)]
    courteous = {say(phrase, now.language, name="") for phrase in ("welcome", "fine")}
    substantial = [answer for answer in told if answer.text not in courteous]
    chosen = substantial or told or answers[:1]
    if substantial and len(told) < len(answers):
        chosen = [*substantial, Reply(say("rest", now.language))]
    hello = say("hello", now.language, name=_called(personal.name(known), now.language))
    opening = (
        re.split(r"(?<=[!！])", hello)[0] if greets and not now.last_answer and chosen[0].text[:5] != hello[:5] else ""
    )
    texts = dict.fromkeys([opening, *(answer.text for answer in chosen)])
    cited = tuple(dict.fromkeys(key for answer in chosen for key in answer.cited))
    return Reply(_joined(texts, now.language), cited, next((one.hand_over for one in chosen if one.hand_over), ""))


def _together(parts: Sequence[str]) -> list[str]:
    """Statements join the question they lead to: "My SIM is gone. What does a new one cost?" is one question.

    Beside another question they are no request of their own.
    """
    joined: list[str] = []
    case: list[str] = []
    asked = False
    for part in parts:
        what = act(greeting(part)[1])
        if what is Act.STATEMENT and not claims(part, USER):
            case.append(part)
        else:
            joined.append(" ".join([*case, part]) if what is Act.QUESTION and leans_back(part) else part)
            case = [] if what is Act.QUESTION else case
            asked = asked or what in _ASKING
    return [*joined, " ".join(case)] if case and not asked else joined


def _called(name: str, language: Language) -> str:
    if not name:
        return ""
    return f"，{name}" if language == "zh" else f", {name}"


def _settled(now: Situation, parts: list[str]) -> Reply | None:
    """The answer to a reply to our own question: which of two, shall I get a person, shall I go on."""
    options = next((found.groups() for pattern in _CHOICE.values() if (found := pattern.search(now.last_answer))), None)
    if options:
        chosen = options[0] if act(parts[0]) is Act.YES else _chosen(parts[0], options)
        passage = next((quote for quote in now.passages if chosen and evidence.heading(quote) == chosen), None)
        if passage:
            return _from_passage(now.context[0] if now.context else now.message, passage, now)
    if len(parts) > 1:
        return None
    what = act(parts[0])
    offered = now.last_answer.endswith(PHRASES["unknown"][now.language][-8:])
    if what is Act.PERSON or (what is Act.YES and offered):
        return _person(now)
    if what is Act.YES and now.last_answer.endswith(say("more", now.language)) and (rest := _going_on(now)):
        return rest
    if what is Act.YES and (meant := _meant(now)):
        return _from_passage(evidence.heading(meant), meant, now)
    if what in (Act.YES, Act.NO):
        return Reply(say("declined", now.language))
    if what is Act.REPEAT and now.last_answer:
        return Reply(now.last_answer)
    return None


def _meant(now: Situation) -> Quote | None:
    """The passage that the last answer asked about."""
    heading = next((found[1] for pattern in _MAYBE if (found := pattern.search(now.last_answer))), "")
    return next((quote for quote in now.passages if heading and evidence.heading(quote) == heading), None)


def _chosen(text: str, options: tuple[str, ...]) -> str:
    shares = spoken_of(text, options)
    if shares[0] != shares[1]:
        return options[shares.index(max(shares))]
    if _SECOND.search(text):
        return options[1]
    return options[0] if _FIRST.search(text) else ""


def _person(now: Situation) -> Reply:
    """Offers a person, with the way to reach one from the passages if they say so."""
    asked = next((turn.text for turn in reversed(now.said) if turn.by_user), "")
    reason = now.message if act(now.message) is Act.PERSON or not asked else asked
    reach = _reach(now)
    return Reply(_joined([say("person", now.language), reach.text], now.language), reach.cited, reason)


def _handed_over(now: Situation) -> Reply:
    reach = _reach(now)
    return Reply(_joined([say("handed over", now.language), reach.text], now.language), reach.cited)


def _reach(now: Situation) -> Reply:
    """How to reach a person, from the passages; nothing if they do not say."""
    question = "联系人工客服电话" if now.language == "zh" else "How can I contact customer service by phone or email?"
    ranked = [match.passage for match in evidence.matches(question, now.passages)[:_FEW]]
    found = next((passage for passage in ranked if _CONTACT.search(passage.text)), None)
    return _from_passage(question, found, now) if found else Reply("")


def _respond(part: str, now: Situation, known: list[Fact]) -> Reply | None:
    """The answer to one sentence of the message; None when it asks for nothing."""
    part = greeting(part)[1]
    if not part:
        return None
    what = act(part)
    if what in _COURTESY:
        return Reply(say(_COURTESY[what], now.language, name=_called(personal.name(known), now.language)))
    if what is Act.PERSON:
        return _person(now)
    if what is Act.STATEMENT:
        return _problem(part, now)
    if what is Act.WHAT_YOU_SAID:
        text = personal.from_turns(part, now.said, now.language, by_user=False)
        return Reply(say("said", now.language, what=text)) if text else _known(part, now)
    if what in (Act.ABOUT_ME, Act.WHAT_I_SAID):
        return _about_user(part, now, known, firmly=what is Act.WHAT_I_SAID)
    return _known(part, now) if what is Act.QUESTION else None


def _about_user(part: str, now: Situation, known: list[Fact], *, firmly: bool) -> Reply:
    told = personal.from_facts(part, known, now.language)
    if told:
        return Reply(told)
    text = personal.from_turns(part, now.told, now.language)
    if text:
        return Reply(say("told", now.language, what=text))
    found = _known(part, now)
    unknown = found.text == say("unknown", now.language) or any(each.search(found.text) for each in _MAYBE)
    return Reply(say("untold", now.language)) if unknown and (firmly or re.search(r"\bmy\b|我的", part)) else found


def _known(part: str, now: Situation) -> Reply:
    """The answer from the passages, from what the user said, or that we do not know."""
    context = now.context if leans_back(part) else ()
    ranked = evidence.matches(part, now.passages, context=context)
    answering = evidence.answering(ranked)
    if len(answering) > 1 and _bare(part) and not context:
        first, second = (evidence.heading(match.passage) for match in answering[:2])
        if first and second and first != second:
            return Reply(say("which", now.language, first=first, second=second))
    if answering:
        return _from_passage(part, answering[0].passage, now)
    text = personal.from_turns(part, now.told, now.language)
    if text:
        return Reply(say("told", now.language, what=text))
    match evidence.perhaps(part, ranked):
        case [first, second]:
            return Reply(say("which", now.language, first=first, second=second))
        case [first]:
            return Reply(say("maybe", now.language, first=first))
    return Reply(say("unknown", now.language))


def _bare(question: str) -> bool:
    """Whether *question* names one thing and does not say what about it."""
    return len(question.split()) <= _FEW and len(terms(question)) < _FEW


def _from_passage(question: str, passage: Quote, now: Situation) -> Reply:
    told = evidence.telling(question, passage)
    rest = _after(told[-1], passage) if told else []
    offer = [say("more", now.language)] if told and told[0] == evidence.plain(passage.text)[0] and len(rest) > 1 else []
    return Reply(_joined([*told, *offer], now.language), (passage.id,))


def _going_on(now: Situation) -> Reply | None:
    """What follows in the passage that the last answer broke off in."""
    said = now.last_answer.removesuffix(say("more", now.language)).strip()
    for passage in now.passages:
        last = next((sentence for sentence in reversed(evidence.plain(passage.text)) if said.endswith(sentence)), None)
        if last:
            rest = _after(last, passage)
            offer = [say("more", now.language)] if len(rest) > _FEW + 1 else []
            return Reply(_joined([*(rest[:_FEW] if offer else rest), *offer], now.language), (passage.id,))
    return None


def _after(sentence: str, passage: Quote) -> list[str]:
    said = evidence.plain(passage.text)
    return said[said.index(sentence) + 1 :]


def _joined(texts: Iterable[str], language: Language) -> str:
    return ("" if language == "zh" else " ").join(text for text in texts if text)


def _problem(part: str, now: Situation) -> Reply | None:
    """An answer to a statement that describes a case the passages speak of; None for anything else."""
    if claims(part, USER):
        return None
    found = evidence.answering(evidence.matches(part, now.passages))
    return _from_passage(part, found[0].passage, now) if found else None


def _statement(text: str, now: Situation, known: list[Fact]) -> Reply:
    """Says back what a message told us that asks for nothing."""
    found = [(claim.attribute, claim.value) for claim in claims(text, USER) if claim.kind != "not"]
    others = [(attribute, value) for attribute, value in found if attribute != "name"]
    if others:
        return Reply(say("noted", now.language, what=personal.describe(others[:3], now.language)))
    if found:
        return Reply(say("hello", now.language, name=_called(personal.name(known), now.language)))
    return Reply(say("heard" if _SELF.search(text) else "unknown", now.language))
