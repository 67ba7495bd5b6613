"""What kind of file: which output makes it, told by its ending; and whether it is a video, told by its first bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ..errors import InputError
from .backends import load
from .contracts import Output

_OUTPUTS: Final = {".mp4": "mp4", ".webm": "webm", "": "png"}
_TRANSPARENT: Final = {"webm": {"transparent": True}, "png": {}}
"""Outputs that can keep an alpha, with the options that say so."""

_CLIP_ENDINGS: Final = frozenset(
    {
        ".3gp",
        ".avi",
        ".flv",
        ".m2ts",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".mts",
        ".ogv",
        ".ts",
        ".webm",
        ".wmv",
    }
)
_CLIP_STARTS: Final = (b"\x1a\x45\xdf\xa3", b"FLV", b"OggS", b"\x30\x26\xb2\x75", b"\x00\x00\x01\xba")
"""Matroska and WebM, Flash, Ogg, Windows Media, MPEG program streams."""
_PICTURE_STARTS: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM")
_STILL_BRANDS: Final = frozenset({b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1"})
"""Of ISO base media files that are pictures."""
_HEAD: Final = 16


def is_clip(file: Path) -> bool:
    """Whether *file* is a video rather than a photo; by its ending where it cannot be read."""
    named = file.suffix.lower() in _CLIP_ENDINGS
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
    except (OSError, ValueError):
        return named
    if head[4:8] == b"ftyp":
        return head[8:12] not in _STILL_BRANDS
    if head[:4] == b"RIFF":
        return head[8:11] == b"AVI"
    return head.startswith(_CLIP_STARTS) or (named and not head.startswith(_PICTURE_STARTS))


def ending(*, transparent: bool) -> str:
    """Of the file that is made where none was named."""
    return ".webm" if transparent else ".mp4"


def output(path: Path, *, size: tuple[int, int], fps: float, rate: int, transparent: bool = False) -> Output:
    """What writes *path*: a video by its ending, a folder of pictures where it has none.

    Raises ``InputError`` for another ending, and for one that cannot be *transparent*; and as the output does.
    """
    name = _OUTPUTS.get(path.suffix.lower())
    if path.suffix.lower() == ".png":
        folder = (
            path.parent
            if "%" in path.name and path.parent.name
            else path.with_name(path.stem.partition("%")[0] or "frames")
        )
        raise InputError(
            f"{path} names pictures, not their folder.",
            f"End it in .mp4 or .webm, or write --out {folder} for {folder}/000000.png, {folder}/000001.png … and its sound.",
        )
    if name is None:
        raise InputError(f"{path.name} is no kind of video.", "End it in .mp4 or .webm, or name a folder for pictures.")
    if transparent and name not in _TRANSPARENT:
        raise InputError(f"{path.name} cannot be transparent.", "End it in .webm, or name a folder for PNG pictures.")
    made: Output = load(
        "output", name, path=path, size=size, fps=fps, rate=rate, **(_TRANSPARENT[name] if transparent else {})
    )
    return made
