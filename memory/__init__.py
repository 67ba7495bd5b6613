"""Who said what, and what is known."""

from __future__ import annotations

from .store import Memory, Mine
from .types import Fact, Passage, Recollection, Turn

__all__ = ["Fact", "Memory", "Mine", "Passage", "Recollection", "Turn"]
