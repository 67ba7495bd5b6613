"""Personal data kept out of what is said, stored and spoken."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Final

from langchain.agents.middleware import AgentMiddleware, AgentState
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langgraph.runtime import Runtime

from ..memory import redact

_END: Final = re.compile(r"[.!?。！？\n]['\"”’)\]]*(?=\s)|[。！？\n]")
_LONGEST: Final = 600
"""Characters held back at most; longer than any sentence that is spoken."""
_TAIL: Final = 60
"""Characters of an endless sentence that stay back; longer than any number that is taken out."""


class RedactMiddleware(AgentMiddleware[AgentState[Any], Any, Any]):
    """Takes personal data out of the user's messages before the model sees them, and out of answers before they are stored.

    What streams meanwhile goes through ``redacted``.
    """

    def before_agent(self, state: AgentState[Any], runtime: Runtime[Any]) -> dict[str, Any] | None:  # noqa: ARG002
        return _changes(state["messages"])

    def after_model(self, state: AgentState[Any], runtime: Runtime[Any]) -> dict[str, Any] | None:  # noqa: ARG002
        return _changes(state["messages"])


def _changes(messages: Sequence[BaseMessage]) -> dict[str, Any] | None:
    clean = without_personal_data(messages)
    changed = [after for before, after in zip(messages, clean, strict=True) if after is not before]
    return {"messages": changed} if changed else None


def without_personal_data(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """*messages*, those of people and models that held personal data replaced by redacted copies."""
    return [
        message.model_copy(update={"content": clean})
        if isinstance(message, (HumanMessage, AIMessage)) and (clean := _clean(message.content)) != message.content
        else message
        for message in messages
    ]


def _clean(content: str | list[str | dict[Any, Any]]) -> str | list[str | dict[Any, Any]]:
    if isinstance(content, str):
        return redact(content)
    return [
        redact(part) if isinstance(part, str) else {**part, "text": redact(part["text"])} if "text" in part else part
        for part in content
    ]


class Redactor:
    """Deltas in, whole redacted sentences out: nothing is let through that the next delta could turn into personal data."""

    def __init__(self) -> None:
        self._held = ""

    def take(self, delta: str) -> str:
        """What may be said now; "" while a sentence is incomplete."""
        self._held += delta
        ends = [found.end() for found in _END.finditer(self._held)]
        cut = ends[-1] if ends else 0
        if not cut and len(self._held) > _LONGEST:
            cut = self._held.rfind(" ", 0, len(self._held) - _TAIL) + 1
        said, self._held = self._held[:cut], self._held[cut:]
        return redact(said)

    def rest(self) -> str:
        """What is left when the answer is over."""
        said, self._held = self._held, ""
        return redact(said)


def redacted(deltas: Iterator[Any]) -> Iterator[Any]:
    """*deltas* by the sentence, without personal data; items that are no text pass at once, in their place."""
    redactor = Redactor()
    for delta in deltas:
        if not isinstance(delta, str):
            yield delta
        elif said := redactor.take(delta):
            yield said
    if said := redactor.rest():
        yield said


async def aredacted(deltas: AsyncIterator[Any]) -> AsyncIterator[Any]:
    """As ``redacted``."""
    redactor = Redactor()
    async for delta in deltas:
        if not isinstance(delta, str):
            yield delta
        elif said := redactor.take(delta):
            yield said
    if said := redactor.rest():
        yield said
