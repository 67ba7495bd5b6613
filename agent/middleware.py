"""Memory and knowledge as LangChain middleware; each works alone in any ``create_agent``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any, Final, Literal

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
_PROFILE: Final = 16
"""Facts in the profile; the newest are kept."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was looked up for an answer, as the "custom" stream tells it."""

    kind: Literal["memory", "knowledge"]
    id: str
    text: str
    speaker: str
    """Who said it; for knowledge, the source."""
    at: str
    """ISO time with its offset; "" for knowledge."""
    score: float
    why: str
    source: str = ""
    heading: str = ""


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
        queries = search_queries(request.messages)
        profile = self._profile(owner)
        remembered = self._remembered(queries, owner, asked=request.messages[-1].text.strip())
        known = self._known(queries, owner)
        if isinstance(request.messages[-1], HumanMessage):
            request.runtime.stream_writer({"recalled": [asdict(hit) for hit in remembered + known]})
        parts = [request.system_message.text if request.system_message else ""]
        if profile or remembered:
            parts.append(prompts.load("memory", quotes=quotes.write([*profile, *map(_quote, remembered)])))
        if known:
            parts.append(prompts.load("knowledge", quotes=quotes.write(map(_quote, known))))
        return request.override(system_message=SystemMessage("\n\n".join(part for part in parts if part)))

    def _profile(self, owner: Who) -> list[Quote]:
        if self._memory is None:
            return []
        facts = self._memory.of(owner.tenant, owner.user).facts()[-_PROFILE:]
        return [
            Quote(
                "fact",
                fact.id,
                fact.value,
                {"subject": fact.subject, "attribute": fact.attribute, "since": _minute(fact.valid_from)},
            )
            for fact in facts
        ]

    def _remembered(self, queries: Sequence[str], owner: Who, *, asked: str) -> list[Hit]:
        if self._memory is None or not queries:
            return []
        found = self._memory.of(owner.tenant, owner.user).recall(queries[0], k=self._turns + 1)
        return [
            Hit("memory", turn.id, turn.text, turn.speaker, _minute(turn.at), turn.score, turn.why)
            for turn in found
            if turn.text.strip() != asked
        ][: self._turns]

    def _known(self, queries: Sequence[str], owner: Who) -> list[Hit]:
        """The passages that fit any of *queries*, the best of each query first."""
        if self._knowledge is None:
            return []
        library = self._knowledge.of(owner.tenant)
        found = [library.search(query, k=self._passages) for query in queries]
        best = {passage.id: passage for rank in zip_longest(*found) for passage in rank if passage}
        return [
            Hit(
                "knowledge",
                passage.id,
                passage.text,
                passage.source,
                "",
                passage.score,
                "",
                passage.source,
                passage.heading,
            )
            for passage in islice(best.values(), self._passages)
        ]


def _quote(hit: Hit) -> Quote:
    if hit.kind == "knowledge":
        return Quote("knowledge", hit.id, hit.text, {"source": hit.source, "heading": hit.heading})
    return Quote("memory", hit.id, hit.text, {"speaker": hit.speaker, "at": hit.at})


def _minute(at: datetime) -> str:
    return at.isoformat(timespec="minutes")


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
