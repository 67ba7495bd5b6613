"""Markdown as it streams in -> plain text that can be spoken.

Every decision waits for the characters it needs and no more: the result does not depend on how the text was cut into pieces.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

_LONGEST: Final = 1000
"""Characters a link or tag may take; what is longer is plain text."""
_JOINERS: Final = "\u200c\u200d"  # they shape letters in Persian and Indic scripts, and emoji
_LINE_ENDS: Final = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_ENDS_ADDRESS: Final = '<>"“”，。；！？、（）)]*'

_FENCE: Final = re.compile(r" {0,3}(?:```[^`\n]*|~~~[^\n]*)\n")
_DECORATION: Final = re.compile(r" *[-*_=|:+][-*_=|:+ ]*\n")
_MARKER: Final = re.compile(r" *(?:>|#{1,6} +|[-*+] +(?:\[[ xX]\] +)?|[•‣◦▪●] *|\|)")
_LINK_HEAD: Final = re.compile(r"!?\[([^\[\]\n]*)\]\(")
_AUTOLINK: Final = re.compile(r"<(?:mailto:)?((?:https?://|[\w.+-]+@)[^\s<>]+)>")
_TAG: Final = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|br|center|code|del|details|div|em|font|h[1-6]|hr|i|img|kbd|li|mark|ol|p|pre|s|small|span"
    r"|strong|sub|summary|sup|table|tbody|td|th|thead|tr|u|ul)(?:\s[^<>\n]*)?/?>|<!--[^<>\n]*-->",
    re.IGNORECASE,
)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31}\d{0,2});")

# The same, cut off before it is certain. Each matches to the end of what has come so far.
_OPEN_FENCE: Final = re.compile(r" {0,3}(?:`{1,2}|~{1,2}|```[^`\n]*|~~~[^\n]*)?\Z")
_OPEN_DECORATION: Final = re.compile(r" *[-*_=|:+][-*_=|:+ ]*\Z")
_OPEN_MARKER: Final = re.compile(r" *(?:#{1,6} *|[-*+] *(?:\[[ xX]?\]? *)?|[•‣◦▪●] *)?\Z")
_OPEN_LINK: Final = re.compile(r"!?(?:\[[^\[\]\n]*\]?)?\Z")
_OPEN_TAG: Final = re.compile(r"<(?:[A-Za-z/!][^<>\n]*)?\Z")
_OPEN_ENTITY: Final = re.compile(r"&(?:#[xX]?[0-9a-fA-F]{0,7}|[A-Za-z]{0,31}\d{0,2})\Z")
_SCHEMES: Final = ("http://", "https://")


class PlainText:
    """Takes Markdown in pieces, gives plain text in pieces.

    Links keep their text, images their description, tables become lines with commas, code keeps its text. Markers of emphasis,
    headings, lists and quotes go, and so do control characters. Spaces are single; a line end stays one line end.
    """

    def __init__(self) -> None:
        self._raw = ""
        self._final = False
        self._line_start = True
        self._in_code = False
        self._in_table = False
        self._in_address = False
        self._last = " "
        self._space = ""
        self._started = False
        self._out: list[str] = []

    def feed(self, text: str) -> str:
        """The plain text that is certain after *text*."""
        self._raw += "".join(_admissible(char) for char in text)
        self._advance()
        return self._taken()

    def close(self) -> str:
        """The rest."""
        self._final = True
        if self._raw and not self._raw.endswith("\n"):
            self._raw += "\n"
        self._advance()
        return self._taken()

    def _taken(self) -> str:
        out = "".join(self._out)
        self._out.clear()
        return out

    def _advance(self) -> None:
        while self._raw:
            used = self._start_of_line() if self._line_start else self._inline()
            if used is None:
                return
            self._raw = self._raw[used:]

    def _start_of_line(self) -> int | None:
        """Characters to drop at the start of a line; None to wait for more."""
        raw = self._raw
        if fence := _FENCE.match(raw):
            self._in_code = not self._in_code
            return fence.end()
        if not self._final and _OPEN_FENCE.match(raw):
            return None
        if not self._in_code:
            if decoration := _DECORATION.match(raw):
                return decoration.end()
            if not self._final and (_OPEN_DECORATION.match(raw) or _OPEN_MARKER.match(raw)):
                return None
            if marker := _MARKER.match(raw):
                self._in_table |= marker[0].endswith("|")
                return marker.end()
        self._line_start = False
        return 0

    def _inline(self) -> int | None:
        """Put out what one or more characters mean and say how many they were; None to wait for more."""
        raw = self._raw
        char = raw[0]
        if char == "\n":
            self._line_start, self._in_table, self._in_address = True, False, False
            self._put("\n")
            return 1
        self._in_address &= not (char.isspace() or char in _ENDS_ADDRESS)
        if self._in_code or self._in_address or char == " ":
            self._put(char)
            return 1
        match char:
            case "*" | "_" | "`" | "~" | "\\" | "|":
                return self._sign()
            case "[" | "!":
                return self._link()
            case "<":
                return self._bounded(_TAG, _OPEN_TAG)
            case "&":
                return self._bounded(_ENTITY, _OPEN_ENTITY)
            case "h" if not self._last.isalnum():
                return self._scheme()
        self._put(char)
        return 1

    def _sign(self) -> int | None:
        """Emphasis, code, strike-through, escapes, table cells."""
        raw = self._raw
        char = raw[0]
        run = len(raw) - len(raw.lstrip(char))
        if run == len(raw):
            return None
        before, after = self._last, raw[run]
        match char:
            case "\\" if run == 1 and unicodedata.category(after)[0] in "PS":
                self._put(after)
                return 2
            case "|" if self._in_table:
                rest = raw.lstrip("| ")
                if not rest:
                    return None
                if rest[0] != "\n":
                    self._space = ""
                    self._put(", ")
                return len(raw) - len(rest)
            case "*":
                kept = (before.isspace() and after.isspace()) or (run == 1 and before.isdigit() and after.isdigit())
            case "_":
                kept = before.isalnum() and after.isalnum()
            case "~":
                kept = run != 2
            case "`":
                kept = False
            case _:
                kept = True
        self._put(char * run if kept else "")
        return run

    def _link(self) -> int | None:
        """``[text](address)`` and ``![description](address)`` become their text, which may hold emphasis."""
        raw = self._raw
        head = _LINK_HEAD.match(raw)
        if not head:
            if _OPEN_LINK.match(raw) and not self._final and len(raw) < _LONGEST:
                return None
            self._put(raw[0])
            return 1
        depth = 1
        for index in range(head.end(), min(len(raw), _LONGEST)):
            match raw[index]:
                case "\n":
                    break
                case "(":
                    depth += 1
                case ")":
                    depth -= 1
                    if not depth:
                        self._raw = head[1] + raw[index + 1 :]
                        return 0
        else:
            if not self._final and len(raw) < _LONGEST:
                return None
        self._put(raw[0])
        return 1

    def _bounded(self, whole: re.Pattern[str], begun: re.Pattern[str]) -> int | None:
        """A tag, an address in angle brackets, or a character reference."""
        raw = self._raw
        if begun.match(raw) and not self._final and len(raw) < _LONGEST:
            return None
        if found := whole.match(raw):
            name = found[0].strip("</>").lower()
            self._put(
                html.unescape(found[0])
                if raw[0] == "&"
                else "\n"
                if name.startswith(("br", "p", "li", "tr", "div"))
                else ""
            )
            return found.end()
        if found := _AUTOLINK.match(raw):
            self._put(found[1])
            return found.end()
        self._put(raw[0])
        return 1

    def _scheme(self) -> int | None:
        raw = self._raw
        for scheme in _SCHEMES:
            if raw.startswith(scheme):
                self._in_address = True
            elif not self._final and scheme.startswith(raw):
                return None
        self._put(raw[0])
        return 1

    def _put(self, text: str) -> None:
        for char in text:
            self._last = char
            if char.isspace():
                self._space = "\n" if "\n" in (char, self._space) else " "
            else:
                if self._space and self._started:
                    self._out.append(self._space)
                self._out.append(char)
                self._space, self._started = "", True


def _admissible(char: str) -> str:
    if char in _LINE_ENDS:
        return "\n"
    if char.isspace():
        return " "
    return char if char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn") else ""
