"""Who said what, and what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .knowledge import Counts, Knowledge, Library
from .redact import redact
from .store import Memory, Mine
from .types import Fact, Passage, Recollection, Turn

if TYPE_CHECKING:
    from .keyvalue import MemoryKeyValueStore
    from .langchain_embeddings import LocalEmbeddings
    from .langgraph_store import MemoryStore
    from .retriever import KnowledgeRetriever, MemoryRetriever
    from .vectorstore import MemoryVectorStore

_HOME = {
    "KnowledgeRetriever": "retriever",
    "LocalEmbeddings": "langchain_embeddings",
    "MemoryKeyValueStore": "keyvalue",
    "MemoryRetriever": "retriever",
    "MemoryStore": "langgraph_store",
    "MemoryVectorStore": "vectorstore",
}

__all__ = [
    "Counts",
    "Fact",
    "Knowledge",
    "KnowledgeRetriever",
    "Library",
    "LocalEmbeddings",
    "Memory",
    "MemoryKeyValueStore",
    "MemoryRetriever",
    "MemoryStore",
    "MemoryVectorStore",
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
