"""``visavis bench``: every stage at 512x512 on this machine, and the common tutorial's recipe beside ours in the same run."""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..settings import Settings

TEXT = (
    "Your parcel left our warehouse this morning. It should be with you on Thursday, and you can follow it on our page."
)

Figures = dict[str, float | None]


def run(settings: Settings, *, rounds: int = 3) -> Figures:
    """Name -> number; a figure that this machine cannot give is None. Seconds, milliseconds and megabytes as named.

    Each figure is taken over *rounds* repetitions.
    """
    with tempfile.TemporaryDirectory(prefix="visavis-bench-") as scratch:
        own = settings.with_changes(data=Path(scratch) / "data", size=512, blur="gaussian")
        figures: Figures = {}
        figures |= _portrait(own, Path(scratch))
        figures |= _reply(own, rounds)
        figures |= _animate(own, rounds)
        figures |= _compose()
        figures |= _memory(Path(scratch) / "memory", turns=400 * rounds)
        figures["peak_rss_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _PER_MB)
    return figures


_PER_MB = 1024**2 if sys.platform == "darwin" else 1024


@contextmanager
def _clock(into: list[float]) -> Iterator[None]:
    started = time.perf_counter()
    yield
    into.append(time.perf_counter() - started)


def _times(call: Callable[[], object], count: int) -> list[float]:
    times: list[float] = []
    for _ in range(count):
        with _clock(times):
            call()
    return times


def _ms(times: list[float], percentile: float) -> float:
    return round(1000 * float(np.percentile(times, percentile)), 2)


def _portrait(settings: Settings, scratch: Path) -> Figures:
    from ..render import assets
    from ..render.portraits import analyse

    photo = settings.portrait or assets.path("astronaut", settings)
    for name in assets.ASSETS:
        assets.path(name, settings)
    empty = settings.with_changes(cache=scratch / "cache", assets=_copies(settings, scratch / "assets"))
    cold = _times(lambda: analyse(photo, settings=empty), 1)
    warm = _times(lambda: analyse(photo, settings=empty), 5)
    return {"portrait_cold_s": round(cold[0], 3), "portrait_warm_ms": _ms(warm, 50)}


def _copies(settings: Settings, folder: Path) -> Path:
    from ..render import assets

    folder.mkdir()
    for name in assets.ASSETS:
        source = assets.path(name, settings)
        shutil.copy(source, folder / source.name)
    return folder


def _reply(settings: Settings, rounds: int) -> Figures:
    from ..render.avatar import Avatar
    from ..render.events import ChunkReady

    avatar = Avatar(settings=settings)
    avatar.say("Warm.")
    rtf = float(np.median([avatar.say(TEXT).rtf for _ in range(rounds)]))
    firsts: list[float] = []
    for _ in range(rounds):
        with _clock(firsts):
            events = avatar.stream(TEXT)
            next(event for event in events if isinstance(event, ChunkReady) and event.chunk.duration_s > 0)
        del events
    return {"say_rtf": round(rtf, 3), "first_chunk_ms": _ms(firsts, 50)}


def _animate(settings: Settings, rounds: int) -> Figures:
    from ..render.avatar import Avatar
    from ..render.compositor import compose
    from ..render.motion import plan
    from .article import article_frame_ms

    avatar = Avatar(settings=settings)
    cast = avatar.prepare()
    speech = avatar.speak.invoke(TEXT)[0]
    first: list[float] = []
    each: list[float] = []
    frames: list[float] = []
    for _ in range(rounds):
        started = time.perf_counter()
        motion, _gestures = plan(speech, cast.fps, cast.gestures)
        for number, layer in enumerate(cast.animator.animate(cast.portrait, motion, speech)):
            now = time.perf_counter()
            (each if number else first).append(now - started)
            compose(layer, cast.backdrop)
            frames.append(time.perf_counter() - started)
            started = time.perf_counter()
    ours_ms = _ms(frames, 50)
    theirs_ms = article_frame_ms(512, frames=rounds)
    return {
        "animate_fps_p50": round(1000 / _ms(each, 50), 1),
        "animate_ms_p95": _ms(each, 95),
        "first_layer_ms": _ms(first, 50),
        "article_ratio_512": round(theirs_ms / ours_ms, 1) if theirs_ms else None,
    }


def _compose() -> Figures:
    from ..render.compositor import compose
    from ..render.types import Backdrop, Box, Layer

    height, width = 720, 1280
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    ramp = np.linspace(-500, 755, width).clip(0, 255).astype(np.uint8)
    alpha = np.ascontiguousarray(np.broadcast_to(ramp, (height, width)))
    layer = Layer(picture, alpha, Box(0, 0, width, height), 0, 0.0)
    backdrop = Backdrop(np.ascontiguousarray(picture[::-1]), "gaussian", 14.0)
    return {"compose_ms_p95_720p": _ms(_times(lambda: compose(layer, backdrop), 60)[10:], 95)}


def _memory(folder: Path, turns: int) -> Figures:
    from ..memory import Memory

    rng = np.random.default_rng(0)
    words = [f"{a}{b}" for a in ("lamp", "parcel", "refund", "street", "colour", "order") for b in range(40)]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with Memory.open(folder) as memory:
        mine = memory.of("bench", "user")
        texts = [" ".join(rng.choice(words, 12)) for _ in range(turns)]
        writes: list[float] = []
        for number, text in enumerate(texts):
            with _clock(writes):
                mine.remember(text, speaker="user", at=start + timedelta(minutes=number), thread="bench")
        mine.recall(texts[0])
        reads: list[float] = []
        for text in texts[:100]:
            with _clock(reads):
                mine.recall(text)
    return {"recall_ms_p95": _ms(reads, 95), "write_ms_p95": _ms(writes, 95)}
