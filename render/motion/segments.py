"""Events -> stretches with one lip shape each, ready for co-articulation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .events import HOLD_S, RELAX_S, Event
from .phonemes import SHAPES, Manner, Part
from .timing import audible

_FULL_VOWEL_S = 0.18
_LEAST_OPENING = 0.55
"""How far a very short vowel opens, of a long one."""
_APEX = 0.38
"""Where in a vowel it opens widest; in a consonant, halfway."""
_PLATEAU = 0.4
"""Share of a stretch in which its target holds."""
_ROUNDED = 0.25
_CODA_JAW = 0.7
_RELAXED = 0.5


@dataclass(frozen=True, slots=True)
class Segments:
    """Stretches in time order, n of them."""

    start_s: NDArray[np.float64]
    """float64 (n,): start of the plateau."""
    end_s: NDArray[np.float64]
    """float64 (n,): end of the plateau."""
    targets: NDArray[np.float64]
    """float64 (n, 7): jaw, width, round, upper, lower, teeth, tongue."""
    dominance: NDArray[np.float64]
    """float64 (n, 4): over jaw, lips, rounding and tongue."""
    rounded: NDArray[np.bool_]
    """bool (n,): a lip gesture that starts early, ends late and outlasts its neighbours."""
    nucleus: NDArray[np.bool_]
    """bool (n,): the main part of a vowel."""

    def __len__(self) -> int:
        return len(self.start_s)

    @classmethod
    def of(cls, events: Sequence[Event], gains: Sequence[float]) -> Segments:
        """The segments of *events*, each vowel opening by its gain."""
        rows: list[_Row] = []
        for at, (event, gain) in enumerate(zip(events, gains, strict=True)):
            if event.pause:
                if rows and at + 1 < len(events) and HOLD_S <= event.length_s <= RELAX_S:
                    rows.append(_relaxed(event, rows[-1]))
            elif _is_coda(events, at):
                rows.append(_coda(event, rows[-1]))
            else:
                rows += _sound(event, gain)
        return cls._stacked(rows)

    @classmethod
    def none(cls) -> Segments:
        """Where no phonemes are known."""
        return cls._stacked([])

    @classmethod
    def _stacked(cls, rows: Sequence[_Row]) -> Segments:
        targets = np.array([row.target for row in rows], np.float64).reshape(-1, 7)
        return cls(
            np.array([row.start_s for row in rows], np.float64),
            np.array([row.end_s for row in rows], np.float64),
            targets,
            np.array([row.dominance for row in rows], np.float64).reshape(-1, 4),
            targets[:, 2] >= _ROUNDED,
            np.array([row.nucleus for row in rows], np.bool_),
        )


class _Row(NamedTuple):
    start_s: float
    end_s: float
    target: tuple[float, ...]
    dominance: tuple[float, ...]
    nucleus: bool = False


def _sound(event: Event, gain: float) -> Iterator[_Row]:
    first, last = audible(event)
    vowel = event.phone.vowel
    opening = min(max(event.length_s / _FULL_VOWEL_S, _LEAST_OPENING), 1.0) if vowel else 1.0
    main = max(event.phone.parts, key=_share)
    for part in event.phone.parts:
        shape = SHAPES[part.shape]
        length = (last - first) * part.share
        start = first + length * ((_APEX if vowel else 0.5) - _PLATEAU / 2)
        lips = math.sqrt(gain)
        target = (
            min(shape.jaw * gain * opening, 1.0),
            shape.width * lips,
            min(shape.round * lips, 1.0),
            shape.upper * lips,
            shape.lower * lips,
            shape.teeth,
            shape.tongue,
        )
        dominance = (shape.on_jaw, shape.on_lips, shape.on_round, 0.5 if vowel else 0.9)
        yield _Row(start, start + _PLATEAU * length, target, dominance, nucleus=vowel and part is main)
        first += length


def _share(part: Part) -> float:
    return part.share


def _coda(event: Event, vowel: _Row) -> _Row:
    """A final n or ng of Mandarin keeps the lip shape of its vowel."""
    first, last = audible(event)
    shape = SHAPES[event.shape]
    target = (_CODA_JAW * vowel.target[0], *vowel.target[1:5], shape.teeth, shape.tongue)
    return _Row(first + 0.3 * (last - first), first + 0.7 * (last - first), target, (0.45, 0.5, 0.5, 0.9))


def _is_coda(events: Sequence[Event], at: int) -> bool:
    event = events[at]
    if event.symbol not in ("n", "N") or not event.language.lower().startswith(("cmn", "zh")):
        return False
    after = events[at + 1].phone if at + 1 < len(events) else None
    glides_on = after is not None and (after.vowel or after.manner is Manner.GLIDE)
    return at > 0 and events[at - 1].phone.vowel and not glides_on


def _relaxed(pause: Event, before: _Row) -> _Row:
    """A short pause: the mouth lets go of half of what it did, and stays a little open."""
    target = tuple(_RELAXED * value for value in before.target)
    middle = (pause.start_s + pause.end_s) / 2
    return _Row(middle - 0.2 * pause.length_s, middle + 0.2 * pause.length_s, target, (0.3, 0.3, 0.3, 0.3))
