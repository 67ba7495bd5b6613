"""The whole flow, one line a stage: sentences -> speech -> motion -> layers -> frames -> media."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from .compositor import compose
from .contracts import Animator, Output, Voice
from .motion import Gestures, plan
from .prefetch import prefetch
from .sound import on_grid
from .types import Backdrop, Frame, Layer, Motion, Portrait, Sentence, Speech

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cast:
    """Everything a film needs besides its text."""

    portrait: Portrait
    backdrop: Backdrop
    voice: Voice
    animator: Animator
    gestures: Gestures
    fps: float


@dataclass(frozen=True, slots=True)
class Shot:
    """A sentence acted: the moving person, frame by frame."""

    speech: Speech
    motion: Motion
    layers: Iterable[Layer]


@dataclass(frozen=True, slots=True)
class Take:
    """A sentence filmed: sound, and the pictures that belong to it."""

    speech: Speech
    start_s: float
    """From the start of the reply."""
    frames: Iterable[Frame]


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Seconds of work per stage, each stage without the ones before it."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - started

    def each(self, stage: str, items: Iterable[T]) -> Iterator[T]:
        """*items*, with the time that making each one takes."""
        source = iter(items)
        while True:
            with self(stage):
                item = next(source, _END)
            if isinstance(item, _End):
                return
            yield item

    def timings(self) -> dict[str, float]:
        """Seconds per stage. The stages overlap, so they may add up to more than the whole."""
        seconds = dict(self.seconds)
        if "encode" in seconds:
            seconds["encode"] -= seconds.pop("wait", 0.0)
        return {stage: round(value, 4) for stage, value in seconds.items()}


class _End:
    pass


_END = _End()


def film(sentences: Iterable[Sentence], cast: Cast, watch: Stopwatch | None = None) -> Iterator[Take]:
    """The takes of a reply, each made while the one before is used. Frames are made as they are taken."""
    watch = watch or Stopwatch()
    speeches = prefetch(speak(sentences, cast.voice, cast.fps, watch))
    scenes = act(speeches, cast.gestures, cast.fps, watch)
    shots = animate(scenes, cast.animator, cast.portrait, watch)
    return shoot(shots, cast.backdrop, watch)


def speak(sentences: Iterable[Sentence], voice: Voice, fps: float, watch: Stopwatch) -> Iterator[Speech]:
    """Sentence -> Speech that fills whole frames."""
    for sentence in sentences:
        with watch("speech"):
            speech = on_grid(voice.speak(sentence), fps)
        yield speech


def act(
    speeches: Iterable[Speech], gestures: Gestures, fps: float, watch: Stopwatch
) -> Iterator[tuple[Speech, Motion]]:
    """Speech -> Motion; gestures flow from one sentence into the next."""
    for speech in speeches:
        with watch("motion"):
            motion, gestures = plan(speech, fps, gestures)
        yield speech, motion


def animate(
    scenes: Iterable[tuple[Speech, Motion]], animator: Animator, portrait: Portrait, watch: Stopwatch
) -> Iterator[Shot]:
    """Motion -> Layers."""
    for speech, motion in scenes:
        yield Shot(speech, motion, watch.each("animate", animator.animate(portrait, motion, speech)))


def shoot(shots: Iterable[Shot], backdrop: Backdrop, watch: Stopwatch) -> Iterator[Take]:
    """Layers over the backdrop -> Frames."""

    def frames(layers: Iterable[Layer]) -> Iterator[Frame]:
        for layer in layers:
            with watch("compose"):
                frame = compose(layer, backdrop)
            yield frame

    for shot in shots:
        yield Take(shot.speech, shot.motion.start_frame / shot.motion.fps, frames(shot.layers))


def encode(
    takes: Iterable[Take], output: Output, watch: Stopwatch, after_frame: Callable[[], None] = lambda: None
) -> Iterator[Take]:
    """Frames -> media, rendered a few frames ahead of the encoder. Yields each take once it has been written.

    *after_frame* is called each time the output has taken a frame.
    """

    def handed(frames: Iterable[Frame]) -> Iterator[Frame]:
        for frame in frames:
            yield frame
            after_frame()

    for take in takes:
        frames = prefetch(take.frames, depth=8)
        with watch("encode"):
            output.write(handed(watch.each("wait", frames)), take.speech)
        yield take
