"""Settings -> an agent with its memory, knowledge and conversations open on disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

from langchain_core.messages import AIMessageChunk
from langchain_core.runnables import RunnableConfig

from .redaction import redacted
from .who import Who

if TYPE_CHECKING:
    from ..memory import Knowledge, Memory, Mine
    from ..memory.embeddings import Encoder
    from ..settings import Settings
    from .conversations import Conversations
    from .graph import Agent


@dataclass(frozen=True, slots=True)
class Session:
    """One user's conversation. A context manager; leaving it closes the files."""

    agent: Agent
    memory: Memory
    knowledge: Knowledge
    config: RunnableConfig
    """Names the thread, the tenant and the user."""
    settings: Settings
    _open: ExitStack

    @classmethod
    def open(cls, settings: Settings, *, thread: str = "default", knowledge: Path | None = None) -> Self:
        """*knowledge* is a file or folder that is added to the tenant's knowledge base first.

        Raises ``StorageError``, ``ModelError`` or ``InputError``.
        """
        from . import build_agent
        from .conversations import Conversations
        from .redaction import RedactMiddleware

        with ExitStack() as opened:
            encoder = encoder_for(settings)
            memory = opened.enter_context(open_memory(settings, encoder))
            documents = opened.enter_context(open_knowledge(settings, encoder))
            if knowledge is not None:
                documents.of(settings.tenant).add(knowledge)
            conversations = Conversations(settings.data / "conversations.db")
            opened.callback(conversations.close)
            agent = build_agent(
                settings.model,
                memory=memory,
                knowledge=documents,
                middleware=[RedactMiddleware()] if settings.redact else [],
                checkpointer=conversations,
            )
            opened.callback(agent.finish)
            names = {"thread_id": thread, "tenant": settings.tenant, "user": settings.user}
            return cls(agent, memory, documents, {"configurable": names}, settings, opened.pop_all())

    def words(self, question: str) -> Iterator[str]:
        """The answer, delta by delta."""
        said = self._said(question)
        yield from redacted(said) if self.settings.redact else said

    def _said(self, question: str) -> Iterator[str]:
        state = {"messages": [("user", question)]}
        for message, _ in self.agent.stream(state, self.config, stream_mode="messages"):
            if isinstance(message, AIMessageChunk) and message.text:
                yield str(message.text)

    def forget_everything(self, owner: Who | None = None) -> None:
        """Forget *owner*, the settings' user by default: memories, conversations and videos; knowledge stays.

        When it returns, no file below ``settings.data`` holds any of it. Raises ``StorageError``.
        """
        from .forgetting import forget_everything

        owner = owner or Who(self.settings.tenant, self.settings.user)
        media = self.settings.model_copy(update=asdict(owner)).media
        saver = cast("Conversations", self.agent.checkpointer)
        forget_everything(owner, memory=self.memory, saver=saver, turns=self.agent.turns, media=media)

    def forget(self, key: str, owner: Who | None = None) -> bool:
        """Forget a turn or a fact of *owner*, the settings' user by default, and what repeats it; whether there was such a thing.

        When it returns, no file below ``settings.data`` holds it. Raises ``StorageError``.
        """
        from .forgetting import forget_one

        owner = owner or Who(self.settings.tenant, self.settings.user)
        media = self.settings.model_copy(update=asdict(owner)).media
        return forget_one(key, owner, agent=self.agent, memory=self.memory, media=media)

    def close(self) -> None:
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def encoder_for(settings: Settings) -> Encoder:
    """The embedding that the settings name. Raises ``InputError`` and ``BackendError``."""
    from ..memory.embeddings import load

    return load(settings.embeddings, cache=settings.cache, offline=settings.offline)


def open_memory(settings: Settings, encoder: Encoder | None = None) -> Memory:
    """The memory of the settings' data folder. Raises ``StorageError``, ``InputError`` and ``BackendError``."""
    from ..memory import Memory

    return Memory.open(settings.data / "memory", encoder or encoder_for(settings))


def open_knowledge(settings: Settings, encoder: Encoder | None = None) -> Knowledge:
    """The knowledge base of the settings' data folder. Raises as ``open_memory``."""
    from ..memory import Knowledge

    return Knowledge.open(settings.data / "knowledge", encoder or encoder_for(settings))


@contextmanager
def open_mine(settings: Settings) -> Iterator[Mine]:
    """What is remembered about the settings' user. Raises as ``open_memory``."""
    with open_memory(settings) as memory:
        yield memory.of(settings.tenant, settings.user)


def reindex(settings: Settings) -> tuple[int, int]:
    """Embed everything again with the settings' embedding; how many turns and passages that were. Raises as ``open_memory``."""
    encoder = encoder_for(settings)
    with open_memory(settings, encoder) as memory, open_knowledge(settings, encoder) as knowledge:
        return memory.reindex(), knowledge.reindex()
