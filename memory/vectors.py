"""The dense index: Chroma, embedded or a server. Holds ids, vectors and namespace numbers, and can be rebuilt from the record.

It is cut into shelves, each a collection of its own, so that a search within one namespace never filters the whole store. A
shelf that has to
forget is thrown away whole, with its files, and filled again from the record: Chroma keeps what it deleted in its files.
"""

from __future__ import annotations

import shutil
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import numpy as np
from filelock import FileLock, Timeout

from ..errors import InputError, StorageError
from .embeddings import Vectors

SHELVES: Final = 16
_SETTINGS: Final[Any] = {"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 32}}


def shelf_of(tenant: str, user: str) -> int:
    """The shelf of a namespace; stays the same for ever."""
    return zlib.crc32(f"{tenant}\0{user}".encode()) % SHELVES


class Index(Protocol):
    """Where shelves stand. A shelf is named by its number and its generation, which grows when it is thrown away."""

    def usable(self) -> bool:
        """Whether this process may use it."""
        ...

    def add(self, shelf: tuple[int, int], ids: list[str], vectors: Vectors, spaces: list[int]) -> None:
        """Put vectors, float32 (n, size), on the shelf. Raises ``StorageError``."""
        ...

    def nearest(self, shelf: tuple[int, int], space: int, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """Ids and cosines of the *k* nearest within *space*, best first, approximately. Raises ``StorageError``."""
        ...

    def drop_before(self, shelf: tuple[int, int]) -> None:
        """Delete the earlier generations of a shelf, with their files. Raises ``StorageError``."""
        ...

    def close(self) -> None: ...


class EmbeddedIndex:
    """Chroma inside this process, one folder a shelf. One process at a time owns it; the others search the record."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._owner = FileLock(folder / "owner.lock", timeout=0)
        self._clients: dict[tuple[int, int], tuple[Any, Any]] = {}

    def usable(self) -> bool:
        with self._lock:
            if not self._owner.is_locked:
                self._folder.mkdir(parents=True, exist_ok=True)
                try:
                    self._owner.acquire()
                except Timeout:
                    return False
            return True

    def add(self, shelf: tuple[int, int], ids: list[str], vectors: Vectors, spaces: list[int]) -> None:
        with self._lock, _mapped(str(self._folder)):
            self._collection(shelf).upsert(
                ids=ids, embeddings=vectors, metadatas=[{"space": space} for space in spaces]
            )

    def nearest(self, shelf: tuple[int, int], space: int, vector: Vectors, k: int) -> list[tuple[str, float]]:
        with self._lock, _mapped(str(self._folder)):
            return _nearest(self._collection(shelf), space, vector, k)

    def drop_before(self, shelf: tuple[int, int]) -> None:
        with self._lock, _mapped(str(self._folder)):
            for key in [key for key in self._clients if key[0] == shelf[0] and key[1] < shelf[1]]:
                self._clients.pop(key)[0].close()
            for folder in self._folder.glob(f"{shelf[0]:02x}-*"):
                if int(folder.name.partition("-")[2]) < shelf[1]:
                    shutil.rmtree(folder)

    def close(self) -> None:
        with self._lock:
            for client, _ in self._clients.values():
                client.close()
            self._clients.clear()
            self._owner.release()

    def _collection(self, shelf: tuple[int, int]) -> Any:
        if shelf not in self._clients:
            import chromadb
            from chromadb.config import Settings

            path = self._folder / f"{shelf[0]:02x}-{shelf[1]}"
            client = chromadb.PersistentClient(path=str(path), settings=Settings(anonymized_telemetry=False))
            collection = client.get_or_create_collection("turns", embedding_function=None, configuration=_SETTINGS)
            self._clients[shelf] = (client, collection)
        return self._clients[shelf][1]


class ServerIndex:
    """A Chroma server (``chroma run``), shared by any number of processes and stores."""

    def __init__(self, url: str, store: str) -> None:
        """*store* keeps the collections of several stores apart. Raises ``InputError`` for what is no address."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError(f"{url!r} is no address of a Chroma server.", "Give one such as http://localhost:8000.")
        self._url = url
        self._address = (
            parts.hostname,
            parts.port or (443 if parts.scheme == "https" else 8000),
            parts.scheme == "https",
        )
        self._store = store
        self._lock = threading.RLock()
        self._connected: Any = None

    def usable(self) -> bool:
        return True

    def add(self, shelf: tuple[int, int], ids: list[str], vectors: Vectors, spaces: list[int]) -> None:
        with self._lock, _mapped(self._url):
            self._collection(shelf).upsert(
                ids=ids, embeddings=vectors, metadatas=[{"space": space} for space in spaces]
            )

    def nearest(self, shelf: tuple[int, int], space: int, vector: Vectors, k: int) -> list[tuple[str, float]]:
        with self._lock, _mapped(self._url):
            return _nearest(self._collection(shelf), space, vector, k)

    def drop_before(self, shelf: tuple[int, int]) -> None:
        with self._lock, _mapped(self._url):
            kept = self._name(shelf)
            for name in [one if isinstance(one, str) else one.name for one in self._client().list_collections()]:
                if name.startswith(kept.rpartition("-")[0] + "-") and name != kept:
                    self._client().delete_collection(name)

    def close(self) -> None:
        with self._lock:
            if self._connected is not None:
                # Chroma's client leaves its connections open.
                session = getattr(getattr(self._connected, "_server", None), "_session", None)
                self._connected.close()
                self._connected = None
                if session is not None:
                    session.close()

    def _name(self, shelf: tuple[int, int]) -> str:
        return f"visavis-{self._store}-{shelf[0]:02x}-{shelf[1]}"

    def _collection(self, shelf: tuple[int, int]) -> Any:
        return self._client().get_or_create_collection(
            self._name(shelf), embedding_function=None, configuration=_SETTINGS
        )

    def _client(self) -> Any:
        if self._connected is None:
            import chromadb
            from chromadb.config import Settings

            host, port, ssl = self._address
            self._connected = chromadb.HttpClient(
                host=host, port=port, ssl=ssl, settings=Settings(anonymized_telemetry=False)
            )
        return self._connected


def _nearest(collection: Any, space: int, vector: Vectors, k: int) -> list[tuple[str, float]]:
    found = collection.query(query_embeddings=vector[None], n_results=k, where={"space": space}, include=["distances"])
    return [(key, 1.0 - float(distance)) for key, distance in zip(found["ids"][0], found["distances"][0], strict=True)]


@contextmanager
def _mapped(where: str) -> Iterator[None]:
    try:
        yield
    except Exception as exc:
        raise StorageError(
            f"The vector index at {where} cannot be used: {exc}.",
            "Check that it is up, or rebuild it with `visavis memory reindex`.",
        ) from exc


def stacked(blobs: Sequence[bytes]) -> Vectors:
    """Rows of float16 bytes as float32 (n, size)."""
    return np.frombuffer(b"".join(blobs), "<f2").reshape(len(blobs), -1).astype(np.float32)
