"""Sound -> level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..types import Floats

STEPS_PER_S = 100
FLOOR_DB = -90.0


def cleaned(samples: Floats) -> Floats:
    """*samples* with NaN and infinities as silence and clipped to [-1, 1], float32 (n,)."""
    return np.clip(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0), -1.0, 1.0).astype(np.float32, copy=False)


def loudness_db(samples: Floats, rate: int) -> NDArray[np.float64]:
    """RMS level in dB of full scale of every 10 ms, float64 (ceil(100 * duration),), at least -90."""
    if not len(samples):
        return np.empty(0, np.float64)
    steps = -(-len(samples) * STEPS_PER_S // rate)
    edges = np.minimum(np.arange(steps) * rate // STEPS_PER_S, len(samples) - 1)
    energy = np.add.reduceat(np.square(cleaned(samples)), edges, dtype=np.float64)
    counts = np.diff(np.append(edges, len(samples)))
    level: NDArray[np.float64] = 10 * np.log10(np.maximum(energy / counts, 10 ** (FLOOR_DB / 10)))
    return level
