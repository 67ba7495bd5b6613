"""Sound -> level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..types import Floats

STEPS_PER_S = 100
FLOOR_DB = -90.0
_BLOCK = 6000


def cleaned(samples: Floats) -> Floats:
    """*samples* with NaN and infinities as silence and clipped to [-1, 1], float32 (n,)."""
    return np.clip(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0), -1.0, 1.0).astype(np.float32, copy=False)


def loudness_db(samples: Floats, rate: int) -> NDArray[np.float64]:
    """RMS level in dB of full scale of every 10 ms, float64 (ceil(100 * duration),), at least -90.

    Works through the sound in blocks, so that its memory does not grow with the length.
    """
    steps = -(-len(samples) * STEPS_PER_S // rate)
    energy = np.empty(steps)
    for first in range(0, steps, _BLOCK):
        edges = np.arange(first, min(first + _BLOCK, steps) + 1) * rate // STEPS_PER_S
        stretch = np.square(cleaned(samples[edges[0] : edges[-1]]))
        inner = np.minimum(edges[:-1] - edges[0], len(stretch) - 1)
        energy[first : first + _BLOCK] = np.add.reduceat(stretch, inner) / np.diff(np.minimum(edges, len(samples)))
    level: NDArray[np.float64] = 10 * np.log10(np.maximum(energy, 10 ** (FLOOR_DB / 10)))
    return level
