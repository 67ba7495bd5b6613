"""What each video output keeps of a face's detail, and at what bitrate.

    python benchmarks/coding.py [--portraits FOLDER] [--size 512] [--json]

A sentence is spoken by the demo photograph and by those in FOLDER. ``kept`` is the median variance of the Laplacian inside the face
relative to the photo, ``kbit/s`` that of the pictures alone. The row "tune alone" is the MP4 without the settings that keep grain
beyond x264's own tune.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import av

from visavis import Avatar
from visavis.benchmarks import stillness
from visavis.benchmarks.lipsync import photos
from visavis.render.contracts import Output
from visavis.render.outputs import fmp4, mp4, webm
from visavis.render.outputs.timeline import Timeline
from visavis.render.outputs.tracks import quality
from visavis.render.pipeline import Cast
from visavis.render.types import Bytes

Figures = dict[str, float]
Coder = Callable[[Cast, list[Bytes], Path], Path]


def measure(cast: Cast, folder: Path) -> dict[str, Figures]:
    """``kept`` and ``kbit/s`` by output."""
    images = stillness.filmed(cast)
    found = {}
    for name, coder in CODERS.items():
        path = coder(cast, images, folder)
        rate = _picture_bytes(path) * 8 / 1000 / (len(images) / cast.fps)
        found[name] = {"kept": stillness.kept(cast, path), "kbit/s": rate}
    return found


def _written(path: Path, output: Output, cast: Cast, images: list[Bytes]) -> Path:
    output.write(*stillness.take(images, cast))
    output.close()
    return path


def _mp4(cast: Cast, images: list[Bytes], folder: Path) -> Path:
    path = folder / "file.mp4"
    output = mp4.backend(path, size=cast.portrait.size, fps=cast.fps, rate=stillness.RATE)
    return _written(path, output, cast, images)


def _tune_alone(cast: Cast, images: list[Bytes], folder: Path) -> Path:
    path = folder / "tune.mp4"
    timeline = Timeline.checked(cast.portrait.size, cast.fps, stillness.RATE)
    output = mp4.Mp4(path, timeline, {**quality(18, "veryfast"), "tune": "grain"})
    return _written(path, output, cast, images)


def _stream(cast: Cast, images: list[Bytes], folder: Path) -> Path:
    path = folder / "stream.mp4"
    output = fmp4.backend(size=cast.portrait.size, fps=cast.fps, rate=stillness.RATE)
    _written(path, output, cast, images)
    path.write_bytes(b"".join(chunk.data for chunk in output.drain()))
    return path


def _webm(cast: Cast, images: list[Bytes], folder: Path) -> Path:
    path = folder / "file.webm"
    output = webm.backend(path, size=cast.portrait.size, fps=cast.fps, rate=stillness.RATE)
    return _written(path, output, cast, images)


CODERS: dict[str, Coder] = {"MP4": _mp4, "MP4, tune alone": _tune_alone, "stream": _stream, "WebM": _webm}


def _picture_bytes(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(packet.size for packet in container.demux(video=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portraits", type=Path)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    columns = {}
    with tempfile.TemporaryDirectory(prefix="visavis-coding-") as scratch:
        for photo in photos(options.portraits):
            name = photo.stem if photo else "demo"
            columns[name] = measure(Avatar(photo, size=options.size).prepare(), Path(scratch))
    if options.json:
        print(json.dumps(columns, indent=1))
        return
    print(f"{'':18}" + "".join(f"{name:>24}" for name in CODERS))
    for name, found in columns.items():
        cells = [f"{figures['kept']:.2f} at {figures['kbit/s']:.0f} kbit/s" for figures in found.values()]
        print(f"{name:18}" + "".join(f"{cell:>24}" for cell in cells))


if __name__ == "__main__":
    main()
