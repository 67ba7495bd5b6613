"""Which output makes which file: told by its ending."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ..errors import InputError
from .backends import load
from .contracts import Output

_OUTPUTS: Final = {".mp4": "mp4", ".webm": "webm", "": "png"}
_TRANSPARENT: Final = {"webm": {"transparent": True}, "png": {}}
"""Outputs that can keep an alpha, with the options that say so."""


def ending(*, transparent: bool) -> str:
    """Of the file that is made where none was named."""
    return ".webm" if transparent else ".mp4"


def output(path: Path, *, size: tuple[int, int], fps: float, rate: int, transparent: bool = False) -> Output:
    """What writes *path*: a video by its ending, a folder of pictures where it has none.

    Raises ``InputError`` for another ending, and for one that cannot be *transparent*; and as the output does.
    """
    name = _OUTPUTS.get(path.suffix.lower())
    if name is None:
        raise InputError(f"{path.name} is no kind of video.", "End it in .mp4 or .webm, or name a folder for pictures.")
    if transparent and name not in _TRANSPARENT:
        raise InputError(f"{path.name} cannot be transparent.", "End it in .webm, or name a folder for PNG pictures.")
    made: Output = load(
        "output", name, path=path, size=size, fps=fps, rate=rate, **(_TRANSPARENT[name] if transparent else {})
    )
    return made
