"""Text as written -> text as spoken, with the way back to the characters it stands for.

A voice reads letters and plain numbers well; prices, ranges, addresses and signs it misreads or leaves out. ``runs`` words them
and cuts the text where the writing system changes, so that each run can be read by a voice that knows it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .languages import LANGUAGE_OF, script, writes
from .wording import rules

_LONGEST_WORD: Final = 40
"""Characters; espeak-ng loses the end of words much longer than that."""
_LONGEST_CLAUSE: Final = 60
"""Chinese, Japanese or Korean characters without punctuation; espeak-ng loses what comes 100 or more after."""
_JOINERS: Final = "\u200c\u200d"  # they shape letters in Persian and Indic scripts


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text for one voice."""

    text: str
    language: str
    """espeak-ng's name."""
    origin: tuple[int, ...]
    """For each character of ``text``, the index in the written text of what it stands for; ascending."""


@dataclass(slots=True)
class _Tracked:
    """Text that remembers where its characters come from."""

    text: str
    origin: list[int]

    def substitute(self, pattern: re.Pattern[str], replacement: str | Callable[[re.Match[str]], str]) -> None:
        text: list[str] = []
        origin: list[int] = []
        done = 0
        for match in pattern.finditer(self.text):
            start, end = match.span()
            new = match.expand(replacement) if isinstance(replacement, str) else replacement(match)
            if new == match[0]:
                continue
            text += (self.text[done:start], new)
            origin += self.origin[done:start]
            origin += [self.origin[start + k * (end - start) // len(new)] for k in range(len(new))]
            done = end
        self.text = "".join((*text, self.text[done:]))
        self.origin = origin + self.origin[done:]


def runs(text: str, language: str) -> list[Run]:
    """*text*, mainly in *language* (an espeak-ng name), as runs of one language each; empty when nothing in it can be spoken.

    Control characters, emoji and other pictures are left out. A text of nothing but emoji is spoken as their English names.
    """
    tracked = _Tracked(text, list(range(len(text))))
    tracked.substitute(_ANY, _plain)
    tracked.substitute(_HUGE_WORD, lambda match: match[0] + " ")
    for pattern, replacement in rules(language):
        tracked.substitute(pattern, replacement)
    if not any(char.isalnum() for char in tracked.text):
        names = _emoji_names(text)
        return [Run(names, "en-us", (0,) * len(names))] if names else []
    return [_breakable(run) for run in _by_script(tracked, language)]


_ANY: Final = re.compile(r".", re.DOTALL)


def _plain(match: re.Match[str]) -> str:
    """Drop what is not text; write full-width and other compatibility forms the usual way."""
    char = match[0]
    category = unicodedata.category(char)
    if category == "Cc" or category.startswith("Z"):
        return " "
    if category.startswith("C"):
        return char if char in _JOINERS else ""
    if _is_emoji(char):
        return " "
    if (char.isalnum() or char in _WIDE_SIGNS) and unicodedata.decomposition(char).startswith(_COMPATIBLE):
        return unicodedata.normalize("NFKC", char)
    return char


_WIDE_SIGNS: Final = "＃＄％＆＋－＜＝＞＠～￥￡℃℉"
_COMPATIBLE: Final = ("<wide>", "<narrow>", "<circle>", "<compat>", "<square>")


def _is_emoji(char: str) -> bool:
    code = ord(char)
    if code < 0x2190:
        return False
    if (
        0xFE00 <= code <= 0xFE0F or code == 0x20E3 or 0x1F3FB <= code <= 0x1F3FF
    ):  # variation selectors, keycap, skin tones
        return True
    return unicodedata.category(char) == "So" and not unicodedata.decomposition(char)


def _emoji_names(text: str) -> str:
    names = [unicodedata.name(char, "") for char in text if unicodedata.category(char) == "So"]
    return ", ".join(dict.fromkeys(name.lower() for name in names if name))


def _by_script(tracked: _Tracked, language: str) -> list[Run]:
    """Cut where a letter needs another voice than the letters before it."""
    own = writes(language) | {"LATIN"}
    if language == "ja":
        own -= {"LATIN"}  # read letter by letter otherwise
    found: list[Run] = []
    current, start = "", 0
    for index, char in enumerate(tracked.text):
        name = script(char)
        if name is None:
            continue
        needed = language if name in own else LANGUAGE_OF[name]
        if current and needed != current:
            found.append(Run(tracked.text[start:index], current, tuple(tracked.origin[start:index])))
            start = index
        current = needed
    found.append(Run(tracked.text[start:], current or language, tuple(tracked.origin[start:])))
    return found


def _breakable(run: Run) -> Run:
    """Give the voice a place to breathe in very long words and clauses."""
    tracked = _Tracked(run.text, list(run.origin))
    tracked.substitute(_LONG_CLAUSE, lambda match: match[0] + ", ")
    tracked.substitute(_LONG_WORD, lambda match: match[0] + " ")
    return Run(tracked.text, run.language, tuple(tracked.origin))


_EAST_ASIAN: Final = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
_LONG_CLAUSE: Final = re.compile(rf"(?:[{_EAST_ASIAN}]\s?){{{_LONGEST_CLAUSE}}}(?=\w)")
_HUGE_WORD: Final = re.compile(rf"[^\s{_EAST_ASIAN}]{{200}}(?=\S)")  # keeps the time for wording linear
_LONG_WORD: Final = re.compile(
    rf"(?:[^\s\u3000-\u303f{_EAST_ASIAN}]{{{_LONGEST_WORD}}}|[\uac00-\ud7af]{{{_LONGEST_WORD // 2}}})(?=\w)"
)
