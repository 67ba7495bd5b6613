"""Symbols of any language -> phonetic features -> lip shapes.

Two alphabets are read: the ASCII mnemonics of espeak-ng, which follow Kirshenbaum's ASCII-IPA with a few of espeak's
own, and the IPA itself, which other voices give. Only features that can be seen are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Manner(Enum):
    """How a sound is made, as far as its timing depends on it."""

    VOWEL = "vowel"
    GLIDE = "glide"
    PLOSIVE = "plosive"
    """Voiceless: its silence comes before the event of the voice, which marks the burst."""
    VOICED = "voiced"
    """A voiced plosive."""
    NASAL = "nasal"
    FRICATIVE = "fricative"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Sound:
    """One visible sound of a symbol."""

    shape: str
    """A key of ``phonemes.SHAPES``."""
    manner: Manner


# fmt: off
_CONSONANTS: tuple[tuple[str, Manner, str], ...] = (
    ("PP", Manner.PLOSIVE, "p"),
    ("PP", Manner.VOICED, "b ɓ ʙ"),
    ("PP", Manner.NASAL, "m"),
    ("FF", Manner.FRICATIVE, "f v F V; ʋ v# ɱ M"),
    ("near", Manner.FRICATIVE, "B β ɸ P p\\"),
    ("TH", Manner.FRICATIVE, "T D θ ð"),
    ("DD", Manner.PLOSIVE, "t t. t[ ʈ c"),
    ("DD", Manner.VOICED, "d d. d[ ɖ ɗ J ɟ"),
    ("DD", Manner.NASAL, "n n. n[ n^ ɳ ɲ"),
    ("DD", Manner.OTHER, "l l. l^ L l; ɫ ɭ ʎ ɬ ɮ ɾ * *. ɽ r R ʀ *^ l# n#"),
    ("kk", Manner.PLOSIVE, "k q"),
    ("kk", Manner.VOICED, "g ɡ ɠ G ɢ"),
    ("kk", Manner.NASAL, "N ŋ ɴ n\""),
    ("kk", Manner.FRICATIVE, "x X Q C C; ç χ ɣ ʁ H ħ ʕ r\" R\" g\" ʝ C2"),
    ("h", Manner.FRICATIVE, "h ɦ h<?>"),
    ("SS", Manner.FRICATIVE, "s z ts dz s[ z["),
    ("spread", Manner.FRICATIVE, "S; Z; tS; dZ; ɕ ʑ tɕ dʑ s; z; ts; dz; s\\ z\\ t_s\\ d_z\\"),
    ("CH", Manner.FRICATIVE, "S Z tS dZ ʃ ʒ tʃ dʒ ʧ ʤ"),
    ("retro", Manner.FRICATIVE, "s. z. ts. dz. tS. S. Z. ʂ ʐ tʂ dʐ"),
    ("RR", Manner.OTHER, "r- r/ ɹ ɻ ɚ r. ɺ"),
    ("ih", Manner.GLIDE, "j"),
    ("ou", Manner.GLIDE, "w ʍ"),
    ("ue", Manner.GLIDE, "ɥ"),
)
_VOWELS: tuple[tuple[str, str], ...] = (
    ("ih", "i I ɪ i\" ɨ I\" ᵻ"),
    ("ue", "y Y ʏ I. y# u\" ʉ"),
    ("ou", "u U ʊ"),
    ("E", "e E ɛ e# E# ɘ"),
    ("oh", "o O ɔ W Y# ø œ o# O# @. ɵ 8 ɞ A. Q. ɒ 0 ɶ W#"),
    ("schwa", "@ ə @# ɐ a# @2 ɜ 3 @\" u- ɯ"),
    ("er", "o- ɤ"),
    ("ae", "& æ V ʌ V\""),
    ("aa", "a A ɑ aa a2"),
)
# fmt: on
_SOUNDS: dict[str, Sound] = {
    **{symbol: Sound(shape, manner) for shape, manner, symbols in _CONSONANTS for symbol in symbols.split()},
    **{symbol: Sound(shape, Manner.VOWEL) for shape, symbols in _VOWELS for symbol in symbols.split()},
}
_LONGEST = max(map(len, _SOUNDS))


def describe(symbol: str) -> tuple[Sound, ...]:
    """The visible sounds of *symbol* in order, at most one per lip shape in a row; empty when nothing in it is known.

    Length, tone, nasality and other marks that cannot be seen are passed over.
    """
    sounds: list[Sound] = []
    at = 0
    while at < len(symbol):
        for size in range(min(_LONGEST, len(symbol) - at), 0, -1):
            sound = _SOUNDS.get(symbol[at : at + size])
            if sound is not None:
                break
        else:
            at += 1
            continue
        at += size
        aspiration = sound.shape == "h" and sounds and sounds[-1].manner is not Manner.VOWEL
        if not aspiration and (not sounds or sounds[-1].shape != sound.shape):
            sounds.append(sound)
    return tuple(sounds)
