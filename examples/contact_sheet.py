"""Frames of a video side by side: `python examples/contact_sheet.py out/turn-1.mp4 sheet.png [columns] [rows] [side]`."""

from __future__ import annotations

import sys
from pathlib import Path

import av
import numpy as np
from PIL import Image


def main(video: Path, sheet: Path, columns: int = 6, rows: int = 2, side: int = 240) -> None:
    """Write *columns* x *rows* frames of *video*, *side* pixels each, to *sheet*."""
    with av.open(str(video)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    chosen = [frames[int(at * len(frames))] for at in np.linspace(0.08, 0.9, columns * rows)]
    page = Image.new("RGB", (columns * side, rows * side))
    for number, frame in enumerate(chosen):
        tile = Image.fromarray(frame).resize((side, side), Image.Resampling.LANCZOS)
        page.paste(tile, (number % columns * side, number // columns * side))
    page.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(sheet, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *(int(number) for number in sys.argv[3:6]))
