"""Curves of a face and of a sound -> what is wrong with them, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .hearing import STEP_S, Heard, Series
from .watching import Seen

_MARGIN: Final = 0.02
"""Lip gap over mouth width above that of shut lips up to which a mouth counts as shut: landmarks are no better."""
_MARGIN_SHARE: Final = 0.25
"""But never more than this part of the way from shut to wide open, which is short where a beard covers the lips."""

_BESIDE_S: Final = 0.02
_QUIET_DB: Final = -35.0
"""Below the loud level: silence."""
_QUIETEST_DBFS: Final = -65.0
_SILENCE_S: Final = 0.35
_SHUTTING_S, _PREPARING_S = 0.16, 0.20
"""The mouth has this long to shut, and starts this early to open."""
_LEAST_SETTLED_S: Final = 0.08
_LOUD_DB: Final = -8.0
_VOWEL_S: Final = 0.06
_DIP_DB, _MURMUR_DB = 15.0, 6.0
_CLOSURE_S: Final = (0.025, 0.15)
_NEAR_S: Final = 0.08
_BURST_S: Final = 0.03
_LIP_BURST_DB: Final = -4.0
"""Level between 300 and 1100 Hz against the whole."""
_BLINK: Final = 0.70
"""Part of the iris' edges that is left when a dip counts as a blink."""
_FULL_BLINK: Final = 0.50
_LONGEST_BLINK_S: Final = 0.7
_BLINK_WINDOW_S: Final = 4.0
_BLINK_GAP: Final = 2
_STILL: Final = 0.05
"""Grey levels inside the face: less change than a coded picture of anything that moves."""
_FREEZE_S: Final = 0.1
_MOTIONLESS: Final = 0.0006
"""Face widths: landmarks of an unmoved face wander by less from picture to picture."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in seconds."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Blinks:
    count: int
    per_minute: float
    full: float | None
    """Share that hide the iris; None without blinks."""


@dataclass(frozen=True, slots=True)
class Silence:
    gap_std: float
    """Standard deviation of lip gap over mouth width, around its mean in each silence."""
    openings: int
    """Runs of pictures with an open mouth."""


def silences(heard: Heard) -> list[Span]:
    """Stretches of at least 0.35 s without speech."""
    level = heard.level["all"]
    return [span for span in _spans(level < _quiet_db(level)) if span.length_s >= _SILENCE_S]


def loud_vowels(heard: Heard) -> list[Span]:
    """Stretches of at least 60 ms that are loud between 300 and 1100 Hz: no shut mouth sounds so."""
    level = heard.level["open"]
    near = np.array([np.quantile(level[max(at - 300, 0) : at + 300], 0.95) for at in range(0, len(level), 50)])
    loud = np.interp(np.arange(len(level)), np.arange(len(near)) * 50, near) if len(near) else level
    bright = heard.level["open"] > heard.level["low"] - 6
    return [span for span in _spans((level > loud + _LOUD_DB) & bright) if span.length_s >= _VOWEL_S]


def lip_closures(heard: Heard) -> list[Span]:
    """What sounds like p, b or m: silences in speech that end in a dull burst, and dark murmurs. Approximate: text knows better."""
    level = heard.level["all"]
    near = round(_NEAR_S / STEP_S)
    padded = np.pad(level, near, mode="edge") if len(level) else level
    if not len(level):
        return []
    around = np.lib.stride_tricks.sliding_window_view(padded, near)
    beside = np.minimum(around[: len(level)].max(axis=1), around[-len(level) :].max(axis=1))
    speech = beside > _loud(level) - 25
    silent = speech & (level < beside - _DIP_DB)
    dark = (heard.level["second"] < level - 24) & (heard.level["open"] < level - 6.5)
    murmur = speech & ~silent & dark & (level < beside - _MURMUR_DB)
    bursts = [span for span in _spans(silent) if _is_dull(heard, span)]
    found = [span for span in (*bursts, *_spans(murmur)) if _CLOSURE_S[0] <= span.length_s <= _CLOSURE_S[1]]
    return sorted(found, key=lambda span: span.start_s)


def _is_dull(heard: Heard, span: Span) -> bool:
    """Lips burst low; the tip of the tongue hisses, its back rings near the second formant: in the dip and after it."""
    inside = slice(round(span.start_s / STEP_S), round(span.end_s / STEP_S))
    after = slice(inside.stop, inside.stop + round(_BURST_S / STEP_S))
    if after.start >= len(heard):
        return False
    low = _share_db(heard, "open", inside) > _LIP_BURST_DB
    return low and _share_db(heard, "second", after) < -6.5 and _share_db(heard, "hiss", after) < -8


def _share_db(heard: Heard, band: str, part: slice) -> float:
    return float((heard.level[band][part] - heard.level["all"][part]).mean())


def settled(spans: Sequence[Span]) -> list[Span]:
    """The parts of silences in which a mouth has shut and does not get ready yet."""
    cut = [Span(span.start_s + _SHUTTING_S, span.end_s - _PREPARING_S) for span in spans]
    return [span for span in cut if span.length_s >= _LEAST_SETTLED_S]


def shut_gap(seen: Seen, quiet: Sequence[Span]) -> float | None:
    """The gap that is measured on this face when the lips are shut: never 0. From silences, or the smallest 5 %."""
    known = seen.gap[np.isfinite(seen.gap)]
    still = np.concatenate([_inside(seen, seen.gap, span) for span in quiet]) if quiet else np.zeros(0)
    if len(still) >= 3:
        return float(np.median(still))
    return float(np.quantile(known, 0.05)) if len(known) else None


def margin(seen: Seen, shut: float) -> float:
    """How far above the gap *shut* a measured gap still means shut lips."""
    known = seen.gap[np.isfinite(seen.gap)]
    reach = float(np.quantile(known, 0.9)) - shut if len(known) else 0.0
    return min(max(_MARGIN_SHARE * reach, 0.0), _MARGIN)


def shown(seen: Seen, spans: Sequence[Span], limit: float) -> float | None:
    """Share of *spans* that have a picture with a gap of at most *limit*, 20 ms of slack on either side; None without any."""
    smallest = [_smallest(seen, span, slack_s=_BESIDE_S) for span in spans]
    known = [value for value in smallest if value is not None]
    return float(np.mean(np.array(known) <= limit)) if known else None


def falsely_shut(seen: Seen, vowels: Sequence[Span], limit: float, *, shut: Sequence[Span]) -> float | None:
    """Share of *vowels* that look shut: a picture in the middle half with a gap of at most *limit* that is no neighbour of one
    of *shut* (spans where lips or teeth do touch), or no open picture on the screen at all. None without any vowel.
    """
    if not vowels or not np.isfinite(seen.gap).any():
        return None
    shown_s = float(np.median(np.diff(seen.times_s))) if len(seen) > 1 else 0.0
    slack_s = _BESIDE_S + shown_s
    free = np.isfinite(seen.gap)
    for span in shut:
        free[slice(*np.searchsorted(seen.times_s, (span.start_s - slack_s, span.end_s + slack_s)))] = False
    wrong = []
    for span in vowels:
        inner = slice(
            *np.searchsorted(seen.times_s, (span.start_s + span.length_s / 4, span.end_s - span.length_s / 4))
        )
        whole = _inside(seen, seen.gap, Span(span.start_s - shown_s, span.end_s))
        wrong.append(bool((free[inner] & (seen.gap[inner] <= limit)).any() or (len(whole) and whole.max() <= limit)))
    return float(np.mean(wrong))


def silence(seen: Seen, quiet: Sequence[Span], limit: float) -> Silence | None:
    """The mouth in the settled silences *quiet*; None without any picture in them."""
    parts = [part for part in (_inside(seen, seen.gap, span) for span in quiet) if len(part) > 1]
    if not parts:
        return None
    apart = np.concatenate([part - part.mean() for part in parts])
    openings = sum(len(runs(part > limit)) for part in parts)
    return Silence(float(np.sqrt(np.mean(np.square(apart)))), openings)


def blinks(seen: Seen, fps: float) -> Blinks | None:
    """Dips of the iris' edges below 70 % of what is usual within 4 s; None without a face."""
    known = np.isfinite(seen.iris)
    if known.sum() < 3:
        return None
    values = np.interp(np.arange(len(seen)), np.flatnonzero(known), seen.iris[known])
    reach = max(round(_BLINK_WINDOW_S * fps / 2), 1)
    anchors = np.arange(0, len(values) + reach, max(reach // 2, 1))
    usual = [
        float(np.quantile(values[max(at - reach, 0) : at + reach], 0.7)) for at in anchors if at - reach < len(values)
    ]
    left = values / np.maximum(np.interp(np.arange(len(values)), anchors[: len(usual)], usual), 1e-6)
    found = [
        float(left[first:end].min())
        for first, end in _bridged(runs(left < _BLINK), _BLINK_GAP)
        if (end - first) / fps <= _LONGEST_BLINK_S
    ]
    minutes = len(values) / fps / 60
    full = float(np.mean(np.array(found) < _FULL_BLINK)) if found else None
    return Blinks(len(found), len(found) / minutes, full)


def freezes(seen: Seen, heard: Heard | None, fps: float) -> list[Span]:
    """Stretches of at least 0.1 s without any change of the face while there is speech."""
    still = seen.face_change < _STILL
    if heard:
        level = heard.level["all"]
        near = np.clip(np.round(seen.times_s / STEP_S).astype(int), 0, len(level) - 1)
        still &= level[near] > _quiet_db(level)
    found = [
        Span(float(seen.times_s[first - 1]), float(seen.times_s[end - 1]) + 1 / fps)
        for first, end in runs(still)
        if first
    ]
    return [span for span in found if span.length_s - 1 / fps >= _FREEZE_S]


def flicker(seen: Seen) -> float | None:
    """Mean change between pictures in which the face does not move, grey levels; None where it always moves."""
    still = seen.moved < _MOTIONLESS
    return float(seen.change[still].mean()) if still.any() else None


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open runs of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _bridged(parts: list[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, end in parts:
        if joined and first - joined[-1][1] <= gap:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((first, end))
    return joined


def _spans(mask: NDArray[np.bool_]) -> list[Span]:
    return [Span(first * STEP_S, end * STEP_S) for first, end in runs(mask)]


def _quiet_db(level: Series) -> float:
    return max(_loud(level) + _QUIET_DB, _QUIETEST_DBFS)


def _loud(level: Series) -> float:
    return float(np.quantile(level, 0.95)) if len(level) else 0.0


def _inside(seen: Seen, values: Series, span: Span) -> Series:
    part = values[slice(*np.searchsorted(seen.times_s, (span.start_s, span.end_s)))]
    return part[np.isfinite(part)]


def _smallest(seen: Seen, span: Span, *, slack_s: float = 0.0) -> float | None:
    """The smallest gap in *span*, or that of the picture nearest to its middle when none falls into it."""
    part = _inside(seen, seen.gap, Span(span.start_s - slack_s, span.end_s + slack_s))
    if len(part):
        return float(part.min())
    if not len(seen):
        return None
    middle = (span.start_s + span.end_s) / 2
    nearest = int(np.abs(seen.times_s - middle).argmin())
    value = float(seen.gap[nearest])
    return value if np.isfinite(value) else None
