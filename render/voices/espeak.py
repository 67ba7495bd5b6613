"""The voice "espeak": espeak-ng, for 100 and more languages, with exact times of phonemes and words.

Text in several writing systems is read by several of its voices, one after another. espeak-ng has no readings for the Chinese
characters of Japanese (kanji); they are read in Mandarin.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache
from typing import Final

import numpy as np

from ...errors import BackendError, InputError, TextError
from .. import sound
from ..contracts import VoiceCapabilities
from ..languages import detect
from ..speakable import Run, runs
from ..types import Floats, Sentence, Speech
from . import _espeak_api as api
from ._timing import Onset, time_phonemes, time_words

REQUIRES: Final = {"espeakng_loader": "Run: pip install espeakng-loader"}

LEAD_S: Final = 0.15
"""Silence before the first sound, in which the mouth gets ready."""
_PAUSE_S: Final = {"stop": 0.22, "comma": 0.12, "": 0.05}
"""Silence after a sentence, by how it ends: with the lead of the next one, 0.37 s after a full stop."""
_JOIN_S: Final = {"stop": 0.3, "comma": 0.15, "": 0.0}
"""Silence between two runs of one sentence."""
_STOPS: Final = ".!?…。！？؟۔।॥"
_COMMAS: Final = ",;:–—，、；：،؛"

_ALIASES: Final = {
    "en": "en-us",
    "en-au": "en-gb",
    "en-nz": "en-gb",
    "en-ie": "en-gb",
    "fr": "fr-fr",
    "zh": "cmn",
    "zh-hk": "yue",
    "zh-mo": "yue",
    "zh-yue": "yue",
    "no": "nb",
    "iw": "he",
    "in": "id",
    "es-mx": "es-419",
    "es-us": "es-419",
    "es-ar": "es-419",
    "es-co": "es-419",
}
"""BCP 47 tags that espeak-ng names differently, in lower case."""


@cache
def languages() -> dict[str, str]:
    """espeak-ng's names of the languages, with the identifiers of their voices."""
    return api.languages()


@cache
def language_name(tag: str) -> str:
    """espeak-ng's name for a BCP 47 tag; the region is dropped where it makes no difference. Raises ``BackendError``."""
    name = tag.lower().replace("_", "-")
    while name:
        if name in _ALIASES:
            return _ALIASES[name]
        if name in languages():
            return name
        name = name.rpartition("-")[0]
    near = difflib.get_close_matches(tag.lower(), languages(), n=3, cutoff=0.4) or ["en-us", "cmn", "ar"]
    raise BackendError(
        f"espeak-ng has no language {tag!r}.",
        f"Try {', '.join(near)}, or see all: "
        'python -c "from visavis.render.voices.espeak import languages; print(*languages())"',
    )


class Espeak:
    """Made by ``backend``."""

    name = "espeak"
    capabilities = VoiceCapabilities(rate=api.RATE, timing="exact")

    def __init__(self, rate_wpm: int, variant: str | None) -> None:
        self._wpm = rate_wpm
        self._variant = f"+{variant}" if variant else ""

    def speak(self, sentence: Sentence) -> Speech:
        """The sentence as sound, levelled to -20 dBFS, with 0.15 s of silence before it."""
        text = sentence.text
        language = detect(text) if sentence.language == "auto" else language_name(sentence.language)
        pieces: list[Floats] = [_silence(LEAD_S)]
        onsets = [Onset(0, "_", language=language)]
        marks: list[tuple[int, float]] = []
        end = len(pieces[0])
        parts = runs(text, language)
        if not parts:
            raise _nothing(text)
        for run, following in zip(parts, [*parts[1:], None], strict=True):
            samples, events = api.synthesize(run.text, voice=languages()[run.language] + self._variant, wpm=self._wpm)
            pause = _silence((_JOIN_S if following else _PAUSE_S)[_ending(run.text)])
            onsets += _onsets(events, run, end)
            marks += [
                (run.origin[min(event.position, len(run.origin) - 1)], (end + event.sample) / api.RATE)
                for event in events
                if event.kind == "word"
            ]
            pieces += (sound.levelled(sound.faded(samples, api.RATE), api.RATE), pause)
            end += len(samples)
            if len(pause):
                onsets.append(Onset(end, "_", language=language))
            end += len(pause)
        sounds = np.concatenate(pieces)
        if not sound.voiced(sounds, api.RATE).any():
            raise _nothing(text)
        phonemes = time_phonemes(onsets, end, api.RATE)
        return Speech(sounds, api.RATE, sentence, phonemes, time_words(text, marks, phonemes))


def _nothing(text: str) -> TextError:
    return TextError(f"There is nothing to speak in {text[:40]!r}.", "Give some words or numbers.")


def _silence(seconds: float) -> Floats:
    return np.zeros(round(seconds * api.RATE), np.float32)


def _ending(text: str) -> str:
    """How the text ends, without quotes and brackets: a key of the tables of pauses."""
    bare = text.rstrip().rstrip("\"'”’)]}»」』】》〉）").rstrip()
    if bare.endswith(tuple(_STOPS)):
        return "stop"
    return "comma" if bare.endswith(tuple(_COMMAS)) else ""


def _onsets(events: Iterable[api.Event], run: Run, offset: int) -> list[Onset]:
    """The phonemes of one run, without stress marks and language switches.

    "_|" after each Mandarin syllable is no pause: its time goes to the phoneme before it.
    """
    found: list[Onset] = []
    language = run.language
    for event in events:
        symbol = event.symbol
        if event.kind != "phoneme" or symbol == "_|":
            continue
        if symbol.startswith("("):
            language = _switched(symbol, run.language)
            continue
        if symbol.startswith("_"):
            symbol = "_:" if symbol.startswith("_:") else "_"
        bare = symbol.lstrip("',%=") or symbol
        found.append(Onset(offset + event.sample, bare, "'" in symbol[: len(symbol) - len(bare)], language))
    return found


def _switched(symbol: str, language: str) -> str:
    name = symbol.strip("()")
    return language if language.startswith(name) else _ALIASES.get(name, name)


def backend(rate_wpm: int = 175, voice: str | None = None) -> Espeak:
    """espeak-ng at *rate_wpm* words per minute (80..450); *voice* is a variant of each language's voice, such as "f2" or "m3"."""
    slowest, fastest = api.WPM
    if not slowest <= rate_wpm <= fastest:
        raise InputError(f"espeak-ng cannot speak {rate_wpm} words per minute.", f"Give {slowest} to {fastest}.")
    if voice is not None and voice not in api.variants():
        raise BackendError(f"espeak-ng has no variant {voice!r}.", f"Choose one of: {', '.join(api.variants())}.")
    return Espeak(rate_wpm, voice)
