"""Times of phonemes and words for a voice or a recording that gives none.

The same text is spoken by a voice that knows its times, both sounds are turned into mel-frequency cepstra, dynamic time warping
finds which moment of one is which moment of the other, and the times are carried over: the method of the aeneas aligner
(github.com/readbeyond/aeneas), without trained weights, for every language of the reference. Pauses are those of the recording.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from .. import sound
from ..contracts import Voice, VoiceCapabilities
from ..types import Floats, Sentence, Speech, TimedWord
from ._cepstra import STEP_S, Spectrum
from ._timing import Onset, time_phonemes
from ._warping import Path, Plane, warp

_HIGHEST_HZ: Final = 7600.0
_OF_NYQUIST: Final = 0.95
"""The part of the band of a recording of a low rate that is looked at."""
_SOUNDS_LATE_S: Final = 0.01
"""A phoneme is heard so much after the moment that the reference reports."""
_RATIOS: Final = (0.4, 2.5)
"""How much longer than the reference's the speech of a recording may be, before steps along the path cost more."""
_AS_WELL: Final = 0.92
"""A text that costs more than this part of its own reverse is not what is said. Of other voices, right texts cost 0.69 to 0.89 and
wrong ones 0.93 to 1.02; noise at 20 dB moves both to 0.92."""
_PAUSE_S: Final = 0.06
"""A shorter pause belongs to the sounds around it."""
_SILENT: Final = 0.1
"""Cost of taking a frame without any sound for a pause."""
_PER_DB: Final = 1 / 3
"""What each decibel above the gate of silence adds to it."""
_NEVER: Final = 12.0
"""The most it costs: more than any path."""


def align(samples: Floats, rate: int, sentence: Sentence, reference: Voice) -> Speech:
    """*samples*, float32 (n,) at *rate* Hertz, a recording of *sentence*, with the times of *reference*'s phonemes and words.

    Where the recording is of something else, there are none, and ``timing`` is "audio". Raises ``InputError`` when there is no
    sound, and what ``reference.speak`` raises.
    """
    samples = sound.tidy(samples)
    if not sound.voiced(samples, rate).any():
        raise InputError("The recording is silent.", "Check the file and the microphone.")
    script, path = _laid(samples, rate, reference.speak(sentence))
    if path is None:
        return Speech(samples, rate, sentence, timing="audio")
    return _timed(path, script, samples, rate, sentence)


@dataclass(frozen=True)
class AlignedVoice:
    """A voice that gives no times, with those of another."""

    voice: Voice
    reference: Voice

    @property
    def name(self) -> str:
        return self.voice.name

    @property
    def capabilities(self) -> VoiceCapabilities:
        return replace(self.voice.capabilities, timing="aligned")

    def speak(self, sentence: Sentence) -> Speech:
        """The voice's own sound. Raises what either voice raises."""
        speech = self.voice.speak(sentence)
        return align(speech.samples, speech.rate, sentence, self.reference)


@dataclass(frozen=True, slots=True)
class _Script:
    """What the reference said, without its pauses and at the rate of the recording."""

    spoken: Speech
    times_s: NDArray[np.float64]
    """(columns,): when each column was heard in the reference."""
    features: Floats
    """float32 (columns, features)."""

    @classmethod
    def of(cls, spoken: Speech, spectrum: Spectrum, noise: NDArray[np.float64], *, frames: int) -> _Script:
        """*spoken* by the reference, with *noise* added, brought to the rate at which its sound lasts *frames*."""
        times = np.arange(len(spectrum.bands)) * STEP_S
        kept = np.ones(len(times), np.bool_)
        for phoneme in spoken.phonemes:
            if phoneme.symbol.startswith("_"):
                kept[slice(*np.searchsorted(times, (phoneme.start_s + _SOUNDS_LATE_S, phoneme.end_s + STEP_S)))] = False
        loud = kept & (spectrum.above_gate_db() > 0)
        features = spectrum.features(noise, loud)[kept]
        length = round(len(features) * float(np.clip(frames / max(loud.sum(), 1), *_RATIOS)))
        own, at = np.arange(len(features)), np.linspace(0, len(features) - 1, max(length, 2))
        paced = np.stack([np.interp(at, own, each) for each in features.T], axis=1)
        return cls(spoken, np.interp(at, own, times[kept]), paced.astype(np.float32))

    def place(self, time_s: float) -> int:
        """The first column of what is heard of the reference from *time_s* on."""
        return int(np.searchsorted(self.times_s, time_s + _SOUNDS_LATE_S - STEP_S / 2))

    def gaps(self) -> NDArray[np.bool_]:
        """bool (columns + 1,): where words begin or end, and with them the whole."""
        gaps = np.zeros(len(self.times_s) + 1, np.bool_)
        gaps[[0, -1]] = True
        gaps[[self.place(time_s) for word in self.spoken.words for time_s in (word.start_s, word.end_s)]] = True
        return gaps


def _laid(samples: Floats, rate: int, spoken: Speech) -> tuple[_Script, Path | None]:
    """What is said in the recording, and when; None where it is something else."""
    highest_hz = min(_HIGHEST_HZ, _OF_NYQUIST * rate / 2)
    heard = Spectrum.of(samples, rate, highest_hz=highest_hz)
    noise, above_db = heard.noise(), heard.above_gate_db()
    model = Spectrum.of(spoken.samples, spoken.rate, highest_hz=highest_hz)
    # Noise is added to that of the recording as well, whose own fluctuates.
    script = _Script.of(spoken, model, 2 * noise, frames=int((above_db > 0).sum()))
    silence = np.clip(_SILENT + _PER_DB * above_db, _SILENT, _NEVER).astype(np.float32)
    plane = Plane(heard.features(noise, above_db > 0), silence, script.features, script.gaps())
    path, backwards = warp(plane), warp(plane.backwards())
    if path is None or backwards is None or path.cost > _AS_WELL * backwards.cost:
        return script, None
    return script, path


def _timed(path: Path, script: _Script, samples: Floats, rate: int, sentence: Sentence) -> Speech:
    """The speech with the reference's times, carried over to where its columns lie in the recording."""
    spoken_rows = np.flatnonzero(~path.paused)
    columns = path.column[spoken_rows]
    end_s = len(samples) / rate

    def begins(time_s: float) -> float:
        row = int(np.searchsorted(columns, script.place(time_s)))
        return _clock(spoken_rows[row] if row < len(columns) else spoken_rows[-1] + 1, end_s)

    def ends(time_s: float) -> float:
        row = int(np.searchsorted(columns, script.place(time_s)))
        return _clock(spoken_rows[max(row - 1, 0)] + 1, end_s)

    onsets = [
        Onset(round(begins(phoneme.start_s) * rate), phoneme.symbol, phoneme.stressed, phoneme.language)
        for phoneme in script.spoken.phonemes
        if not phoneme.symbol.startswith("_")
    ]
    language = onsets[0].language if onsets else sentence.language
    pauses = [Onset(round(_clock(row, end_s) * rate), "_", language=language) for row in _pauses(path.paused)]
    onsets = sorted([*onsets, *pauses], key=lambda onset: onset.sample)
    words = tuple(
        TimedWord(word.text, begins(word.start_s), max(begins(word.start_s), ends(word.end_s)))
        for word in script.spoken.words
    )
    return Speech(samples, rate, sentence, time_phonemes(onsets, len(samples), rate), words, timing="aligned")


def _clock(row: int, end_s: float) -> float:
    """The time that the reference would have reported of what is heard in *row*."""
    return float(np.clip(row * STEP_S - _SOUNDS_LATE_S, 0.0, end_s))


def _pauses(paused: NDArray[np.bool_]) -> list[int]:
    """The rows in which pauses begin."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], paused, [False]))))
    return [
        int(first) for first, end in zip(edges[::2], edges[1::2], strict=True) if (end - first) * STEP_S >= _PAUSE_S
    ]
