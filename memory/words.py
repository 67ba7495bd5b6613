"""Text to index terms: words stemmed, Chinese, Japanese and Korean as character bigrams."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from .stem import stem

__all__ = ["STOPWORDS", "count_tokens", "is_cjk", "normal", "stem", "terms", "words"]

_CJK: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
_TOKEN: Final = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")
_CJK_RUN: Final = re.compile(rf"[{_CJK}]")
_POSSESSIVE: Final = re.compile(r"(?<=\w)['’](?:s|re|ve|ll|d|m)\b")
_NEGATION: Final = re.compile(r"(?<=\w)n['’]t\b")

STOPWORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "a about after all also am an and any are as at be because been being but by can could did do does doing done for from "
        "get got had has have having he her here hers him his how i if in into is it its just let like me might mine my no nor "
        "not of off ok okay on one or our ours out over own please really shall she should so some such tell than thank thanks "
        "that the their theirs them then there these they this those to too u up us very was we well were what when where which "
        "while who whom whose why will with would yeah yes you your yours ",
    )
)
_CJK_STOP: Final = frozenset("的了吗呢吧啊是我你您他她它们在有和就也都这那个么什请把被给与及或而着过得地哪里怎")


def normal(text: str) -> str:
    """Lower case, compatibility forms folded (full-width digits, ligatures), contractions cut off."""
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    if "'" in folded or "’" in folded:
        folded = _POSSESSIVE.sub("", _NEGATION.sub("", folded))
    return folded


def words(text: str) -> list[str]:
    """Words and CJK runs of *text* in order, normalised, unstemmed, nothing left out."""
    return _TOKEN.findall(normal(text))


def terms(text: str) -> list[str]:
    """Index terms of *text* in order: stems without stopwords, and bigrams of CJK runs."""
    return [term for word in words(text) for term in _of_word(word)]


@lru_cache(maxsize=65_536)
def _of_word(word: str) -> tuple[str, ...]:
    if _CJK_RUN.match(word):
        return tuple(_bigrams(word))
    return () if word in STOPWORDS else (stem(word),)


def _bigrams(run: str) -> list[str]:
    if len(run) == 1:
        return [] if run in _CJK_STOP else [run]
    pairs = (run[i : i + 2] for i in range(len(run) - 1))
    return [pair for pair in pairs if not (pair[0] in _CJK_STOP and pair[1] in _CJK_STOP)]


def is_cjk(text: str) -> bool:
    """Whether *text* holds any Chinese, Japanese or Korean character."""
    return _CJK_RUN.search(text) is not None


def count_tokens(text: str) -> int:
    """About how many tokens a chat model sees: one a CJK character, 1.3 a word."""
    cjk = len(_CJK_RUN.findall(text))
    return cjk + round(1.3 * (len(_TOKEN.findall(_CJK_RUN.sub(" ", text))))) + 1
