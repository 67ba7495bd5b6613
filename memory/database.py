"""A SQLite file that survives crashes, is shared by processes, and keeps nothing that was deleted."""

from __future__ import annotations

import errno
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from ..errors import StorageError

BUSY_S: Final = 10.0
"""How long to wait for another process's write."""
_WIPE_S: Final = 4.0


class Database:
    """One connection behind a lock: safe from any thread, and beside other processes on the same file."""

    def __init__(self, path: Path, *, schema: str, version: int) -> None:
        """Open *path*, or make it with *schema*. Raises ``StorageError``."""
        self.path = path
        self._lock = threading.RLock()
        with self._mapped():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(schema, version)
        except StorageError:
            self._connection.close()
            raise

    def _prepare(self, schema: str, version: int) -> None:
        with self._mapped():
            self._connection.execute(f"PRAGMA busy_timeout = {int(BUSY_S * 1000)}")
            found = self._version()
            if found > version:
                raise StorageError(
                    f"{self.path} was written by a newer visavis (format {found}, this one reads {version}).",
                    "Upgrade visavis, or give another folder.",
                )
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "secure_delete = ON",
                "temp_store = MEMORY",
                "foreign_keys = ON",
            ):
                self._connection.execute(f"PRAGMA {pragma}").fetchall()
        if found < version:
            with self.write():
                if self._version() < version:
                    for statement in schema.split(";"):
                        self._connection.execute(statement)
                    self._connection.execute(f"PRAGMA user_version = {version}")

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is durable when the block ends and gone when it raises. Raises ``StorageError``."""
        with self._lock, self._mapped():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def read(self, sql: str, values: Any = ()) -> list[Any]:
        """All rows of a query. Raises ``StorageError``."""
        with self._lock, self._mapped():
            return self._connection.execute(sql, values).fetchall()

    def check_embedding(self, name: str, what: str) -> None:
        """Note in the table ``meta`` that *what* is indexed with the embedding *name*.

        Raises ``StorageError`` when it is indexed with another.
        """
        made = self.read("SELECT value FROM meta WHERE key = 'embedding'")
        if not made:
            self.set_embedding(name)
        elif made[0][0] != name:
            raise StorageError(
                f"This {what} was indexed with the embedding {made[0][0]!r}, not {name!r}.",
                "Open it with that one, or rebuild the index with `visavis memory reindex`.",
            )

    def set_embedding(self, name: str) -> None:
        """Note that from now on the embedding is *name*."""
        with self.write() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('embedding', ?)", (name,))

    def wipe_deleted(self) -> None:
        """Overwrite what deleted rows left in free pages and in the write-ahead log.

        Raises ``StorageError`` when another process keeps reading the log.
        """
        with self._lock, self._mapped():
            # secure_delete alone leaves remnants where a page was rearranged while the text still lived.
            self._connection.execute("PRAGMA temp_store = FILE")
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA temp_store = MEMORY")
            deadline = time.monotonic() + _WIPE_S
            while self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if time.monotonic() > deadline:
                    raise StorageError(
                        f"Another process is reading {self.path}, so deleted text is still in its log.",
                        "Try again when it is done.",
                    )
                time.sleep(0.02)

    def close(self) -> None:
        with self._lock, self._mapped():
            self._connection.close()

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            raise self._explained(exc) from exc
        except OSError as exc:
            fix = "Free some space." if exc.errno == errno.ENOSPC else "Give a folder that you may write to."
            raise StorageError(f"{self.path} cannot be used: {exc.strerror or exc}.", fix) from exc

    def _explained(self, exc: sqlite3.Error) -> StorageError:
        name = getattr(exc, "sqlite_errorname", "") or ""
        text = str(exc)
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return StorageError(f"{self.path} is locked by another process.", "Close that process, or try again.")
        if name.startswith("SQLITE_READONLY"):
            return StorageError(
                f"{self.path} is read-only.", "Give its file and folder write permission, or give another folder."
            )
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return StorageError(
                f"{self.path} is damaged.", "Put back a backup, or move the file away to start with an empty memory."
            )
        if name.startswith("SQLITE_FULL"):
            return StorageError(f"The disk is full; {self.path} was not changed.", "Free some space and try again.")
        if name.startswith("SQLITE_CANTOPEN"):
            return StorageError(
                f"{self.path} cannot be opened.", "Give a folder that exists and that you may write to."
            )
        if "closed database" in text:
            return StorageError("This memory is closed.", "Open it again.")
        return StorageError(f"{self.path} cannot be used: {text}.", "Check the disk, or give another folder.")
