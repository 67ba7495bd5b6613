"""A host that answers from a script, with a drawn face and a hum: the page without models, agent or memory. For tests and demos."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from ..errors import InputError
from ..render.backends import load
from ..render.events import ChunkReady, Delta, Done, Event, Interrupted, Recalled, SpeechReady
from ..render.types import Bytes, Clip, Findings, Frame, Sentence, Speech
from .host import Held, Known, Options, Visitor

_FPS: Final = 25.0
_RATE: Final = 22_050
_WORD_S: Final = 0.32


@dataclass(slots=True)
class Rehearsal:
    """Says *answer* to everything. Keeps what it was asked."""

    folder: Path
    """Where its videos go."""
    answer: str = "Hello. I am only a rehearsal."
    recalled: tuple[Mapping[str, Any], ...] = ()
    size: int = 256
    """Of its pictures, in pixels."""
    pace_s: float = 0.0
    """Seconds it takes for half a second of video."""
    error: Exception | None = None
    """Raised after the first sentence."""
    asked: list[tuple[str, Visitor, Options]] = field(default_factory=list)
    known: tuple[Known, ...] = ()
    """About everybody."""
    forgotten: list[tuple[str, Visitor]] = field(default_factory=list)
    """Ids of memories; "everything"."""
    interrupted: list[float | None] = field(default_factory=list)
    """Seconds that had been played; None when the reply was closed."""
    shortened: list[tuple[str, str]] = field(default_factory=list)
    """Questions, and what was heard of their answers."""
    dropped: list[Path] = field(default_factory=list)
    _stop: threading.Event | None = None

    def reply(self, text: str, visitor: Visitor, options: Options) -> Generator[Event, None, None]:
        """The answer sentence by sentence, with its video."""
        self.asked.append((text, visitor, options))
        self._stop = stop = threading.Event()
        try:
            for event in self._events():
                if stop.is_set():
                    yield Interrupted("As far as", 0.5)
                    return
                yield event
        except GeneratorExit:
            self.interrupted.append(None)
            raise
        finally:
            self._stop = None

    def interrupt(self, visitor: Visitor, played_s: float | None) -> bool:  # noqa: ARG002 - there is one visitor at a time
        """End the reply at its next event."""
        if self._stop is None:
            return False
        self.interrupted.append(played_s)
        self._stop.set()
        return True

    def shorten(self, visitor: Visitor, question: str, heard: str) -> None:  # noqa: ARG002
        """Take note."""
        self.shortened.append((question, heard))

    def _events(self) -> Iterator[Event]:
        name = self.folder / f"{len(self.asked)}-{time.monotonic_ns()}"
        wanted = {"size": (self.size, self.size), "fps": _FPS, "rate": _RATE}
        stream, file = load("output", "fmp4", **wanted), load("output", "mp4", path=f"{name}.mp4", **wanted)
        yield Recalled(self.recalled)
        spoken = 0
        captions = "WEBVTT\n"
        for index, sentence in enumerate(self.answer.replace(". ", ".\n").splitlines()):
            for word in sentence.split():
                yield Delta(f"{word} ")
            if self.error and index:
                file.discard()
                raise self.error
            count = round(len(sentence.split()) * _WORD_S * _FPS)
            start_s, speech = spoken / _FPS, _hum(count, sentence)
            yield SpeechReady(index, sentence, start_s, count / _FPS, ())
            frames = [Frame(self._picture(spoken + k), spoken + k, (spoken + k) / _FPS) for k in range(count)]
            file.write(frames, speech)
            stream.write(frames, speech)
            for chunk in stream.drain():
                time.sleep(self.pace_s)
                yield ChunkReady(chunk)
            captions += f"\n{_stamp(start_s)} --> {_stamp(start_s + count / _FPS)}\n{sentence}\n"
            spoken += count
        file.close()
        stream.close()
        yield from (ChunkReady(chunk) for chunk in stream.drain())
        Path(f"{name}.vtt").write_text(captions, encoding="utf-8")
        yield Done(
            Clip(
                f"{name}.mp4", f"{name}.vtt", self.answer, spoken / _FPS, spoken, _FPS, (self.size, self.size),
                matte="none", blur="off", voice="hum", rtf=0.0,
            )
        )  # fmt: skip

    def still(self, options: Options) -> Bytes:
        """The face at rest; its background tells the blur."""
        return self._picture(0, backdrop=60 if options.blur == "off" else 200)

    def adopt(self, photo: Path, visitor: Visitor) -> tuple[Path, Findings]:  # noqa: ARG002
        """One face; a photo that is called "bad" is none. Raises ``InputError`` for it."""
        if photo.stem == "bad":
            raise InputError(f"{photo} is not a picture.", "Use a JPEG or PNG file.")
        return photo, Findings(faces=1, advice=("The face is small: the mouth will be blurred.",))

    def drop(self, photo: Path) -> None:
        """Take note."""
        self.dropped.append(photo)

    def held(self, visitor: Visitor) -> Held:
        """Two turns for each question, until everything is forgotten."""
        if ("everything", visitor) in self.forgotten:
            return Held()
        gone = [memory for memory, _ in self.forgotten]
        turns = 2 * sum(asker.user == visitor.user for _, asker, _ in self.asked)
        return Held(tuple(one for one in self.known if one.id not in gone) if turns else (), turns)

    def export(self, visitor: Visitor) -> dict[str, Any]:
        """The questions."""
        return {"user": visitor.user, "turns": [text for text, asker, _ in self.asked if asker.user == visitor.user]}

    def forget(self, memory: str, visitor: Visitor) -> None:
        """Take note."""
        self.forgotten.append((memory, visitor))

    def forget_everything(self, visitor: Visitor) -> None:
        """Take note."""
        self.forgotten.append(("everything", visitor))

    def _picture(self, frame: int, *, backdrop: int = 200) -> Bytes:
        size = self.size
        image = np.full((size, size, 3), (backdrop - 30, backdrop - 10, backdrop), np.uint8)
        middle, unit = size // 2, size // 16
        cv2.ellipse(image, (middle, size), (5 * unit, 4 * unit), 0, 0, 360, (60, 70, 80), -1, cv2.LINE_AA)
        cv2.ellipse(image, (middle, 7 * unit), (3 * unit, 4 * unit), 0, 0, 360, (214, 170, 140), -1, cv2.LINE_AA)
        for side in (-1, 1):
            cv2.circle(image, (middle + side * 5 * unit // 4, 6 * unit), unit // 3, (40, 40, 40), -1, cv2.LINE_AA)
        opening = round(unit * 0.7 * abs(np.sin(frame / 3)))
        cv2.ellipse(image, (middle, 9 * unit), (unit, opening), 0, 0, 360, (120, 50, 50), -1, cv2.LINE_AA)
        return image


def _hum(frames: int, text: str) -> Speech:
    time_s = np.arange(round(frames * _RATE / _FPS)) / _RATE
    loudness = 0.2 * np.abs(np.sin(2 * np.pi * 1.5 * time_s))
    return Speech((loudness * np.sin(2 * np.pi * 140 * time_s)).astype(np.float32), _RATE, Sentence(text))


def _stamp(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{round(minutes):02}:{rest:06.3f}"
