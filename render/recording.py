"""A recording instead of a voice: the sound of a file, cut at pauses into speeches that a face can be filmed to."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, TextError
from . import sound
from .backends import load
from .performance import publish
from .pipeline import Cast, Stopwatch, act, animate, shoot
from .sentences import detect_language, split
from .types import Clip, Floats, Sentence, Speech, TimedPhoneme, TimedWord
from .voices.align import align

if TYPE_CHECKING:
    from ..settings import Settings

_log = logging.getLogger(__name__)

Timed = TypeVar("Timed", TimedPhoneme, TimedWord)

LONGEST_S: Final = 15.0
"""Of one speech: what is held in memory while a recording is filmed does not grow with its length, but for the sound itself."""

_SHORTEST_S: Final = 5.0
_HUSH_S: Final = 0.2
"""A cut is made in the middle of the quietest stretch of this length."""
_RATES: Final = (8_000, 48_000)
"""Hertz; recordings of other rates are resampled."""


def film_recording(
    path: str | Path, cast: Cast, settings: Settings, *, text: str | None = None, out: Path | None = None
) -> Clip:
    """Let the portrait speak the recording *path*; *text* as in ``speeches``, *out* as in ``record``, errors as in both."""
    watch = Stopwatch()
    heard = watch.each("speech", speeches(path, text=text, language=settings.language, fps=cast.fps))
    first = next(heard)
    scenes = act(chain([first], heard), cast.gestures, cast.fps, watch)
    takes = shoot(animate(scenes, cast.animator, cast.portrait, watch), cast.backdrop, watch)
    clip = publish(takes, cast, settings, out=out, watch=watch, rate=first.rate)
    return replace(clip, text=clip.text.strip(), voice="recording")


def speeches(
    path: str | Path, *, text: str | None = None, language: str = "auto", fps: float = 25.0
) -> Iterator[Speech]:
    """The sound of the audio or video file *path* in pieces of at most ``LONGEST_S``, each of whole frames at *fps*, none lost.

    With *text*, what is said in it, phonemes and words are aligned to the sound (``timing`` "aligned"); without, or when the sound
    is of something else, which is logged as a warning, there are none (``timing`` "audio"). *language* is that of the text; "auto"
    looks at it.

    Raises ``InputError`` when the file is missing, holds no sound, cannot be decoded or is silent, ``TextError`` when nothing in
    *text* can be spoken.
    """
    samples, rate = _read(path)
    if not sound.voiced(samples, rate).any():
        raise InputError(f"{path} is silent.", "Check the file and the microphone.")
    if text is None:
        whole = Speech(samples, rate, Sentence(""), timing="audio")
    else:
        whole = align(samples, rate, _script(text, language), load("voice", "espeak"))
        if whole.timing == "audio":
            _log.warning("The text is not what %s says, so it is left out and the mouth follows the sound alone.", path)
            whole = replace(whole, sentence=Sentence(""))
    yield from cut(whole, fps)


def cut(speech: Speech, fps: float) -> Iterator[Speech]:
    """*speech* in pieces of at most ``LONGEST_S``, cut between frames where it is quietest; silence is added to the last only."""
    rate, text = speech.rate, speech.sentence.text
    bounds = list(_bounds(speech.samples, rate, fps))
    words = [0, *np.searchsorted([word.start_s for word in speech.words], np.array(bounds[1:-1]) / rate), None]
    places = _places(speech)
    letters = [0, *(places[word] for word in words[1:-1]), None]
    for index, (start, end) in enumerate(pairwise(bounds)):
        start_s, end_s = start / rate, end / rate
        piece = Speech(
            samples=speech.samples[start:end],
            rate=rate,
            sentence=replace(speech.sentence, text=text[letters[index] : letters[index + 1]].strip(), index=index),
            phonemes=tuple(
                _within(each, start_s, end_s)
                for each in speech.phonemes
                if start_s < each.end_s and each.start_s < end_s
            ),
            words=tuple(_within(each, start_s, end_s) for each in speech.words[words[index] : words[index + 1]]),
            timing=speech.timing,
        )
        yield sound.on_grid(piece, fps)


def _read(path: str | Path) -> tuple[Floats, int]:
    """As ``sound.read``, at one of ``_RATES`` or between them."""
    samples, rate = sound.read(path)
    wanted = min(max(rate, _RATES[0]), _RATES[1])
    return sound.resample(samples, rate, wanted), wanted


def _script(text: str, language: str) -> Sentence:
    """All of *text* as one sentence, as it is spoken."""
    sentences = [sentence.text for sentence in split([text], language=language)]
    if not sentences:
        raise TextError("There is nothing to say in this text.", "Give the words of the recording, or no text.")
    whole = " ".join(sentences)
    return Sentence(whole, language=detect_language(whole) if language == "auto" else language)


def _bounds(samples: Floats, rate: int, fps: float) -> Iterator[int]:
    """Where the pieces of *samples* begin and end, whole frames apart."""
    frames = np.arange(math.ceil(_SHORTEST_S * fps), math.floor(LONGEST_S * fps) + 1)
    steps = np.array([sound.samples_for(int(count), rate, fps) for count in frames])
    start = 0
    yield start
    while len(samples) - start > steps[-1]:
        choice = steps[: max(np.searchsorted(steps, len(samples) - start - steps[0]), 1)]
        start += int(choice[np.argmin(_loudness(samples, start + choice, round(_HUSH_S * rate / 2)))])
        yield start
    yield len(samples)


def _loudness(samples: Floats, around: NDArray[np.int64], reach: int) -> NDArray[np.float64]:
    """Energy of *samples* within *reach* of each place *around*, which ascend."""
    first, end = int(around[0]) - reach, int(around[-1]) + reach
    stretch = samples[max(first, 0) : end].astype(np.float64)
    sums = np.concatenate(([0.0], np.cumsum(np.square(stretch))))
    low, high = (np.clip(around + side - max(first, 0), 0, len(stretch)) for side in (-reach, reach))
    energy: NDArray[np.float64] = sums[high] - sums[low]
    return energy


def _places(speech: Speech) -> list[int]:
    """Where each word begins in the text; one more for its end."""
    places, at = [], 0
    for word in speech.words:
        places.append(max(speech.sentence.text.find(word.text, at), at))
        at = places[-1] + len(word.text)
    return [*places, len(speech.sentence.text)]


def _within(timed: Timed, start_s: float, end_s: float) -> Timed:
    """*timed* in the time of a piece from *start_s* to *end_s*."""
    first, last = (min(max(each, start_s), end_s) - start_s for each in (timed.start_s, timed.end_s))
    return replace(timed, start_s=first, end_s=last)
