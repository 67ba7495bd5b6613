"""Keeps the dense index in step with the record, off the reply's path."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from typing import Final

from ..errors import VisavisError
from .embeddings import Encoder, Vectors
from .record import Record
from .vectors import SHELVES, Index, stacked

BATCH: Final = 64
"""Turns that wait in the record, where they are searched exactly, before the index is opened for them."""
_ROWS: Final = 500
_QUIET_S: Final = 2.0
"""How long nobody must have used the memory before indexing begins: loading Chroma takes a second of this process's time."""
_PATIENCE_S: Final = 60.0
"""When indexing begins though the memory is in constant use."""

_log = logging.getLogger(__name__)


class Indexer:
    """Embeds what is not embedded yet and carries vectors from the record to the index, in a thread that lives while there is
    work."""

    def __init__(self, record: Record, encoder: Encoder, index: Index | None) -> None:
        self._record = record
        self._encoder = encoder
        self._index = index
        self._waiting = record.behind()
        self._used_at = 0.0
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._working = threading.Lock()
        self._thread: threading.Thread | None = None

    def in_use(self) -> None:
        """Somebody waits for a reply: index later."""
        self._used_at = time.monotonic()

    def noticed(self) -> None:
        """A turn was stored."""
        self.in_use()
        with self._lock:
            self._waiting += 1
            if self._waiting >= BATCH and (self._thread is None or not self._thread.is_alive()):
                self._waiting = 0
                self._thread = threading.Thread(target=self._work, name="visavis-indexer", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < min(self._used_at + _QUIET_S, deadline):
            if self._stopped.wait(_QUIET_S / 4):
                return
        try:
            self.catch_up()
        except VisavisError as error:
            _log.warning("The index is behind the record, which is searched instead: %s", error)

    def catch_up(self) -> int:
        """Embed and index every turn that waits; how many were indexed. Raises ``StorageError`` and ``BackendError``."""
        with self._working:
            self.embed()
            if self._index is None or not self._index.usable():
                return 0
            return sum(self._fill(shelf, self._index) for shelf in range(SHELVES))

    def embed(self, space: int | None = None) -> int:
        """Embed the turns that have no vector yet; how many."""
        done = 0
        while missing := self._record.without_vector(_ROWS // 4, space):
            vectors = self._encoder.encode([text for _, text in missing])
            self._record.set_vectors((seq, packed(vector)) for (seq, _), vector in zip(missing, vectors, strict=True))
            done += len(missing)
        return done

    def _fill(self, shelf: int, index: Index) -> int:
        done = 0
        while not self._stopped.is_set():
            generation, indexed = self._record.shelf(shelf)
            rows = self._record.to_index(shelf, indexed, _ROWS)
            if not rows:
                break
            index.add(
                (shelf, generation),
                [row[1] for row in rows],
                stacked([row[3] for row in rows]),
                [row[2] for row in rows],
            )
            self._record.set_indexed(shelf, generation, rows[-1][0])
            done += len(rows)
        return done

    def forgot(self, shelves: Iterable[tuple[int, int]]) -> None:
        """Delete the files of the shelves that were thrown away, given with their new generations. Raises ``StorageError``."""
        if self._index is not None:
            for shelf in shelves:
                self._index.drop_before(shelf)

    def close(self) -> None:
        """Let the thread finish its batch. What it leaves is in the record, and is indexed later."""
        self._stopped.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()
        if self._index is not None:
            self._index.close()


def packed(vector: Vectors) -> bytes:
    return vector.astype("<f2").tobytes()
