"""Between the event loop and the threads that render."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import wait
from typing import Final, TypeVar

from .prefetch import Pushed

T = TypeVar("T")

_POLL_S: Final = 0.05


async def as_async(items: Pushed[T]) -> AsyncIterator[T]:
    """*items* without blocking the event loop. Closing or cancelling closes *items*."""
    try:
        while not isinstance(item := await asyncio.to_thread(next, items, _END), _End):
            yield item
    finally:
        items.stop.set()


def as_sync(items: AsyncIterator[T], loop: asyncio.AbstractEventLoop, stop: threading.Event) -> Iterator[T]:
    """*items*, which live in *loop*, for a thread outside it. Ends when *stop* is set, even while an item is awaited."""

    async def pull() -> T | _End:
        return await anext(items, _END)

    while not stop.is_set():
        future = asyncio.run_coroutine_threadsafe(pull(), loop)
        while not wait([future], timeout=_POLL_S).done:
            if stop.is_set():
                future.cancel()
                return
        item = future.result()
        if isinstance(item, _End):
            return
        yield item


class _End:
    """What comes after the last item."""


_END: Final = _End()
