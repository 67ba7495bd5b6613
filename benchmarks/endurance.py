"""What must hold however long it speaks: picture with sound, speed, memory."""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from visavis import Avatar
from visavis.benchmarks import face
from visavis.benchmarks.script import spoken
from visavis.render.backends import load
from visavis.render.motion import Gestures
from visavis.render.performance import publish
from visavis.render.pipeline import Stopwatch, act, animate, shoot
from visavis.render.types import Frame, Sentence, Speech

_RATE, _FPS, _SIDE = 22_050, 25.0, 64
_MINUTES = 10
_SENTENCE_S = 7.4
"""Not a whole number of coded blocks of sound: what is lost at a seam would add up."""


def measure(size: int, folder: Path) -> dict[str, float | None]:
    """By name of the goals; they depend on the machine, not on the photo."""
    grown = _peak_mb(120.0, folder) - _peak_mb(20.0, folder)
    speed = face.measure(size, 20.0)
    return {
        "drift in 10 min, ms": drift_ms(folder),
        "speed p50, frames/s": speed["fps_p50"],
        "speed p95, ms": speed["ms_p95"],
        "first layer, ms": speed["first_layer_ms"],
        "memory, 120 s - 20 s, MB": grown,
    }


def drift_ms(folder: Path) -> float:
    """How far flashes and claps that were together, one a minute, are apart at most in the coded file, against the first."""
    path = folder / "claps.mp4"
    output = load("output", "mp4", path=path, size=(_SIDE, _SIDE), fps=_FPS, rate=_RATE)
    frames_each = round(_SENTENCE_S * _FPS)
    for first in range(0, round(_MINUTES * 60 * _FPS) + frames_each, frames_each):
        output.write(_pictures(first, frames_each), _claps(first, frames_each))
    output.close()
    flashes, claps = _events(path)
    apart = claps - flashes
    return float(1000 * np.abs(apart - apart[0]).max())


def _is_clap(frame: int) -> bool:
    return frame % round(60 * _FPS) == round(_FPS)


def _pictures(first: int, count: int) -> Iterator[Frame]:
    dark, light = (np.full((_SIDE, _SIDE, 3), level, np.uint8) for level in (40, 220))
    for index in range(first, first + count):
        yield Frame(light if _is_clap(index) else dark, index, index / _FPS)


def _claps(first: int, count: int) -> Speech:
    per_frame = round(_RATE / _FPS)
    samples = np.zeros(count * per_frame, np.float32)
    burst = 0.8 * np.sin(2 * np.pi * 1000 * np.arange(per_frame // 2) / _RATE)
    for index in range(count):
        if _is_clap(first + index):
            samples[index * per_frame : index * per_frame + len(burst)] = burst
    return Speech(samples, _RATE, Sentence(""))


def _events(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Times in seconds of flashes and of claps."""
    flashes, claps, loud = [], [], False
    with av.open(str(path)) as container:
        for frame in container.decode(video=0, audio=0):
            values = frame.to_ndarray()
            if isinstance(frame, av.VideoFrame):
                if values[:_SIDE].mean() > 120:
                    flashes.append(frame.time)
                continue
            over = np.flatnonzero(np.abs(values[0]) > 0.3)
            if len(over) and not loud:
                claps.append(frame.time + over[0] / frame.sample_rate)
            loud = bool(len(over))
    return np.array(flashes), np.array(claps)


def _peak_mb(seconds: float, folder: Path) -> float:
    """Peak memory of a process of its own that films *seconds*. It counts from that of this process, which must still be small."""
    command = [sys.executable, "-m", "visavis.benchmarks.endurance", str(seconds), str(folder / "long.mp4")]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _film(seconds: float, out: Path) -> float:
    avatar = Avatar(size=256)
    cast, watch = avatar.prepare(), Stopwatch()
    scenes = act(spoken(cast, "en-us", seconds), Gestures.start(seed=0), cast.fps, watch)
    takes = shoot(animate(scenes, cast.animator, cast.portrait, watch), cast.backdrop, watch)
    publish(takes, cast, avatar.settings, out=out)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    print(_film(options.seconds, options.out))
