"""The agent and the avatar behind the page."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..agent.chain import AvatarAgent
from ..agent.session import Session
from ..render.avatar import Avatar
from ..render.compositor import compose
from ..render.events import Event
from ..render.portraits import examine
from ..render.types import Box, Bytes, Findings, Layer
from ..settings import Settings
from .host import Options, Visitor

_LOOKS_KEPT = 8


class AgentHost:
    """Answers every visitor with one agent; memories and conversations are told apart by the visitor's names."""

    def __init__(self, settings: Settings, session: Session) -> None:
        self._settings = settings
        self._session = session
        self._avatar = lru_cache(maxsize=_LOOKS_KEPT)(self._new_avatar)

    @classmethod
    @contextmanager
    def open(cls, settings: Settings, *, knowledge: Path | None = None) -> Iterator[AgentHost]:
        """*knowledge* is a file or folder that is added to the tenant's knowledge base first.

        Raises ``StorageError``, ``ModelError`` or ``InputError``.
        """
        with Session.open(settings, knowledge=knowledge) as session:
            yield cls(settings, session)

    def reply(self, text: str, visitor: Visitor, options: Options) -> Generator[Event, None, None]:
        """The events of the agent's answer."""
        names = {"thread_id": visitor.thread, "tenant": visitor.tenant, "user": visitor.user}
        return AvatarAgent(self._session.agent, self._avatar(options)).stream(text, {"configurable": names})

    def still(self, options: Options) -> Bytes:
        """The portrait over its blurred background."""
        cast = self._avatar(options).prepare()
        width, height = cast.portrait.size
        alpha = np.rint(cast.portrait.alpha * 255).astype(np.uint8)
        rest = Layer(cast.portrait.foreground, alpha, Box(0, 0, width, height), 0, 0.0)
        return compose(rest, cast.backdrop).image

    def examine(self, photo: Path) -> Findings:
        """What the portrait doctor sees."""
        return examine(photo)

    def forget(self, memory: str, visitor: Visitor) -> None:
        """Forget one of the visitor's own memories."""
        self._session.memory.of(visitor.tenant, visitor.user).forget(memory)

    def _new_avatar(self, options: Options) -> Avatar:
        return Avatar(
            options.portrait,
            self._settings,
            voice=options.voice,
            language=options.language,
            blur=options.blur,
            radius=options.radius,
        )
