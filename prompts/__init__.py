"""The texts given to models: one Markdown file each, in this folder."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Final

_SLOT: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def load(name: str, **values: str) -> str:
    """The prompt *name* with each ``{{ slot }}`` replaced by its value.

    Values are put in as they are, once: slots inside a value stay text. Raises ``KeyError`` that lists every missing value, and
    ``FileNotFoundError`` for an unknown prompt.
    """
    text = files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8")
    missing = sorted(set(_SLOT.findall(text)) - values.keys())
    if missing:
        raise KeyError(f"prompt {name!r} needs a value for: {', '.join(missing)}")
    return _SLOT.sub(lambda slot: values[slot[1]], text).strip()
