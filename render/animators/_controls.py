"""One row of ``Motion`` to the weights of the bases, within limits that keep every combination a face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..types import Floats
from ._bases import FACE_BASES, UPPER_SHARE
from ._head import HEAD_BASES

BASES: Final = FACE_BASES + HEAD_BASES

RANGES: Final = {
    "jaw": (0.0, 1.0), "width": (-1.0, 1.0), "round": (0.0, 1.0), "upper": (0.0, 1.0), "lower": (0.0, 1.0), "close": (0.0, 1.0),
    "contact": (0.0, 1.0), "teeth": (0.0, 1.0), "tongue": (0.0, 1.0), "smile": (-1.0, 1.0), "blink_left": (0.0, 1.0),
    "blink_right": (0.0, 1.0), "gaze_x": (-12.0, 12.0), "gaze_y": (-8.0, 8.0), "brow_inner": (-1.0, 1.0), "brow_outer": (-1.0, 1.0),
    "yaw": (-3.5, 3.5), "pitch": (-3.0, 3.0), "roll": (-2.5, 2.5), "shift_x": (-0.02, 0.02), "shift_y": (-0.02, 0.02),
    "breath": (0.0, 1.0),
}  # fmt: skip
"""Limits of each channel in its own unit; what lies outside is clipped."""

_MOUTH: Final = ("jaw", "width", "round", "upper", "lower", "close", "contact", "teeth", "tongue", "smile")
_RAISE: Final = 0.15
_DROP: Final = 0.19
"""What upper = 1 and lower = 1 add to the lip gap, in gaps of jaw = 1."""
_SEALED_JAW: Final = 0.5
"""Part of the jaw's opening that lips take back which seal or touch the teeth: they meet half way, the jaw does the rest."""
_ROUNDED: Final = 0.4
"""How much less than others rounded lips open, at most: beyond, they would fold at the corners."""
_PRESS_CM: Final = 0.09
_RESTING: Final = 0.6
"""``close`` of lips that only touch; above it they press and roll in."""
_TUCK_CM: Final = 0.16
_CONTACT_CM: Final = 0.20
"""Lip gap while the lower lip touches the upper teeth: their edge stays in sight."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far this photo can be moved before it looks wrong."""

    mouth: float = 1.0
    head: float = 1.0
    brows: float = 1.0
    lids: float = 1.0
    upper_share: float = 0.10
    """Part of the jaw's lip gap that comes from the upper lip going up."""
    press: float = 1.0
    """Depth to which sealed lips press; less in a mouth that is small or foreshortened."""
    narrowest: float = -0.38
    """Least ``stretch``: a smile whose corners came in further would bend the folds beside it."""
    relax: float = 0.0
    """How much of a photographed smile rounded lips take back."""


@dataclass(frozen=True, slots=True)
class Pose:
    """One frame of control, ready for the fields."""

    weights: Floats
    """float32 (len(BASES),)."""
    gap: float
    """Lip gap at the middle of the mouth in cm before the head moves; 0 is sealed."""
    teeth: float
    tongue: float
    drop: float
    """How far the jaw has carried the lower lip, cm."""
    shine: float
    """0..1: how far the lips push forward."""
    blink: dict[str, float]
    """Per eye, "left" and "right" as the subject's own: 1 = shut."""
    gaze: tuple[float, float]
    """Degrees, to the viewer's right and up."""
    still: bool
    """The head does not move."""


def pose(row: dict[str, float], gap_cm: float, limits: Limits) -> Pose:
    """The pose for one *row* of controls by channel name; missing, infinite or NaN ones count as 0.

    *gap_cm* is the lip gap at jaw = 1.
    """
    at = {name: _clip(row.get(name, 0.0), *span) for name, span in RANGES.items()}
    if not limits.mouth:
        at |= dict.fromkeys(_MOUTH, 0.0)
    close, contact = at["close"], at["contact"]
    most = 1 - _ROUNDED * at["round"]
    jaw = min(at["jaw"], most) * limits.mouth * (1 - _SEALED_JAW * max(close, contact))
    lifted = limits.upper_share * jaw * gap_cm
    raised = _RAISE * gap_cm * min(at["upper"], most) * limits.mouth * (1 - close) + lifted
    dropped = _DROP * gap_cm * at["lower"] * limits.mouth * (1 - close) - lifted
    gap = jaw * gap_cm + raised + dropped
    tuck = contact * (gap - _CONTACT_CM - 0.5 * raised)
    gap -= tuck
    seal = close * gap
    gap -= seal
    pursed = gap * max(at["round"], contact)
    curl = _TUCK_CM * contact * (1 - close)
    press = _PRESS_CM * limits.press * max(0.0, close - _RESTING) / (1 - _RESTING)
    stretch = 0.15 * at["width"] - 0.28 * at["round"]
    face = {
        "rest": 1.0,
        "jaw": jaw,
        "raise_upper": raised - UPPER_SHARE * seal,
        "drop_lower": dropped - tuck - (1 - UPPER_SHARE) * seal + curl,
        "roll_upper": press,
        "roll_lower": press + curl,
        "purse_upper": 0.4 * pursed,
        "purse_lower": 0.6 * pursed,
        "stretch": max(stretch, limits.narrowest) * limits.mouth,
        "pout": at["round"] * limits.mouth,
        "smile": (at["smile"] - limits.relax * at["round"]) * limits.mouth,
        "brow_inner": at["brow_inner"] * limits.brows,
        "brow_outer": at["brow_outer"] * limits.brows,
    }
    head = {name: at[name] * (1.0 if name == "breath" else limits.head) for name in HEAD_BASES}
    return Pose(
        weights=np.array([*(face[name] for name in FACE_BASES), *(head[name] for name in HEAD_BASES)], np.float32),
        gap=gap,
        teeth=at["teeth"],
        tongue=at["tongue"],
        drop=jaw * gap_cm - lifted,
        shine=at["round"] * limits.mouth,
        blink={side: at[f"blink_{side}"] * limits.lids for side in ("left", "right")},
        gaze=(at["gaze_x"] * limits.lids, at["gaze_y"] * limits.lids),
        still=not any(head.values()),
    )


def _clip(value: float, low: float, high: float) -> float:
    return min(max(float(value), low), high) if np.isfinite(value) else 0.0
