"""Settings -> an agent with its memory, knowledge and conversations open on disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from langchain_core.messages import AIMessageChunk
from langchain_core.runnables import Runnable, RunnableConfig

if TYPE_CHECKING:
    from ..memory import Knowledge, Memory, Mine
    from ..settings import Settings


@dataclass(frozen=True, slots=True)
class Session:
    """One user's conversation. A context manager; leaving it closes the files."""

    agent: Runnable[Any, Any]
    memory: Memory
    knowledge: Knowledge
    config: RunnableConfig
    """Names the thread, the tenant and the user."""
    _open: ExitStack

    @classmethod
    def open(cls, settings: Settings, *, thread: str = "default", knowledge: Path | None = None) -> Self:
        """*knowledge* is a file or folder that is added to the tenant's knowledge base first.

        Raises ``StorageError``, ``ModelError`` or ``InputError``.
        """
        from ..memory import Memory
        from . import build_agent
        from .conversations import Conversations

        with ExitStack() as opened:
            memory = opened.enter_context(Memory.open(settings.data / "memory"))
            documents = opened.enter_context(open_knowledge(settings))
            if knowledge is not None:
                documents.of(settings.tenant).add(knowledge)
            conversations = Conversations(settings.data / "conversations.db")
            opened.callback(conversations.close)
            agent = build_agent(settings.model, memory=memory, knowledge=documents, checkpointer=conversations)
            names = {"thread_id": thread, "tenant": settings.tenant, "user": settings.user}
            return cls(agent, memory, documents, {"configurable": names}, opened.pop_all())

    def words(self, question: str) -> Iterator[str]:
        """The answer, delta by delta."""
        state = {"messages": [("user", question)]}
        for message, _ in self.agent.stream(state, self.config, stream_mode="messages"):
            if isinstance(message, AIMessageChunk) and message.text:
                yield str(message.text)

    def close(self) -> None:
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_knowledge(settings: Settings) -> Knowledge:
    """The knowledge base of the settings' data folder. Raises ``StorageError``."""
    from ..memory import Knowledge

    return Knowledge.open(settings.data / "knowledge")


@contextmanager
def open_mine(settings: Settings) -> Iterator[Mine]:
    """What is remembered about the settings' user. Raises ``StorageError``."""
    from ..memory import Memory

    with Memory.open(settings.data / "memory") as memory:
        yield memory.of(settings.tenant, settings.user)
