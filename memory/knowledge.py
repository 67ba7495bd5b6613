"""What a tenant's documents say: files to passages, kept in step with their content, found by the ranker that memory uses."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

from ..errors import BackendError, InputError
from . import documents
from . import embeddings as encoders
from .database import Database
from .documents import Piece
from .embeddings import Embeddings, Encoder
from .passages import Index
from .types import Passage

_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE tenants (tenant TEXT PRIMARY KEY, epoch INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE sources (source INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL,
    UNIQUE (tenant, name));
CREATE TABLE passages (passage INTEGER PRIMARY KEY AUTOINCREMENT, source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
    heading TEXT NOT NULL, text TEXT NOT NULL, vector BLOB NOT NULL);
CREATE INDEX passages_by_source ON passages (source)
"""


class Document(Protocol):
    """The part of ``langchain_core.documents.Document`` that is used here."""

    page_content: str
    metadata: dict[Any, Any]


class Loader(Protocol):
    """The part of ``langchain_core.document_loaders.BaseLoader`` that is used here."""

    def lazy_load(self) -> Iterator[Any]: ...


@dataclass(frozen=True, slots=True)
class Counts:
    """Documents that ``add`` and ``sync`` found."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: tuple[str, ...] = ()
    """What was wrong with each file that could not be read."""

    def plus(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Counts)))


class Knowledge:
    """The documents of every tenant, in one folder. Safe from any thread, and shared by any number of processes."""

    def __init__(self, database: Database, encoder: Encoder) -> None:
        self._db = database
        self._encoder = encoder
        self._lock = threading.RLock()
        self._loaded: dict[str, Index] = {}

    @classmethod
    def open(cls, path: str | Path, embeddings: str | Path | Embeddings | Encoder | None = None) -> Knowledge:
        """Open the knowledge in the folder *path*, or begin one there; *embeddings* as for ``Memory.open``.

        Raises ``StorageError`` and, for *embeddings*, ``InputError`` and ``BackendError``.
        """
        return cls(Database(Path(path) / "knowledge.db", schema=_SCHEMA, version=_VERSION), encoders.load(embeddings))

    def of(self, tenant: str) -> Library:
        """One tenant's documents. Raises ``InputError`` without a tenant, ``StorageError`` for another embedding's index."""
        if not isinstance(tenant, str) or not tenant.strip():
            raise InputError(f"Knowledge needs a tenant: {tenant!r} is none.", "Give the tenant as a non-empty string.")
        self._db.check_embedding(self._encoder.name, "knowledge")
        return Library(self, tenant)

    def reindex(self) -> int:
        """Embed every passage again with the present embedding; how many passages that were."""
        rows = self._db.read("SELECT passage, heading, text FROM passages")
        vectors = self._encode([Piece(row[1], row[2]) for row in rows])
        with self._lock, self._db.write() as db:
            db.executemany(
                "UPDATE passages SET vector = ? WHERE passage = ?",
                [(v, row[0]) for v, row in zip(vectors, rows, strict=True)],
            )
            db.execute("UPDATE tenants SET epoch = epoch + 1")
            db.execute("INSERT OR REPLACE INTO meta VALUES ('embedding', ?)", (self._encoder.name,))
        return len(rows)

    def close(self) -> None:
        self._loaded.clear()
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _encode(self, pieces: list[Piece]) -> list[bytes]:
        rows = self._encoder.encode([f"{piece.heading} {piece.text}" for piece in pieces])
        return [row.astype("<f2").tobytes() for row in rows]

    def _index(self, tenant: str) -> Index:
        with self._lock:
            epochs = self._db.read("SELECT epoch FROM tenants WHERE tenant = ?", (tenant,))
            epoch = epochs[0][0] if epochs else 0
            index = self._loaded.get(tenant)
            if index is None or index.epoch != epoch:
                rows = self._db.read(
                    "SELECT passage, name, heading, text, vector FROM passages JOIN sources USING (source)"
                    " WHERE tenant = ? ORDER BY passage",
                    (tenant,),
                )
                index = self._loaded[tenant] = Index(epoch, rows)
            return index


class Library:
    """The documents of one tenant."""

    def __init__(self, knowledge: Knowledge, tenant: str) -> None:
        self._knowledge = knowledge
        self.tenant = tenant

    def add(self, what: str | Path | Loader) -> Counts:
        """Read a file, every known file below a folder, or what a LangChain loader gives; what is known and unchanged costs
        nothing.

        Raises ``InputError`` and ``BackendError`` for a file that cannot be read (within a folder it is named in
        ``Counts.failed``
        instead), and ``StorageError``.
        """
        if not isinstance(what, (str, Path)):
            return self._store(_from_loader(what))
        path = Path(what)
        if not path.exists():
            raise InputError(f"{path} does not exist.", "Check the path.")
        return self._add_folder(path) if path.is_dir() else self._store([_from_file(path)])

    def sync(self, folder: str | Path) -> Counts:
        """``add`` the folder, and remove the documents that came from it and are no longer there."""
        root = Path(folder)
        if not root.is_dir():
            raise InputError(f"{root} is no folder.", "Give the folder that was added.")
        counts = self._add_folder(root)
        gone = [
            name for name in self.sources() if Path(name).is_relative_to(root.resolve()) and not Path(name).is_file()
        ]
        for name in gone:
            self.remove(name)
        return replace(counts, removed=len(gone))

    def sources(self) -> list[str]:
        """The documents held, by name; a file's name is its absolute path."""
        rows = self._knowledge._db.read("SELECT name FROM sources WHERE tenant = ? ORDER BY name", (self.tenant,))
        return [row[0] for row in rows]

    def remove(self, source: str | Path) -> bool:
        """Remove a document, by its name, its path or its bare file name where only one has it; whether there was one."""
        names = self.sources()
        matching = [name for name in names if name in (str(source), str(Path(source).resolve()))]
        matching = matching or [name for name in names if Path(name).name == str(source)]
        if len(matching) > 1:
            raise InputError(f"{len(matching)} documents are called {source}.", "Give the whole path.")
        if not matching:
            return False
        with self._knowledge._db.write() as db:
            db.execute("DELETE FROM sources WHERE tenant = ? AND name = ?", (self.tenant, matching[0]))
            self._touch(db)
        self._knowledge._db.wipe_deleted()
        return True

    def search(self, query: str, k: int = 5) -> list[Passage]:
        """At most *k* passages that share something with *query*, best first. Raises ``InputError``, ``StorageError``,
        ``BackendError``."""
        if not isinstance(query, str) or k < 1:
            raise InputError("A search needs a query and k of at least 1.", "Give the query as a string.")
        index = self._knowledge._index(self.tenant)
        return index.search(query, k, self._knowledge._encoder) if query.strip() else []

    def _add_folder(self, folder: Path) -> Counts:
        total = Counts()
        for file in sorted(folder.rglob("*")):
            inside = file.relative_to(folder).parts
            if (
                file.suffix.lower() not in documents.READERS
                or not file.is_file()
                or any(part.startswith(".") for part in inside)
            ):
                continue
            try:
                total = total.plus(self._store([_from_file(file)]))
            except (InputError, BackendError) as error:
                total = total.plus(Counts(failed=(str(error),)))
        return total

    def _store(self, read: Iterable[_Source]) -> Counts:
        known = dict(self._knowledge._db.read("SELECT name, hash FROM sources WHERE tenant = ?", (self.tenant,)))
        total = Counts()
        for source in read:
            if known.get(source.name) == source.hash:
                total = total.plus(Counts(unchanged=1))
                continue
            self._replace(source)
            total = total.plus(Counts(updated=1) if source.name in known else Counts(added=1))
        return total

    def _replace(self, source: _Source) -> None:
        pieces = source.pieces()
        vectors = self._knowledge._encode(pieces)
        with self._knowledge._db.write() as db:
            db.execute("DELETE FROM sources WHERE tenant = ? AND name = ?", (self.tenant, source.name))
            key = db.execute(
                "INSERT INTO sources (tenant, name, hash) VALUES (?, ?, ?)", (self.tenant, source.name, source.hash)
            ).lastrowid
            db.executemany(
                "INSERT INTO passages (source, heading, text, vector) VALUES (?, ?, ?, ?)",
                [(key, piece.heading, piece.text, vector) for piece, vector in zip(pieces, vectors, strict=True)],
            )
            self._touch(db)

    def _touch(self, db: sqlite3.Connection) -> None:
        db.execute(
            "INSERT INTO tenants VALUES (?, 1) ON CONFLICT (tenant) DO UPDATE SET epoch = epoch + 1", (self.tenant,)
        )


@dataclass(frozen=True, slots=True)
class _Source:
    """A document that may have to be read."""

    name: str
    hash: str
    pieces: Callable[[], list[Piece]]


def _from_file(path: Path) -> _Source:
    content = documents.load(path)
    return _Source(str(path.resolve()), hashlib.sha256(content).hexdigest(), lambda: documents.parse(path, content))


def _from_loader(loader: Loader) -> Iterator[_Source]:
    """What the loader gives, one source for each ``metadata["source"]``."""
    texts: dict[str, list[str]] = {}
    for document in loader.lazy_load():
        name = str(document.metadata.get("source") or type(loader).__name__)
        texts.setdefault(name, []).append(document.page_content)
    for name, parts in texts.items():
        text = "\n\n".join(parts)
        yield _Source(name, hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(), partial(_pieces, text))


def _pieces(text: str) -> list[Piece]:
    return [piece for piece in documents.markdown(text) if piece.text.strip()]
