"""Displacement fields: a weighted sum of bases, and its inverse as a map for ``resample``.

A basis says where a point of the photo goes; resampling asks where a pixel of the frame comes from. The negated field is
not the answer (at a jaw drop of 20 px it misses by 4.5 px), the fixed point of ``D(x) = -U(x + D(x))`` is: it is reached
where the gradient of U stays below 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from ..types import Box, Floats
from ._resample import Reals, resample


@dataclass(frozen=True, slots=True)
class Grid:
    """Evenly spaced nodes over a box of the picture, half a step inside its border as ``cv2.resize`` expects them."""

    box: Box
    shape: tuple[int, int]
    """(rows, columns) of nodes."""

    @property
    def step(self) -> Floats:
        """(x, y) distance of neighbouring nodes in pixels, float32 (2,)."""
        return np.array([self.box.width / self.shape[1], self.box.height / self.shape[0]], np.float32)

    def nodes(self) -> Floats:
        """Pixel positions of the nodes, float32 (rows, columns, 2)."""
        rows, columns = self.shape
        index = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1)
        return np.asarray((index + 0.5) * self.step - 0.5 + (self.box.x0, self.box.y0), np.float32)

    def index_of(self, points: Reals) -> Floats:
        """Pixels (..., 2) -> fractional (column, row) of the grid, float32 (..., 2)."""
        return np.asarray((points - (self.box.x0, self.box.y0) + 0.5) / self.step - 0.5, np.float32)


def grid(box: Box, nodes: int) -> Grid:
    """A grid over *box* with *nodes* nodes along its longer side, but no more than one per pixel."""
    step = max(max(box.width, box.height) / nodes, 1.0)
    return Grid(box, (max(round(box.height / step), 2), max(round(box.width / step), 2)))


class Field:
    """Bases on a grid; read only once made."""

    def __init__(self, on: Grid, bases: Floats, *, steps: int, detail: int = 1) -> None:
        """*bases* float32 (k, rows, columns, 2): the displacement in pixels per unit of control.

        The inverse is refined *steps* times; each one multiplies its error by the gradient of the field. Sources are
        given in the pixels of a picture *detail* times as fine.
        """
        self.grid = on
        self._steps = steps
        rows, columns = on.shape
        self._bases = np.ascontiguousarray(bases.reshape(len(bases), -1))
        self._per_step = 1 / on.step
        self._index = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).astype(np.float32)
        x, y = np.meshgrid(np.arange(on.box.x0, on.box.x1), np.arange(on.box.y0, on.box.y1))
        self._pixels = np.stack([x, y], axis=-1).astype(np.float32) * np.float32(detail)
        self._detail = np.float32(detail)

    def displacement(self, weights: Floats) -> Floats:
        """The forward field, float32 (rows, columns, 2) in pixels, for *weights* float32 (k,)."""
        return np.asarray(weights @ self._bases, np.float32).reshape(*self.grid.shape, 2)

    def source(self, weights: Floats) -> Floats:
        """For every pixel of the box, where in the fine picture it comes from: float32 (height, width, 2)."""
        forward = self.displacement(weights)
        shift = forward
        for _ in range(self._steps):
            shift = resample(forward, self._index - shift * self._per_step)
        box = self.grid.box
        dense: Any = shift * self._detail
        if self.grid.shape != (box.height, box.width):
            dense = cv2.resize(dense, (box.width, box.height), interpolation=cv2.INTER_LINEAR)
        source: Floats = np.subtract(self._pixels, dense)
        return source
