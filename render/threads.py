"""One thread for linear algebra while frames are rendered.

A frame needs one small matrix-vector product. OpenBLAS spreads it over every core and its threads then spin against
OpenCV's: on two cores the same loop runs at 60 instead of 164 frames/s.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]


class _Blas:
    """The BLAS libraries of this process and how many renderers hold them to one thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._holders = 0
        self._limit: Any = None
        self._libraries: ThreadpoolController | None = None

    def hold(self) -> None:
        with self._lock:
            if self._libraries is None:  # the look-up walks every loaded file: once, and not at import
                self._libraries = ThreadpoolController()
            if self._holders == 0:
                self._limit = self._libraries.limit(limits=1, user_api="blas")
            self._holders += 1

    def release(self) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                self._limit.restore_original_limits()


_BLAS = _Blas()


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Within the block every BLAS library uses one thread; when the last such block ends, the former numbers return."""
    _BLAS.hold()
    try:
        yield
    finally:
        _BLAS.release()
