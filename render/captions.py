"""Captions: the words of speech as WebVTT cues of at most two lines of 42 columns (w3.org/TR/webvtt1)."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import OutputError
from .types import Speech

LINE: Final = 42
"""Columns; a Chinese, Japanese or Korean character takes two."""
LINES: Final = 2
_LONGEST_S: Final = 6.0
"""A cue that has been on for so long ends with the word."""
_WORD: Final = re.compile(r"\s*\S+\s*")
_BLANK: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True, slots=True)
class Cue:
    """Text on the screen for a while."""

    start_s: float
    """From the start of the whole reply."""
    end_s: float
    text: str
    """One or two lines, not escaped."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word with what stands between it and the next, or a part of a very long one."""

    text: str
    start_s: float
    end_s: float


def cues(speech: Speech, offset_s: float = 0.0) -> list[Cue]:
    """The whole text of a sentence as cues, timed by its words, *offset_s* seconds into the reply; in order, without overlap.

    Speech without words becomes cues of equal pace over its length.
    """
    found: list[Cue] = []
    lines: list[str] = []
    start_s = end_s = 0.0
    for piece in _pieces(speech):
        placed = _placed(lines, piece.text) if lines and piece.end_s - start_s <= _LONGEST_S else None
        if placed is None:
            if lines:
                found.append(_cue(lines, start_s, end_s, offset_s))
            placed, start_s = [piece.text.lstrip()], piece.start_s
        lines, end_s = placed, piece.end_s
    if lines:
        found.append(_cue(lines, start_s, end_s, offset_s))
    return found


def _cue(lines: list[str], start_s: float, end_s: float, offset_s: float) -> Cue:
    return Cue(offset_s + start_s, offset_s + end_s, "\n".join(line.strip() for line in lines))


def _placed(lines: list[str], text: str) -> list[str] | None:
    """*lines* with *text* added, on a new line if need be; None when the cue is full."""
    if columns((lines[-1] + text).rstrip()) <= LINE:
        return [*lines[:-1], lines[-1] + text]
    return [*lines, text.lstrip()] if len(lines) < LINES else None


def columns(text: str) -> int:
    """How wide *text* is, in the columns of ``LINE``."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _pieces(speech: Speech) -> list[_Piece]:
    """The sentence's text, whole, in pieces no wider than a line."""
    text = speech.sentence.text
    starts: list[int] = []
    times: list[tuple[float, float]] = []
    at = 0
    for word in speech.words:
        found = text.find(word.text, at)
        if found >= 0:
            starts.append(found)
            times.append((word.start_s, word.end_s))
            at = found + len(word.text)
    if not starts:
        starts, times = [0], [(0.0, speech.duration_s)]
    pieces: list[_Piece] = []
    for first, last, (start_s, end_s) in zip([0, *starts[1:]], [*starts[1:], len(text)], times, strict=True):
        parts = _narrow(text[first:last])
        widths = [max(1, columns(part)) for part in parts]
        for part, width in zip(parts, widths, strict=True):
            until_s = start_s + (end_s - start_s) * width / sum(widths)
            pieces.append(_Piece(part, start_s, until_s))
            start_s, widths = until_s, widths[1:]
    return pieces


def _narrow(text: str) -> list[str]:
    """*text* cut before its words, and within those that are wider than a line; spaces and control characters become one space."""
    parts: list[str] = []
    for word in _WORD.findall(_BLANK.sub(" ", text)):
        part = ""
        for char in word:
            if part and columns(part + char) > LINE and not char.isspace():
                parts.append(part)
                part = ""
            part += char
        parts.append(part)
    return parts


def write_vtt(cues: Iterable[Cue], path: str | Path) -> None:
    """Write a WebVTT file, whole or not at all. Raises ``OutputError``."""
    path = Path(path)
    blocks = ["WEBVTT\n"]
    shown_ms = 0
    for cue in cues:
        start_ms = max(round(cue.start_s * 1000), shown_ms)
        shown_ms = max(round(cue.end_s * 1000), start_ms + 1)
        blocks.append(f"{_clock(start_ms)} --> {_clock(shown_ms)}\n{cue.text.translate(_ESCAPES)}\n")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unfinished.write_text("\n".join(blocks), encoding="utf-8", newline="\n")
        unfinished.replace(path)
    except OSError as exc:
        unfinished.unlink(missing_ok=True)
        raise OutputError(
            f"The captions cannot be written to {path}: {exc.strerror}.", "Check the folder and the disk."
        ) from exc


def _clock(milliseconds: int) -> str:
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"
