"""Which language a text is in, by its writing system and a few small words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Final

LANGUAGE_OF: Final = {
    "LATIN": "en-us",
    "CJK": "cmn",
    "BOPOMOFO": "cmn",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "ARABIC": "ar",
    "CYRILLIC": "ru",
    "GREEK": "el",
    "HEBREW": "he",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "GURMUKHI": "pa",
    "GUJARATI": "gu",
    "ORIYA": "or",
    "TAMIL": "ta",
    "TELUGU": "te",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "SINHALA": "si",
    "THAI": "th",
    "MYANMAR": "my",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "ETHIOPIC": "am",
}
"""The language to assume for a script, by the script's name in Unicode character names."""

_ALSO: Final = {
    "ARABIC": {"fa", "ur", "ug", "sd", "ku"},
    "CYRILLIC": {"uk", "be", "bg", "sr", "mk", "kk", "ky", "tt", "ba", "cv", "ru-lv", "ru-cl"},
    "DEVANAGARI": {"mr", "ne", "kok"},
    "BENGALI": {"as", "bpy"},
    "CJK": {"yue", "hak"},
    "GREEK": {"grc"},
    "ARMENIAN": {"hyw"},
    "ETHIOPIC": {"ti"},
}
"""Other languages written in the script."""

_SMALL_WORDS: Final = {
    "en-us": "the and is are of to in it you for not with this that have what can my your we i be please do on",
    "de": "der das und ist nicht ich sie wir ein eine mit für auf den dem zu von es im wie haben kann ihre bitte sind",
    "fr-fr": "le la les et est pas je vous nous un une avec pour sur des du de en que qui ce votre avez êtes sont bonjour",
    "es": "el la los las y es no yo usted un una con para por del de en que su está puede hola gracias como más se",
    "it": "il la i gli e è non io un una con per di del della che in sono ha può come ciao grazie lo si questo",
    "pt": "o a os as e é não eu você um uma com para por do da de em que seu está pode obrigado olá como mais se",
    "nl": "de het een en is niet ik u wij met voor op van te dat die zijn heeft kan hoe uw wat bedankt er aan",
}
_VOTES: Final = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}
_WORD: Final = re.compile(r"(?<![\w.@/'’-])[^\W\d_]+(?![\w@/'’-]|\.\w)")


@lru_cache(maxsize=8192)
def script(char: str) -> str | None:
    """A key of ``LANGUAGE_OF``; None for digits, punctuation, spaces, symbols and other scripts."""
    if not (char.isalpha() or unicodedata.category(char) in ("Mn", "Mc")):
        return None
    words = unicodedata.name(char, "").replace("-", " ").split()
    if words and words[0] in ("FULLWIDTH", "HALFWIDTH", "MODIFIER"):
        words = words[1:]
    return words[0] if words and words[0] in LANGUAGE_OF else None


def writes(language: str) -> frozenset[str]:
    """The scripts that *language*, an espeak-ng name, is written in."""
    own = {name for name, first in LANGUAGE_OF.items() if first == language or language in _ALSO.get(name, ())}
    return frozenset(own or {"LATIN"})


def detect(text: str, default: str = "en-us") -> str:
    """The espeak-ng name of the language that most of *text* is in.

    The script decides; among Latin scripts, small words such as "the" or "und" vote, and *default* stands when they do not say
    clearly. A Chinese character counts as three Latin letters, which is about what it says.
    """
    counts: Counter[str] = Counter()
    for char in text:
        if name := script(char):
            counts[name] += 3 if name in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL") else 1
    kana = counts.pop("HIRAGANA", 0) + counts.pop("KATAKANA", 0)
    if kana:
        # Japanese is written with Chinese characters too; Chinese is not written with kana.
        han = counts.pop("CJK", 0)
        counts["HIRAGANA" if kana * 8 >= han else "CJK"] = kana + han
    if not counts:
        return default
    winner = counts.most_common(1)[0][0]
    return _vote(text, default) if winner == "LATIN" else LANGUAGE_OF[winner]


def _vote(text: str, default: str) -> str:
    words = Counter(_WORD.findall(text.lower()))
    votes = {
        language: sum(count * (2 if len(word) > 2 else 1) for word, count in words.items() if word in small)
        for language, small in _VOTES.items()
    }
    first, second = sorted(votes, key=lambda language: (-votes[language], language))[:2]
    return first if votes[first] >= 2 and votes[first] > votes[second] else default
