"""The agent as one compiled LangGraph graph."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelRequest, SummarizationMiddleware, dynamic_prompt
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig, ensure_config
from langchain_core.tools import BaseTool, StructuredTool
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.graph.state import CompiledStateGraph
from pydantic import BaseModel

from .. import prompts
from ..errors import InputError
from .conversations import Conversations
from .followup import language_of
from .learning import LearnMiddleware
from .middleware import RecallMiddleware, RememberMiddleware
from .models import chat_models
from .offline import OfflineChat
from .resilience import resilience
from .tools import hand_over_to_human, knowledge_tools, memory_tools
from .turns import Turns
from .who import OWNER, Who, named_in, owner_mark

if TYPE_CHECKING:
    from ..memory import Knowledge, Memory

_TURN: Final = "__visavis_turn"
_LONG: Final = 12_000
"""Tokens of a conversation from which its older part is summarized for the model; memory has it verbatim by then."""
_RECENT: Final = 20
"""Messages that are never summarized."""


class Agent(CompiledStateGraph[Any, Any, Any, Any]):
    """A compiled LangChain agent that takes one message at a time per conversation and writes one checkpoint a turn."""

    def __init__(self, *, turns: Turns, memory: Memory | None, learner: LearnMiddleware | None, **graph: Any) -> None:
        super().__init__(**graph)
        self.turns = turns
        self.memory = memory
        self.learner = learner

    def finish(self) -> None:
        """Do now what waits for a conversation to go quiet. Call it before the memory is closed."""
        if self.learner:
            self.learner.finish()

    def stream(self, input: Any, config: RunnableConfig | None = None, **options: Any) -> Iterator[Any]:  # noqa: A002
        """As ``Pregel.stream``, with durability "exit" unless said otherwise.

        Raises ``InputError`` for a conversation that another (tenant, user) began, ``StorageError`` for one that stays busy.
        """
        config, key = _claim(config, options.get("context"))
        turn: AbstractContextManager[None] = self.turns.hold(key) if key else nullcontext()
        with turn:
            if key and isinstance(self.checkpointer, BaseCheckpointSaver):
                _check_owner(self.checkpointer.get_tuple(config), config)
            yield from super().stream(input, config, **self._once_a_turn(options))

    async def astream(self, input: Any, config: RunnableConfig | None = None, **options: Any) -> AsyncIterator[Any]:  # noqa: A002
        """As ``stream``, without blocking the event loop."""
        config, key = _claim(config, options.get("context"))
        turn: AbstractAsyncContextManager[None] = self.turns.ahold(key) if key else nullcontext()
        async with turn:
            if key and isinstance(self.checkpointer, BaseCheckpointSaver):
                _check_owner(await self.checkpointer.aget_tuple(config), config)
            async for part in super().astream(input, config, **self._once_a_turn(options)):
                yield part

    def as_tool(
        self,
        args_schema: type[BaseModel] | None = None,
        *,
        name: str | None = None,
        description: str | None = None,
        arg_types: dict[str, type] | None = None,  # noqa: ARG002 - the signature is LangChain's
    ) -> BaseTool:
        """The agent as a tool of another agent: a question in, the answer's words out. It acts for the caller's (tenant, user)."""

        def ask(question: str) -> str:
            return str(self.invoke(_asked(question))["messages"][-1].text)

        async def ask_async(question: str) -> str:
            return str((await self.ainvoke(_asked(question)))["messages"][-1].text)

        return StructuredTool.from_function(
            ask,
            ask_async,
            name=name or "customer_service",
            description=description
            or "Answers a customer's question from the shop's documents and what the customer said before.",
            args_schema=args_schema,
        )

    def _once_a_turn(self, options: dict[str, Any]) -> dict[str, Any]:
        return {**options, "durability": options.get("durability") or "exit"} if self.checkpointer else options


def _asked(question: str) -> dict[str, Any]:
    return {"messages": [HumanMessage(question)]}


def _claim(config: RunnableConfig | None, context: Any) -> tuple[RunnableConfig, str]:
    """The config for the run, and the conversation to wait for; "" when there is none or an enclosing run holds it."""
    merged = ensure_config(config)
    named = merged.get("configurable", {})
    key = str(named.get("thread_id") or "")
    if not key or named.get(_TURN) == key:
        return merged, ""
    owner = named_in(context) or named_in(named)
    metadata = {**merged.get("metadata", {}), OWNER: owner_mark(owner)}
    return {**merged, "configurable": {**named, _TURN: key}, "metadata": metadata}, key


def _check_owner(saved: CheckpointTuple | None, config: RunnableConfig) -> None:
    """LangGraph keeps the run's metadata beside each checkpoint; there stands who began the conversation."""
    owner = saved.metadata.get(OWNER, "") if saved else ""
    if owner and owner != config.get("metadata", {}).get(OWNER):
        raise InputError("This conversation belongs to somebody else.", "Use another thread_id.")


def build_agent(
    model: str | BaseChatModel = "offline",
    *,
    memory: Memory | None = None,
    knowledge: Knowledge | None = None,
    tools: Sequence[BaseTool | Callable[..., Any]] = (),
    middleware: Sequence[AgentMiddleware[Any, Any, Any]] = (),
    checkpointer: BaseCheckpointSaver[Any] | str | Path | None = None,
) -> Agent:
    """The customer service agent, a LangChain agent like any other: ``invoke``, ``stream``, ``ainvoke``, ``astream``, ``as_tool``.

    *model* is a chat model or names of models, first choice first: ``"openai:gpt-5,ollama:llama3,offline"``.
    *memory* and *knowledge* are read for each answer; calls then have to say whose they are (``Who``).
    *middleware* runs outside ours, so that what it redacts is redacted before it is remembered.
    *checkpointer* keeps conversations: a SQLite file, a "postgresql://…" address or any LangGraph checkpointer; None leaves
    them to the caller, or to the graph that the agent is part of.

    Raises ``ModelError`` for a model that cannot be used, ``StorageError`` for a file or server of a checkpointer that cannot,
    ``BackendError`` when the package for PostgreSQL is missing.
    """
    models = chat_models(model) if isinstance(model, str) else [model]
    saver = _saver(checkpointer) if isinstance(checkpointer, (str, Path)) else checkpointer
    ours: list[AgentMiddleware[Any, Any, Any]] = [_persona]
    learner = None
    if memory is not None:
        if not isinstance(models[0], OfflineChat):
            learner = LearnMiddleware(memory, models[0])
            ours.append(learner)
        ours.append(RememberMiddleware(memory))
    if memory is not None or knowledge is not None:
        ours.append(RecallMiddleware(memory, knowledge))
    if not isinstance(models[0], OfflineChat):
        ours.append(SummarizationMiddleware(models[0], trigger=("tokens", _LONG), keep=("messages", _RECENT)))
    graph = create_agent(
        models[0],
        [
            *(memory_tools(memory) if memory is not None else []),
            *(knowledge_tools(knowledge) if knowledge is not None else []),
            hand_over_to_human,
            *tools,
        ],
        middleware=[*middleware, *ours, *resilience(models[1:])],
        context_schema=Who,
        checkpointer=saver,
        name="visavis",
    )
    return Agent(turns=_turns(saver), memory=memory, learner=learner, **graph.__dict__)


def _saver(place: str | Path) -> BaseCheckpointSaver[Any]:
    if str(place).startswith(("postgresql://", "postgres://")):
        from .postgres import PostgresConversations

        return PostgresConversations(str(place))
    return Conversations(place)


def _turns(saver: BaseCheckpointSaver[Any] | None) -> Turns:
    """One turn at a time in a conversation, among all processes that share the checkpointer."""
    if isinstance(saver, Conversations):
        return Turns(saver.path.parent / "locks")
    return Turns(lock=getattr(saver, "lock_conversation", None))


@dynamic_prompt
def _persona(request: ModelRequest[Any]) -> str:
    return prompts.load(f"system-{language_of(request.messages)}", today=f"{datetime.now(UTC):%A, %d %B %Y}")
