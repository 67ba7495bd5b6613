"""What the page asks of the program behind it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from ..render.events import Event
from ..render.types import Bytes, Findings

Blur = Literal["off", "gaussian", "guided", "depth"]
Mood = Literal["neutral", "friendly", "serious"]

_USER: Final = re.compile(r"web-[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is talking, and in which conversation."""

    tenant: str
    user: str
    thread: str

    @classmethod
    def arriving(cls, tenant: str, known_as: object = None) -> Visitor:
        """A visitor who opens the page: a new conversation, and the memory of *known_as* when that is a name we once gave."""
        known = isinstance(known_as, str) and _USER.fullmatch(known_as) is not None
        user = str(known_as) if known else f"web-{secrets.token_hex(16)}"
        return cls(tenant, user, secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Options:
    """What a visitor can choose; names, meaning and limits are those of the settings."""

    portrait: Path | None = None
    """A photo; None is the one of the settings."""
    voice: str = "espeak"
    language: str = "auto"
    blur: Blur = "gaussian"
    radius: float = 14.0
    mood: Mood = "neutral"
    expressiveness: float = 1.0
    head: float = 1.0
    blink_rate: float = 1.0
    gaze: float = 1.0


@dataclass(frozen=True, slots=True)
class Known:
    """One thing that is known about a visitor."""

    id: str
    what: str
    """"name", "city", "dog's name", …"""
    value: str
    since: str
    """ISO date."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is held about a visitor."""

    known: tuple[Known, ...] = ()
    turns: int = 0
    """What the visitor and the portrait said to each other."""


class Host(Protocol):
    """Raises ``VisavisError`` for whatever a visitor should read; called from several threads at once."""

    def reply(self, text: str, visitor: Visitor, options: Options) -> Generator[Event, None, None]:
        """The events of an answer; closing the generator interrupts it."""
        ...

    def interrupt(self, visitor: Visitor, played_s: float | None) -> bool:
        """Stop the answer that is being made; whether there was one. *played_s* seconds of it were heard; None: all there is."""
        ...

    def shorten(self, visitor: Visitor, question: str, heard: str) -> None:
        """Keep no more than *heard* of the finished answer to *question*, the visitor's last."""
        ...

    def still(self, options: Options) -> Bytes:
        """The portrait at rest, uint8 (h, w, 3) RGB."""
        ...

    def adopt(self, photo: Path, visitor: Visitor) -> tuple[Path, Findings]:
        """Move *photo* to where the visitor's own portraits are kept: where that is, and what the portrait doctor sees in it."""
        ...

    def drop(self, photo: Path) -> None:
        """Delete what ``adopt`` kept, and what was made of it."""
        ...

    def held(self, visitor: Visitor) -> Held:
        """What is held about the visitor."""
        ...

    def export(self, visitor: Visitor) -> dict[str, Any]:
        """All of it, as JSON types."""
        ...

    def forget(self, memory: str, visitor: Visitor) -> None:
        """Forget what has the id *memory*, if it is the visitor's own."""
        ...

    def forget_everything(self, visitor: Visitor) -> None:
        """Forget the visitor: memories, conversations, photos and videos. An answer under way is stopped first."""
        ...
