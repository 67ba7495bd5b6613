"""Small facts in what a user says, by rule: "I moved to Lyon", "my size is 42", "我对花生过敏".

Precision before recall: questions, wishes, suppositions, quotations, reported speech, opinions and thanks claim nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .claims_chinese import chinese
from .claims_english import english
from .facts import Claim
from .spelling import as_written

AGENTS: Final = frozenset({"agent", "ai", "assistant", "avatar", "bot", "system", "tool", "visavis"})
"""Speakers whose turns state no facts."""

_SENTENCE: Final = re.compile(r"[^.!?。;\n]+(?:\.(?=\S)[^.!?。;\n]+)*[.!?。;\n]?")
_TITLE: Final = re.compile(r"\b(Mr|Mrs|Ms|Dr|Prof|St)\.(?=\s)")
_QUOTED: Final = re.compile(r"[“\"「『][^”\"」』]*[”\"」』]|^\s*>.*$", re.MULTILINE)
_OPENING: Final = re.compile(
    r"^(?:and|but|so|also|well|actually|oh|yes|yeah|no|hi|hello|hey|ok|okay|please|sorry|thanks|thank you|by the way|btw|fyi|"
    r"just so you know|good (?:morning|afternoon|evening))\b[\s,.:!-]*",
    re.IGNORECASE,
)
_ASKING: Final = re.compile(
    r"\?\s*$|^(?:what|where|when|who|whom|whose|which|why|how|do|does|did|is|are|am|was|were|can|could|will|would|should|shall|"
    r"may|have|has)\b|(?:吗|呢)[。!]?\s*$|什么|哪|谁|怎么|为何|是不是|有没有|多少",
    re.IGNORECASE,
)
_SUPPOSED: Final = re.compile(
    r"\b(?:if(?! you (?:can|could|need|want|like|please|don't mind))|unless|suppose|supposing|imagine|pretend|let's say|"
    r"hypothetically|for example|said|(?<!it )says|told|claims?|wrote|heard|reads)\b"
    r"|如果|要是|假如|假设|倘若|比如|他说|她说|他们说|听说|据说",
    re.IGNORECASE,
)
"""Spoils the sentence it is in."""
_JOKE: Final = re.compile(r"\b(?:just )?(?:joking|kidding)\b|开玩笑", re.IGNORECASE)
"""Spoils all that was said."""
_UNREAL: Final = re.compile(
    r"\b(?:wish|hope|maybe|perhaps|might|would|could|should|will|i'll|i'd|thinking (?:of|about)|going to|gonna|"
    r"plan(?:ning)? (?:to|on)|want(?:ed)? to|considering|almost|nearly|used to|asked|dream(?:t|ed)?)\b"
    r"|也许|可能|或许|打算|希望|想要|想搬|准备|将来|以后会|以前|曾经|之前",
    re.IGNORECASE,
)
"""Spoils the clause it is in."""
_CLAUSE: Final = re.compile(
    r",\s*(?=(?:so|but|because|since|when|where|what|which|who|why|how|can|could|will|would|do|does|is|are|am|should|may|right|ok)\b)"
    r"|,?\s(?:and|so|but)\s(?=(?:when|where|what|which|who|why|how|can|could|will|would|do|does|is|are|should|may)\b)"
    r"|(?<=[\u4e00-\u9fff\w])[,、](?=[\u4e00-\u9fff])",
    re.IGNORECASE,
)


def claims(text: str, subject: str) -> list[Claim]:
    """What *text*, said by *subject* about themselves, claims; each claim once, in the order said."""
    found: dict[Claim, None] = {}
    if _JOKE.search(text):
        return []
    for sentence in _sentences(as_written(text[:4000])):
        for make in (english, chinese):
            for attribute, value, kind in make(sentence):
                found.setdefault(Claim(subject, attribute, value, kind))
    return list(found)


def _sentences(text: str) -> Iterator[str]:
    """Clauses that state something, without quotations and leading fillers; a supposition spoils its whole sentence."""
    for match in _SENTENCE.finditer(_TITLE.sub(r"\1", _QUOTED.sub(" … ", text))):
        if _SUPPOSED.search(match[0]):
            continue
        for clause in _CLAUSE.split(match[0]):
            kept = clause.strip()
            while (cut := _OPENING.sub("", kept, count=1)) != kept:
                kept = cut
            if kept and not _ASKING.search(kept) and not _UNREAL.search(kept):
                yield kept
