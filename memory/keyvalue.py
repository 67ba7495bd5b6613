"""Memory as LangChain's key-value ``BaseStore``, such as caches and parent-document retrievers want."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from langchain_core.stores import BaseStore

from .langgraph_store import MemoryStore
from .store import Memory

_ALL: Final = 1_000_000


class MemoryKeyValueStore(BaseStore[str, Any]):
    """JSON values under keys, in the *place* of one user: ``MemoryKeyValueStore(memory, "shop", "maria", "drafts")``.

    They survive crashes and go when the user is forgotten. Every method raises ``InputError`` and ``StorageError``.
    """

    def __init__(self, memory: Memory, tenant: str, user: str, *place: str) -> None:
        self._store = MemoryStore(memory)
        self._namespace = (tenant, user, *(place or ("values",)))

    def mget(self, keys: Sequence[str]) -> list[Any]:
        """The values; None where there is none."""
        items = [self._store.get(self._namespace, key) for key in keys]
        return [item and item.value["value"] for item in items]

    def mset(self, key_value_pairs: Sequence[tuple[str, Any]]) -> None:
        """Set or replace values. Queries of ``MemoryStore`` do not find them."""
        for key, value in key_value_pairs:
            self._store.put(self._namespace, key, {"value": value}, index=False)

    def mdelete(self, keys: Sequence[str]) -> None:
        """Delete values; nothing of them is left in any file."""
        for key in keys:
            self._store.delete(self._namespace, key)

    def yield_keys(self, *, prefix: str | None = None) -> Iterator[str]:
        """The keys that begin with *prefix*."""
        for item in self._store.search(self._namespace, limit=_ALL):
            if item.namespace == self._namespace and item.key.startswith(prefix or ""):
                yield item.key
