"""A video as the portrait: what it costs, and whether lips, loop and background are as they should be.

    python -m visavis.benchmarks.video_portrait [--seconds 10] [--video FILE] [--json]

The video is made here: the demo photograph's person sways, blinks and speaks before a wall, 1280x720, 25 pictures a second, with
the noise of a sensor. With --video another one is measured.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import av
import cv2
import numpy as np

from visavis import Avatar
from visavis.render import assets
from visavis.render.backends import load
from visavis.render.compositor import compose
from visavis.render.footage import Footage
from visavis.render.inspection import inspect
from visavis.render.motion import Gestures, idle
from visavis.render.pipeline import Cast
from visavis.render.portraits import analyse
from visavis.render.portraits.landmarks import Landmarker
from visavis.render.portraits.measure import mouth_gap
from visavis.render.types import CHANNELS, Bytes, Motion, Sentence, Speech
from visavis.settings import Settings

FPS, SIZE = 25, (1280, 720)
_TEXT = "Hello, my name is Eileen. Bob's puppy popped up, and we can help you with many things."
_QUIET = Speech(np.zeros(16_000, np.float32), 16_000, Sentence(""), timing="audio")
_SENSOR = 1.5
"""Standard deviation of the noise, in codes."""


def measure(video: Path, folder: Path) -> dict[str, float]:
    """By name; times in seconds, sizes in MB of a million bytes."""
    settings = Settings(cache=folder / "cache", assets=assets.path("face_landmark").parent, data=folder)
    started, worked = perf_counter(), process_time()
    clip = Avatar(video, settings).say(_TEXT, out=folder / "first.mp4")
    first_s, first_work_s = perf_counter() - started, process_time() - worked
    started, worked = perf_counter(), process_time()
    Avatar(video, settings).say(_TEXT, out=folder / "second.mp4")
    second_s, second_work_s = perf_counter() - started, process_time() - worked
    cast = Avatar(video, settings).prepare()
    strip = cast.portrait.strip
    if strip is None:
        raise SystemExit(f"{video} is taken as a photo.")
    seen = inspect(Path(clip.path), settings=settings)
    return {
        "first reply, s": first_s,
        "second reply, s": second_s,
        "processor time of the first, s": first_work_s,
        "processor time of the second, s": second_work_s,
        "length of the reply, s": clip.duration_s,
        "pictures kept": len(strip),
        "cache, MB": len(strip.data) / 1e6,
        "cache per second of video, MB": len(strip.data) / 1e6 / (len(strip) / strip.fps),
        **_played(cast, video),
        "lips behind the sound, ms": seen.lag_ms or 0.0,
        "closures shown": seen.closures_shown or 0.0,
    }


def _played(cast: Cast, video: Path) -> dict[str, float]:
    """A silent reply that shows the whole video: frames, mouth, way of the face from frame to frame, background."""
    strip, landmarker = cast.portrait.strip, Landmarker()
    assert strip is not None
    count, work = len(strip.order), process_time()
    for layer in cast.animator.animate(cast.portrait, idle(count, strip.fps, Gestures.start(0))[0], _QUIET):
        compose(layer, cast.backdrop)
    work = (process_time() - work) / count
    motion, _ = idle(count + 1, strip.fps, Gestures.start(0))
    gaps, points, frames, behind, spent = [], [], [], [], []
    layers = cast.animator.animate(cast.portrait, motion, _QUIET)
    while True:
        started = perf_counter()
        layer = next(layers, None)
        if layer is None:
            break
        frame = compose(layer, cast.backdrop).image
        spent.append(perf_counter() - started)
        face = landmarker.detect(frame, small=False)[0].landmarks
        gaps.append(mouth_gap(face))
        points.append(face[:, :2])
        frames.append(frame)
        behind.append(layer.alpha == 0)
    alone = np.all(behind, axis=0)
    ways = np.linalg.norm(np.diff(points, axis=0), axis=2).mean(axis=1)
    with Footage(video) as footage:
        taken = [landmarker.detect(image, small=False) for _, image in footage.pictures(20.0)]
    return {
        "frames a second, animated and composed": len(spent) / sum(spent),
        "processor time of a frame, ms": 1e3 * work,
        "slowest of a hundred frames, ms": 1e3 * float(np.quantile(spent, 0.99)),
        "lip gap of the video, standard deviation": float(
            np.std([mouth_gap(faces[0].landmarks) for faces in taken if faces])
        ),
        "lip gap in silence, standard deviation": float(np.std(gaps)),
        "way of the face between frames, median, px": float(np.median(ways)),
        "the same where the order turns or begins again, most, px": float(max(ways[_turns(strip.order)])),
        "background values that change": float(
            np.mean([(frame[alone] != frames[0][alone]).mean() for frame in frames])
        ),
    }


def _turns(order: np.ndarray) -> np.ndarray:
    """Where the order does not go on as it did: int64, the step before."""
    steps = np.diff([*order, order[0], order[1]])
    return np.unique(np.flatnonzero(np.diff(steps) != 0).clip(0, len(order) - 1))


def write(path: Path, seconds: float) -> None:
    """The video described above."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.options = {"crf": "16", "preset": "veryfast"}
        for picture in _pictures(seconds):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))


def _pictures(seconds: float) -> Iterator[Bytes]:
    portrait = analyse(assets.path("astronaut"), size=SIZE[1])
    count = round(seconds * FPS)
    times = np.arange(count) / FPS
    weights = np.zeros((count, len(CHANNELS)), np.float32)
    channels = {name: weights[:, number] for number, name in enumerate(CHANNELS)}
    channels["yaw"][:] = 3 * np.sin(2 * np.pi * 0.21 * times)
    channels["jaw"][:] = 0.4 * np.abs(np.sin(2 * np.pi * 2.1 * times)) * (np.sin(2 * np.pi * 0.15 * times) > 0)
    lids = np.clip(1 - np.abs((times % 2.7) - 1.3) / 0.11, 0, 1)
    channels["blink_left"][:] = channels["blink_right"][:] = lids
    wall = cv2.copyMakeBorder(portrait.plate, 0, 0, *[(SIZE[0] - SIZE[1]) // 2] * 2, cv2.BORDER_REFLECT)
    noise = np.random.default_rng(0)
    layers = load("animator", "warp").animate(portrait, Motion(weights, float(FPS)), _QUIET)
    for time_s, layer in zip(times, layers, strict=True):
        place = cv2.getRotationMatrix2D((360, 620), 2 * np.sin(2 * np.pi * 0.27 * time_s + 1), 1.0)
        place[:, 2] += (
            (SIZE[0] - SIZE[1]) / 2 + 12 * np.sin(2 * np.pi * 0.31 * time_s),
            4 * np.sin(2 * np.pi * 0.43 * time_s),
        )
        front = cv2.warpAffine(layer.rgb, place, SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        alpha = cv2.warpAffine(layer.alpha, place, SIZE, borderMode=cv2.BORDER_REPLICATE)[..., None] / np.float32(255)
        mixed = alpha * front + (1 - alpha) * wall + noise.normal(0, _SENSOR, (SIZE[1], SIZE[0], 1)).astype(np.float32)
        yield np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of the video that is made")
    parser.add_argument("--video", type=Path, help="measure this one instead")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        if options.video is None:
            write(folder / "made.mp4", options.seconds)
        found = measure(options.video or folder / "made.mp4", folder)
    if options.json:
        print(json.dumps(found, indent=2))
        return
    for label, value in found.items():
        print(f"{label:60}{value:10.3f}")


if __name__ == "__main__":
    main()
