"""The parts of a picture in which there is something to do, so that the rest costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

_ROWS: Final = 64
_COLUMNS: Final = 16


def patches(where: NDArray[np.bool_]) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of rectangles that hold every true pixel of *where*, (h, w), and few others; no two overlap."""
    height, width = where.shape
    for top in range(0, height, _ROWS):
        rows = slice(top, top + _ROWS)
        busy = np.logical_or.reduceat(where[rows].any(axis=0), np.arange(0, width, _COLUMNS))
        for first, end in np.flatnonzero(np.diff(busy, prepend=False, append=False)).reshape(-1, 2).tolist():
            yield rows, slice(first * _COLUMNS, end * _COLUMNS)
