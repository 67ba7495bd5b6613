"""Displacement fields: a weighted sum of bases, and its inverse as a map for ``cv2.remap``.

A basis says where a point of the photo goes; ``remap`` asks where a pixel of the frame comes from. The negated field is not the answer (a
jaw drop of 20 px misses by 4.5 px), the fixed point of ``D(x) = -U(x + D(x))`` is: it converges where the gradient of U is below 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ..types import Box, Floats

ITERATIONS: Final = 4


@dataclass(frozen=True, slots=True)
class Grid:
    """Evenly spaced nodes over a box of the picture."""

    box: Box
    shape: tuple[int, int]
    """(rows, columns) of nodes."""

    @property
    def steps(self) -> tuple[float, float]:
        """(x, y) distance of neighbouring nodes in pixels."""
        return self.box.width / self.shape[1], self.box.height / self.shape[0]

    def nodes(self) -> Floats:
        """Pixel positions of the nodes, float32 (rows, columns, 2). They lie as ``cv2.resize`` expects: half a step inside the box."""
        step_x, step_y = self.steps
        x = self.box.x0 - 0.5 + (np.arange(self.shape[1]) + 0.5) * step_x
        y = self.box.y0 - 0.5 + (np.arange(self.shape[0]) + 0.5) * step_y
        return np.stack(np.meshgrid(x, y), axis=-1).astype(np.float32)


def grid(box: Box, nodes: int) -> Grid:
    """A grid over *box* with at most *nodes* nodes along its longer side and no more than one per pixel."""
    step = max(max(box.width, box.height) / nodes, 1.0)
    return Grid(box, (max(round(box.height / step), 2), max(round(box.width / step), 2)))


class Field:
    """Bases on a grid. Holds scratch buffers, so one instance serves one thread."""

    def __init__(self, on: Grid, bases: Floats) -> None:
        """*bases* float32 (k, rows, columns, 2): the displacement in pixels per unit of control."""
        self.grid = on
        self._bases = np.ascontiguousarray(bases.reshape(len(bases), -1).astype(np.float32))
        rows, columns = on.shape
        step_x, step_y = on.steps
        self._per_step = np.array([1 / step_x, 1 / step_y], np.float32)
        self._index = np.ascontiguousarray(np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1).astype(np.float32))
        box = on.box
        x, y = np.meshgrid(np.arange(box.x0, box.x1), np.arange(box.y0, box.y1))
        self._pixels = np.ascontiguousarray(np.stack([x, y], axis=-1).astype(np.float32))

    def displacement(self, weights: Floats) -> Floats:
        """The forward field, float32 (rows, columns, 2) in pixels, for *weights* float32 (k,)."""
        return np.asarray(weights @ self._bases, np.float32).reshape(*self.grid.shape, 2)

    def source(self, weights: Floats) -> Floats:
        """For every pixel of the box, where in the picture it comes from: float32 (height, width, 2)."""
        return self.source_of(self.displacement(weights))

    def source_of(self, forward: Floats) -> Floats:
        """As ``source``, from the forward field."""
        back = -forward
        for _ in range(ITERATIONS - 1):
            where = self._index + back * self._per_step
            back = -np.asarray(cv2.remap(forward, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
        box = self.grid.box
        if self.grid.shape != (box.height, box.width):
            back = np.asarray(cv2.resize(back, (box.width, box.height), interpolation=cv2.INTER_LINEAR))
        return np.asarray(cv2.add(self._pixels, back))
