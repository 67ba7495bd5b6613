"""How far the face may go: moods, the range of every channel, and limits on channels taken together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ..types import CHANNELS, Floats
from .aperture import GAP_PER_JAW, GAP_PER_LOWER, GAP_PER_UPPER

Mood = Literal["neutral", "friendly", "serious"]


@dataclass(frozen=True, slots=True)
class Bearing:
    """Where the face rests in a mood, in the units of ``CHANNELS``."""

    smile: float
    brow_inner: float
    brow_outer: float


MOODS: Final[dict[str, Bearing]] = {
    "neutral": Bearing(smile=0.0, brow_inner=0.0, brow_outer=0.0),
    "friendly": Bearing(smile=0.35, brow_inner=0.10, brow_outer=0.12),
    "serious": Bearing(smile=-0.12, brow_inner=-0.22, brow_outer=-0.08),
}

RANGES: Final[dict[str, tuple[float, float]]] = {
    "jaw": (0.0, 1.0),
    "width": (-0.85, 0.85),
    "round": (0.0, 1.0),
    "upper": (0.0, 0.6),
    "lower": (0.0, 0.8),
    "close": (0.0, 1.0),
    "contact": (0.0, 1.0),
    "teeth": (0.0, 1.0),
    "tongue": (0.0, 1.0),
    "smile": (-0.3, 0.6),
    "blink_left": (0.0, 1.0),
    "blink_right": (0.0, 1.0),
    "gaze_x": (-8.0, 8.0),
    "gaze_y": (-5.0, 5.0),
    "brow_inner": (-0.5, 1.0),
    "brow_outer": (-0.4, 0.8),
    "yaw": (-3.5, 3.5),
    "pitch": (-3.0, 3.0),
    "roll": (-2.5, 2.5),
    "shift_x": (-0.012, 0.012),
    "shift_y": (-0.012, 0.012),
    "breath": (0.0, 1.0),
}
"""What a channel may be at most; inside what its unit allows, because the far ends do not look like a face."""

WIDEST_GAP = 0.32
"""Gap between the lips in inner mouth widths at rest that is never passed."""

_LOW = np.array([RANGES[name][0] for name in CHANNELS])
_HIGH = np.array([RANGES[name][1] for name in CHANNELS])
_INDEX = {name: index for index, name in enumerate(CHANNELS)}


def softly(value: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    """*value* of a channel with a symmetric range bent towards its limit instead of cut off at it, so that speed stays
    continuous.
    """
    limit = RANGES[name][1]
    bent: NDArray[np.float64] = limit * np.tanh(value / limit)
    return bent


def within(weights: NDArray[np.float64]) -> Floats:
    """*weights* (frames, channels) brought inside every limit, float32, C-contiguous. A face that is inside stays as it
    is.

    Taken together: rounded lips are not wide; narrow lips are rounded; a sealed, touching or sibilant mouth keeps its
    jaw up; rounded lips open less; the whole gap has a limit; rounded lips smile less; the brows keep their line;
    the head stays inside an ellipsoid.
    """
    face = np.clip(np.nan_to_num(weights, nan=0.0, posinf=0.0, neginf=0.0), _LOW, _HIGH)
    column = {name: face[:, index] for name, index in _INDEX.items()}
    rounding, sealing = column["round"], column["close"]

    _cap(column["width"], 0.85 - 1.1 * rounding)
    np.maximum(column["width"], -0.4 - 0.45 * rounding, out=column["width"])
    _cap(column["jaw"], 1 - 0.4 * rounding)
    _cap(column["jaw"], 1 - 0.6 * sealing)
    _cap(column["jaw"], 1 - 0.7 * column["contact"])
    _cap(column["jaw"], 1 - 0.7 * column["teeth"])
    _cap(column["jaw"], 1.15 - 0.5 * np.maximum(column["width"], 0))
    _cap(column["upper"], 0.6 - 0.4 * rounding)
    _cap(column["contact"], 1 - sealing)

    gap = GAP_PER_JAW * column["jaw"] + GAP_PER_UPPER * column["upper"] + GAP_PER_LOWER * column["lower"]
    face[:, [_INDEX["jaw"], _INDEX["upper"], _INDEX["lower"]]] *= np.minimum(1, WIDEST_GAP / np.maximum(gap, 1e-9))[
        :, None
    ]

    curl = 1 - 0.6 * rounding
    np.maximum(column["smile"], RANGES["smile"][0] * curl, out=column["smile"])
    _cap(column["smile"], RANGES["smile"][1] * curl - 0.3 * np.maximum(column["width"], 0))
    np.clip(column["brow_outer"], column["brow_inner"] - 0.6, column["brow_inner"] + 0.5, out=column["brow_outer"])

    head = [_INDEX["yaw"], _INDEX["pitch"], _INDEX["roll"]]
    reach = np.sqrt(np.square(face[:, head] / _HIGH[head]).sum(axis=1))
    face[:, head] /= np.maximum(reach / 1.2, 1)[:, None]
    return np.ascontiguousarray(face, np.float32)


def _cap(column: NDArray[np.float64], limit: NDArray[np.float64]) -> None:
    """*column* lowered to *limit*, in place."""
    np.minimum(column, limit, out=column)
