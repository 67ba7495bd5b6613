"""Agent + avatar: the one place where the two meet."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping
from contextlib import aclosing, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.runnables import Runnable, RunnableConfig, ensure_config

from ..render.events import Event, Recalled
from ..render.types import Clip

if TYPE_CHECKING:
    from ..render.avatar import Avatar

_MODES = ["messages", "custom"]


class AvatarAgent(Runnable[Any, Any]):
    """A question in; the spoken answer out, as a ``Clip`` (``invoke``) or as events (``stream``).

    The input is a string, a message, or the state of an agent (``{"messages": [...]}``). ``thread_id``, ``tenant`` and ``user`` are
    taken from the config's ``configurable``. Closing a stream stops agent and avatar, and the conversation keeps only what was
    heard.
    """

    name = "avatar_agent"

    def __init__(self, agent: Runnable[Any, Any], avatar: Avatar) -> None:
        """*agent* is any LangChain agent or graph with a ``messages`` state, such as ``build_agent()`` makes."""
        self.agent = agent
        self.avatar = avatar

    def invoke(
        self,
        input: Any,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        *,
        out: str | Path | None = None,
        **kwargs: Any,
    ) -> Clip:
        """The answer as the MP4 file *out* (None: a new one in the settings' media folder).

        Raises ``ModelError`` when the model fails, and what ``Avatar.say`` raises.
        """
        return self._call_with_config(lambda state, config: self._film(state, config, out, **kwargs), input, config)

    def _film(self, state: Any, config: RunnableConfig, out: str | Path | None, **kwargs: Any) -> Clip:
        recalled: list[Mapping[str, Any]] = []

        def said() -> Iterator[str]:
            for part in self.agent.stream(_state(state), config, stream_mode=_MODES, **kwargs):
                for item in _said(part):
                    if isinstance(item, Recalled):
                        recalled.extend(item.items)
                    else:
                        yield item

        clip = self.avatar.say(said(), out=out)
        return replace(clip, recalled=tuple(recalled))

    def stream(
        self,
        input: Any,  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Generator[Event, None, None]:
        """Events as they happen, ``Done`` last."""
        config = ensure_config(config)
        parts = self.agent.stream(_state(input), config, stream_mode=_MODES, **kwargs)
        said = (item for part in parts for item in _said(part))
        with closing(self.avatar.transform(said, config)) as events:
            yield from events

    async def astream(
        self,
        input: Any,  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[Event, None]:
        """As ``stream``, without blocking the event loop."""
        config = ensure_config(config)

        async def said() -> AsyncIterator[Any]:
            async for part in self.agent.astream(_state(input), config, stream_mode=_MODES, **kwargs):
                for item in _said(part):
                    yield item

        async with aclosing(self.avatar.atransform(said(), config)) as events:
            async for event in events:
                yield event


def _state(question: Any) -> dict[str, Any]:
    match question:
        case str():
            return {"messages": [HumanMessage(question)]}
        case BaseMessage():
            return {"messages": [question]}
        case _:
            return dict(question)


def _said(part: tuple[str, Any]) -> Iterator[str | Recalled]:
    """What one part of an agent's stream gives the avatar: the model's own words, and what it was reminded of."""
    match part:
        case ("messages", (AIMessageChunk() as chunk, _)):
            if chunk.text:
                yield str(chunk.text)
        case ("custom", {"recalled": items}):
            yield Recalled(tuple(items))
