"""Sound alone -> mouth: what can be heard of jaw, lips and closures where nobody knows the phonemes.

Every 10 ms the spectrum is read in bands: the first formant region opens the jaw, the balance of the second spreads or
rounds the lips, hiss shuts the teeth, short dips and murmurs shut the lips. It looks 110 ms ahead at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..types import Floats
from .articulation import Curves
from .events import HOLD_S
from .loudness import STEPS_PER_S, cleaned
from .prosody import Accent
from .score import Pause, Score, Span
from .segments import Segments

Series = NDArray[np.float64]

_WINDOW_S = 0.025
_BLOCK = 1024
_BANDS_HZ = {
    "low": (60, 400),
    "open": (500, 1100),
    "first": (250, 1100),
    "nasal": (1000, 1400),
    "middle": (500, 3400),
    "second": (1700, 3200),
    "hiss": (3800, 9000),
    "all": (60, 9000),
}
_QUIET_DB = -60.0
_GATE_DB = 12.0
_JAW_STEPS, _HISS_STEPS, _AJAR_STEPS = 17, 7, 3
_DIP_DB = 18.0
_MURMUR_DB = 12.0
_VOICED_DB = 20.0
"""What is within this of loud is voiced."""
_SHORTEST_VOICED = 5
"""Steps."""
_AJAR = 0.18
"""Least jaw of a voiced sound: lips that are heard to be apart are seen to be apart."""
_SEAL_S = (0.025, 0.15)
_RISE_S, _ACCENT_GAP_S, _ACCENT = 0.06, 0.3, 0.6
_AROUND = 8
"""Steps on either side that a silence is compared with."""
_AROUND_MURMUR = 10
"""The same for a murmur, which lasts longer."""


@dataclass(frozen=True, slots=True)
class _Hearing:
    """Levels in dB per band and the gate, n steps of 10 ms."""

    level: dict[str, Series]
    loud_db: Series
    """Running loud level of the voice (95th percentile around each step)."""
    active: NDArray[np.bool_]

    def share_db(self, band: str, first: int, end: int) -> float:
        """Mean level of *band* against the whole spectrum over some steps."""
        if first >= len(self.loud_db):
            return 0.0
        return float((self.level[band][first:end] - self.level["all"][first:end]).mean())


def listen(samples: Floats, rate: int) -> tuple[Score, Curves]:
    """What the mouth does during *samples*, mono float32 (n,) in [-1, 1]; NaN counts as silence."""
    hearing = _hear(samples, rate)
    duration_s = len(samples) / rate
    closures = _closures(hearing)
    score = Score(
        segments=Segments.none(),
        closures=tuple(closures),
        contacts=(),
        vowels=tuple(_vowels(hearing, closures)),
        pauses=tuple(_pauses(hearing.active, duration_s)),
        accents=tuple(_accents(hearing)),
    )
    return score, Curves(_shapes(hearing), 1 / STEPS_PER_S)


def _hear(samples: Floats, rate: int) -> _Hearing:
    steps = max(-(-len(samples) * STEPS_PER_S // rate), 1)
    size = max(int(_WINDOW_S * rate), 16)
    window = np.hanning(size).astype(np.float32)
    hertz = np.fft.rfftfreq(size, 1 / rate)
    bands = [slice(*np.searchsorted(hertz, band)) for band in _BANDS_HZ.values()]
    energy = np.empty((steps, len(_BANDS_HZ)))
    starts = np.arange(steps) * rate // STEPS_PER_S - size // 2
    for first in range(0, steps, _BLOCK):
        block = starts[first : first + _BLOCK]
        begin, end = int(block[0]), int(block[-1]) + size
        stretch = cleaned(samples[max(begin, 0) : max(end, 0)])
        stretch = np.pad(stretch, (max(-begin, 0), end - max(begin, 0) - len(stretch)))
        views = np.lib.stride_tricks.sliding_window_view(stretch, size)
        spectrum = np.fft.rfft(views[block - begin] * window)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        energy[first : first + _BLOCK] = np.stack([power[:, band].sum(axis=1) for band in bands], axis=1)
    decibels = 10 * np.log10(energy / (size * window.sum() / 4) + 1e-9)
    level = {name: decibels[:, index] for index, name in enumerate(_BANDS_HZ)}
    loud = _running_loud(level["all"])
    floor = float(np.quantile(level["all"], 0.1))
    gate = np.clip(floor + _GATE_DB, loud - 40, loud - 18)
    return _Hearing(level, loud, (level["all"] > gate) & (loud > _QUIET_DB))


def _running_loud(level: Series) -> Series:
    """95th percentile of *level* in a window of 4 s, moving in steps of 1 s."""
    hop, reach = STEPS_PER_S, 2 * STEPS_PER_S
    centres = np.arange(0, len(level) + hop, hop)
    values = [
        float(np.quantile(level[max(at - reach, 0) : at + reach], 0.95)) for at in centres if at - reach < len(level)
    ]
    return np.interp(np.arange(len(level)), centres[: len(values)], values)


def _shapes(hearing: _Hearing) -> NDArray[np.float64]:
    """float64 (n, 7): jaw, width, round, upper, lower, teeth, tongue."""
    level = hearing.level
    heard = level["all"] > hearing.loud_db - 30
    hiss = _ramp(level["hiss"] - level["all"], -5, -2) * heard
    voiced = _ramp(level["first"] - hearing.loud_db, -30, 0)
    openness = 0.15 + 0.85 * _ramp(level["open"] - level["low"], -9, 7)
    bright = _ramp(level["second"] - level["first"], -15, -1)
    dark = _ramp(level["first"] - level["second"], 20, 32) * _ramp(level["low"] - level["open"], -6, 4)

    ajar = _AJAR * _smooth(_ramp(level["first"] - hearing.loud_db, -30, -20) * (1 - hiss), _AJAR_STEPS)
    jaw = np.maximum(_smooth(1.2 * voiced * openness * (1 - 0.85 * hiss), _JAW_STEPS), ajar)
    spread = 0.6 * voiced * (bright * (1 - 0.5 * openness) - dark) + 0.2 * hiss
    teeth = _smooth(hiss, _HISS_STEPS)
    columns = [
        jaw,
        _smooth(spread, _JAW_STEPS),
        _smooth(0.85 * dark * voiced, _JAW_STEPS),
        0.25 * jaw + 0.2 * teeth,
        0.40 * jaw + 0.3 * teeth,
        teeth,
        np.zeros(len(jaw)),
    ]
    shapes: NDArray[np.float64] = np.minimum(np.stack(columns, axis=1), 1)
    return shapes


def _ramp(value: Series, low: float, high: float) -> Series:
    """0 at *low* and below, 1 at *high* and above."""
    return np.clip((value - low) / (high - low), 0, 1)


def _smooth(curve: Series, steps: int) -> Series:
    """Mean under a Hann window of *steps*, as fast as the articulators are."""
    window = np.hanning(steps + 2)[1:-1]
    return np.convolve(np.pad(curve, steps // 2, mode="edge"), window / window.sum(), mode="valid")


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open runs of true steps."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _pauses(active: NDArray[np.bool_], duration_s: float) -> list[Pause]:
    last = len(active)
    return [
        Pause(
            first / STEPS_PER_S,
            duration_s if end == last else end / STEPS_PER_S,
            leading=first == 0,
            trailing=end == last,
        )
        for first, end in _runs(~active)
        if first == 0 or end == last or end - first >= HOLD_S * STEPS_PER_S
    ]


def _closures(hearing: _Hearing) -> list[Span]:
    """Silences that end in the dull burst of lips, and murmurs with nothing above the first formant but what lips let through."""
    level, middle = hearing.level["all"], hearing.level["middle"]
    beside = _beside(level, _AROUND)
    speech = beside > hearing.loud_db - 20
    silent = speech & (level < beside - _DIP_DB)
    murmur = speech & ~silent & (middle < _beside(middle, _AROUND_MURMUR) - _MURMUR_DB)
    murmur &= (hearing.level["low"] > level - 1) & (level > hearing.loud_db - 25)
    spans = []
    for mask, test in ((silent, _is_lip_burst), (murmur, _is_lip_murmur)):
        spans += [
            Span(first / STEPS_PER_S, end / STEPS_PER_S, parted=True)
            for first, end in _runs(mask)
            if _SEAL_S[0] <= (end - first) / STEPS_PER_S <= _SEAL_S[1] and test(hearing, first, end)
        ]
    return sorted(spans, key=lambda span: span.start_s)


def _beside(level: Series, steps: int) -> Series:
    """The lower of the loudest of the *steps* before and the loudest of those from each step on."""
    sides = np.lib.stride_tricks.sliding_window_view(np.pad(level, steps, mode="edge"), steps)
    lower: Series = np.minimum(sides[: len(level)].max(axis=1), sides[-len(level) :].max(axis=1))
    return lower


def _vowels(hearing: _Hearing, closures: list[Span]) -> Iterator[Span]:
    """Voiced stretches between closures, each widened so that its middle half, in which the lips must not be shut, is all of it."""
    level = hearing.level
    voiced = np.minimum(level["first"], level["all"]) > hearing.loud_db - _VOICED_DB
    voiced &= level["hiss"] < level["all"] - 4
    for closure in closures:
        voiced[round(closure.start_s * STEPS_PER_S) : round(closure.end_s * STEPS_PER_S)] = False
    for first, end in _runs(voiced):
        if end - first >= _SHORTEST_VOICED:
            half = (end - first) / 2
            yield Span((first - half) / STEPS_PER_S, (end + half) / STEPS_PER_S)


def _is_lip_burst(hearing: _Hearing, _first: int, end: int) -> bool:
    """Lips burst low and dull; the tongue tip hisses, the tongue's back rings in the second formant."""
    low, second, hiss = (hearing.share_db(band, end, end + 3) for band in ("low", "second", "hiss"))
    return low > -12.5 and second < -6.5 and hiss < -8


def _is_lip_murmur(hearing: _Hearing, first: int, end: int) -> bool:
    """The mouth behind shut lips is long and takes away what is near 800 Hz, that behind the tongue tip what is above 1 kHz."""
    return hearing.share_db("nasal", first, end) > -42


def _accents(hearing: _Hearing) -> list[Accent]:
    """The loudest syllables: peaks of the voice's level at least 0.3 s apart."""
    level = _smooth(hearing.level["first"], _JAW_STEPS)
    accents: list[Accent] = []
    for first, end in _runs(level > hearing.loud_db - 6):
        start_s = max((first + int(level[first:end].argmax())) / STEPS_PER_S - _RISE_S, 0.0)
        if not accents or start_s - accents[-1].time_s > _ACCENT_GAP_S:
            accents.append(Accent(start_s, _ACCENT))
    return accents
