"""Score -> mouth: co-articulation by dominance functions, and on top the closures, which nothing may blur.

Cohen and Massaro (1993), "Modeling coarticulation in synthetic visual speech": each segment pulls each articulator
towards its target with a strength that falls off around it, D = a exp(-theta |tau|^c); the articulator is the weighted
mean of the targets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .events import RELAX_S
from .score import Pause, Score, Span
from .segments import Segments

Seconds = NDArray[np.float64]
Tracks = NDArray[np.float64]

MOUTH = ("jaw", "width", "round", "upper", "lower", "close", "contact", "teeth", "tongue")
"""The first columns of ``CHANNELS``: those that this module fills."""
JAW, WIDTH, ROUND, UPPER, LOWER, CLOSE, CONTACT, TEETH, TONGUE = range(9)
SHAPED = (JAW, WIDTH, ROUND, UPPER, LOWER, TEETH, TONGUE)
"""Columns that dominance functions move, in the order of ``Segments.targets``."""

REST_CLOSE = 0.6
"""``close`` of the mouth at rest: lips together without pressure."""
LEAD_S = 0.01
"""The picture is ahead of the sound by this much: early is not noticed, late is."""

_GROUP = (0, 1, 2, 1, 1, 3, 3)
"""Which column of ``Segments.dominance`` moves each shaped column."""
_HALF_BEFORE_S = np.array([0.055, 0.045, 0.050, 0.030])
_HALF_AFTER_S = np.array([0.070, 0.055, 0.060, 0.030])
"""Distance from the plateau at which dominance has fallen to one half: jaw, lips, rounding, tongue."""
_HALF_ROUNDED_S = (0.110, 0.090)
"""The same for the rounding of segments that are rounded."""
_REST_DOMINANCE = 0.05
_REACH_S = 0.6
_BLOCK = 64
_REACHED = 0.8
"""Share of its target that the apex of every vowel reaches, however short it is."""

_SEAL_ON_S, _SEAL_OFF_S = 0.030, 0.035
_MERGED_S = 0.05
_OPENED_S = 0.04
_SHORTEST_SEAL_S = 0.025
_STEEPEST_S = 0.005
_PLATEAU_SPARE_S = 0.005
_JAW_KEPT = 0.6
"""How much of the jaw's opening a full closure takes away; the rest stays behind the shut lips."""

_SHUT_S = 0.13
_PREPARE_S = 0.175
_START_S = 0.12


@dataclass(frozen=True, slots=True)
class Curves:
    """Shaped columns sampled evenly, where there are no phonemes to make them from."""

    values: Tracks
    """float64 (n, 7), in the order of ``SHAPED``."""
    step_s: float

    def at(self, times_s: Seconds) -> Tracks:
        """Linear interpolation, float64 (frames, 7)."""
        if not len(self.values):
            return np.zeros((len(times_s), len(SHAPED)))
        ticks = np.arange(len(self.values)) * self.step_s
        return np.stack([np.interp(times_s, ticks, column) for column in self.values.T], axis=1)


def mouth(score: Score, frames: int, fps: float, *, curves: Curves | None = None) -> Tracks:
    """The mouth of every frame, float64 (frames, 9) in the order of ``MOUTH``, from rest.

    Shapes come from the score's segments, or from *curves* where given. Shapes are sampled at the frame's own instant;
    ``close`` and ``contact`` are the largest value within half a frame of it, so that no closure falls between two
    frames.
    """
    times = np.arange(frames) / fps + LEAD_S
    shaped = curves.at(times) if curves else blend(_reaching(score.segments), times)[0]
    tracks = np.zeros((frames, len(MOUTH)))
    tracks[:, SHAPED] = shaped * opened(score.pauses, times)[:, None]
    seal = sealed(score.closures, times, fps, score.vowels)
    tracks[:, CONTACT] = sealed(score.contacts, times, fps, score.vowels) * (1 - seal)
    tracks[:, CLOSE] = np.maximum(seal, _resting(score, times))
    tracks[:, JAW] *= (1 - _JAW_KEPT * seal) * (1 - 0.5 * tracks[:, CONTACT])
    return tracks


def joined(tracks: Tracks, pose: Sequence[float], fps: float) -> Tracks:
    """*tracks*, led in from *pose*, the mouth one frame before the first, within 120 ms.

    A closure at the very start is not delayed, because lips may shut at once.
    """
    fade = 1 - _smoothstep((np.arange(len(tracks)) + 1) / fps / _START_S)[:, None]
    led = fade * np.asarray(pose, np.float64) + (1 - fade) * tracks
    for column in (CLOSE, CONTACT):
        led[:, column] = np.maximum(tracks[:, column], led[:, column])
    return led


def resting_pose() -> NDArray[np.float64]:
    """The mouth at rest, float64 (9,)."""
    pose = np.zeros(len(MOUTH))
    pose[CLOSE] = REST_CLOSE
    return pose


def blend(segments: Segments, times_s: Seconds) -> tuple[Tracks, Tracks]:
    """Shapes float64 (n, 7) and total dominance float64 (n, 4) at *times_s*, which must not decrease.

    Works through the times in blocks and looks only at the segments around each, so that time and memory are linear in
    the length.
    """
    shapes = np.zeros((len(times_s), len(SHAPED)))
    totals = np.full((len(times_s), len(_HALF_BEFORE_S)), _REST_DOMINANCE)
    for first in range(0, len(times_s), _BLOCK):
        times = times_s[first : first + _BLOCK]
        low = np.searchsorted(segments.end_s, times[0] - _REACH_S)
        high = np.searchsorted(segments.start_s, times[-1] + _REACH_S)
        if low >= high:
            continue
        rounded = segments.rounded[low:high, None] & (np.arange(len(_HALF_BEFORE_S)) == ROUND)
        half_before = np.where(rounded, _HALF_ROUNDED_S[0], _HALF_BEFORE_S)
        half_after = np.where(rounded, _HALF_ROUNDED_S[1], _HALF_AFTER_S)
        before = np.maximum(segments.start_s[low:high] - times[:, None], 0)[..., None] / half_before
        after = np.maximum(times[:, None] - segments.end_s[low:high], 0)[..., None] / half_after
        pull = segments.dominance[low:high] * np.exp2(-np.square(before + after))
        total = pull.sum(axis=1) + _REST_DOMINANCE
        totals[first : first + _BLOCK] = total
        pulled = np.einsum("tsc,sc->tc", pull[:, :, _GROUP], segments.targets[low:high])
        shapes[first : first + _BLOCK] = pulled / total[:, _GROUP]
    return shapes, totals


def _reaching(segments: Segments) -> Segments:
    """Jaw targets of vowels raised where the neighbours would keep the apex below its share of the target."""
    chosen = np.flatnonzero(segments.nucleus)
    if not len(chosen):
        return segments
    apex = (segments.start_s[chosen] + segments.end_s[chosen]) / 2
    shapes, totals = blend(segments, apex)
    own = segments.dominance[chosen, 0] / totals[:, 0]
    targets = segments.targets.copy()
    missing = np.maximum(_REACHED * targets[chosen, JAW] - shapes[:, JAW], 0)
    targets[chosen, JAW] = np.minimum(targets[chosen, JAW] + missing / own, 1.2)
    return replace(segments, targets=targets)


def sealed(closures: Sequence[Span], times_s: Seconds, fps: float, vowels: Sequence[Span] = ()) -> NDArray[np.float64]:
    """Closure of every frame, float64 (frames,): trapezoids, sampled by their largest value within half a frame.

    Frames in the middle half of one of *vowels*, and the frame nearest to the middle of any opening between two
    closures, are sampled at their own instant instead: a short vowel is seen as well. Each closure owns the frame
    nearest to its middle, which is fully shut.
    """
    value = np.zeros(len(times_s))
    if not len(times_s) or not closures:
        return value
    half = np.full(len(times_s), 0.5 / fps)
    for vowel in vowels:
        half[slice(*np.searchsorted(times_s, (vowel.at(0.25), vowel.at(0.75))))] = 0
    merged = _merged(closures, 1 / fps + _PLATEAU_SPARE_S)
    openings = [Span(before.end_s, after.start_s, parted=after.parted) for before, after in pairwise(merged)]
    half[[_nearest(times_s, opening.at(0.5)) for opening in openings if opening.parted]] = 0
    ramps = [min(max((opening.length_s - _OPENED_S) / 2, _STEEPEST_S), _SEAL_OFF_S) for opening in openings]
    for span, on, off in zip(merged, [_SEAL_ON_S, *ramps], [*ramps, _SEAL_OFF_S], strict=True):
        near = slice(
            *np.searchsorted(times_s, (span.start_s - _SEAL_ON_S - 0.5 / fps, span.end_s + _SEAL_OFF_S + 0.5 / fps))
        )
        rising = (span.start_s - times_s[near] - half[near]) / min(on, _SEAL_ON_S)
        falling = (times_s[near] - span.end_s - half[near]) / off
        value[near] = np.maximum(value[near], np.clip(1 - np.maximum(rising, falling), 0, 1))
    for span in merged:
        if span.end_s >= times_s[0] - 0.5 / fps and span.start_s <= times_s[-1] + 0.5 / fps:
            value[_nearest(times_s, span.at(0.5))] = 1
    return value


def _nearest(times_s: Seconds, time_s: float) -> int:
    right = int(np.searchsorted(times_s, time_s))
    if right == 0 or right == len(times_s):
        return min(right, len(times_s) - 1)
    return right if times_s[right] - time_s < time_s - times_s[right - 1] else right - 1


def _merged(closures: Sequence[Span], plateau_s: float) -> list[Span]:
    """Closures stretched to *plateau_s*; those closer than 50 ms joined, unless a sound between them wants its 40 ms."""
    merged: list[Span] = []
    for closure in closures:
        span = replace(closure, start_s=min(closure.start_s, closure.end_s - plateau_s))
        before = merged[-1] if merged else None
        gap = span.start_s - before.end_s if before else math.inf
        if before and not span.parted and gap < _MERGED_S:
            merged[-1] = replace(before, end_s=max(span.end_s, before.end_s))
            continue
        if before and gap < _OPENED_S:
            wanted = (_OPENED_S - gap) / 2
            merged[-1] = replace(before, end_s=max(before.end_s - wanted, before.start_s + _SHORTEST_SEAL_S))
            start = min(max(span.start_s, merged[-1].end_s + _OPENED_S), span.end_s - _SHORTEST_SEAL_S)
            span = replace(span, start_s=max(start, merged[-1].end_s))
            span = replace(span, end_s=max(span.end_s, span.start_s + _SHORTEST_SEAL_S))
        merged.append(span)
    return merged


def opened(pauses: Sequence[Pause], times_s: Seconds) -> NDArray[np.float64]:
    """How much of the mouth's shape is left at *times_s*, float64 (frames,): 1 in speech, exactly 0 in a long silence."""
    share = np.ones(len(times_s))
    for pause in pauses:
        shut, prepare = _slopes(pause)
        if pause.length_s <= RELAX_S and not (pause.leading or pause.trailing):
            continue
        first, last = np.searchsorted(times_s, (pause.start_s, max(pause.end_s, prepare.end_s) + 1e-9))
        times = times_s[first:] if pause.trailing else times_s[first:last]
        closing = (
            np.ones(len(times)) if pause.leading else _smoothstep((times - shut.start_s) / max(shut.length_s, 1e-6))
        )
        opening = np.zeros(len(times)) if pause.trailing else _smoothstep((times - prepare.start_s) / prepare.length_s)
        share[first : first + len(times)] = np.minimum(share[first : first + len(times)], 1 - closing * (1 - opening))
        if pause.leading:
            share[:first] = 0
    return share


def _slopes(pause: Pause) -> tuple[Span, Span]:
    """When the mouth shuts in *pause*, and when it gets ready for what follows."""
    shut = Span(pause.start_s, pause.start_s + (_SHUT_S if pause.trailing else min(_SHUT_S, pause.length_s / 2)))
    if pause.leading:
        start = max(pause.start_s, pause.end_s - _PREPARE_S)
        return shut, Span(start, max(pause.end_s, start + _START_S))
    return shut, Span(max(pause.end_s - _PREPARE_S, shut.end_s), pause.end_s + 1e-6)


def _resting(score: Score, times_s: Seconds) -> NDArray[np.float64]:
    """``close`` of the mouth at rest, float64 (frames,): kept up to a bilabial that ends the pause and from one that
    begins it.
    """
    value = REST_CLOSE * (1 - opened(score.pauses, times_s))
    for pause in score.pauses:
        shut, prepare = _slopes(pause)
        if pause.shut_after:
            value[(times_s >= prepare.start_s) & (times_s <= pause.end_s)] = REST_CLOSE
        if pause.shut_before:
            value[(times_s >= pause.start_s - 0.02) & (times_s <= shut.end_s)] = REST_CLOSE
    return value


def _smoothstep(x: NDArray[np.float64]) -> NDArray[np.float64]:
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3 - 2 * x)
