"""Threads as operators on iterators."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from contextvars import copy_context
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_POLL_S: Final = 0.05
_GRACE_S: Final = 0.5


class Closed(BaseException):
    """Raised inside the work when nobody wants its results any more; no ``except Exception`` on the way can swallow it."""


class _End:
    """The last thing in the queue, with what ended the work."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


Work = Callable[[Callable[[T], None], threading.Event], None]


class Pushed(Iterator[T], Generic[T]):
    """The items that *work* pushes from a thread of its own, at most *depth* ahead.

    *work* is called with ``push``, which raises ``Closed`` once nobody wants the items, and with the event that says so. An error
    of *work* is raised where the items are used. Closing the iterator, from any thread, or letting go of it stops the work;
    ``close`` waits half a second at most for that, so that a source that hangs cannot hold up an interruption.
    """

    def __init__(self, work: Work[T], depth: int, stop: threading.Event | None = None) -> None:
        """*stop*: set by anybody, it closes the iterator; it is also set when the work ends."""
        self._queue: queue.Queue[T | _End] = queue.Queue(maxsize=depth)
        self.stop = stop or threading.Event()
        arguments = (_run, work, self._queue, self.stop)  # not self: the thread must not keep it alive
        self._thread = threading.Thread(target=copy_context().run, args=arguments, name="visavis", daemon=True)
        self._thread.start()

    def __next__(self) -> T:
        while not self.stop.is_set():
            try:
                item = self._queue.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if not isinstance(item, _End):
                return item
            self.stop.set()
            if item.error is not None:
                try:
                    raise item.error
                finally:
                    del item
        raise StopIteration

    def close(self) -> None:
        """Stop the work. Idempotent."""
        self.stop.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(_GRACE_S)

    def __del__(self) -> None:
        self.stop.set()


def _run(work: Work[T], items: queue.Queue[T | _End], stop: threading.Event) -> None:
    def push(item: T | _End) -> None:
        while not stop.is_set():
            try:
                items.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return
        raise Closed

    end = _End()
    try:
        work(push, stop)
    except BaseException as error:  # noqa: BLE001 - the thread's boundary: raised again where the items are used
        end = _End(error)
    try:
        with suppress(Closed):
            push(end)
    finally:
        del end  # the error's traceback holds this frame: no cycle may keep the sources in it open


def prefetch(items: Iterable[T], depth: int = 2) -> Pushed[T]:
    """The same items in the same order, made up to *depth* ahead in a thread of their own, which also closes *items*."""

    def work(push: Callable[[T], None], stop: threading.Event) -> None:
        for item in until(stop, items):
            push(item)

    return Pushed(work, depth)


def until(stop: threading.Event, items: Iterable[T]) -> Iterator[T]:
    """*items*, ending before the next one once *stop* is set; closes them when it ends."""
    source = iter(items)
    try:
        for item in source:
            if stop.is_set():
                return
            yield item
    finally:
        _close(source)


def _close(source: Iterator[T]) -> None:
    if isinstance(source, Pushed | Generator):
        source.close()
