"""Memory and knowledge as LangChain middleware; each works alone in any ``create_agent``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage
from langgraph.runtime import Runtime

from .. import prompts
from . import quotes
from .followup import search_queries
from .quotes import Quote
from .who import Who, thread, who

if TYPE_CHECKING:
    from ..memory import Knowledge, Memory

USER: Final = "user"
AGENT: Final = "agent"


class RecallMiddleware(AgentMiddleware[AgentState[Any], Any, Any]):
    """Puts what is remembered and known into the system message of each model call.

    Nothing is written to the state, so nothing piles up in the checkpoint. What was found is sent once per user turn to the
    "custom" stream as ``{"recalled": [{"kind", "id", "text", "speaker", "at", "score", "why", …}, …]}``.
    """

    def __init__(
        self, memory: Memory | None = None, knowledge: Knowledge | None = None, *, turns: int = 8, passages: int = 8
    ) -> None:
        """At most *turns* remembered turns and *passages* passages are given to the model."""
        super().__init__()
        self._memory, self._knowledge = memory, knowledge
        self._turns, self._passages = turns, passages

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        return handler(self._informed(request, who(request.runtime.context)))

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelResponse[Any]:
        owner = who(request.runtime.context)
        return await handler(await asyncio.to_thread(self._informed, request, owner))

    def _informed(self, request: ModelRequest[Any], owner: Who) -> ModelRequest[Any]:
        remembered = self._remembered(request.messages, owner)
        known = self._known(request.messages, owner)
        if isinstance(request.messages[-1], HumanMessage):
            request.runtime.stream_writer({"recalled": [hit for _, hit in remembered + known]})
        parts = [request.system_message.text if request.system_message else ""]
        if remembered:
            parts.append(prompts.load("memory", quotes=quotes.write(quote for quote, _ in remembered)))
        if known:
            parts.append(prompts.load("knowledge", quotes=quotes.write(quote for quote, _ in known)))
        return request.override(system_message=SystemMessage("\n\n".join(part for part in parts if part)))

    def _remembered(self, messages: Sequence[AnyMessage], owner: Who) -> list[tuple[Quote, dict[str, Any]]]:
        if self._memory is None:
            return []
        found = []
        asked = {message.text.strip() for message in messages[-1:]}
        mine = self._memory.of(owner.tenant, owner.user)
        query = search_queries(messages)[0]
        for hit in mine.recall(query, k=self._turns + 1) if query else []:
            if hit.text.strip() in asked:
                continue
            about = {"speaker": hit.speaker, "at": hit.at.isoformat(timespec="minutes"), "thread": hit.thread}
            found.append(
                (
                    Quote("memory", hit.id, hit.text, about),
                    {"kind": "memory", "id": hit.id, "text": hit.text, **about, "score": hit.score, "why": hit.why},
                )
            )
        return found[: self._turns]

    def _known(self, messages: Sequence[AnyMessage], owner: Who) -> list[tuple[Quote, dict[str, Any]]]:
        if self._knowledge is None:
            return []
        shelf = self._knowledge.of(owner.tenant)
        best = {}
        for query in search_queries(messages):
            for hit in shelf.search(query, k=self._passages):
                if hit.id not in best or hit.score > best[hit.id].score:
                    best[hit.id] = hit
        ranked = sorted(best.values(), key=lambda hit: hit.score, reverse=True)
        return [
            (
                Quote("knowledge", hit.id, hit.text, {"source": hit.source, "heading": hit.heading}),
                {
                    "kind": "knowledge",
                    "id": hit.id,
                    "text": hit.text,
                    "speaker": hit.source,
                    "at": "",
                    "source": hit.source,
                    "heading": hit.heading,
                    "score": hit.score,
                    "why": hit.heading,
                },
            )
            for hit in ranked[: self._passages]
        ]


class RememberMiddleware(AgentMiddleware[AgentState[Any], Any, Any]):
    """Stores what the user said and what the agent answered, verbatim, when the answer is complete.

    User messages that got no answer (a model was down) are stored together with the next one that does. Placed after a
    redacting middleware it stores the redacted text; placed after summarization it would store summaries, so put it before.
    """

    def __init__(self, memory: Memory, *, clock: Callable[[], datetime] | None = None) -> None:
        super().__init__()
        self._memory = memory
        self._clock = clock or (lambda: datetime.now(UTC))

    def after_agent(self, state: AgentState[Any], runtime: Runtime[Any]) -> None:
        self._store(state["messages"], who(runtime.context), thread())

    async def aafter_agent(self, state: AgentState[Any], runtime: Runtime[Any]) -> None:
        await asyncio.to_thread(self._store, state["messages"], who(runtime.context), thread())

    def _store(self, messages: Sequence[AnyMessage], owner: Who, conversation: str) -> None:
        mine = self._memory.of(owner.tenant, owner.user)
        for speaker, text in latest_turn(messages):
            mine.remember(text, speaker=speaker, at=self._clock(), thread=conversation)


def latest_turn(messages: Sequence[AnyMessage]) -> list[tuple[str, str]]:
    """(speaker, text) of what was said after the last but one answer, in order; tool traffic is left out."""
    said: list[tuple[str, str]] = []
    for message in reversed(messages):
        answer = isinstance(message, AIMessage) and not message.tool_calls
        if answer and said:
            break
        if (answer or isinstance(message, HumanMessage)) and message.text.strip():
            said.append((AGENT if answer else USER, message.text))
    return said[::-1]
