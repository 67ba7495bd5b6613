"""In which order the pictures of a video portrait are shown, so that it can last as long as a reply does.

Where two moments look alike the video is played from one to the other, over and over. Else it is played forward and back between
two moments at which the head is nearly still, where nobody sees it turn round.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ..types import Floats
from .doctor import pose
from .tracking import Track

OPEN: Final = 0.06
"""Lip gap in mouth widths above which a mouth is open."""
_OFTEN: Final = 0.2
"""Share of open mouths above which a part of the video with a shut one is looked for."""
_LEAST_S: Final = 2.0
"""Of such a part."""
_SAME: Final = 0.004
"""Mean distance of landmarks, in face heights, up to which two moments look alike."""
_ALIKE: Final = 2.0
"""Difference of two small pictures, in those between neighbours, up to which they do, and one code more."""
_LONG: Final = 0.5
"""Share of the video that a loop must show."""
_TURNING: Final = 0.15
"""Share of the video at either end in which a moment to turn round is looked for."""
_EVERY: Final = 6
"""Landmarks that are compared."""
_SIDE: Final = 16


def order(track: Track) -> NDArray[np.int64]:
    """Steps of *track* in the order in which they are shown, int64 (n,), the best looking one first."""
    start, end = _quiet(track.gaps, track.fps)
    shape = track.landmarks[start:end, ::_EVERY, :2].reshape(end - start, -1) / track.height
    speed = _speed(shape)
    steps = _loop(shape, _tiny(track.looks[start:end]), track.fps)
    if steps is None:
        first, last = _turns(speed)
        steps = np.concatenate([np.arange(first, last), np.arange(last, first, -1)])
    ugliness = _ugliness(track, shape, speed, start)[steps]
    return np.roll(steps, -int(ugliness.argmin())) + start


def _quiet(gaps: Floats, fps: float) -> tuple[int, int]:
    """The longest part with the mouth shut, if the person often opens it; else all."""
    is_open = np.convolve(gaps > OPEN, np.ones(3), "same") > 0
    if float(np.mean(gaps > OPEN)) > _OFTEN:
        edges = np.flatnonzero(np.diff(np.concatenate([[True], is_open, [True]]).astype(np.int8)))
        runs = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
        start, end = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
        if end - start >= _LEAST_S * fps:
            return start, end
    return 0, len(gaps)


def _speed(shape: Floats) -> Floats:
    """Way of the face at each step, in face heights."""
    way = np.sqrt(np.square(np.gradient(shape, axis=0)).mean(axis=1)) if len(shape) > 1 else np.zeros(len(shape))
    return np.asarray(np.convolve(np.pad(way, 1, mode="edge"), np.full(3, 1 / 3), "valid"), np.float32)


def _loop(shape: Floats, looks: Floats, fps: float) -> NDArray[np.int64] | None:
    """A long loop without a visible jump, if there is one."""
    count = len(shape)
    shortest = max(round(fps), round(_LONG * count))
    if count < shortest + 3:
        return None
    face, picture = _apart(shape), _apart(looks)
    neighbours = float(np.median(np.diagonal(picture, 1)))
    together = [(values[:-2, :-2] + values[1:-1, 1:-1] + values[2:, 2:]) / 3 for values in (face, picture)]
    alike = (together[0] < _SAME) & (together[1] < _ALIKE * neighbours + 1)
    starts, ends = np.nonzero(np.triu(alike, shortest))
    if not starts.size:
        return None
    best = int((together[0][starts, ends] / _SAME - (ends - starts) / count).argmin())
    return np.arange(starts[best], ends[best]) + 1


def _apart(values: Floats) -> Floats:
    """Root mean square difference of each row of *values* (n, m) from each other: float32 (n, n)."""
    squares = np.square(values).sum(axis=1)
    total = squares[:, None] + squares[None] - 2 * values @ values.T
    apart: Floats = np.sqrt(np.maximum(total, 0) / values.shape[1])
    return apart


def _tiny(looks: Floats) -> Floats:
    small = [cv2.resize(look, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).ravel() for look in looks]
    return np.asarray(small, np.float32)


def _turns(speed: Floats) -> tuple[int, int]:
    """The stillest moments near the beginning and near the end."""
    room = max(1, round(_TURNING * len(speed)))
    return int(speed[:room].argmin()), len(speed) - 1 - int(speed[::-1][:room].argmin())


def _ugliness(track: Track, shape: Floats, speed: Floats, start: int) -> Floats:
    """How little each step is fit to be the portrait: an open mouth, shut eyes, a turned or moving head."""
    count = len(shape)
    gaps, lids = track.gaps[start : start + count], track.lids[start : start + count]
    angles = np.array([pose(points) for points in track.landmarks[start : start + count]])
    off = np.sqrt(np.square(shape - np.median(shape, axis=0)).mean(axis=1))
    shut = np.maximum(0.95 - lids / max(float(np.median(lids)), 1e-3), 0)
    ugly = 8 * np.maximum(gaps - 0.02, 0) + 4 * shut + np.abs(angles).max(axis=1) / 60 + 4 * off + 10 * speed
    return np.asarray(ugly, np.float32)
