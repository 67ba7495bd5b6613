"""What a backend must offer: one verb each. Differences between backends are data, never ``hasattr``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from .types import Bytes, Floats, Frame, Layer, Motion, Portrait, Sentence, Speech, Timing, Transcript


@dataclass(frozen=True, slots=True)
class VoiceCapabilities:
    """What a voice can do."""

    rate: int
    """Hertz."""
    timing: Timing
    languages: frozenset[str] = frozenset()
    """espeak-ng language names; empty means "ask it"."""


@runtime_checkable
class Voice(Protocol):
    """Text in, sound and times out."""

    name: str
    capabilities: VoiceCapabilities

    def speak(self, sentence: Sentence) -> Speech:
        """Raises ``TextError`` when nothing in the sentence can be spoken, ``BackendError`` when the voice fails. Thread-safe."""
        ...


@runtime_checkable
class Listener(Protocol):
    """Sound in, text out."""

    name: str

    def transcribe(self, samples: Floats, rate: int) -> Transcript:
        """*samples* float32 (n,) in [-1, 1] at *rate* Hertz."""
        ...


@runtime_checkable
class Matte(Protocol):
    """Picture in, alpha of the person out."""

    name: str

    def matte(self, image: Bytes, state: Any = None) -> tuple[Floats, Any]:
        """*image* uint8 (h, w, 3) RGB -> alpha float32 (h, w) in [0, 1] and the state for the next picture (None to start)."""
        ...


@runtime_checkable
class Animator(Protocol):
    """Controls in, moving person out."""

    name: str

    def animate(self, portrait: Portrait, motion: Motion, speech: Speech) -> Iterator[Layer]:
        """One layer per row of *motion*, in order. Closing the iterator stops the work."""
        ...


@runtime_checkable
class Output(Protocol):
    """Frames and sound in, media out: a file, a stream, an endpoint."""

    name: str

    def write(self, frames: Iterable[Frame], speech: Speech) -> None:
        """Append one sentence: its frames and its sound start together. Raises ``OutputError``."""
        ...

    def close(self) -> None:
        """Finish the media. Idempotent. Raises ``OutputError``."""
        ...

    def discard(self) -> None:
        """Give the media up: nothing of it is left behind. Idempotent; does nothing after ``close``."""
        ...
