"""The inner lip contours of a photo, to a fraction of a pixel.

Landmarks miss the line between the lips by up to half a centimetre on paintings; the picture itself knows better. A
closed mouth is the darkest ridge from corner to corner; an open one is bounded by the edge between lip and teeth or
cavity. Both are found by dynamic programming over columns of the mouth frame, tied softly to the landmarks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from ..types import Bytes, Floats
from ._anatomy import LIP_LOWER, LIP_UPPER, Anatomy
from ._resample import Reals, blur, resample

OPEN_APERTURE: Final = 0.06
"""Above this aperture the photo shows an open mouth."""
_WIDE_APERTURE: Final = 0.3
"""Above this aperture the landmarks may take the upper teeth for the lip."""
_COLUMNS_PER_CM: Final = 20
_ROWS: Final = np.linspace(-0.55, 0.55, 45)
"""Heights that are searched around the landmarks, cm."""
_MARGIN_CM: Final = 4.0


@dataclass(frozen=True, slots=True)
class Seam:
    """Inner lip contours as functions of x; centimetres of ``Anatomy.to_face``."""

    x: Floats
    """float32 (n,), rising, evenly spaced, well beyond both corners."""
    upper: Floats
    """float32 (n,): the lower edge of the upper lip."""
    lower: Floats
    """float32 (n,): the upper edge of the lower lip; equal to ``upper`` where the lips touch and beyond the corners."""
    left: float
    """x of the corner at the left of the picture (negative)."""
    right: float
    is_open: bool

    def along(self, x: Reals, values: Floats) -> Floats:
        """*values* (one of the arrays above) at *x*."""
        return np.interp(x, self.x, values).astype(np.float32)


def find(image: Bytes, face: Anatomy) -> Seam:
    """The seam of *image*, uint8 (h, w, 3)."""
    upper, lower = face.at(*LIP_UPPER), face.at(*LIP_LOWER)
    left, right = min(float(upper[0, 0]), -0.3), max(float(upper[-1, 0]), 0.3)
    columns = np.arange(int(left * _COLUMNS_PER_CM), int(right * _COLUMNS_PER_CM) + 1) / _COLUMNS_PER_CM
    is_open = face.aperture > OPEN_APERTURE
    top, bottom = _curve(columns, upper), _curve(columns, lower)
    if is_open:
        pull = 0.3 if face.aperture > _WIDE_APERTURE else 1.2
        top = top + _trace(_lip_edge(_strip(image, face, columns, top), opening=1), pull=pull)
        bottom = bottom + _trace(_lip_edge(_strip(image, face, columns, bottom), opening=-1), pull=1.2)
    else:
        top = bottom = (top + bottom) / 2
        top = bottom = top + _trace(_darkness(_strip(image, face, columns, top)), pull=0.8)
    x = np.arange(left - _MARGIN_CM, right + _MARGIN_CM, 1 / _COLUMNS_PER_CM)
    taper = np.clip(np.minimum(x - left, right - x) / (0.15 * (right - left)), 0, 1)
    middle = np.interp(x, columns, (top + bottom) / 2)
    half = np.interp(x, columns, np.maximum(bottom - top, 0) / 2) * taper
    return Seam(
        x=x.astype(np.float32),
        upper=(middle - half).astype(np.float32),
        lower=(middle + half).astype(np.float32),
        left=left,
        right=right,
        is_open=is_open,
    )


def _curve(columns: Reals, contour: Floats) -> Reals:
    """The contour points (n, 2) as a smooth function of the columns."""
    order = contour[:, 0].argsort()
    return _smooth(np.interp(columns, contour[order, 0], contour[order, 1]), 0.08)


def _strip(image: Bytes, face: Anatomy, columns: Reals, around: Reals) -> Floats:
    """The picture straightened along the curve *around*: float32 (len(_ROWS), columns, 3) in CIE L*a*b*."""
    points = np.stack(np.broadcast_arrays(columns[None, :], around[None, :] + _ROWS[:, None]), axis=-1)
    colours = resample(image, face.to_pixels(points)).astype(np.float32) / 255
    lab: Any = cv2.cvtColor(colours, cv2.COLOR_RGB2Lab)
    return blur(lab, 2, 1)


def _darkness(strip: Floats) -> Reals:
    """Cost of a closed seam: low on dark, thin, horizontal ridges."""
    light = strip[..., 0]
    ridge = light - blur(light, 3, 8)
    level = light - float(light.mean())
    return ridge / (float(ridge.std()) + 1e-3) + 0.5 * level / (float(light.std()) + 1e-3)


def _lip_edge(strip: Floats, *, opening: int) -> Reals:
    """Cost of the edge of an open mouth; *opening* is 1 where the opening lies below the edge, -1 where it lies above."""
    redness = strip[..., 1] - 0.25 * np.abs(strip[..., 0] - np.median(strip[..., 0]))
    slope: Reals = opening * np.gradient(blur(redness, 2, 1.5), axis=0)
    return slope / (float(slope.std()) + 1e-3)


def _trace(cost: Reals, *, pull: float) -> Reals:
    """The cheapest smooth path through the columns of *cost*, as an offset in cm; *pull* weighs the distance to 0."""
    penalty = cost + pull * (_ROWS[:, None] / 0.25) ** 2
    count, columns = penalty.shape
    moves = np.arange(-2, 3)
    total = penalty[:, 0].copy()
    origin = np.zeros((columns, count), np.int64)
    for column in range(1, columns):
        padded = np.pad(total, 2, constant_values=np.inf)
        choices = np.stack([padded[2 + move : 2 + move + count] + 0.35 * move * move for move in moves])
        origin[column] = np.clip(np.arange(count) + moves[choices.argmin(axis=0)], 0, count - 1)
        total = choices.min(axis=0) + penalty[:, column]
    path = np.empty(columns, np.int64)
    path[-1] = int(total.argmin())
    for column in range(columns - 1, 0, -1):
        path[column - 1] = origin[column, path[column]]
    return _smooth(_ROWS[path], 0.25)


def _smooth(values: Reals, width_cm: float) -> Reals:
    """*values* (n,) at the columns, smoothed along their length."""
    line: Reals = blur(values[None], width_cm * _COLUMNS_PER_CM)[0]
    return line
