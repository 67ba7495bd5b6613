"""The agent and the avatar behind the page."""

from __future__ import annotations

import shutil
import threading
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from langchain_core.runnables import RunnableConfig

from ..agent.chain import AvatarAgent
from ..agent.session import Session
from ..agent.who import Who
from ..errors import PortraitError, StorageError
from ..render import portraits
from ..render.avatar import Avatar
from ..render.compositor import compose
from ..render.events import Event
from ..render.types import Box, Bytes, Findings, Layer
from ..settings import Settings
from .host import Held, Known, Options, Visitor

_LOOKS_KEPT: Final = 8
_PATIENCE_S: Final = 20.0
"""How long an answer may take to stop."""


class AgentHost:
    """Answers every visitor with one agent; memories and conversations are told apart by the visitor's names."""

    def __init__(self, settings: Settings, session: Session) -> None:
        self._settings = settings
        self._session = session
        self._avatar = lru_cache(maxsize=_LOOKS_KEPT)(self._new_avatar)
        self._speaking: dict[Visitor, AvatarAgent] = {}
        self._fell_silent = threading.Condition()

    @classmethod
    @contextmanager
    def open(cls, settings: Settings, *, knowledge: Path | None = None) -> Iterator[AgentHost]:
        """*knowledge* is a file or folder that is added to the tenant's knowledge base first.

        Raises ``StorageError``, ``ModelError`` or ``InputError``.
        """
        with Session.open(settings, knowledge=knowledge) as session:
            yield cls(settings, session)

    # Answers

    def reply(self, text: str, visitor: Visitor, options: Options) -> Generator[Event, None, None]:
        """The events of the agent's answer."""
        speaker = AvatarAgent(self._session.agent, self._avatar(options))
        self._speaking[visitor] = speaker
        try:
            yield from speaker.stream(text, _names(visitor))
        finally:
            with self._fell_silent:
                self._speaking.pop(visitor, None)
                self._fell_silent.notify_all()

    def interrupt(self, visitor: Visitor, played_s: float | None) -> bool:
        """Stop the answer that is being made; whether there was one."""
        speaker = self._speaking.get(visitor)
        return speaker is not None and speaker.interrupt(visitor.thread, played_s=played_s)

    def shorten(self, visitor: Visitor, question: str, heard: str) -> None:
        """Keep no more than *heard* of the finished answer."""
        AvatarAgent(self._session.agent, Avatar(settings=self._settings)).shorten(question, heard, _names(visitor))

    # Portraits

    def still(self, options: Options) -> Bytes:
        """The portrait over its blurred background."""
        cast = self._avatar(options).prepare()
        width, height = cast.portrait.size
        alpha = np.rint(cast.portrait.alpha * 255).astype(np.uint8)
        rest = Layer(cast.portrait.foreground, alpha, Box(0, 0, width, height), 0, 0.0)
        return compose(rest, cast.backdrop).image

    def adopt(self, photo: Path, visitor: Visitor) -> tuple[Path, Findings]:
        """Move a photo with a face into the visitor's folder, which is deleted with the visitor."""
        findings = portraits.examine(photo, settings=self._settings)
        if not findings.faces:
            raise PortraitError(f"No face was found in {photo}.", "Use a photo in which a face looks at the camera.")
        kept = self._photos(visitor) / f"{uuid.uuid4().hex}{photo.suffix}"
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(photo, kept)
        except OSError as exc:
            raise StorageError(f"The photo cannot be kept: {exc.strerror}.", "Try again later.") from exc
        return kept, findings

    def drop(self, photo: Path) -> None:
        """Delete a photo and its analysis."""
        if photo.exists():
            look = self._settings
            portraits.forget(photo, size=look.size, matte=look.matte, settings=look)
            photo.unlink(missing_ok=True)

    # What is known

    def held(self, visitor: Visitor) -> Held:
        """Facts and the number of turns."""
        mine = self._session.memory.of(visitor.tenant, visitor.user)
        known = [
            Known(fact.id, fact.attribute, fact.value, fact.valid_from.date().isoformat()) for fact in mine.facts()
        ]
        return Held(tuple(known), mine.count())

    def export(self, visitor: Visitor) -> dict[str, Any]:
        """Every turn and fact."""
        return self._session.memory.of(visitor.tenant, visitor.user).export()

    def forget(self, memory: str, visitor: Visitor) -> None:
        """Forget one of the visitor's own memories, and what repeats it."""
        self._session.forget(memory, Who(visitor.tenant, visitor.user))

    def forget_everything(self, visitor: Visitor) -> None:
        """Stop what is being said to the visitor, in any window, and delete everything. Raises ``StorageError``."""
        with self._fell_silent:
            for each in self._answered(visitor):
                self.interrupt(each, None)
            if not self._fell_silent.wait_for(lambda: not self._answered(visitor), _PATIENCE_S):
                raise StorageError("An answer is still being made.", "Wait for its end and try again.")
        for photo in self._photos(visitor).glob("*"):
            self.drop(photo)
        self._avatar.cache_clear()
        self._session.forget_everything(Who(visitor.tenant, visitor.user))

    def _answered(self, visitor: Visitor) -> list[Visitor]:
        """The visitor, once for each conversation in which an answer is under way."""
        return [each for each in self._speaking if (each.tenant, each.user) == (visitor.tenant, visitor.user)]

    def _photos(self, visitor: Visitor) -> Path:
        owner = {"tenant": visitor.tenant, "user": visitor.user}
        return self._settings.model_copy(update=owner).media / "photos"

    def _new_avatar(self, options: Options) -> Avatar:
        return Avatar(settings=self._settings, **asdict(options))


def _names(visitor: Visitor) -> RunnableConfig:
    return {"configurable": {"thread_id": visitor.thread, "tenant": visitor.tenant, "user": visitor.user}}
