"""What a stream of a reply is made of, in the order it happens."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from .types import Chunk, Clip, TimedWord


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the agent was reminded of before it answered."""

    items: tuple[Mapping[str, Any], ...]
    """One mapping per memory or passage: id, kind, text, source or speaker, at, score, why."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer's text, as it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class SentenceReady:
    """A sentence is complete and will be spoken."""

    index: int
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class SpeechReady:
    """A sentence has been spoken; its picture follows."""

    index: int
    text: str
    start_s: float
    """From the start of the reply."""
    duration_s: float
    words: tuple[TimedWord, ...]
    """Times from the start of this sentence."""


@dataclass(frozen=True, slots=True)
class ChunkReady:
    """Encoded picture and sound that can be played now."""

    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The reply was stopped."""

    heard: str
    """The part of the answer that had been delivered as picture and sound."""
    at_s: float
    """From the start of the reply."""


@dataclass(frozen=True, slots=True)
class Done:
    """The reply is complete."""

    clip: Clip
    metrics: Mapping[str, float] = field(default_factory=dict)
    """first_chunk_s, total_s, rtf."""


Event = Recalled | Delta | SentenceReady | SpeechReady | ChunkReady | Interrupted | Done


def as_dict(event: Event) -> dict[str, Any]:
    """The event as JSON-able values, with its name under "event"; bytes as base64 text."""
    return {"event": type(event).__name__, **_plain(event)}


def _plain(value: Any) -> Any:
    if isinstance(value, Clip):
        return value.as_dict()
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
