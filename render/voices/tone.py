"""The voice "tone": a quiet tone for each letter, at times known to the sample. For tests and demonstrations; needs no library."""

from __future__ import annotations

from typing import Final

import numpy as np

from ...errors import InputError, TextError
from ..contracts import VoiceCapabilities
from ..types import Floats, Sentence, Speech
from ._timing import Onset, time_phonemes, time_words

REQUIRES: Final[dict[str, str]] = {}

_REST_S: Final = 0.15
"""Before the first letter, after the last one, and at punctuation."""
_GAP_S: Final = 0.04
"""Between words."""
_LETTERS: Final = (
    "a:a b:b c:k d:d e:E f:f g:g h:h i:I j:dZ k:k l:l m:m n:n o:0 p:p q:k r:r s:s t:t u:V v:v w:w x:s y:j z:z"
)
_PHONEMES: Final = dict(pair.split(":") for pair in _LETTERS.split())
_STOPS: Final = frozenset(("p", "b", "t", "d", "k", "g", "dZ"))
_VOWELS: Final = frozenset(("a", "E", "I", "0", "V", "@"))
_AMPLITUDE: Final = {True: 0.2, False: 0.05}
"""Of vowels, of other letters."""


class Tone:
    """Made by ``backend``."""

    name = "tone"

    def __init__(self, letter_s: float, rate: int) -> None:
        self._letter_s = letter_s
        self.capabilities = VoiceCapabilities(rate=rate, timing="exact")

    def speak(self, sentence: Sentence) -> Speech:
        """A tone for each vowel, a fainter one for each consonant, mostly silence for p b t d k g; "@" for other alphabets."""
        rate = self.capabilities.rate
        onsets = [Onset(0, "_")]
        marks: list[tuple[int, float]] = []
        pieces: list[Floats] = [np.zeros(round(_REST_S * rate), np.float32)]
        at = len(pieces[0])
        for index, char in enumerate(sentence.text):
            symbol = _PHONEMES.get(char.lower(), "@") if char.isalnum() else "_"
            if symbol == "_":
                piece = np.zeros(round((_GAP_S if char.isspace() else _REST_S) * rate), np.float32)
            else:
                marks.append((index, at / rate))
                piece = _tone(symbol, ord(char), round(self._letter_s * rate), rate)
            onsets.append(Onset(at, symbol, language=sentence.language))
            pieces.append(piece)
            at += len(piece)
        if not marks:
            raise TextError(f"There is nothing to speak in {sentence.text[:40]!r}.", "Give some words or numbers.")
        onsets.append(Onset(at, "_", language=sentence.language))
        pieces.append(pieces[0])
        phonemes = time_phonemes(onsets, at + len(pieces[0]), rate)
        return Speech(np.concatenate(pieces), rate, sentence, phonemes, time_words(sentence.text, marks, phonemes))


def _tone(symbol: str, code: int, count: int, rate: int) -> Floats:
    """Whole periods of a sine of 150 to 275 Hz, so that it begins and ends at zero; after silence for a stop."""
    silence = count * 3 // 4 if symbol in _STOPS else 0
    sounding = count - silence
    periods = max(1, round((150 + 5 * (code % 26)) * sounding / rate))
    wave = np.zeros(count, np.float32)
    wave[silence:] = _AMPLITUDE[symbol in _VOWELS] * np.sin(
        2 * np.pi * periods * np.arange(sounding) / max(sounding, 1)
    )
    return wave


def backend(letter_s: float = 0.08, rate: int = 22050) -> Tone:
    """A voice that takes *letter_s* seconds for each letter and digit, at *rate* Hertz."""
    if letter_s <= 0 or rate < 8000:
        raise InputError("A letter must last, and the rate be at least 8000 Hz.", "Give letter_s=0.08 and rate=22050.")
    return Tone(letter_s, rate)
