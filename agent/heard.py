"""What an interrupted listener heard, and a conversation that keeps no more than that."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import StateSnapshot

from ..render.events import ChunkReady, Done, Event, SpeechReady
from .graph import Agent
from .middleware import AGENT, USER
from .who import named_in

if TYPE_CHECKING:
    from ..render.types import TimedWord

CUT: Final = " —"
"""Stands at the end of an answer that was interrupted."""


class Delivery:
    """Follows the events of a reply."""

    def __init__(self) -> None:
        self._spoken: list[SpeechReady] = []
        self.complete = False
        self.until_s = 0.0
        """Seconds of picture and sound that have been delivered."""
        self.played_s = math.inf
        """Seconds of them that have been played, where the player tells."""

    def note(self, event: Event) -> None:
        match event:
            case SpeechReady():
                self._spoken.append(event)
            case ChunkReady(chunk):
                self.until_s = max(self.until_s, chunk.start_s + chunk.duration_s)
            case Done():
                self.complete = True

    @property
    def heard_s(self) -> float:
        """Seconds that have been delivered and played."""
        return min(self.until_s, self.played_s)

    @property
    def heard(self) -> str:
        """The words that were delivered and played to their end."""
        return " ".join(filter(None, (_up_to(each, self.heard_s - each.start_s) for each in self._spoken)))


def _up_to(spoken: SpeechReady, end_s: float) -> str:
    if end_s >= spoken.duration_s:
        return spoken.text
    return _beginning(spoken.text, [word for word in spoken.words if word.end_s <= end_s])


def _beginning(text: str, words: Sequence[TimedWord]) -> str:
    """*text* up to the last of *words*, which stand in it in this order."""
    end = 0
    for word in words:
        found = re.compile(re.escape(word.text)).search(text, end)
        end = found.end() if found else end
    return text[:end]


def keep_heard(graph: Any, config: RunnableConfig, asked: Sequence[BaseMessage], heard: str) -> None:
    """Make *heard* the answer to *asked*, in the conversation and in memory, whether the stopped run had stored it or not.

    Does nothing for a *graph* that keeps neither.
    """
    if not isinstance(graph, CompiledStateGraph):
        return
    answer = heard + CUT
    if graph.checkpointer:
        graph.update_state(config, _changes(graph.get_state(config), asked, answer))
    _correct_memory(graph, config, asked, answer)


async def akeep_heard(graph: Any, config: RunnableConfig, asked: Sequence[BaseMessage], heard: str) -> None:
    """As ``keep_heard``, without blocking the event loop."""
    if not isinstance(graph, CompiledStateGraph):
        return
    answer = heard + CUT
    if graph.checkpointer:
        await graph.aupdate_state(config, _changes(await graph.aget_state(config), asked, answer))
    await asyncio.to_thread(_correct_memory, graph, config, asked, answer)


def _changes(state: StateSnapshot, asked: Sequence[BaseMessage], answer: str) -> dict[str, list[BaseMessage]]:
    messages: list[BaseMessage] = state.values.get("messages", [])
    heard = AIMessage(answer)
    if messages and isinstance(messages[-1], AIMessage) and _end_in(messages[:-1], asked):
        return {"messages": [heard.model_copy(update={"id": messages[-1].id})]}
    return {"messages": [heard] if _end_in(messages, asked) else [*asked, heard]}


def _end_in(messages: Sequence[BaseMessage], asked: Sequence[BaseMessage]) -> bool:
    return bool(asked) and [each.text for each in messages[-len(asked) :]] == [each.text for each in asked]


def _correct_memory(graph: Any, config: RunnableConfig, asked: Sequence[BaseMessage], answer: str) -> None:
    names = config.get("configurable", {})
    owner = named_in(names)
    if not isinstance(graph, Agent) or graph.memory is None or owner is None:
        return
    mine, thread = graph.memory.of(owner.tenant, owner.user), str(names.get("thread_id", ""))
    questions = [message.text for message in asked if isinstance(message, HumanMessage)]
    turns = mine.turns(len(questions) + 1, thread)
    if turns and turns[-1].speaker == AGENT and [turn.text for turn in turns[:-1]] == questions:
        mine.forget(turns[-1].id)
    else:
        for question in questions:
            mine.remember(question, speaker=USER, thread=thread)
    mine.remember(answer, speaker=AGENT, thread=thread)
