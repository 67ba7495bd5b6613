"""Deltas of a reply -> sentences to be spoken, each as soon as it is certain."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Final

from ..errors import TextError
from .languages import detect, script, writes
from .markdown import PlainText
from .types import Sentence

__all__ = ["LIMIT", "Splitter", "asplit", "clean", "detect_language", "split"]

LIMIT: Final = 20_000
"""Characters that can be spoken in one go: about 25 minutes."""

_LONGEST: Final = 240
"""Weight at which a sentence without an end is cut; a Latin letter weighs 1, a Chinese character 3.3."""
_CUT_FROM: Final = 80
"""Weight before which it is not cut."""
_WEIGHT: Final = {"CJK": 3.3, "HIRAGANA": 3.0, "KATAKANA": 3.0, "HANGUL": 2.5, "BOPOMOFO": 3.0}
_SHORTEST: Final = 3
"""Weight of letters and digits; a shorter sentence joins the next one on its line."""

_OPENING: Final = "\"'“‘«‹([{<「『【《〈（［｛〔¿¡#$€£¥+-−@&"
_CLOSING: Final = "\"'”’)]}»」』】》〉）］｝〕›"
_NARROW: Final = re.escape(".!?…؟۔।॥։።။")
"""Stops that end a sentence before a space."""
_END: Final = re.compile(
    rf"(?<![{_NARROW}])[{_NARROW}]++[{re.escape(_CLOSING)}]*+(?=\s)|[。！？；｡][。！？；｡….!?{re.escape(_CLOSING)}]*+|\n"
)
_CLAUSE_END: Final = re.compile(r"[,;:،؛—–-](?=\s)|[，、：；—]")
_CONJUNCTION: Final = re.compile(
    r"\s(?=(?:and|but|or|because|which|that|while|when|where|so|und|oder|aber|weil|et|mais|ou|que|y|o|pero|e|ma|и|но|или|что|و)\s)"
)
_LAST_WORD: Final = re.compile(r"[^\s(\[{\"'“‘«]*\Z")
_WORD: Final = re.compile(r"\w+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NO_END: Final = _words(
    "mr mrs ms dr prof st gen col rev hon capt lt sgt mt vs fig approx e.g i.e cf bzw z.b d.h ca sra mme mlle usw"
)
"""Before a full stop: abbreviations that another word follows."""
_NO_END_BEFORE_DIGIT: Final = _words("no nos nr p pp vol ch art sec tel ext")
_INITIALS: Final = frozenset("ABCDEFGHJKLMNOPQRSTUVWXYZ")  # "I" is a word
_STARTERS: Final = _words(
    "the a an it we you he she they i this that these those there if in on at but and or so our your my his her their please is are"
    " was were do does did can could will would when where what who why how yes no not then also however for from to with as by"
)
"""After "U.S." or an initial, these begin a new sentence; another capital may go on."""


def clean(text: str) -> str:
    """*text*, which may be Markdown, as plain text that can be spoken; lines stay lines.

    Raises ``TextError`` when nothing is left or *text* is longer than ``LIMIT``.
    """
    if len(text) > LIMIT:
        raise TextError(f"The text has {len(text):,} characters; {LIMIT:,} is the limit.", "Give it in parts.")
    plain = PlainText()
    cleaned = plain.feed(text) + plain.close()
    if not any(not char.isspace() for char in cleaned):
        raise TextError("The text is empty.", "Give some words to speak.")
    return cleaned


def detect_language(text: str) -> str:
    """The espeak-ng name of the language of most of *text*: "en-us", "cmn", "ar" …"""
    return detect(text)


def split(deltas: Iterable[str], *, language: str = "auto") -> Iterator[Sentence]:
    """The sentences of a reply that comes in pieces. *language* is that of every sentence; "auto" looks at each."""
    splitter = Splitter(language)
    for delta in deltas:
        yield from splitter.feed(delta)
    yield from splitter.close()


async def asplit(deltas: AsyncIterable[str], *, language: str = "auto") -> AsyncIterator[Sentence]:
    """``split`` for a reply that comes asynchronously."""
    splitter = Splitter(language)
    async for delta in deltas:
        for sentence in splitter.feed(delta):
            yield sentence
    for sentence in splitter.close():
        yield sentence


class Splitter:
    """Takes the deltas of one reply, gives its sentences."""

    def __init__(self, language: str = "auto") -> None:
        self._language = language
        self._latin = "en-us"
        self._plain = PlainText()
        self._text = ""
        self._count = 0

    def feed(self, delta: str) -> list[Sentence]:
        """The sentences that are certain after *delta*."""
        self._text += self._plain.feed(delta)
        return self._cut(final=False)

    def close(self) -> list[Sentence]:
        """The rest."""
        self._text += self._plain.close()
        found = self._cut(final=True)
        if self._text.strip():
            found.append(self._sentence(self._text))
            self._text = ""
        return found

    def _cut(self, *, final: bool) -> list[Sentence]:
        found = []
        while (cut := _first_cut(self._text, german=self._is_german(), final=final)) is not None:
            found.append(self._sentence(self._text[:cut]))
            self._text = self._text[cut:].lstrip()
        return found

    def _is_german(self) -> bool:
        return (self._latin if self._language == "auto" else self._language).startswith("de")

    def _sentence(self, text: str) -> Sentence:
        text = " ".join(text.split())
        language = self._language
        if language == "auto":
            language = detect(text, self._latin)
            if "LATIN" in writes(language):
                self._latin = language
        self._count += 1
        return Sentence(text, self._count - 1, language)


def _first_cut(text: str, *, german: bool, final: bool) -> int | None:
    """Where the first sentence of *text* ends and the next begins; None when there is no certain end yet."""
    limit = _reach(text, _LONGEST)
    for end in _END.finditer(text):
        if end.end() > limit:
            break
        following = next((k for k in range(end.end(), len(text)) if text[k].isalnum()), None)
        if following is None:
            return None  # what comes may belong to this sentence
        ends = _ends(text, end, text[following], german=german)
        if ends is None:
            word = _WORD.match(text, following)
            if word and word.end() == len(text) and not final:
                return None
            ends = word is not None and word[0].lower() in _STARTERS
        if not ends:
            continue
        cut = _before(text, end.end(), following)
        spoken = sum(_weight(char) for char in text[:cut] if char.isalnum())
        if spoken >= _SHORTEST or (spoken and end[0] == "\n"):
            return cut
    if limit < len(text):
        return _run_on(text, limit)
    return None


def _ends(text: str, end: re.Match[str], following: str, *, german: bool) -> bool | None:
    """Whether a sentence ends at this mark, before the letter *following*; None when the whole next word decides."""
    mark = end[0]
    if mark == "\n":
        return True
    goes_on = following.islower()
    if mark.startswith(("..", "…")):
        return not goes_on
    if not mark.startswith("."):
        return not (goes_on and mark[-1] in _CLOSING)
    last = _LAST_WORD.search(text, 0, end.start())
    before = last[0] if last else ""
    name = before.lower()
    if name in _NO_END or goes_on:
        return False
    if name in _NO_END_BEFORE_DIGIT and following.isdigit():
        return False
    if name.isdigit() and len(name) <= 2 and (german or len(name) == len(text[: end.start()].strip())):
        return False  # "3. Mai", or the number of a list
    acronym = "." in before.strip(".") and all(len(part) <= 1 for part in before.split("."))
    return None if acronym or before in _INITIALS else True


def _before(text: str, start: int, following: int) -> int:
    """Where to cut between the end of one sentence and the first letter of the next: signs stay with the word they touch."""
    for k in range(following, start, -1):
        if text[k - 1].isspace():
            return k
        if text[k - 1] not in _OPENING:
            return following if k == following else k
    return start


def _weight(char: str) -> float:
    return _WEIGHT.get(script(char) or "", 1.0)


def _reach(text: str, weight: float) -> int:
    """How many characters weigh *weight*; the length of *text* when it is lighter."""
    total = 0.0
    for index, char in enumerate(text):
        total += _weight(char)
        if total > weight:
            return index
    return len(text)


def _run_on(text: str, limit: int) -> int:
    """The best place to cut a sentence that has no end before *limit*."""
    first = _reach(text, _CUT_FROM)
    for pattern in (_CLAUSE_END, _CONJUNCTION, re.compile(r"\s")):
        places = [match.end() for match in pattern.finditer(text, first, limit)]
        if places:
            return places[-1]
    return max(limit, 1)
