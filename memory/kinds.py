"""What kind of answer a question wants, and what a text that gives it looks like."""

from __future__ import annotations

import re
from typing import Final

_NUMERAL: Final = r"(?:\d+|an?|one|two|three|four|five|six|seven|ten|twelve|thirty|several|half)"
_KINDS: Final[dict[str, tuple[re.Pattern[str], re.Pattern[str]]]] = {
    "duration": (
        re.compile(
            r"\bhow (?:long|fast|soon|quickly|early|far in advance|much time|many (?:minutes|hours|days|weeks|months|years))\b"
            r"|\b(?:period|duration|deadline|by when)\b|\b(?:when|until when) (?:do|must|should) (?:i|we) (?:have to|need to)\b"
            r"|\bwhen (?:will|can (?:i|we) expect)\b"
            r"|多久|多长时间|几天|多少天|几年",
            re.IGNORECASE,
        ),
        re.compile(
            rf"\b{_NUMERAL}\b(?:\W+\w+){{0,3}}?\W+(?:minute|hour|day|week|month|year|night)"
            r"|\b(?:same|next)[- ]day\b|overnight|lifetime"
            r"|[\d一二两三四五六七八九十半]+\s?个?(?:分钟|小时|工作日|天|日|周|星期|月|年)|当天|次日|终身",
            re.IGNORECASE,
        ),
    ),
    "number": (
        re.compile(
            r"\b(?:how (?:many(?! (?:minutes|hours|days|weeks|months|years))|often)|maximum|limit on|number of)\b|几个|多少个|几次",
            re.IGNORECASE,
        ),
        re.compile(
            rf"\b(?:up to|at most|at least|no more than|only) {_NUMERAL}\b|\b{_NUMERAL} (?!am\b|pm\b)[a-z]"
            r"|\b(?:once|twice|daily|weekly|monthly|every)\b"
            r"|[\d一二两三四五六七八九十]+\s?(?:个|次|本|件|张)",
            re.IGNORECASE,
        ),
    ),
    "price": (
        re.compile(
            r"\bhow much(?= (?:is|are|does|do|will|would|did|for|to|money|should|must|per|it)\b|\s*\?|$)"
            r"|\b(?:price|cost|fees?|charged?|expensive|(?:do|will|what do) (?:i|we) (?:have to )?pay)\b"
            r"|\bis it free\b|\bpay (?:extra|anything)\b|多少钱|价格|费用|收费|运费",
            re.IGNORECASE,
        ),
        re.compile(
            r"[$€£¥]\s?\d|\d\s?(?:dollar|euro|pound|cent|percent|%|usd|eur)|\bfree\b|no charge|\bpric|\bcosts?\b"
            r"|\d\s?(?:元|美元|块)|免费|免运费",
            re.IGNORECASE,
        ),
    ),
    "time": (
        re.compile(
            r"\b(?:(?:what|which) (?:time|hours|days?)|when (?:do|are|is|does|can)|until when|how late"
            r"|opening hours)\b|几点|什么时候|营业时间",
            re.IGNORECASE,
        ),
        re.compile(
            r"\b\d{1,2}(?::\d\d)?\s?(?:am|pm|a\.m|p\.m|o.clock)|\b\d{1,2}:\d\d\b|\b(?:noon|midnight)\b"
            r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|\bfrom\b|\bwhen\b|点|星期|周",
            re.IGNORECASE,
        ),
    ),
    "permission": (
        re.compile(r"\b(?:can|may|could) (?:i|we)\b|可以.*吗|能.*吗|能不能|可不可以", re.IGNORECASE),
        re.compile(
            r"\b(?:you|i|we) (?:can|may|cannot|can['’]t)\b|^(?:yes|no)\b|可以|不能|不可", re.IGNORECASE | re.MULTILINE
        ),
    ),
}


def wanted(question: str) -> list[re.Pattern[str]]:
    """What an answer to *question* has in it: a length of time, a number, a price, a time of day, a yes or no; [] for others."""
    return [told for asked, told in _KINDS.values() if asked.search(question)]


def wants_figure(question: str) -> bool:
    """Whether *question* asks for a figure, which says little about what it is about: "and how much is it?"."""
    return any(asked.search(question) for kind, (asked, _) in _KINDS.items() if kind != "permission")
