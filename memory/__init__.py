"""Who said what, and what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .knowledge import Counts, Knowledge, Library
from .redact import redact
from .store import Memory, Mine
from .types import Fact, Passage, Recollection, Turn

if TYPE_CHECKING:
    from .langgraph_store import MemoryStore
    from .retriever import KnowledgeRetriever, MemoryRetriever

_HOME = {"KnowledgeRetriever": "retriever", "MemoryRetriever": "retriever", "MemoryStore": "langgraph_store"}

__all__ = [
    "Counts",
    "Fact",
    "Knowledge",
    "KnowledgeRetriever",
    "Library",
    "Memory",
    "MemoryRetriever",
    "MemoryStore",
    "Mine",
    "Passage",
    "Recollection",
    "Turn",
    "redact",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)
