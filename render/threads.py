"""One thread for linear algebra while frames are rendered.

A frame needs one small matrix-vector product. OpenBLAS spreads it over every core and its threads then spin against OpenCV's: on two
cores the same loop runs at 60 instead of 164 frames/s.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import ThreadpoolController


class _Libraries:
    """The BLAS libraries of this process, looked up once: the look-up walks every loaded file."""

    controller: ThreadpoolController | None = None


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Within the block every BLAS library uses one thread; the former numbers come back after it."""
    if _Libraries.controller is None:
        _Libraries.controller = ThreadpoolController()
    with _Libraries.controller.limit(limits=1, user_api="blas"):
        yield
