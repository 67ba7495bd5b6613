"""What words mean to each other, written by hand for customer service of any trade: plain text, read when first needed.

A line of a group file is one meaning: words and expressions that can stand for each other, parted by commas; after a colon what
is a kind of it, and after a bar what only has to do with it. ``# …`` opens a topic.

``forms.txt`` has a word and its irregular forms or other spellings per line, ``carriers.txt`` the words that only carry a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

_APART: Final = ("carriers", "forms")


def groups() -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Each meaning: the expressions that stand for it, those for a kind of it, and those that have to do with it."""
    for file in sorted(Path(__file__).parent.glob("*.txt")):
        if file.stem not in _APART:
            for line in _lines(file):
                rest, _, related = line.partition("|")
                same, _, kinds = rest.partition(":")
                yield _items(same), _items(kinds), _items(related)


def forms() -> dict[str, str]:
    """Irregular form -> the word."""
    return {form: word for word, *others in map(str.split, _read("forms")) for form in others}


def carriers() -> list[str]:
    """Words that say little about what a question is about."""
    return [word for line in _read("carriers") for word in line.split()]


def _items(listed: str) -> list[str]:
    return [item for item in map(str.strip, listed.split(",")) if item]


def _read(name: str) -> Iterator[str]:
    return _lines(Path(__file__).with_name(f"{name}.txt"))


def _lines(file: Path) -> Iterator[str]:
    return (line for line in file.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#"))
