"""espeak-ng through its C interface (``speak_lib.h`` of espeak-ng 1.52): text in, sound and events out.

The library keeps everything in globals: one lock serves the whole process. Some of those globals, the phase of its pitch flutter
among them, outlive even ``espeak_Terminate``; the library is therefore loaded afresh for every text (about 1 ms), so that the same
text always gives the same samples.
"""

from __future__ import annotations

import _ctypes
import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import espeakng_loader
import numpy as np

from ...errors import BackendError
from ..types import Floats

RATE: Final = 22050
"""Hertz."""
WPM: Final = (80, 450)
"""Slowest and fastest speed, in words per minute."""

_SYNCHRONOUS: Final = 2
_PHONEME_EVENTS: Final = 0x0001
_DO_NOT_EXIT: Final = 0x8000
_UTF8: Final = 1  # without espeakSSML (0x10) and espeakPHONEMES (0x100): the text is never markup
_POS_CHARACTER: Final = 1
_PARAMETER_RATE: Final = 1
_EVENTS: Final[dict[int, Literal["word", "phoneme"]]] = {1: "word", 7: "phoneme"}

_WITHOUT_DICTIONARY: Final = {"fo", "kaa", "xex"}
"""Listed by the library, but left out of the data of espeakng-loader 0.2.4."""

_lock = threading.Lock()


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_void_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True, slots=True)
class Event:
    """Something that begins at a sample."""

    kind: Literal["word", "phoneme"]
    sample: int
    position: int
    """Index of a character of the text, from 0."""
    symbol: str = ""
    """Of a phoneme: espeak-ng's mnemonic with stress marks, such as "'oU", a pause "_:", or a language switch such as "(en)"."""


@contextmanager
def _library() -> Iterator[Any]:
    """The initialised library; no other thread uses it until the block is left."""
    with _lock:
        try:
            library = ctypes.CDLL(espeakng_loader.get_library_path())
        except OSError as exc:
            raise BackendError(
                "The espeak-ng library cannot be loaded.", "Run: pip install --force-reinstall espeakng-loader"
            ) from exc
        try:
            data = espeakng_loader.get_data_path()
            if library.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), _PHONEME_EVENTS | _DO_NOT_EXIT) != RATE:
                raise BackendError(
                    f"espeak-ng cannot read its data in {data}.",
                    "Reinstall espeakng-loader, in a folder with a shorter path if this one has more than 150 characters.",
                )
            try:
                yield library
            finally:
                library.espeak_Terminate()
        finally:
            _unload(library)


def _unload(library: ctypes.CDLL) -> None:
    unload = getattr(_ctypes, "dlclose", None) or _ctypes.FreeLibrary  # type: ignore[attr-defined,unused-ignore]
    unload(library._handle)


def variants() -> list[str]:
    """The names of the variants that every voice can take."""
    return sorted(file.name for file in Path(espeakng_loader.get_data_path(), "voices", "!v").glob("*"))


def languages() -> dict[str, str]:
    """The identifier of the voice of each language, by the language's name in lower case."""
    with _library() as library:
        library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        found: dict[str, str] = {}
        for pointer in library.espeak_ListVoices(None):
            if not pointer:  # the end of the list
                break
            voice = pointer.contents
            found[voice.languages[1:].decode().lower()] = voice.identifier.decode()  # a byte of priority, then the name
        return {name: found[name] for name in sorted(found) if name not in _WITHOUT_DICTIONARY}


def synthesize(text: str, *, voice: str, wpm: int = 175) -> tuple[Floats, list[Event]]:
    """The sound of *text*, float32 (n,) in [-1, 1] at ``RATE``, and what begins where, in time order.

    *voice* is an identifier from ``languages`` with, after a plus sign, an optional variant: "sit/cmn", "gmw/de+f2". *text* must
    not hold control characters. Raises ``BackendError`` for an unknown voice and when espeak-ng fails.
    """
    pieces: list[bytes] = []
    events: list[Event] = []

    def receive(samples: Any, count: int, reported: Any) -> int:
        if samples and count:
            pieces.append(ctypes.string_at(samples, 2 * count))
        for event in reported:
            if not event.type:  # the end of the list
                break
            if kind := _EVENTS.get(event.type):
                symbol = event.id.string.decode(errors="replace") if kind == "phoneme" else ""
                events.append(Event(kind, event.sample, event.text_position - 1, symbol))
        return 0

    callback = _Callback(receive)
    encoded = text.encode()
    with _library() as library:
        library.espeak_SetSynthCallback(callback)
        if library.espeak_SetVoiceByName(voice.encode()):
            raise BackendError(f"espeak-ng has no voice {voice!r}.", "Reinstall espeakng-loader.")
        library.espeak_SetParameter(_PARAMETER_RATE, wpm, 0)
        size = ctypes.c_size_t(len(encoded) + 1)
        if library.espeak_Synth(encoded, size, 0, _POS_CHARACTER, 0, _UTF8, None, None):
            raise BackendError("espeak-ng failed on this text.", "Try a shorter text, or another voice.")
    samples: Floats = np.frombuffer(b"".join(pieces), np.int16).astype(np.float32) / np.float32(32768)
    return samples, events
