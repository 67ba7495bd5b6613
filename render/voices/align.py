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
"""A text that costs more than this part of its own reverse is not what is said: of texts and recordings of eight voices right
ones cost 0.68 to 0.88, wrong ones 0.91 to 1.02."""
_PAUSE_S: Final = 0.06
"""A shorter pause belongs to the sounds around it."""
_S0: Final = 0.05
_SILENCE_COST: Final = 2.0


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
    """What the reference said, at the rate of the recording."""

    spoken: Speech
    times_s: NDArray[np.float64]
    """(columns,): when each column was heard in the reference."""

    def place(self, time_s: float) -> int:
        """The first column that is heard at *time_s* or later; the sounds of pauses are no columns."""
        return int(np.searchsorted(self.times_s, time_s + _SOUNDS_LATE_S - STEP_S / 2))


def _laid(samples: Floats, rate: int, spoken: Speech) -> tuple[_Script, Path | None]:
    """What is said in the recording, and when; None where it is something else."""
    highest_hz = min(_HIGHEST_HZ, _OF_NYQUIST * rate / 2)
    heard = Spectrum.of(samples, rate, highest_hz=highest_hz)
    model = Spectrum.of(spoken.samples, spoken.rate, highest_hz=highest_hz)
    times = np.arange(len(model.bands)) * STEP_S
    silent = np.zeros(len(times), np.bool_)
    for phoneme in spoken.phonemes:
        if phoneme.symbol.startswith("_"):
            silent[slice(*np.searchsorted(times, (phoneme.start_s + _SOUNDS_LATE_S, phoneme.end_s + STEP_S)))] = True
    above = heard.above_gate_db()
    loud = ~silent & (model.above_gate_db() > 0)
    noise = heard.noise()
    recording = heard.features(noise, above > 0)
    columns = model.features(2 * noise, loud)[~silent]
    length = round(len(columns) * float(np.clip((above > 0).sum() / max(loud.sum(), 1), *_RATIOS)))
    at = np.linspace(0, len(columns) - 1, max(length, 2))
    script = _Script(spoken, np.interp(at, np.arange(len(columns)), times[~silent]))
    reference = np.stack([np.interp(at, np.arange(len(columns)), each) for each in columns.T], axis=1).astype(
        np.float32
    )
    gaps = np.zeros(len(reference) + 1, np.bool_)
    for word in spoken.words:
        for time_s in (word.start_s, word.end_s):
            gaps[script.place(time_s)] = True
    gaps[[0, -1]] = True
    silence = (_SILENCE_COST * np.clip(above / 6 + _S0, _S0, 6)).astype(np.float32)
    plane = Plane(recording, silence, reference, gaps)
    path = warp(plane)
    backwards = warp(plane.backwards())
    if path is None or backwards is None or path.cost > _AS_WELL * backwards.cost:
        return script, None
    return script, path


def _timed(path: Path, script: _Script, samples: Floats, rate: int, sentence: Sentence) -> Speech:
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
    """When what is heard in *row* was begun."""
    return float(np.clip(row * STEP_S - _SOUNDS_LATE_S, 0.0, end_s))


def _pauses(paused: NDArray[np.bool_]) -> list[int]:
    """The rows in which pauses begin."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], paused, [False]))))
    return [
        int(first) for first, end in zip(edges[::2], edges[1::2], strict=True) if (end - first) * STEP_S >= _PAUSE_S
    ]
