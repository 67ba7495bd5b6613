"""Phonemes -> lip shapes: the targets of each class, and the tables for English and Mandarin.

The classes follow the visemes of OpenXR's face tracking and of Preston Blair; the targets and dominances are for
articulators, not for pictures of mouths, in the manner of Cohen and Massaro (1993) and of JALI (Edwards et al., 2016).
Symbols are espeak-ng mnemonics without stress marks; a symbol of another language goes through its phonetic features
(``ipa.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from .ipa import Manner, describe

__all__ = ["SHAPES", "Kind", "Manner", "Part", "Phone", "Shape", "phone"]


class Kind(Enum):
    """What a symbol asks of the timing."""

    SOUND = "sound"
    PAUSE = "pause"
    NOTHING = "nothing"
    """A mark without a sound of its own: syllable end, language switch, glottal stop."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Targets of the articulators, in the units of ``CHANNELS``, and how strongly a sound insists on them."""

    jaw: float
    width: float
    round: float
    upper: float
    lower: float
    teeth: float
    tongue: float
    on_jaw: float
    """Dominance over the jaw, 0..1; the next two likewise over the lips and over their rounding."""
    on_lips: float
    on_round: float


# fmt: off
SHAPES: dict[str, Shape] = {
    #                 jaw  width  round upper lower teeth tongue  on jaw lips round
    "rest":     Shape(.00,  .00,  .00,  .00,  .00,  .0,  .0,      .60,  .60,  .50),
    "PP":       Shape(.08,  .00,  .00,  .00,  .00,  .0,  .0,      .80,  .50,  .20),
    "near":     Shape(.06,  .00,  .15,  .00,  .00,  .0,  .0,      .90,  .80,  .30),
    "FF":       Shape(.10,  .05,  .00,  .25,  .00,  .0,  .0,      .80,  .50,  .30),
    "TH":       Shape(.18,  .05,  .00,  .10,  .25,  .3,  1.,      .60,  .50,  .30),
    "DD":       Shape(.16,  .05,  .00,  .10,  .20,  .4,  .5,      .45,  .15,  .10),
    "kk":       Shape(.18,  .00,  .00,  .10,  .15,  .0,  .0,      .25,  .08,  .05),
    "h":        Shape(.18,  .00,  .00,  .10,  .15,  .0,  .0,      .05,  .05,  .05),
    "SS":       Shape(.07,  .25,  .00,  .20,  .35,  1.,  .0,      .90,  .50,  .20),
    "spread":   Shape(.07,  .50,  .00,  .20,  .35,  1.,  .0,      .90,  .60,  .30),
    "CH":       Shape(.10, -.25,  .55,  .20,  .30,  .9,  .0,      .90,  .80,  .80),
    "retro":    Shape(.10, -.15,  .30,  .20,  .30,  .9,  .0,      .90,  .70,  .70),
    "RR":       Shape(.16, -.20,  .40,  .10,  .15,  .2,  .0,      .40,  .60,  .60),
    "aa":       Shape(1.0,  .10,  .00,  .25,  .45,  .0,  .0,     1.00,  .80,  .60),
    "ae":       Shape(.75,  .25,  .00,  .30,  .40,  .0,  .0,     1.00,  .80,  .60),
    "E":        Shape(.50,  .35,  .00,  .20,  .35,  .0,  .0,      .90,  .80,  .60),
    "schwa":    Shape(.28,  .00,  .00,  .10,  .20,  .0,  .0,      .35,  .30,  .20),
    "er":       Shape(.38,  .00,  .00,  .10,  .20,  .0,  .0,      .80,  .60,  .50),
    "ih":       Shape(.22,  .60,  .00,  .20,  .30,  .3,  .0,      .80,  .90,  .80),
    "oh":       Shape(.55, -.35,  .70,  .10,  .20,  .0,  .0,      .90,  .90, 1.00),
    "ou":       Shape(.20, -.75, 1.00,  .00,  .10,  .0,  .0,      .80,  .90, 1.00),
    "ong":      Shape(.35, -.75, 1.00,  .00,  .10,  .0,  .0,      .80,  .90, 1.00),
    "ue":       Shape(.15, -.60,  .90,  .00,  .10,  .3,  .0,      .80,  .90, 1.00),
    # Apical vowels are held sibilants, not /i/: the lips stay as they were, without spreading.
    "apical":   Shape(.10,  .25,  .00,  .20,  .35,  .8,  .0,      .90,  .50,  .30),
    "apical.":  Shape(.12, -.15,  .20,  .20,  .30,  .7,  .0,      .90,  .60,  .60),
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one phone with one lip shape."""

    shape: str
    """A key of ``SHAPES``."""
    share: float
    """Of the phone's duration; the shares of a phone add up to 1."""


@dataclass(frozen=True, slots=True)
class Phone:
    """What a symbol looks like."""

    kind: Kind
    parts: tuple[Part, ...] = ()
    manner: Manner = Manner.OTHER

    @property
    def vowel(self) -> bool:
        return self.manner is Manner.VOWEL


_PAUSE = Phone(Kind.PAUSE)
_NOTHING = Phone(Kind.NOTHING)
_PAUSES = frozenset({"_", "_:", "_!", "_::", ""})

# A key is a run of shapes: ">" glides off the nucleus, "<" glides on to it.
_ENGLISH = {
    "PP": "p b m",
    "FF": "f v",
    "TH": "T D",
    "DD": "t d n l t# t2 d2 n- l- d# l/ l#",
    "kk": "k g N x k# g#",
    "h": "h h#",
    "SS": "s z s# z# z/2",
    "CH": "S Z tS dZ",
    "RR": "r r- r/ r2",
    "ih": "j ; I I2 I# i i: I2#",
    "ou": "w u: U",
    "aa": "A: A@ A# A 0 aa",
    "ae": "a V a#",
    "E": "E e@ e",
    "oh": "O O: O2 O@ o@ o",
    "schwa": "@ @2 @# @-",
    "er>RR": "3 3:",
    "schwa>DD": "@L",
    "aa>ih": "aI",
    "E>ih": "eI",
    "oh>ih": "OI",
    "aa>ou": "aU",
    "oh>ou": "oU",
    "aa>ih>RR": "aI3 aI@",
    "aa>ou>schwa": "aU@",
    "ih>RR": "i@3 i@",
    "ou>RR": "U@",
}
_MANDARIN = {
    "PP": "p ph m",
    "FF": "f",
    "DD": "t th n l",
    "kk": "k kh N",
    "h": "X x h",
    "spread": "tS; tS;h S;",
    "retro": "ts. ts.h s. z.",
    "SS": "ts tsh s",
    "apical": "i[",
    "apical.": "i.",
    "ih": "i j i:",
    "aa": "a A",
    "E": "E e",
    "er": "@ o-",
    "er>RR": "@r",
    "ou": "u w",
    "ue": "y",
    "oh": "o",
    "ong": "ong",
    "aa>ih": "ai",
    "aa>ou": "Au",
    "E>ih": "ei",
    "oh>ou": "ou",
    "ih<aa": "iA ia",
    "ih<E": "iE",
    "ih<schwa": "i@",
    "ih<oh": "io",
    "ou<aa": "ua uA",
    "ou<oh": "uo",
    "ou<schwa": "u@",
    "ue<E": "yE",
    "ue<ae": "y&",
    "ue<schwa": "y@",
    "ue>ih": "yi",
    "ue>ou": "yu",
    "ih<aa>ou": "iAu",
    "ih<oh>ou": "iou",
    "ih<ong": "iong",
    "ou<aa>ih": "uai",
    "ou<E>ih": "uei",
}
_SHARES: dict[str, tuple[float, ...]] = {
    "": (1.0,),
    ">": (0.6, 0.4),
    ">>": (0.45, 0.3, 0.25),
    "<": (0.35, 0.65),
    "<>": (0.35, 0.45, 0.20),
}


def _parts(run: str) -> tuple[Part, ...]:
    """``"ih<aa>ou"`` -> three parts with the shares of a rising and falling glide."""
    shares = _SHARES["".join(mark for mark in run if mark in "<>")]
    return tuple(Part(shape, share) for shape, share in zip(run.replace("<", ">").split(">"), shares, strict=True))


def _table(runs: dict[str, str]) -> dict[str, tuple[Part, ...]]:
    return {symbol: _parts(run) for run, symbols in runs.items() for symbol in symbols.split()}


_SLAVIC = {"ih": "y"}
"""Here "y" is a close central vowel and not a rounded one; so it is in Vietnamese."""
_TABLES = {
    "en": _table(_ENGLISH),
    **dict.fromkeys(("cmn", "zh"), _table(_MANDARIN)),
    **dict.fromkeys(("ru", "uk", "be", "pl", "vi"), _table(_SLAVIC)),
}
_ANYWHERE = _table({"ih": ";"})
"""espeak-ng's glide mark, where it stands alone."""


@lru_cache(maxsize=2048)
def phone(symbol: str, language: str) -> Phone:
    """What *symbol*, an espeak-ng mnemonic or an IPA symbol of *language*, looks like. A symbol that nobody knows is
    nothing.
    """
    bare = symbol.lstrip("',%=ˈˌ")
    if bare in _PAUSES:
        return _PAUSE
    if bare.startswith(("_", "(", "?", "ʔ")):
        return _NOTHING
    table = _TABLES.get(language.lower().split("-")[0].split("_")[0], {})
    known = table.get(bare) or _ANYWHERE.get(bare)
    sounds = describe(bare)
    if known:
        return Phone(Kind.SOUND, known, sounds[0].manner if sounds else Manner.GLIDE)
    if not sounds:
        return _NOTHING
    return Phone(Kind.SOUND, _parts(">".join(sound.shape for sound in sounds[:3])), sounds[0].manner)
