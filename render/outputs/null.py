"""No media at all: checks what it is given, and counts. For tests and benchmarks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ...errors import OutputError
from ..types import Frame, Speech
from .timeline import Timeline

REQUIRES: Final[dict[str, str]] = {}


class Null:
    """Takes what every output takes and refuses what every output refuses."""

    name = "null"

    def __init__(self, timeline: Timeline) -> None:
        self.sentences = 0
        self.frames = 0
        self.sound_s = 0.0
        """Seconds of sound, without the silence that fills up the last frame of a sentence."""
        self.closed = False
        self._timeline = timeline

    @property
    def duration_s(self) -> float:
        """Of the pictures."""
        return self._timeline.seconds(self.frames)

    def write(self, frames: Iterable[Frame], speech: Speech) -> None:
        """Take one sentence. Raises ``InputError`` for frames or speech that do not fit, ``OutputError`` after ``close``."""
        if self.closed:
            raise OutputError("The output is closed.", "Make another output for another video.")
        sound = self._timeline.sound(speech)
        for frame in frames:
            self._timeline.image(frame)
            self.frames += 1
        self.sound_s += len(sound) / speech.rate
        self.sentences += 1

    def close(self) -> None:
        """Take no more. Idempotent."""
        self.closed = True

    def discard(self) -> None:
        """Take no more, and count nothing of what was taken. Idempotent; does nothing after ``close``."""
        if not self.closed:
            self.sentences, self.frames, self.sound_s = 0, 0, 0.0
            self.closed = True


def backend(*, size: tuple[int, int], fps: float, rate: int) -> Null:
    """An output for frames of *size* (width, height) at *fps* and speech of *rate* Hertz. Raises ``InputError``."""
    return Null(Timeline.checked(size, fps, rate))
