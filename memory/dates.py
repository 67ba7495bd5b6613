"""The times a question speaks of: "in May", "last week", "on 7 May 2023", "三天前"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

Span = tuple[datetime, datetime]

MONTHS: Final = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
WEEKDAYS: Final = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTH: Final = "|".join(f"{name}|{name[:3]}" for name in MONTHS)
_NUMBERS: Final = {
    **{word: n for n, word in enumerate(re.findall(r"\w+", "zero one two three four five six seven eight nine ten eleven twelve"))},
    **{word: n for n, word in enumerate("零一二三四五六七八九十")},
    "a": 1, "an": 1, "a couple of": 2, "a few": 3, "两": 2, "十一": 11, "十二": 12, "几": 3,
}  # fmt: skip
_COUNT: Final = rf"(\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_UNITS: Final = {
    "day": 1,
    "week": 7,
    "month": 30,
    "year": 365,
    "天": 1,
    "周": 7,
    "星期": 7,
    "个星期": 7,
    "个月": 30,
    "月": 30,
    "年": 365,
}

_ISO: Final = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b|(\d{4})年(\d{1,2})月(\d{1,2})[日号]")
_DAY_MONTH: Final = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH})\b\.?(?:,? (\d{{4}}))?", re.IGNORECASE
)
_MONTH_DAY: Final = re.compile(rf"\b({_MONTH})\b\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}}))?", re.IGNORECASE)
_MONTH_ONLY: Final = re.compile(
    rf"\b(?:in|during|since|last|early|late|mid|of|this|by|around)[ -]+({_MONTH})\b(?!\.? \d{{1,2}}\b)(?:,? (\d{{4}}))?"
    rf"|\b({_MONTH})\b (\d{{4}})", re.IGNORECASE)  # fmt: skip
_CN_MONTH: Final = re.compile(r"(?:(\d{4})年)?(\d{1,2}|[一二三四五六七八九十]{1,2})月(?:份)?(?:(\d{1,2})[日号])?")
_YEAR: Final = re.compile(r"\b(?:in|during|of|since) (\d{4})\b|(\d{4})年(?!\d)")
_AGO: Final = re.compile(
    rf"\b{_COUNT} (day|week|month|year)s? ago\b|{_COUNT}(天|周|个星期|星期|个月|年)(?:之?前|以前)", re.IGNORECASE
)
_LAST: Final = re.compile(
    rf"\b(?:last|on|this past) ({'|'.join(WEEKDAYS)})\b|\b(?:last|past|previous) (week|month|year)\b|\bthis (week|month|year)\b",
    re.IGNORECASE,
)
_WORDS: Final = (
    (re.compile(r"\bday before yesterday\b|前天", re.IGNORECASE), 2, 1),
    (re.compile(r"(?<!before )\byesterday\b|昨天|昨日", re.IGNORECASE), 1, 1),
    (re.compile(r"\b(?:today|this morning|earlier today)\b|今天|今早", re.IGNORECASE), 0, 1),
    (re.compile(r"上个?(?:周|星期|礼拜)"), 10, 8),
    (re.compile(r"这个?(?:周|星期)|本周"), 6, 7),
    (re.compile(r"上个?月"), 45, 40),
    (re.compile(r"去年"), 0, 0),
)


def spans(query: str, now: datetime) -> list[Span]:
    """Half-open intervals that *query* speaks of, seen from *now* (aware); impossible dates are left out."""
    found = []
    for find in (_absolute, _months, _relative):
        for year, month, day, days in find(query, now):
            try:
                start = datetime(year, month, day, tzinfo=now.tzinfo or UTC)
            except ValueError:
                continue
            found.append((start, start + timedelta(days=days)))
    return found


Day = tuple[int, int, int, int]
"""Year, month, day and how many days it spans."""


def _absolute(query: str, now: datetime) -> Iterator[Day]:
    for match in _ISO.finditer(query):
        year, month, day = (int(part) for part in match.groups() if part)
        yield year, month, day, 1
    for match in _DAY_MONTH.finditer(query):
        month = _month(match[2])
        yield _year(match[3], month, now), month, int(match[1]), 1
    for match in _MONTH_DAY.finditer(query):
        month = _month(match[1])
        yield _year(match[3], month, now), month, int(match[2]), 1


def _months(query: str, now: datetime) -> Iterator[Day]:
    for match in _MONTH_ONLY.finditer(query):
        month = _month(match[1] or match[3])
        yield _year(match[2] or match[4], month, now), month, 1, 31
    if not _AGO.search(query):
        for match in _CN_MONTH.finditer(query):
            month = _number(match[2])
            yield _year(match[1], month, now), month, int(match[3] or 1), 1 if match[3] else 31
    for match in _YEAR.finditer(query):
        if not _ISO.search(query) and 1900 <= (year := int(match[1] or match[2])) <= 2200:
            yield year, 1, 1, 366


def _relative(query: str, now: datetime) -> Iterator[Day]:
    for match in _AGO.finditer(query):
        unit = _UNITS[(match[2] or match[4]).lower()]
        centre = now - timedelta(days=unit * _number(match[1] or match[3]))
        slack = unit // 2 if unit > 1 else 0
        yield _days(centre - timedelta(days=slack), 2 * slack + 1)
    for match in _LAST.finditer(query):
        if match[1]:
            back = (now.weekday() - WEEKDAYS.index(match[1].lower())) % 7 or 7
            yield _days(now - timedelta(days=back), 1)
        elif match[2]:
            yield from _previous(match[2].lower(), now)
        else:
            days = {"week": now.weekday(), "month": now.day - 1, "year": now.timetuple().tm_yday - 1}[match[3].lower()]
            yield _days(now - timedelta(days=days), days + 1)
    for pattern, back, days in _WORDS:
        if pattern.search(query):
            yield (now.year - 1, 1, 1, 366) if not days else _days(now - timedelta(days=back), days)


def _previous(unit: str, now: datetime) -> Iterator[Day]:
    if unit == "week":
        yield _days(now - timedelta(days=now.weekday() + 7), 7)
    elif unit == "month":
        last = now.replace(day=1) - timedelta(days=1)
        yield last.year, last.month, 1, last.day
    else:
        yield now.year - 1, 1, 1, 366


def _days(start: datetime, days: int) -> Day:
    return start.year, start.month, start.day, days


def _month(name: str) -> int:
    return next(number for number, full in enumerate(MONTHS, 1) if full.startswith(name.lower()[:3]))


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS.get(text.lower(), 0)


def _year(given: str | None, month: int, now: datetime) -> int:
    """The year named, or the last one in which *month* had begun."""
    return int(given) if given else now.year - (month > now.month)


def index_terms(at: datetime) -> list[str]:
    """The words by which a date is asked for, unstemmed: "7", "may", "2023", "sunday"."""
    return [str(at.day), MONTHS[at.month - 1], str(at.year), WEEKDAYS[at.weekday()]]
