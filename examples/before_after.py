"""A photo and the same with its background blurred, side by side: `python examples/before_after.py [PHOTO] [SHEET.png]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

from visavis import Settings
from visavis.render import assets
from visavis.render.stills import blur_file

SIDE = 420


def main(photo: Path, sheet: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        blurred = Path(folder) / "blurred.png"
        print("matte:", blur_file(photo, blurred, settings=Settings(blur="depth", radius=18)))
        page = Image.new("RGB", (2 * SIDE, SIDE))
        for column, file in enumerate((photo, blurred)):
            picture = Image.open(file).convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
            page.paste(picture, (column * SIDE, 0))
    page.quantize(192, dither=Image.Dither.FLOYDSTEINBERG).save(sheet, optimize=True)


if __name__ == "__main__":
    photo = Path(sys.argv[1]) if len(sys.argv) > 1 else assets.path("astronaut")
    main(photo, Path(sys.argv[2]) if len(sys.argv) > 2 else Path("before-after.png"))
