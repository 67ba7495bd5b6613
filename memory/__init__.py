"""Who said what, and what is known."""

from __future__ import annotations

from .knowledge import Counts, Knowledge, Library
from .redact import redact
from .store import Memory, Mine
from .types import Fact, Passage, Recollection, Turn

__all__ = ["Counts", "Fact", "Knowledge", "Library", "Memory", "Mine", "Passage", "Recollection", "Turn", "redact"]
