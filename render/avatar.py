"""``Avatar``: a LangChain Runnable that speaks what it is given.

clip = Avatar("me.png").invoke("Hello.")                        # a finished MP4
for event in (chain | Avatar("me.png")).stream(question):       # speaks while the chain still writes
    ...
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import aclosing, closing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from langchain_core.runnables import Runnable, RunnableConfig, ensure_config

from ..settings import Settings
from .bridge import as_async, as_sync
from .events import Event
from .prefetch import Pushed, until
from .types import Clip

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

    from .pipeline import Cast


class Look(TypedDict, total=False):
    """Options of an avatar, by their names in the settings; what is left out comes from there."""

    voice: str
    language: str
    matte: str
    animator: str
    blur: str
    radius: float
    bokeh: bool
    background: str | Path
    size: int
    fps: float
    seed: int
    expressiveness: float
    head: float
    blink_rate: float
    gaze: float
    mood: str
    cache: Path
    data: Path


class Avatar(Runnable[Any, Any]):
    """Text in; a ``Clip`` (``invoke``) or a stream of events (``stream``) out.

    Text is a string, a message, or a stream of either. Nothing is fetched or analysed before the first call; ``prepare`` does it
    ahead. Safe to use from several threads.
    """

    name = "avatar"

    def __init__(
        self, portrait: str | Path | None = None, settings: Settings | None = None, **look: Unpack[Look]
    ) -> None:
        """*portrait* is the path of a photo or short video; None is the demo photograph.

        Raises ``InputError`` for a value out of range.
        """
        self.settings = (settings or Settings()).with_changes(portrait=portrait, **look)
        self._lock = threading.Lock()

    @cached_property
    def _cast(self) -> Cast:
        from .casting import cast

        return cast(self.settings)

    def prepare(self) -> Cast:
        """Fetch the models, analyse the photo and blur its background, unless that is done.

        Raises ``PortraitError``, ``AssetError`` or ``BackendError``.
        """
        with self._lock:
            return self._cast

    # Whole videos

    def say(
        self,
        text: str | Iterable[str] | None = None,
        *,
        audio: str | Path | None = None,
        out: str | Path | None = None,
        config: RunnableConfig | None = None,
    ) -> Clip:
        """Speak *text*, or its deltas as they come, into the MP4 file *out*, captions beside it.

        With *audio*, a recording in an audio or video file, its sound is taken instead of the voice's. *text*, if given, is what
        is said in it, and makes lips and captions better. Raises ``InputError`` when there is no sound in the file.

        *out* None is a new file in the media folder of the user, who is the settings' unless *config* names another.
        Raises ``TextError``, ``PortraitError``, ``OutputError`` or another ``UnavailableError``; then no file is left behind.
        """
        from .performance import record
        from .recording import film_recording

        cast, settings, target = self.prepare(), self._settings_for(config), None if out is None else Path(out)
        said = [text] if isinstance(text, str) else text
        if audio is None:
            return record(said or [], cast, settings, out=target)
        return film_recording(audio, cast, settings, text=None if said is None else "".join(said), out=target)

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Clip:  # noqa: A002 - LangChain's name
        """Speak one text or message into a ``Clip``; ``out=`` as in ``say``."""
        from .performance import text_of

        clip: Clip = self._call_with_config(
            lambda said, config: self.say(text_of(said), config=config, **kwargs), input, config
        )
        return clip

    # Streams

    def stream(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Event]:  # noqa: A002
        """Speak one text or message; events as they happen. Closing the iterator stops every stage."""
        return self.transform(iter([input]), config, **kwargs)

    def transform(
        self,
        input: Iterator[Any],  # noqa: A002
        config: RunnableConfig | None = None,
        *,
        stop: threading.Event | None = None,
        **kwargs: Any,
    ) -> Generator[Event, None, None]:
        """Speak deltas while they come in. Setting *stop*, from any thread, has the effect of closing the iterator."""
        heard: list[str] = []
        with closing(self._events(lambda stopped: until(stopped, input), heard, stop, config)) as events:
            traced = self._transform_stream_with_config(_traced(heard), lambda _: events, config, **kwargs)
            for event in traced:  # noqa: UP028 - the events must be closed before the tracing asks for the rest
                yield event

    async def astream(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> AsyncIterator[Event]:  # noqa: A002
        """As ``stream``, without blocking the event loop."""

        async def one() -> AsyncIterator[Any]:
            yield input

        async with aclosing(self.atransform(one(), config, **kwargs)) as events:
            async for event in events:
                yield event

    async def atransform(
        self,
        input: AsyncIterator[Any],  # noqa: A002
        config: RunnableConfig | None = None,
        *,
        stop: threading.Event | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[Event, None]:
        """As ``transform``, without blocking the event loop."""
        heard: list[str] = []
        loop = asyncio.get_running_loop()
        events = self._events(lambda stopped: as_sync(input, loop, stopped), heard, stop, config)

        async def traced_input() -> AsyncIterator[str]:
            for text in _traced(heard):
                yield text

        traced = self._atransform_stream_with_config(traced_input(), lambda _: as_async(events), config, **kwargs)
        try:
            async for event in traced:
                yield event
        finally:
            events.stop.set()

    def _settings_for(self, config: RunnableConfig | None) -> Settings:
        """The settings with the tenant and the user that *config* names."""
        names = ensure_config(config).get("configurable", {})
        return self.settings.model_copy(update={key: str(names[key]) for key in ("tenant", "user") if names.get(key)})

    def _events(
        self,
        source: Callable[[threading.Event], Iterable[Any]],
        heard: list[str],
        stop: threading.Event | None,
        config: RunnableConfig | None,
    ) -> Pushed[Event]:
        from .performance import perform, spoken

        settings = self._settings_for(config)

        def work(push: Callable[[Event], None], stop: threading.Event) -> None:
            said = _noted(spoken(source(stop), push), heard)
            perform(said, self.prepare(), settings, push=push, stop=stop)

        return Pushed(work, 64, stop)

    # Parts, for those who want them one by one

    @property
    def speak(self) -> Runnable[Any, Any]:
        """Text -> list of ``Speech``."""
        from .steps import speak

        return speak(self)

    @property
    def animate(self) -> Runnable[Any, Any]:
        """``Speech`` or a list of them -> list of ``Shot``; layers are made as they are taken."""
        from .steps import animate

        return animate(self)

    @property
    def compose(self) -> Runnable[Any, Any]:
        """List of ``Shot`` -> list of ``Take``; frames are made as they are taken."""
        from .steps import compose

        return compose(self)

    @property
    def encode(self) -> Runnable[Any, Any]:
        """List of ``Take`` -> ``Clip``."""
        from .steps import encode

        return encode(self)

    def as_tool(self, **kwargs: Any) -> BaseTool:  # type: ignore[override]  # ours has its own name and arguments
        """ "make_video": a tool that other agents can call."""
        from .steps import tool

        return tool(self, **kwargs)


def _noted(texts: Iterable[str], notes: list[str]) -> Iterator[str]:
    for text in texts:
        notes.append(text)
        yield text


def _traced(heard: list[str]) -> Iterator[str]:
    """What traces show as the input: LangChain asks for the first item before the run and for the rest after it."""
    yield ""
    yield "".join(heard)
