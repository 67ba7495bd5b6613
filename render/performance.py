"""Text to a finished clip, at once (``record``) or while it is still being written (``perform``)."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from langchain_core.messages import BaseMessage

from ..errors import InputError, OutputError, TextError
from ..settings import Settings
from . import media
from .backends import load
from .captions import cues, write_vtt
from .events import ChunkReady, Delta, Done, Event, SentenceReady, SpeechReady
from .pipeline import Cast, Stopwatch, Take, encode, film
from .prefetch import until
from .sentences import split
from .types import Clip, Sentence


def record(said: Iterable[str], cast: Cast, settings: Settings, *, out: Path | None = None) -> Clip:
    """Speak the deltas *said* into *out*, captions beside it: an MP4 or WebM file by its ending, else a folder of pictures.

    *out* None is a new file in the media folder. Raises ``InputError`` when *out* is of no such kind or cannot be transparent,
    ``TextError`` when there is nothing to say, ``OutputError`` when the file cannot be written; then no file is left behind.
    """
    watch = Stopwatch()
    takes = film(split(said, language=settings.language), cast, watch)
    return publish(takes, cast, settings, out=out, watch=watch)


def publish(
    takes: Iterable[Take],
    cast: Cast,
    settings: Settings,
    *,
    out: Path | None = None,
    watch: Stopwatch | None = None,
    rate: int | None = None,
) -> Clip:
    """The takes as a video. *rate* of their sound in Hertz, where it is not the voice's; all else as in ``record``."""
    new = media.ending(transparent=cast.backdrop.clear)
    reel = _Reel(cast, out or _new_file(settings, new), watch or Stopwatch())
    output = media.output(
        reel.path,
        size=cast.portrait.size,
        fps=cast.fps,
        rate=rate or cast.voice.capabilities.rate,
        transparent=cast.backdrop.clear,
    )
    try:
        for take in encode(takes, output, reel.watch):
            reel.keep(take)
        reel.check()
        with reel.watch("encode"):
            output.close()
    except BaseException:
        output.discard()
        raise
    return reel.clip()


def perform(
    said: Iterable[str], cast: Cast, settings: Settings, *, push: Callable[[Event], None], stop: threading.Event
) -> None:
    """Speak deltas while they come in: events to *push* as they happen, ``Done`` last.

    Nothing is kept of a performance that is stopped or fails. Raises as ``record``, and whatever *said* or *push* raise.
    """
    if cast.backdrop.clear:
        raise InputError("A stream cannot be transparent.", "Make a file instead, or choose another background.")
    reel = _Reel(cast, _new_file(settings, ".mp4"), Stopwatch())
    output = load("output", "fmp4", size=cast.portrait.size, fps=cast.fps, rate=cast.voice.capabilities.rate)
    first_chunk_s = 0.0

    def sentences() -> Iterator[Sentence]:
        for sentence in split(said, language=settings.language):
            push(SentenceReady(sentence.index, sentence.text, sentence.language))
            yield sentence

    def announced(takes: Iterable[Take]) -> Iterator[Take]:
        for take in takes:
            speech = take.speech
            push(
                SpeechReady(speech.sentence.index, speech.sentence.text, take.start_s, speech.duration_s, speech.words)
            )
            yield replace(take, frames=until(stop, take.frames))

    with _whole_file(reel.path) as write:

        def deliver() -> None:
            nonlocal first_chunk_s
            for chunk in output.drain():
                first_chunk_s = first_chunk_s or reel.elapsed_s
                write(chunk.data)
                push(ChunkReady(chunk))

        for take in encode(announced(film(sentences(), cast, reel.watch)), output, reel.watch, deliver):
            reel.keep(take)
        reel.check()
        output.close()
        deliver()
    clip = reel.clip()
    push(Done(clip, {"first_chunk_s": round(first_chunk_s, 4), "total_s": round(reel.elapsed_s, 4), "rtf": clip.rtf}))


def spoken(source: Iterable[str | BaseMessage | Event], push: Callable[[Event], None]) -> Iterator[str]:
    """The text of each item, announced as a ``Delta``; items that are events themselves are passed on as they are."""
    for item in source:
        if isinstance(item, str | BaseMessage):
            delta = text_of(item)
            if delta:
                push(Delta(delta))
                yield delta
        else:
            push(item)


def text_of(said: object) -> str:
    """The text of a string or message. Raises ``TextError`` for anything else."""
    match said:
        case str():
            return said
        case BaseMessage():
            return str(said.text)
    raise TextError(
        f"An avatar speaks text or messages, not {type(said).__name__}.", "Put StrOutputParser() in front of it."
    )


@dataclass(frozen=True, slots=True)
class _Reel:
    """What is kept of the takes: no pictures."""

    cast: Cast
    path: Path
    watch: Stopwatch
    takes: list[Take] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)

    @property
    def elapsed_s(self) -> float:
        return time.perf_counter() - self.started

    def keep(self, take: Take) -> None:
        self.takes.append(replace(take, frames=()))

    def check(self) -> None:
        """Raises ``TextError`` when nothing has been said."""
        if not self.takes:
            raise TextError("There is nothing to say in this text.", "Give at least one word.")

    def clip(self) -> Clip:
        """Write the captions and sum up."""
        captions = self.path.with_suffix(".vtt")
        write_vtt([cue for take in self.takes for cue in cues(take.speech, take.start_s)], captions)
        last, findings = self.takes[-1], self.cast.portrait.findings
        duration_s = last.start_s + last.speech.duration_s
        return Clip(
            path=str(self.path),
            captions=str(captions),
            text=" ".join(take.speech.sentence.text for take in self.takes),
            duration_s=round(duration_s, 4),
            frames=round(duration_s * self.cast.fps),
            fps=self.cast.fps,
            size=self.cast.portrait.size,
            matte=findings.matte,
            blur=self.cast.backdrop.name,
            voice=self.cast.voice.name,
            rtf=round(self.elapsed_s / duration_s, 4),
            timings=self.watch.timings(),
            matte_reason=findings.matte_reason,
            advice=findings.advice,
        )


@contextmanager
def _whole_file(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Writes *path*: all of it, or nothing when the block fails. Raises ``OutputError``."""
    partial = path.with_suffix(".part")

    def write(data: bytes) -> None:
        with _writing(partial):
            file.write(data)

    with _writing(partial):
        file = partial.open("wb")
    try:
        with file:
            yield write
        with _writing(path):
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"Cannot write {path}: {error.strerror}.", "Free some space or set VISAVIS_DATA.") from error


def _new_file(settings: Settings, suffix: str) -> Path:
    folder = settings.media
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"Cannot make {folder}: {error.strerror}.", "Set VISAVIS_DATA to a folder you can write."
        ) from error
    return folder / f"{uuid.uuid4().hex}{suffix}"
