"""How written numbers, prices, addresses and signs are said. Rules are data; only what espeak-ng misreads or leaves out is here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Final

Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

_EMAIL: Final = r"(?a:[\w.+-]+@\w[\w-]*(?:\.[\w-]+)+)"
_URL: Final = r"(?:https?://|www\.)[^\s<>\"“”，。；！？、（）]*[\w/]"
_NUMBER: Final = r"\d+(?:,\d{3})*(?:\.\d+)?"
_PHONE: Final = (
    r"(?a:(?<![\w.,-])\+?\(?\d{1,4}\)?(?:[ -]\(?\d{2,4}\)?){2,4}(?![\w.,-]*\w)|(?<![\w.,-])\d{3}-\d{4}(?![\w-]))"
)
_LONG_INTEGER: Final = r"(?a:(?<![\w.,])(?!\d*000(?!\d))\d{7,}(?![.,]?\d))"
_TO: Final = r"(?:[-–~～]|\s[-–—]\s)"


def _rule(pattern: str, replacement: str | Callable[[re.Match[str]], str]) -> Rule:
    return re.compile(pattern), replacement


# --- English ---

_MONTHS: Final = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_CURRENCY: Final = {
    "$": ("dollar", "dollars", "cents"),
    "US$": ("US dollar", "US dollars", "cents"),
    "€": ("euro", "euros", "cents"),
    "£": ("pound", "pounds", "pence"),
    "¥": ("yen", "yen", ""),
    "₹": ("rupee", "rupees", "paise"),
    "₽": ("rouble", "roubles", "kopecks"),
    "₩": ("won", "won", ""),
}
_MAGNITUDE: Final = {"k": "thousand", "K": "thousand", "m": "million", "M": "million", "bn": "billion", "B": "billion"}
_UNITS: Final = {
    "km/h": "kilometres per hour",
    "km": "kilometres",
    "kg": "kilograms",
    "cm": "centimetres",
    "mm": "millimetres",
    "mg": "milligrams",
    "ml": "millilitres",
    "mL": "millilitres",
    "mph": "miles per hour",
    "oz": "ounces",
    "ft": "feet",
    "Hz": "hertz",
    "kHz": "kilohertz",
    "MHz": "megahertz",
    "GHz": "gigahertz",
    "KB": "kilobytes",
    "kB": "kilobytes",
    "MB": "megabytes",
    "GB": "gigabytes",
    "TB": "terabytes",
    "kW": "kilowatts",
    "kWh": "kilowatt hours",
    "mAh": "milliamp hours",
    "°C": "degrees Celsius",
    "°F": "degrees Fahrenheit",
}
_ENGLISH_SIGNS: Final = {
    "@": " at ",
    ".": " dot ",
    "_": " underscore ",
    "-": " dash ",
    "/": " slash ",
    ":": " colon ",
    "?": " question mark ",
    "=": " equals ",
    "&": " and ",
    "#": " hash ",
    "%": " percent ",
    "+": " plus ",
    "~": " tilde ",
}


def _address(signs: dict[str, str]) -> Callable[[re.Match[str]], str]:
    def say(match: re.Match[str]) -> str:
        bare = re.sub(r"^https?://(www\.)?|/$", "", match[0])
        return "".join(signs.get(char, char) for char in bare)

    return say


def _english_price(match: re.Match[str]) -> str:
    one, many, hundredth = _CURRENCY[match["sign"]]
    whole, _, part = match["amount"].partition(".")
    size = match["size"]
    if size:
        return f"{match['amount']} {_MAGNITUDE.get(size, size)} {many}"
    if not hundredth or (part and len(part) != 2):
        return f"{match['amount']} {many}"
    said = [f"{whole} {one if whole == '1' else many}"] if whole.strip("0,") or not part.strip("0") else []
    if part.strip("0"):
        said.append(f"{int(part)} {hundredth if int(part) != 1 else hundredth.removesuffix('s')}")
    return " and ".join(said)


def _english_date(match: re.Match[str]) -> str:
    year, month, day = (int(group) for group in match.groups())
    return f"{_MONTHS[month - 1]} {day}, {year}" if 1 <= month <= 12 else match[0]


def _dialled(number: str) -> list[str]:
    """The groups of digits of a telephone, card or order number; none for a date or a few plain numbers."""
    groups: list[str] = re.findall(r"\+|\d+", number)
    digits = sum(len(group) for group in groups if group != "+")
    marked = any(sign in number for sign in "+(-")
    date = re.fullmatch(r"\d\d?-\d\d?-(?:19|20)\d\d", number)
    return groups if not date and digits >= (7 if marked or len(groups) == 1 else 10) else []


def _digits(match: re.Match[str]) -> str:
    """Digit by digit, with a short rest between groups."""
    said = ", ".join("plus" if group == "+" else " ".join(group) for group in _dialled(match[0]))
    return said.replace("plus,", "plus") or match[0]


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_SIZE: Final = r"(?:\s?(?P<size>thousand|million|billion|trillion|bn\b|[kKmMB]\b))?"
_ENGLISH: Final[tuple[Rule, ...]] = (
    _rule(rf"{_EMAIL}|{_URL}", _address(_ENGLISH_SIGNS)),
    _rule(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b", _english_date),
    _rule(rf"(?P<sign>{_alternatives(_CURRENCY)})\s?(?P<amount>{_NUMBER}){_SIZE}", _english_price),
    _rule(rf"(?P<amount>(?<![\w.,]){_NUMBER})\s?(?P<sign>[€£₽])(?P<size>)", _english_price),
    _rule(rf"{_PHONE}|{_LONG_INTEGER}", _digits),
    _rule(rf"(?<![\w.-])({_NUMBER}%?(?: dollars| euros| pounds)?){_TO}(?={_NUMBER})(?![\d.,]*-)", r"\1 to "),
    _rule(rf"(?<=\d)\s?(?P<unit>{_alternatives(_UNITS)})(?![\w²³])", lambda match: f" {_UNITS[match['unit']]}"),
    _rule(
        r"\b1 (?P<unit>kilometre|kilogram|centimetre|millimetre|gigabyte|megabyte|terabyte|mile|ounce)s\b",
        r"1 \g<unit>",
    ),
    _rule(r"(?<=\d)\s?m²", " square metres"),
    _rule(r"(?<=\d)\s?m³", " cubic metres"),
    _rule(r"(?<=\w)²", " squared"),
    _rule(r"(?<=\w)³", " cubed"),
    _rule(r"(?<=\d):00(?=\s?[ap]\.?m\b)", ""),
    _rule(r"(?<=\d):00\b(?!:)", " o'clock"),
    _rule(r"(?<=\d):0(?=[1-9]\b)", " oh "),
    _rule(r"(?<![\w/])1/2(?![\w/])", "one half"),
    _rule(r"(?<![\w/])1/4(?![\w/])", "one quarter"),
    _rule(r"(?<![\w/])3/4(?![\w/])", "three quarters"),
    _rule(r"(?<=\d)‰", " per mille"),
    _rule(r"№|\bNo\.(?=\s?\d)|#(?=\d)", "number "),
    _rule(r"#(?=\w)", "hashtag "),
    _rule(r"(?<=\w)\s?<=\s?(?=[\w-])", " less than or equal to "),
    _rule(r"(?<=\w)\s?>=\s?(?=[\w-])", " greater than or equal to "),
    _rule(r"(?<=\w)\s?<\s?(?=[\w-])", " less than "),
    _rule(r"(?<=\w)\s?>\s?(?=[\w-])", " greater than "),
    _rule(r"(?<=\d)\s?\*\s?(?=\d)", " times "),
    _rule(r"\*", " "),
    _rule(r"(?<=\w)\^(?=\w)", " to the power "),
    _rule(r"~(?=\s?\d)", "about "),
    _rule(r"\bvs\.?(?=\s)", "versus"),
    _rule(r"\b(Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Gen|Col|Rev|Hon|Capt|Lt|Mt|approx|Fig)\.(?=\s\S)", r"\1"),
    _rule(r"\bw/o\b", "without"),
    _rule(r"\bw/(?=\s)", "with"),
)

# --- Chinese ---

_CHINESE_DIGITS: Final = str.maketrans("0123456789", "零一二三四五六七八九")
_CHINESE_SIGNS: Final = {
    "@": " at ",
    ".": "点",
    "_": "下划线",
    "-": "杠",
    "/": "斜杠",
    ":": "冒号",
    "?": "问号",
    "=": "等于",
    "&": "和",
    "#": "井号",
    "%": "百分号",
    "+": "加",
}
_CHINESE_CURRENCY: Final = {
    "US$": "美元",
    "HK$": "港元",
    "$": "美元",
    "€": "欧元",
    "£": "英镑",
    "¥": "元",
    "￥": "元",
    "₽": "卢布",
    "₩": "韩元",
    "₹": "卢比",
}
_CHINESE_UNITS: Final = {
    "km/h": "公里每小时",
    "km": "公里",
    "kg": "公斤",
    "cm": "厘米",
    "mm": "毫米",
    "mg": "毫克",
    "ml": "毫升",
    "mL": "毫升",
    "m²": "平方米",
    "m³": "立方米",
    "°C": "摄氏度",
    "°F": "华氏度",
    "°": "度",
    "g": "克",
    "m": "米",
    "L": "升",
}


def _chinese_digits(match: re.Match[str]) -> str:
    said = "，".join(group.translate(_CHINESE_DIGITS).replace("+", "加") for group in _dialled(match[0]))
    return said.replace("加，", "加") or match[0]


_CHINESE: Final[tuple[Rule, ...]] = (
    _rule(rf"{_EMAIL}|{_URL}", _address(_CHINESE_SIGNS)),
    _rule(r"(?<!\d)((?:19|20)\d\d)-(\d\d?)-(\d\d?)(?!\d)", r"\1年\2月\3日"),
    _rule(r"(?<!\d)\d{4}(?=\s?年)", lambda match: match[0].translate(_CHINESE_DIGITS)),
    _rule(
        rf"(?P<sign>{_alternatives(_CHINESE_CURRENCY)})\s?(?P<amount>{_NUMBER})(?P<size>[万亿]?)",
        lambda match: f"{match['amount']}{match['size']}{_CHINESE_CURRENCY[match['sign']]}",
    ),
    _rule(
        rf"(?P<amount>{_NUMBER})\s?(?P<sign>[€£$₽₩])",
        lambda match: f"{match['amount']}{_CHINESE_CURRENCY[match['sign']]}",
    ),
    _rule(rf"{_PHONE}|{_LONG_INTEGER}", _chinese_digits),
    _rule(rf"({_NUMBER})%\s?[-–~～至到]\s?({_NUMBER})%", r"百分之\1到百分之\2"),
    _rule(rf"({_NUMBER}){_TO}({_NUMBER})%", r"百分之\1到\2"),
    _rule(rf"({_NUMBER})\s?%", r"百分之\1"),
    _rule(rf"({_NUMBER})\s?‰", r"千分之\1"),
    _rule(rf"(?<![\w-])({_NUMBER}[^\W\d]{{0,2}}){_TO}(?={_NUMBER})", r"\1到"),
    _rule(rf"(?<=[\u4e00-\u9fff])({_NUMBER}){_TO}(?={_NUMBER})", r"\1到"),
    _rule(r"(?<!\d)(\d{1,2}):00(?!\d)", r"\1点"),
    _rule(r"(?<!\d)(\d{1,2}):(\d\d)(?!\d)", r"\1点\2分"),
    _rule(
        rf"(?<=\d)\s?(?P<unit>{_alternatives(_CHINESE_UNITS)})(?![A-Za-z])", lambda match: _CHINESE_UNITS[match["unit"]]
    ),
    _rule(r"(?<!\d)(\d+)/(\d+)(?![\d/])", r"\2分之\1"),
    _rule(r"(?<![\w)])[-−](?=\d)", "负"),
    _rule(r"(?<=\w)\s?×\s?(?=\w)|(?<=\d)\s?\*\s?(?=\d)", "乘"),
    _rule(r"(?<=\w)\s?÷\s?(?=\w)", "除以"),
    _rule(r"(?<=\w)\s?\+\s?(?=\w)", "加"),
    _rule(r"(?<=\w)\s?[-−]\s?(?=\d)", "减"),
    _rule(r"(?<=\w)\s?=\s?(?=[\w-])", "等于"),
    _rule(r"(?<=\w)\s?(?:<=|≤)\s?(?=[\w-])", "小于等于"),
    _rule(r"(?<=\w)\s?(?:>=|≥)\s?(?=[\w-])", "大于等于"),
    _rule(r"(?<=\w)\s?<\s?(?=[\w-])", "小于"),
    _rule(r"(?<=\w)\s?>\s?(?=[\w-])", "大于"),
    _rule(r"(?<=\w)\s?:\s?(?=\d)", "比"),
    _rule(r"[~～≈](?=\s?\d)", "约"),
    _rule(r"№|#(?=\d)", "第"),
    _rule(r"[*^]", " "),
)

# --- Other languages: signs that espeak-ng leaves out ---

_SAID: Final[dict[str, dict[str, str]]] = {
    "de": {"to": "bis"},
    "fr-fr": {"to": "à", "-": "moins ", "=": " égale ", "№": "numéro ", "₹": "roupies"},
    "es": {"to": "a", "-": "menos ", "×": " por ", "№": "número ", "¥": "yenes", "₹": "rupias"},
    "it": {"to": "a", "×": " per ", "¥": "yen"},
    "pt": {"to": "a", "№": "número ", "₹": "rúpias"},
    "nl": {"to": "tot"},
    "pl": {"to": "do"},
    "ru": {
        "to": "до",
        "-": "минус ",
        "×": " умножить на ",
        "°C": " градусов Цельсия",
        "€": "евро",
        "£": "фунтов",
        "¥": "иен",
        "₹": "рупий",
    },
    "ar": {
        "to": "إلى",
        "%": "بالمئة",
        "-": "ناقص ",
        "×": " ضرب ",
        "=": " يساوي ",
        "№": "رقم ",
        "°C": " درجة مئوية",
        "₹": "روبية",
    },
    "fa": {"to": "تا", "%": "درصد"},
    "he": {"to": "עד", "%": "אחוז"},
    "hi": {
        "to": "से",
        "-": "माइनस ",
        "×": " गुणा ",
        "№": "नंबर ",
        "°C": " डिग्री सेल्सियस",
        "€": "यूरो",
        "£": "पाउंड",
        "¥": "येन",
        "₹": "रुपये",
    },
    "ja": {
        "to": "から",
        "%": "パーセント",
        "-": "マイナス",
        "×": "かける",
        "№": "ばんごう",
        ".": "てん",
        "°C": "ど",
        "$": "ドル",
        "€": "ユーロ",
        "£": "ポンド",
        "¥": "えん",
        "₹": "ルピー",
    },
    "ko": {
        "to": "에서",
        "%": "퍼센트",
        "-": "마이너스 ",
        "×": " 곱하기 ",
        "№": "번호 ",
        ".": "점",
        "°C": "도",
        "$": "달러",
        "€": "유로",
        "£": "파운드",
        "¥": "엔",
        "₹": "루피",
    },
    "th": {"to": "ถึง", "%": "เปอร์เซ็นต์"},
    "tr": {"to": "ila"},
}
"""By language: the words for signs, and for "to" between two numbers."""


def _after(word: str) -> Callable[[re.Match[str]], str]:
    return lambda match: f"{match[1] or match[2]} {word}"


def _other(said: dict[str, str]) -> Iterator[Rule]:
    amount = r"\d+(?:[.,]\d+)*"
    if word := said.get("to"):
        yield _rule(rf"(?<![\w.-])({amount})%?{_TO}(?=\d)(?!\d+-)", rf"\1 {word} ")
    for sign in (sign for sign in "$€£¥₹" if sign in said):
        either = "[¥￥]" if sign == "¥" else re.escape(sign)
        yield _rule(rf"{either}\s?({amount})|({amount})\s?{either}", _after(said[sign]))
    patterns = {
        "%": r"(?<=\d)\s?[%٪]",
        "-": r"(?<![\w)])[-−](?=\d)",
        "×": r"(?<=\w)\s?[×*]\s?(?=\w)",
        "=": r"(?<=\w)\s?=\s?(?=\w)",
        "№": r"№\s?|#(?=\d)",
        "°C": r"(?<=\d)\s?°C",
        ".": r"(?<=\d)\.(?=\d)",
    }
    for sign, pattern in patterns.items():
        if word := said.get(sign):
            yield _rule(pattern, f" {word}" if sign == "%" else word)
    yield _rule(r"\*", " ")


@cache
def rules(language: str) -> tuple[Rule, ...]:
    """What to replace, in order, in a text in *language* (an espeak-ng name)."""
    if language.startswith("en"):
        return _ENGLISH
    if language in ("cmn", "yue", "hak"):
        return _CHINESE
    primary = language.split("-")[0]
    return tuple(_other(_SAID.get(language) or _SAID.get(primary) or {}))
