"""What a user's message leaves unsaid because the turn before said it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from ..memory.words import is_cjk

Language = Literal["en", "zh"]

_CJK: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN_WORD: Final = re.compile(r"[A-Za-z]+")
_END: Final = re.compile(r"(?<=[!?。！？；])\s*|(?<=[^\W\d]{2}\.)\s+|(?<=[\d)\]”\"]\.)\s+(?=[A-Z])|\n+")
_OPENING: Final = re.compile(
    r"^(?:(?:ok(?:ay)?|oh|so|well|thanks|great)[,.! ]+)?(?:and|or|but|also|then|what about|how about)\b", re.IGNORECASE
)
_POINTING: Final = re.compile(
    r"\b(?:it|its|that|this|these|those|they|them|there|one|ones|same|either|both|then|instead)\b", re.IGNORECASE
)
_WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_POINTING_ZH: Final = re.compile(r"^(?:那|还有|另外|如果|要是|换成)|它|这个|那个|这些|那些|呢[？?]?$")
_PERSON: Final = re.compile(
    r"\b(?:person|human|agent|representative|operator|somebody|someone)\b|人工|真人", re.IGNORECASE
)
_ASKING: Final = re.compile(
    r"\b(?:what|where|when|who|why|how|which|is|are|was|do|does|did|can|could|will|would|should|may|have|has|tell|give|show)\b",
    re.IGNORECASE,
)
_TINY: Final = 3
_SHORT: Final = 5
_FAR: Final = 3


def language_of(messages: Sequence[AnyMessage]) -> Language:
    """The language of the user's last message."""
    return language(next((message.text for message in reversed(messages) if isinstance(message, HumanMessage)), ""))


def language(text: str) -> Language:
    """ "zh" when there are at least as many Chinese characters as words in Latin letters."""
    return "zh" if is_cjk(text) and len(_CJK.findall(text)) >= len(_LATIN_WORD.findall(text)) else "en"


def sentences(text: str) -> list[str]:
    """*text* in sentences, each with its closing mark."""
    return [part.strip() for part in _END.split(text) if part and part.strip()]


def leans_back(text: str) -> bool:
    """Whether *text* can only be understood with what was said before: "and to Alaska?", "how much is it?", "那加拿大呢？"."""
    if language(text) == "zh":
        return bool(_POINTING_ZH.search(text)) or len(text) <= _SHORT
    count = len(_WORD.findall(text))
    incomplete = count < _TINY or (count <= _SHORT and not _ASKING.search(text))
    return incomplete or bool(_OPENING.match(text)) or (count <= 3 * _SHORT and bool(_POINTING.search(text)))


def earlier_questions(messages: Sequence[AnyMessage]) -> list[str]:
    """What the user said before the last message, latest first, back to the first message that stands on its own."""
    said = [str(message.text) for message in messages if isinstance(message, HumanMessage)][:-1][-_FAR:]
    found = []
    for text in reversed(said):
        found.append(text)
        if not leans_back(text):
            break
    return found


def search_queries(messages: Sequence[AnyMessage]) -> list[str]:
    """What to look up for the user's last message, most telling first; no empty ones, and none when nobody spoke.

    A message that leans back is looked up together with what it leans on; one of several sentences also sentence by sentence.
    """
    last = next((message.text.strip() for message in reversed(messages) if isinstance(message, HumanMessage)), "")
    if not last:
        return []
    parts = sentences(last)
    queries = [last] if len(parts) < 2 else [last, *parts]
    if any(leans_back(part) for part in parts):
        asked = next(
            (message.text for message in reversed(messages) if isinstance(message, AIMessage) and message.text), ""
        )
        before = earlier_questions(messages) + ([asked] if asked.rstrip().endswith(("?", "？")) else [])
        if before:
            queries.insert(0, " ".join([last, *before]))
    if _PERSON.search(queries[0]):
        queries.append("客服 联系 电话" if language(last) == "zh" else "contact phone")
    return list(dict.fromkeys(queries))
