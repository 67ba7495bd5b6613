"""Quoted material in a system message: how it is written for a model, and how it is read back.

    <quoted kind="knowledge">
    <item id="7" heading="Shipping" source="shop.md">Parcels to Alaska take …</item>
    </quoted>

Everything between the tags is escaped, so no text can close its own fence, open another or pass for an instruction of ours.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, Literal

Kind = Literal["memory", "fact", "knowledge"]

_BLOCK: Final = re.compile(r'<quoted kind="(memory|fact|knowledge)">\n(.*?)</quoted>', re.DOTALL)
_ITEM: Final = re.compile(r"<item((?: [a-z_]+=\"[^\"]*\")*)>([^<]*)</item>")
_FIELD: Final = re.compile(r' ([a-z_]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Quote:
    """One remembered turn, one fact or one passage."""

    kind: Kind
    id: str
    text: str
    about: Mapping[str, str] = field(default_factory=dict)
    """memory: speaker, at, thread; fact: attribute, since, until; knowledge: source, heading."""


def write(quotes: Iterable[Quote]) -> str:
    """The blocks for *quotes*, one per run of equal kinds; "" for none."""
    return "\n\n".join(
        f'<quoted kind="{kind}">\n' + "".join(_item(quote) + "\n" for quote in run) + "</quoted>"
        for kind, run in groupby(quotes, key=lambda quote: quote.kind)
    )


def read(text: str) -> list[Quote]:
    """The quotes in *text*, in order; whatever is not a well-formed block is left alone."""
    found = []
    for block in _BLOCK.finditer(text):
        kind: Kind = block[1]  # type: ignore[assignment]  # the pattern admits no other
        for item in _ITEM.finditer(block[2]):
            about = {name: html.unescape(value) for name, value in _FIELD.findall(item[1])}
            found.append(Quote(kind, about.pop("id", ""), html.unescape(item[2]), about))
    return found


def _item(quote: Quote) -> str:
    fields = {"id": quote.id, **dict(sorted(quote.about.items()))}
    named = "".join(f' {name}="{html.escape(value)}"' for name, value in fields.items() if value)
    return f"<item{named}>{html.escape(quote.text, quote=False)}</item>"
