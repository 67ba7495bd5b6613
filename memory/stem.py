"""English words to their stems: the Porter2 algorithm (https://snowballstem.org/algorithms/english/stemmer.html).

Written out here because the package that publishes it loads thirty languages, which takes longer than a first answer may.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_WHOLE: Final = {
    "skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "idly": "idl", "gently": "gentl", "ugly": "ugli",
    "early": "earli", "only": "onli", "singly": "singl",
    **{word: word for word in ("sky", "news", "howe", "atlas", "cosmos", "bias", "andes")},
}  # fmt: skip
_AFTER_PLURAL: Final = frozenset({"inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed"})
_REGION: Final = re.compile(r"[aeiouy][^aeiouy]")
_REGION_EXCEPTION: Final = re.compile(r"gener|commun|arsen|past|univers|later|emerg|organ|inter")
_VOWEL: Final = re.compile(r"[aeiouy]")
_DOUBLE: Final = re.compile(r"(?<!^[aeo])(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$")
_SHORT_END: Final = re.compile(r"(?:^[aeiouy][^aeiouy]|[^aeiouy][aeiouy][^aeiouywxY])$")

_STEP_2: Final = {
    "ization": "ize", "ational": "ate", "fulness": "ful", "ousness": "ous", "iveness": "ive", "tional": "tion", "biliti": "ble",
    "lessli": "less", "entli": "ent", "ation": "ate", "alism": "al", "aliti": "al", "ogist": "og", "ousli": "ous",
    "iviti": "ive", "fulli": "ful", "enci": "ence", "anci": "ance", "abli": "able",
    "izer": "ize", "ator": "ate", "alli": "al", "bli": "ble", "ogi": "og", "li": "",
}  # fmt: skip
_STEP_3: Final = {
    "ational": "ate", "tional": "tion", "alize": "al", "icate": "ic", "iciti": "ic", "ative": "", "ical": "ic",
    "ness": "", "ful": "",
}  # fmt: skip
_STEP_4: Final = (
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "ion", "al",
    "er", "ic",
)  # fmt: skip
_ENDS_2: Final = tuple(_STEP_2)
_ENDS_3: Final = tuple(_STEP_3)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of a lower-case word; words with other letters than a to z come back as they are."""
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return word
    if word in _WHOLE:
        return _WHOLE[word]
    word = re.sub(r"^y|(?<=[aeiouy])y", "Y", word)
    first = _REGION_EXCEPTION.match(word) or _REGION.search(word)
    r1 = first.end() if first else len(word)
    second = _REGION.search(word, r1)
    r2 = second.end() if second else len(word)
    word = _plural(word)
    if word in _AFTER_PLURAL:
        return word
    word = _past(word, r1)
    if len(word) > 2 and word[-1] in "yY" and not _VOWEL.match(word[-2]):
        word = word[:-1] + "i"
    word = _second(word, r1)
    word = _third(word, r1, r2)
    word = _fourth(word, r2)
    return _last(word, r1, r2).lower()


def _plural(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith(("ied", "ies")):
        return word[:-2] if len(word) > 4 else word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")) and _VOWEL.search(word[:-2]):
        return word[:-1]
    return word


def _past(word: str, r1: int) -> str:
    for suffix in ("eedly", "eed"):
        if word.endswith(suffix):
            return word[: -len(suffix)] + "ee" if len(word) - len(suffix) >= r1 else word
    for suffix in ("ingly", "edly", "ing", "ed"):
        if word.endswith(suffix):
            return _mended(word[: -len(suffix)], r1) if _VOWEL.search(word[: -len(suffix)]) else word
    return word


def _mended(base: str, r1: int) -> str:
    if base.endswith(("at", "bl", "iz")):
        return base + "e"
    if _DOUBLE.search(base):
        return base[:-1]
    return base + "e" if r1 >= len(base) and _SHORT_END.search(base) else base


def _second(word: str, r1: int) -> str:
    suffix = next((one for one in _STEP_2 if word.endswith(one)), "") if word.endswith(_ENDS_2) else ""
    base = word[: len(word) - len(suffix)]
    if (
        not suffix
        or len(base) < r1
        or (suffix == "ogi" and base[-1:] != "l")
        or (suffix == "li" and base[-1:] not in set("cdeghkmnrt"))
    ):
        return word
    return base + _STEP_2[suffix]


def _third(word: str, r1: int, r2: int) -> str:
    suffix = next((one for one in _STEP_3 if word.endswith(one)), "") if word.endswith(_ENDS_3) else ""
    base = word[: len(word) - len(suffix)]
    return base + _STEP_3[suffix] if suffix and len(base) >= (r2 if suffix == "ative" else r1) else word


def _fourth(word: str, r2: int) -> str:
    suffix = next((one for one in _STEP_4 if word.endswith(one)), "") if word.endswith(_STEP_4) else ""
    base = word[: len(word) - len(suffix)]
    return base if suffix and len(base) >= r2 and (suffix != "ion" or base[-1:] in ("s", "t")) else word


def _last(word: str, r1: int, r2: int) -> str:
    base = word[:-1]
    if word.endswith("e") and (len(base) >= r2 or (len(base) >= r1 and not _SHORT_END.search(base))):
        return base
    return base if word.endswith("ll") and len(base) >= r2 else word
