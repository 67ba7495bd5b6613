"""One turn at a time in a conversation, across threads, event loops and processes."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from filelock import FileLock, Timeout

from ..errors import StorageError

_POLL_S: Final = 0.005


class Lock(Protocol):
    """What other processes see of a conversation that is taken."""

    def acquire(self, *, timeout: float) -> Any:
        """Raises ``filelock.Timeout`` when it is not free within *timeout* seconds."""
        ...

    def release(self) -> None:
        """Does nothing when it is not held."""
        ...


class Turns:
    """Hands out conversations, first come first served within a process.

    LangGraph reads a conversation when a run starts and writes it when the run ends; of two runs at once, one would be lost.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        lock: Callable[[str], Lock] | None = None,
        patience_s: float = 300.0,
    ) -> None:
        """*folder* holds the lock files that other processes see, unless *lock* makes other locks for them; without either a
        conversation is held within this process only."""
        self._folder = folder
        self._lock = lock
        self._patience_s = patience_s
        self._queues: defaultdict[str, deque[object]] = defaultdict(deque)
        self._guard = threading.Lock()

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Waits for conversation *key*. Raises ``StorageError`` when it stays busy for ``patience_s``."""
        with self._queued(key) as claim:
            while not claim.taken():
                claim.check()
                time.sleep(_POLL_S)
            yield

    @asynccontextmanager
    async def ahold(self, key: str) -> AsyncIterator[None]:
        """As ``hold``, without blocking the event loop."""
        with self._queued(key) as claim:
            while not claim.taken():
                claim.check()
                await asyncio.sleep(_POLL_S)
            yield

    @contextmanager
    def _queued(self, key: str) -> Iterator[_Claim]:
        lock: Lock | None = self._lock(key) if self._lock else None
        if self._folder:
            name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
            lock = FileLock(self._folder / f"{name}.lock", thread_local=False)
        with self._guard:
            queue = self._queues[key]
            claim = _Claim(queue, lock, time.monotonic() + self._patience_s)
            queue.append(claim)
        try:
            yield claim
        finally:
            if lock:
                lock.release()
            with self._guard:
                queue.remove(claim)
                if not queue:
                    self._queues.pop(key, None)


class _Claim:
    def __init__(self, queue: deque[object], lock: Lock | None, until: float) -> None:
        self._queue, self._lock, self._until = queue, lock, until

    def taken(self) -> bool:
        """Whether it is this claim's turn; takes the file lock when it is."""
        if self._queue[0] is not self:
            return False
        if self._lock is None:
            return True
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as exc:
            raise StorageError(
                f"The conversation cannot be locked: {exc}.", "Check that the data folder can be written."
            ) from exc
        return True

    def check(self) -> None:
        if time.monotonic() > self._until:
            raise StorageError(
                "The conversation is busy with another message.", "Wait for its answer, or close its stream."
            )
