"""Chat messages as the offline model sees them: who said what, and the quoted evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from .. import quotes
from ..followup import Language, earlier_questions, language
from ..quotes import Quote

HAND_OVER: Final = "hand_over_to_human"
"""The tool that asks for a person."""


@dataclass(frozen=True, slots=True)
class Said:
    """One earlier turn."""

    text: str
    by_user: bool
    at: str = ""
    """ISO time; "" for a turn of this conversation."""


@dataclass(frozen=True, slots=True)
class Situation:
    """All that an answer may rest on."""

    message: str
    """The user's last message."""
    language: Language
    said: tuple[Said, ...]
    """Remembered turns by time, then this conversation; without the last message."""
    facts: tuple[Quote, ...]
    passages: tuple[Quote, ...]
    context: tuple[str, ...]
    """The user's earlier messages that the last one may lean on, latest first."""
    last_answer: str
    handed_over: bool
    """Whether a person has just been asked to take over."""

    @property
    def told(self) -> tuple[Said, ...]:
        """``said`` with the last message, which may answer its own question: "I'm Li. What's my name?"."""
        return (*self.said, Said(self.message, by_user=True))


def situation(messages: Sequence[BaseMessage]) -> Situation:
    """Reads *messages*. Only ``<quoted>`` blocks of system messages and results of tools are evidence; other system text is not."""
    spoken = [
        message for message in messages if isinstance(message, (HumanMessage, AIMessage)) and message.text.strip()
    ]
    asked = max((place for place, message in enumerate(spoken) if isinstance(message, HumanMessage)), default=-1)
    message = spoken[asked].text.strip() if asked >= 0 else ""
    before = spoken[: max(asked, 0)]
    quoted = [
        quote for message in messages if isinstance(message, SystemMessage) for quote in quotes.read(message.text)
    ]
    results = _results(messages)
    quoted += [quote for result in results for quote in quotes.read(result.text)]
    here = [Said(turn.text.strip(), isinstance(turn, HumanMessage)) for turn in before]
    known = {turn.text for turn in here}
    remembered = sorted(
        (
            Said(quote.text, quote.about.get("speaker") == "user", quote.about.get("at", ""))
            for quote in quoted
            if quote.kind == "memory" and quote.text.strip() not in known
        ),
        key=lambda turn: turn.at,
    )
    return Situation(
        message=message,
        language=language(message),
        said=(*remembered, *here),
        facts=tuple(quote for quote in quoted if quote.kind == "fact"),
        passages=(
            *(quote for quote in quoted if quote.kind == "knowledge"),
            *(
                Quote("knowledge", result.tool_call_id, result.text)
                for result in results
                if not quotes.read(result.text) and result.name != HAND_OVER
            ),
        ),
        context=tuple(earlier_questions(spoken[: asked + 1])) if asked >= 0 else (),
        last_answer=next((turn.text for turn in reversed(before) if isinstance(turn, AIMessage)), ""),
        handed_over=any(result.name == HAND_OVER for result in _results(messages)),
    )


def _results(messages: Sequence[BaseMessage]) -> list[ToolMessage]:
    """Results of the tools called since the user spoke last."""
    last = max((place for place, message in enumerate(messages) if isinstance(message, HumanMessage)), default=0)
    return [message for message in messages[last:] if isinstance(message, ToolMessage) and message.text.strip()]
