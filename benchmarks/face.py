"""How fast the face moves: motion and warp of the demo photograph, per frame.

    python benchmarks/face.py [--size 512] [--seconds 8] [--json]

``fps_p50`` and ``ms_p95`` cover motion and warp per frame; ``first_layer_ms`` is the time from known phonemes to the
first layer with a prepared portrait; ``prepare_ms`` is what a new portrait costs once. ``cpu_ms_p50`` is processor time
and holds on a busy machine, where wall-clock times do not.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from visavis.render import assets
from visavis.render.animators.warp import backend
from visavis.render.backends import load
from visavis.render.motion import Gestures, plan
from visavis.render.portraits import analyse
from visavis.render.types import Sentence

TEXT = "Bob's puppy popped up, while she sells sea shells. Five fine volunteers thought of the weather. "


def measure(size: int, seconds: float) -> dict[str, float]:
    """Times in milliseconds, speed in frames per second."""
    portrait = analyse(assets.path("astronaut"), size=size)
    speech = load("voice", "espeak").speak(Sentence(TEXT * max(round(seconds / 7), 1)))
    animator = backend()
    started = time.perf_counter()
    animator.prepare(portrait)
    prepared = time.perf_counter()

    motion, _ = plan(speech, 25.0, Gestures.start(seed=0))
    next(animator.animate(portrait, motion, speech))
    first = time.perf_counter()

    planning = time.perf_counter()
    motion, _ = plan(speech, 25.0, Gestures.start(seed=0))
    per_frame = (time.perf_counter() - planning) * 1000 / len(motion)
    wall, cpu = [], []
    layers = animator.animate(portrait, motion, speech)
    at, work = time.perf_counter(), time.process_time()
    for _ in layers:
        now, done = time.perf_counter(), time.process_time()
        wall.append((now - at) * 1000 + per_frame)
        cpu.append((done - work) * 1000 + per_frame)
        at, work = now, done
    return {
        "size": size,
        "frames": len(motion),
        "prepare_ms": (prepared - started) * 1000,
        "first_layer_ms": (first - prepared) * 1000,
        "motion_ms_per_frame": per_frame,
        "fps_p50": 1000 / float(np.percentile(wall, 50)),
        "ms_p95": float(np.percentile(wall, 95)),
        "cpu_ms_p50": float(np.percentile(cpu, 50)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.size, options.seconds)
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:22} {value:10.2f}")


if __name__ == "__main__":
    main()
