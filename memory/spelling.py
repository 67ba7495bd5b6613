"""Chat messages as their writers would have put them with time: narrow punctuation, apostrophes, capitals of names."""

from __future__ import annotations

import re
from typing import Final

from .claims_english import PETS, RELATIVE

_NARROW: Final = str.maketrans("\uff0c\uff01\uff1f\uff1b\uff1a\uff08\uff09", ",!?;:()")
_STOP: Final = (
    r"(?:and|but|so|because|since|now|with|for|please|the|an?|my|your|this|that|it|me|him|her|us|alone|back|later|tomorrow|today|tonight|"
    r"again|asap|at|on|when|if|in|before|after|any|anytime|between|maybe|not|btw|too|fear|peace|love|town|bed|home|work|next|last|is|was|are|its|shes|hes|lol|spelt|spelled|misspelled|wrong|missing)\b"
)
_WORDS: Final = rf"(?!{_STOP})[a-zà-þ][\w'’-]*(?: (?!{_STOP})[a-zà-þ][\w'’-]*)"
_UNCAPPED: Final = re.compile(
    rf"(?P<cue>\bmy (?:full |first |last )?name(?:['’]s| is) |\bmy (?:surname|last name) is |\bcall me |"
    rf"\bI (?:go by|am called) )(?P<v>{_WORDS}{{0,2}})"
    rf"|(?P<cue1>\bI speak |\bmy (?:{RELATIVE}|{PETS})['’]s (?:name is |called |named ))(?P<v1>{_WORDS}{{0}})"
    rf"|(?P<cue2>\b(?:live|living|moved|relocated|based) (?:in|to) |\bI work (?:at|for) )(?P<v2>{_WORDS}{{0,1}})"
)
_APOSTROPHES: Final = (
    (re.compile(r"\bi(?=['’](?:m|ve|d|ll)\b|\s)"), "I"),
    (re.compile(r"\b[Ii]m\b"), "I'm"),
    (re.compile(r"\b[Ii]ve\b"), "I've"),
    (re.compile(r"\b([Dd]on|[Cc]an|[Ii]sn|[Dd]oesn)t\b"), r"\1't"),
    (re.compile(rf"\bmy (name|{RELATIVE}|{PETS})s(?= (?:name|called|named|allergic|\d))"), r"my \1's"),
    (re.compile(r"\bmy names(?= (?!are|were|and)\w)"), "my name's"),
)


def as_written(text: str) -> str:
    """*text* with ASCII punctuation, the apostrophes of "im" and "dont", and, where it has no capital at all, those of names."""
    text = text.translate(_NARROW)
    uncapped = not any(letter.isupper() for letter in text)
    for pattern, right in _APOSTROPHES:
        text = pattern.sub(right, text)
    return _UNCAPPED.sub(_capped, text) if uncapped else text


def _capped(match: re.Match[str]) -> str:
    cue, name = filter(None, match.group("cue", "v", "cue1", "v1", "cue2", "v2"))
    return f"{cue}{name.title()}"
