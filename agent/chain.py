"""Agent + avatar: the one place where the two meet."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping
from contextlib import aclosing, closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, convert_to_messages
from langchain_core.runnables import Runnable, RunnableConfig, ensure_config

from ..render.events import Event, Interrupted, Recalled
from ..render.types import Clip
from .heard import Delivery, akeep_heard, keep_heard
from .redaction import aredacted, redacted, without_personal_data
from .who import named_in

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
        self._streams: dict[str, tuple[threading.Event, Delivery]] = {}

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
        clip: Clip = self._call_with_config(
            lambda state, config: self._film(state, config, out, **kwargs), input, _owned(config, kwargs)
        )
        return clip

    def _film(self, state: Any, config: RunnableConfig, out: str | Path | None, **kwargs: Any) -> Clip:
        recalled: list[Mapping[str, Any]] = []

        def said() -> Iterator[str]:
            for part in self.agent.stream(self._state(state), config, stream_mode=_MODES, **kwargs):
                for item in _said(part):
                    if isinstance(item, Recalled):
                        recalled.extend(item.items)
                    else:
                        yield item

        clip = self.avatar.say(self._spoken(said()), out=out, config=config)
        return replace(clip, recalled=tuple(recalled))

    def stream(
        self,
        input: Any,  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Generator[Event, None, None]:
        """Events as they happen, ``Done`` or ``Interrupted`` last."""
        config, state, delivery = _owned(config, kwargs), self._state(input), Delivery()

        def said() -> Iterator[str | Recalled]:
            for part in self.agent.stream(state, config, stream_mode=_MODES, **kwargs):
                yield from _said(part)

        with self._stoppable(config, delivery) as stop:
            try:
                with closing(self.avatar.transform(self._spoken(said()), config, stop=stop)) as events:
                    for event in events:
                        delivery.note(event)
                        yield event
            except GeneratorExit:
                if not delivery.complete:
                    keep_heard(self.agent, config, _asked(state), delivery.heard)
                raise
            if not delivery.complete:
                keep_heard(self.agent, config, _asked(state), delivery.heard)
                yield Interrupted(delivery.heard, delivery.heard_s)

    async def astream(
        self,
        input: Any,  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[Event, None]:
        """As ``stream``, without blocking the event loop."""
        config, state, delivery = _owned(config, kwargs), self._state(input), Delivery()

        async def said() -> AsyncIterator[str | Recalled]:
            async for part in self.agent.astream(state, config, stream_mode=_MODES, **kwargs):
                for item in _said(part):
                    yield item

        with self._stoppable(config, delivery) as stop:
            try:
                async with aclosing(
                    self.avatar.atransform(
                        aredacted(said()) if self.avatar.settings.redact else said(), config, stop=stop
                    )
                ) as events:
                    async for event in events:
                        delivery.note(event)
                        yield event
            except (GeneratorExit, asyncio.CancelledError):
                if not delivery.complete:
                    await akeep_heard(self.agent, config, _asked(state), delivery.heard)
                raise
            if not delivery.complete:
                await akeep_heard(self.agent, config, _asked(state), delivery.heard)
                yield Interrupted(delivery.heard, delivery.heard_s)

    def _state(self, question: Any) -> dict[str, Any]:
        state = _state(question)
        if self.avatar.settings.redact and "messages" in state:
            state["messages"] = without_personal_data(_asked(state))
        return state

    def _spoken(self, said: Iterator[Any]) -> Iterator[Any]:
        return redacted(said) if self.avatar.settings.redact else said

    def interrupt(self, thread_id: str, *, played_s: float | None = None) -> bool:
        """Stop what is being said in this conversation, from any thread; False when nothing is.

        *played_s*: seconds of the reply that the listener has heard, where the player knows; by default all that was delivered.
        """
        found = self._streams.get(thread_id)
        if found is None:
            return False
        stop, delivery = found
        if played_s is not None:
            delivery.played_s = played_s
        stop.set()
        return True

    def shorten(self, question: Any, heard: str, config: RunnableConfig) -> None:
        """Keep no more than *heard* of the last answer of the conversation, to *question*: for a player that is stopped when
        everything had been delivered. Raises ``StorageError``."""
        keep_heard(self.agent, _owned(config, {}), _asked(self._state(question)), heard)

    @contextmanager
    def _stoppable(self, config: RunnableConfig, delivery: Delivery) -> Iterator[threading.Event]:
        thread = str(config.get("configurable", {}).get("thread_id", ""))
        stream = (threading.Event(), delivery)
        self._streams[thread] = stream
        try:
            yield stream[0]
        finally:
            if self._streams.get(thread) is stream:
                del self._streams[thread]


def _owned(config: RunnableConfig | None, options: Mapping[str, Any]) -> RunnableConfig:
    """*config* with the owner of the call in ``configurable`` too, where the avatar looks."""
    config, owner = ensure_config(config), named_in(options.get("context"))
    names = asdict(owner) if owner else {}
    return {**config, "configurable": {**config.get("configurable", {}), **names}}


def _state(question: Any) -> dict[str, Any]:
    match question:
        case str():
            return {"messages": [HumanMessage(question)]}
        case BaseMessage():
            return {"messages": [question]}
        case _:
            return dict(question)


def _asked(state: dict[str, Any]) -> list[BaseMessage]:
    return convert_to_messages(state.get("messages", []))


def _said(part: tuple[str, Any]) -> Iterator[str | Recalled]:
    """What one part of an agent's stream gives the avatar: the model's own words, and what it was reminded of.

    Models that middleware asks on the side (to summarize, say) are not heard: their nodes are called "Middleware.hook".
    """
    match part:
        case ("messages", (AIMessage() as message, {"langgraph_node": node})):
            if message.text and "." not in node:
                yield str(message.text)
        case ("custom", {"recalled": items}):
            yield Recalled(tuple(items))
