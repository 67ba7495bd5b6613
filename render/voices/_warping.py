"""Dynamic time warping of a recording to what is said in it, with pauses wherever a word ends.

Every frame of the recording is either in a column of the reference or in a pause between two words. A step of the recording goes
on by one column; standing still or jumping costs more. The pauses of the reference are none of its columns: where a speaker
pauses is up to the speaker.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..types import Floats

_STEPS: Final = ((0, 0.25), (1, 0.0), (2, 0.15), (3, 0.5))
"""Columns that one frame of the recording goes on by, and what it costs; sounds that differ cost about 0.6."""
_PAUSED: Final = 8
"""Trace of a pause that begins."""
_RESUMED: Final = 4
"""Trace of one that has ended."""
_WHOLE: Final = 4_000_000
"""Cells up to which the whole plane is searched."""
_COARSE: Final = 10
"""Frames that become one for the first look at a longer plane."""
_DRIFT: Final = (200, 0.05)
"""How far the rate of speech may wander from its mean, in coarse frames and in a part of the length."""
_SPOKEN: Final = 1.0
"""A frame is spoken that costs more than this as a pause, for the first look."""
_REACH: Final = 100
"""Frames searched on either side of the path of the first look."""
_BLOCK: Final = 256


@dataclass(frozen=True, slots=True)
class Plane:
    """What is to be laid over what."""

    recording: Floats
    """float32 (n, features)."""
    silence: Floats
    """float32 (n,): what it costs to take a frame for a pause."""
    reference: Floats
    """float32 (m, features)."""
    gaps: NDArray[np.bool_]
    """bool (m + 1,): a pause may lie before column k; the last one is that after the end."""

    def backwards(self) -> Plane:
        """With the reference from end to start: what could be said as well, but is not."""
        return replace(self, reference=np.ascontiguousarray(self.reference[::-1]), gaps=self.gaps[::-1])

    def coarser(self) -> Plane:
        """At a tenth of the rate."""
        gaps = np.zeros(-(-len(self.reference) // _COARSE) + 1, np.bool_)
        for near in (0, _COARSE - 1):
            gaps[(np.flatnonzero(self.gaps) + near) // _COARSE] = True
        return Plane(_means(self.recording), _means(self.silence), _means(self.reference), gaps)


@dataclass(frozen=True, slots=True)
class Path:
    """Where each frame of the recording belongs."""

    column: NDArray[np.int64]
    """(n,), ascending: its column; in a pause the next one."""
    paused: NDArray[np.bool_]
    """bool (n,)."""
    cost: float
    """Of the whole path."""


def warp(plane: Plane) -> Path | None:
    """The cheapest path; None where there are too few frames for so many columns."""
    rows, columns = len(plane.recording), len(plane.reference)
    if rows * columns <= _WHOLE:
        return _cheapest(plane, np.zeros(rows, np.int64), columns + 1)
    coarse = plane.coarser()
    spread = round(_DRIFT[0] + _DRIFT[1] * len(coarse.reference))
    spoken = np.cumsum(coarse.silence > _SPOKEN)
    middle = spoken * (len(coarse.reference) / max(int(spoken[-1]), 1))
    look = _cheapest(coarse, _lowest(middle, spread, len(coarse.reference)), 2 * spread)
    if look is None:
        return None
    centre = np.interp(np.arange(rows) / _COARSE - 0.5, np.arange(len(look.column)), look.column + 0.5) * _COARSE
    return _cheapest(plane, _lowest(centre, _REACH, columns), 2 * _REACH)


def _means(values: Floats) -> Floats:
    starts = np.arange(0, len(values), _COARSE)
    sizes = np.diff(np.append(starts, len(values)))
    sums = np.add.reduceat(values, starts, axis=0)
    return np.asarray(sums / sizes.reshape(-1, *[1] * (values.ndim - 1)), np.float32)


def _lowest(middle: NDArray[np.floating], spread: int, columns: int) -> NDArray[np.int64]:
    """The first column that is searched in each row, ascending from 0 to where the end is in sight."""
    low = np.clip(np.round(middle).astype(np.int64) - spread, 0, max(columns + 1 - 2 * spread, 0))
    return np.asarray(np.maximum.accumulate(low))


def _cheapest(plane: Plane, low: NDArray[np.int64], width: int) -> Path | None:
    """The cheapest path within *width* places from *low*, which ascends, in each row; at place k, k columns have been said."""
    rows, columns = len(plane.recording), len(plane.reference)
    width = min(width, columns + 1)
    trace = np.empty((rows, width), np.int8)
    pausing = np.where(plane.gaps, np.float32(0), np.float32(np.inf))
    said, hushed = np.full(width, np.inf, np.float32), np.full(width, np.inf, np.float32)
    hushed[0] = 0  # before the first row
    options = np.empty((len(_STEPS) + 1, width), np.float32)
    rested = np.empty(width, np.float32)
    ended = np.empty(width, np.float32)
    places = np.arange(width)
    before = 0
    for first in range(0, rows, _BLOCK):
        costs = _costs(plane, first, low[first : first + _BLOCK], width)
        for row, cost in enumerate(costs, first):
            at = int(low[row])
            moved, before = at - before, at
            for option, (step, extra) in zip(options, _STEPS, strict=False):
                _shifted(option, said, step - moved)
                option += np.float32(extra)
            _shifted(options[_RESUMED], hushed, 1 - moved)
            _shifted(ended, said, -moved)
            _shifted(rested, hushed, -moved)
            best = options.argmin(axis=0)
            trace[row] = best + _PAUSED * (ended < rested)
            said = options[best, places] + cost
            hushed = np.minimum(ended, rested) + plane.silence[row] + pausing[at : at + width]
    last = columns - before
    if last >= width or not np.isfinite(min(said[last], hushed[last])):
        return None
    return _traced(trace, low, columns, float(min(said[last], hushed[last])), paused=bool(hushed[last] <= said[last]))


def _costs(plane: Plane, first: int, low: NDArray[np.int64], width: int) -> Iterator[Floats]:
    """How unlike each row from *first* on is to the columns before its places, which begin at *low*."""
    start, stop = int(low[0]), int(low[-1]) + width
    rows, columns = plane.recording[first : first + len(low)], plane.reference[max(start - 1, 0) : stop - 1]
    squares = (rows * rows).sum(axis=1)[:, None] + (columns * columns).sum(axis=1) - 2 * rows @ columns.T
    costs = np.sqrt(np.maximum(squares, 0))
    if start == 0:  # nothing can be said at place 0
        costs = np.pad(costs, ((0, 0), (1, 0)), constant_values=np.inf)
    for at, cost in zip((low - start).tolist(), costs, strict=True):
        yield cost[at : at + width]


def _shifted(out: Floats, values: Floats, by: int) -> None:
    """*values* moved up by *by* places into *out*, infinite where there was none."""
    out[:] = np.inf
    if by >= 0:
        out[by:] = values[: max(len(values) - by, 0)]
    else:
        out[:by] = values[-by:]


def _traced(trace: NDArray[np.int8], low: NDArray[np.int64], last: int, cost: float, *, paused: bool) -> Path:
    """The path that ends with place *last*."""
    place = last
    places, pauses = np.empty(len(trace), np.int64), np.empty(len(trace), np.bool_)
    for row in range(len(trace) - 1, -1, -1):
        places[row], pauses[row] = place, paused
        mark = int(trace[row, place - low[row]])
        if paused:
            paused = not mark & _PAUSED
        elif mark & ~_PAUSED == _RESUMED:
            place, paused = place - 1, True
        else:
            place -= mark & ~_PAUSED
    return Path(np.where(pauses, places, places - 1), pauses, cost)
