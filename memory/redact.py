"""Personal data taken out of a text: e-mail addresses, payment cards, IBANs and telephone numbers."""

from __future__ import annotations

import re
from typing import Final

_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b")
_CARD: Final = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-]*\d)")
_PHONE: Final = re.compile(r"(?<![A-Za-z0-9_-])(?:\+|00)?\(?\d(?:[ ()./-]{0,2}\d){6,14}(?![A-Za-z0-9_-])")
_DATE: Final = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")


def redact(text: str) -> str:
    """*text* with "[e-mail]", "[card]", "[IBAN]" and "[phone]" in the places of what was there.

    Cards count when their Luhn digit is right, IBANs when their check digits are (ISO 13616), and numbers as telephone numbers
    from nine
    digits, or from seven when they are written with "+", a space or a bracket; dates and order numbers stay.
    """
    text = _EMAIL.sub("[e-mail]", text)
    text = _IBAN.sub(lambda match: _iban(match[0]), text)
    text = _CARD.sub(lambda match: "[card]" if luhn(_digits(match[0])) else match[0], text)
    return _PHONE.sub(lambda match: "[phone]" if _is_phone(match[0]) else match[0], text)


def _digits(text: str) -> str:
    return "".join(character for character in text if character in "0123456789")


def luhn(digits: str) -> bool:
    """Whether the last of *digits* is the Luhn check digit of the others (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _iban(text: str) -> str:
    """The longest start of *text* that is an IBAN replaced."""
    for end in range(len(text), 14, -1):
        compact = re.sub(r"[ -]", "", text[:end])
        number = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4])
        if 15 <= len(compact) <= 34 and int(number) % 97 == 1:
            return "[IBAN]" + text[end:]
    return text


def _is_phone(text: str) -> bool:
    if _DATE.fullmatch(text.strip()):
        return False
    count = len(_digits(text))
    return count >= 9 or (count >= 7 and re.search(r"[+ ()]", text) is not None)
