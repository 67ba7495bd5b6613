"""What memory and knowledge give back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """One remembered turn, as it was said."""

    id: str
    text: str
    speaker: str
    at: datetime
    """Aware; a naive time given to ``remember`` is taken as UTC."""
    thread: str


@dataclass(frozen=True, slots=True)
class Recollection:
    """A remembered turn that answers a query."""

    id: str
    text: str
    speaker: str
    at: datetime
    """Aware."""
    thread: str
    score: float
    """Higher is better; comparable within one call only."""
    why: str
    """The reason for its rank, in words."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A small fact somebody stated about themselves, and when it held."""

    id: str
    subject: str
    """"user", or the name of another speaker."""
    attribute: str
    """"name", "address", "dog's name", …"""
    value: str
    valid_from: datetime
    valid_to: datetime | None
    """None while it still holds."""
    turn: str
    """Id of the turn that said it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that answers a query."""

    id: str
    text: str
    source: str
    """The file, or what the loader called it."""
    heading: str
    """The headings above it, outermost first, joined by " > "; "" when there are none."""
    score: float
    """Higher is better; comparable within one call only."""
    confidence: float
    """In [0, 1]: how likely the passage answers the query, if it is the best of the call."""
