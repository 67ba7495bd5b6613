"""Conversations in PostgreSQL, for agents on several machines."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

from filelock import Timeout

from ..errors import BackendError, StorageError
from .in_threads import InThreads

try:
    from langgraph.checkpoint.postgres import PostgresSaver
    from psycopg import Connection, Error
    from psycopg.rows import DictRow, dict_row
    from psycopg_pool import ConnectionPool, PoolTimeout
except ImportError as exc:
    raise BackendError("Conversations in PostgreSQL need a package.", "Run: pip install 'visavis[postgres]'") from exc

_PATIENCE_S: Final = 10.0
_CONNECTIONS: Final = 8
_TURNS: Final = 32
"""Conversations that are answered at once in one process."""
_POLL_S: Final = 0.05


class PostgresConversations(InThreads, PostgresSaver):
    """LangGraph's PostgreSQL checkpointer over a pool of connections, usable from any thread and any event loop."""

    def __init__(self, url: str) -> None:
        """Connects, and makes the tables when they are not there. Raises ``StorageError``."""
        parts = urlsplit(url)
        self.place = f"{parts.hostname or 'localhost'}{parts.path}"
        self._pool = _pool(url, _CONNECTIONS)
        # Apart from the others, so that turns that wait for each other cannot take the connections they would end with.
        self._locks = _pool(url, _TURNS)
        with self._mapped():
            try:
                self._pool.open(wait=True, timeout=_PATIENCE_S)
                super().__init__(self._pool)
                self.setup()
                self._locks.open()
            except BaseException:
                self.close()
                raise

    def lock_conversation(self, key: str) -> PostgresLock:
        """A lock that every process on this database sees."""
        return PostgresLock(self._locks, key)

    def close(self) -> None:
        self._locks.close()
        self._pool.close()

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except (Error, PoolTimeout) as exc:
            reason = str(exc).strip().partition("\n")[0].rstrip(".")
            raise StorageError(
                f"The conversations in PostgreSQL at {self.place} cannot be opened: {reason}.",
                "Check that the server is up and that the address, user and password are right.",
            ) from exc


def _pool(url: str, size: int) -> ConnectionPool[Connection[DictRow]]:
    return ConnectionPool(
        url,
        min_size=1,
        max_size=size,
        timeout=_PATIENCE_S,
        open=False,
        kwargs={"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
    )


class PostgresLock:
    """A session-level advisory lock; it goes with its connection, so a process that dies leaves none behind."""

    def __init__(self, pool: ConnectionPool[Connection[DictRow]], key: str) -> None:
        self._pool, self._number = pool, zlib.crc32(key.encode("utf-8", "surrogatepass"))
        self._connection: Connection[DictRow] | None = None

    def acquire(self, *, timeout: float) -> None:
        """Raises ``filelock.Timeout`` when it is not free within *timeout* seconds, as file locks do."""
        try:
            connection = self._pool.getconn(timeout=max(timeout, _POLL_S))
        except PoolTimeout as exc:
            raise Timeout("every connection is taken") from exc
        row = connection.execute("SELECT pg_try_advisory_lock(%s) AS taken", (self._number,)).fetchone()
        if row is None or not row["taken"]:
            self._pool.putconn(connection)
            raise Timeout("another process holds the conversation")
        self._connection = connection

    def release(self) -> None:
        """Give it back, if it is held."""
        if self._connection is not None:
            self._connection.execute("SELECT pg_advisory_unlock(%s)", (self._number,))
            self._pool.putconn(self._connection)
            self._connection = None
