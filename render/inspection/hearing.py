"""Sound -> level in bands, block by block, so that memory does not hold the sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..types import Floats

Series = NDArray[np.float64]

STEP_S: Final = 0.005
"""Time between two levels."""
BANDS_HZ: Final = {
    "low": (60, 400),
    "open": (300, 1100),
    "second": (1700, 3200),
    "hiss": (3800, 8000),
    "all": (60, 8000),
}
""""open" holds the first formant of open vowels, which rises with the jaw; "low" the murmur behind shut lips."""
FLOOR_DB: Final = -100.0
_WINDOW_S: Final = 0.025
_FULL_SCALE: Final = 1.0
_LEAST_HOLE_S: Final = 0.002
"""A shorter hole between timestamps is rounding."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The levels of a whole sound; value k is that of the 25 ms around ``k * STEP_S``."""

    level: dict[str, Series]
    """dB of full scale by name of ``BANDS_HZ``, float64 (n,), at least ``FLOOR_DB``."""
    duration_s: float
    clipped: int
    """Samples at or beyond full scale, which a player cuts off."""
    holes: int
    """Places where timestamps leave a stretch without sound; it is heard as silence."""
    hole_s: float
    """The longest of them."""

    def __len__(self) -> int:
        return len(self.level["all"])


class Ear:
    """Takes samples with their times, gives ``Heard``."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._size = max(round(_WINDOW_S * rate), 16)
        self._window = np.hanning(self._size + 2)[1:-1].astype(np.float32)
        hertz = np.fft.rfftfreq(self._size, 1 / rate)
        self._bands = [slice(*np.searchsorted(hertz, band)) for band in BANDS_HZ.values()]
        self._waiting = np.zeros(self._size // 2, np.float32)
        self._begin = -(self._size // 2)
        self._taken = 0
        self._steps = 0
        self._levels: list[NDArray[np.float32]] = []
        self._clipped = self._holes = 0
        self._hole_s = 0.0

    def take(self, samples: Floats, start_s: float | None) -> None:
        """Hear *samples* float32 (n,), which start at *start_s* (None: where the last ones ended).

        What is missing before them counts as silence, what overlaps is dropped.
        """
        late = 0 if start_s is None else round((start_s - self._taken / self._rate) * self._rate)
        if late > _LEAST_HOLE_S * self._rate:
            if self._taken:
                self._holes += 1
                self._hole_s = max(self._hole_s, late / self._rate)
            self._hear(np.zeros(late, np.float32))
        elif late < -_LEAST_HOLE_S * self._rate:
            samples = samples[-late:]
        self._clipped += int((np.abs(samples) >= _FULL_SCALE).sum())
        self._hear(samples)

    def heard(self) -> Heard:
        """Everything taken so far."""
        duration_s = self._taken / self._rate
        if self._waiting.size:
            self._analyse(np.concatenate([self._waiting, np.zeros(self._size, np.float32)]), round(duration_s / STEP_S))
        levels = np.concatenate(self._levels) if self._levels else np.zeros((0, len(BANDS_HZ)), np.float32)
        names = {name: levels[:, index].astype(np.float64) for index, name in enumerate(BANDS_HZ)}
        return Heard(names, duration_s, self._clipped, self._holes, self._hole_s)

    def _hear(self, samples: Floats) -> None:
        self._taken += len(samples)
        stretch = np.concatenate([self._waiting, np.nan_to_num(samples, posinf=0.0, neginf=0.0)])
        ready = int((self._begin + len(stretch) - self._size + self._size // 2) / (STEP_S * self._rate))
        self._analyse(stretch, ready)
        begin = min(max(self._start(self._steps) - self._begin, 0), len(stretch))
        self._begin += begin
        self._waiting = stretch[begin:]

    def _start(self, step: int) -> int:
        return round(step * STEP_S * self._rate) - self._size // 2

    def _analyse(self, stretch: NDArray[np.float32], end: int) -> None:
        """Steps up to *end* out of *stretch*, which begins at sample ``_begin``."""
        starts = np.array([self._start(step) - self._begin for step in range(self._steps, end)], int)
        starts = starts[starts + self._size <= len(stretch)]
        if not len(starts):
            return
        spectrum = np.fft.rfft(np.lib.stride_tricks.sliding_window_view(stretch, self._size)[starts] * self._window)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        energy = np.stack([power[:, band].sum(axis=1) for band in self._bands], axis=1)
        scale = 2 / (self._size * float(np.square(self._window).sum()))
        self._levels.append(np.float32(10) * np.log10(energy * scale + 10 ** (FLOOR_DB / 10)).astype(np.float32))
        self._steps += len(starts)
