"""Replies that are played while they are being made."""

from __future__ import annotations

import asyncio
import base64
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from ..render.captions import cues
from ..render.events import ChunkReady, Event, SpeechReady
from ..render.types import Sentence, Speech

_KEEP_S: Final = 60.0
_WAIT_S: Final = 10.0
_POLL_S: Final = 0.04
_TICKS: Final = 1_000
"""Samples per second of a silence that is only there for its length."""


class Broadcast:
    """What of one reply can be played so far. One thread adds, others read."""

    def __init__(self) -> None:
        self.key = secrets.token_urlsafe(24)
        """Who has it may watch."""
        self.ended_s: float | None = None
        """On the clock of ``time.monotonic``."""
        self._lock = threading.Lock()
        self._chunks: list[str] = []
        self._cues: list[dict[str, Any]] = []
        self._mime = ""

    def add(self, event: Event) -> None:
        """Take from *event* what is to be seen and heard; most events hold nothing of the kind."""
        with self._lock:
            match event:
                case ChunkReady(chunk):
                    self._mime = chunk.mime
                    self._chunks.append(base64.b64encode(chunk.data).decode("ascii"))
                case SpeechReady():
                    self._cues += [asdict(cue) for cue in cues(_as_long_as(event), event.start_s)]

    def since(self, chunks: int, lines: int) -> dict[str, Any]:
        """All but the first *chunks* chunks (base64) and *lines* cues, and whether more may come."""
        with self._lock:
            return {
                "mime": self._mime,
                "chunks": self._chunks[chunks:],
                "cues": self._cues[lines:],
                "ended": self.ended_s is not None,
            }


class Broadcasts:
    """The replies on air, each under its own unguessable key."""

    def __init__(self) -> None:
        self._on_air: dict[str, Broadcast] = {}
        self._lock = threading.Lock()

    @contextmanager
    def broadcast(self) -> Iterator[Broadcast]:
        """A new one, on air as long as the block runs and for a minute more."""
        started = Broadcast()
        with self._lock:
            now = time.monotonic()
            over = [key for key, each in self._on_air.items() if each.ended_s and now - each.ended_s > _KEEP_S]
            for key in over:
                del self._on_air[key]
            self._on_air[started.key] = started
        try:
            yield started
        finally:
            started.ended_s = time.monotonic()

    async def more(self, ask: dict[str, Any]) -> dict[str, Any] | None:
        """What came after ``ask["chunks"]`` chunks and ``ask["cues"]`` cues of the reply ``ask["key"]``, waiting a while for it.

        None when there is no such reply.
        """
        found = self._on_air.get(str(ask.get("key")))
        if found is None:
            return None
        chunks, lines = int(ask.get("chunks", 0)), int(ask.get("cues", 0))
        deadline = time.monotonic() + _WAIT_S
        news = found.since(chunks, lines)
        while not (news["chunks"] or news["cues"] or news["ended"]) and time.monotonic() < deadline:
            await asyncio.sleep(_POLL_S)
            news = found.since(chunks, lines)
        return news


def _as_long_as(event: SpeechReady) -> Speech:
    """Silence with the words and the length of the speech that *event* tells of."""
    silence = np.zeros(round(event.duration_s * _TICKS), np.float32)
    return Speech(silence, _TICKS, Sentence(event.text, event.index), words=event.words)
