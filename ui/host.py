"""What the page asks of the program behind it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

from ..render.events import Event
from ..render.types import Bytes, Findings

Blur = Literal["off", "gaussian", "guided", "depth"]

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
    """What a visitor can choose."""

    portrait: Path | None = None
    """A photo; None is the one of the settings."""
    voice: str = "espeak"
    language: str = "auto"
    blur: Blur = "gaussian"
    radius: float = 14.0
    """5 to 30, in pixels of a 512-pixel-high picture."""


class Host(Protocol):
    """Raises ``VisavisError`` for whatever a visitor should read; called from several threads at once."""

    def reply(self, text: str, visitor: Visitor, options: Options) -> Generator[Event, None, None]:
        """The events of an answer; closing the generator interrupts it."""
        ...

    def still(self, options: Options) -> Bytes:
        """The portrait at rest, uint8 (h, w, 3) RGB."""
        ...

    def examine(self, photo: Path) -> Findings:
        """What the portrait doctor sees in *photo*."""
        ...

    def forget(self, memory: str, visitor: Visitor) -> None:
        """Forget what has the id *memory*, if it is the visitor's own."""
        ...
