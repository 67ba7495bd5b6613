"""The inner lip contours of a photo, to a fraction of a pixel.

Landmarks miss the line between the lips by up to half a centimetre on paintings; the picture itself knows better. A closed mouth is the
darkest ridge from corner to corner; an open one is bounded by the edge between lip and teeth or cavity. Both are found by dynamic
programming over columns of the mouth frame, tied softly to the landmarks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ..types import Bytes, Floats
from ._anatomy import LIP_LOWER, LIP_UPPER, Anatomy

OPEN_APERTURE: Final = 0.06
"""Above this aperture the photo shows an open mouth."""
_REACH_CM: Final = 0.55
_COLUMNS_PER_CM: Final = 20
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
    smooth: Floats
    """float32 (n,): a soft middle line, for fields that ignore the outline of the lips."""
    left: float
    """x of the corner at the left of the picture (negative)."""
    right: float
    is_open: bool

    def along(self, x: Floats, values: Floats) -> Floats:
        """*values* (one of the arrays above) at *x*."""
        return np.interp(x, self.x, values).astype(np.float32)


def find(image: Bytes, face: Anatomy) -> Seam:
    """The seam of *image*, uint8 (h, w, 3)."""
    upper, lower = face.at(*LIP_UPPER), face.at(*LIP_LOWER)
    left, right = float(upper[0, 0]), float(upper[-1, 0])
    columns = np.arange(int(left * _COLUMNS_PER_CM), int(right * _COLUMNS_PER_CM) + 1) / _COLUMNS_PER_CM
    is_open = face.aperture > OPEN_APERTURE
    top = _monotone(columns, upper)
    bottom = _monotone(columns, lower)
    if is_open:
        strip, rows = _strip(image, face, columns, top)
        top = top + _trace(_lip_edge(strip, 1), rows, pull=0.6)
        strip, rows = _strip(image, face, columns, bottom)
        bottom = bottom + _trace(_lip_edge(strip, -1), rows, pull=0.6)
        bottom = np.maximum(bottom, top)
    else:
        middle = (top + bottom) / 2
        strip, rows = _strip(image, face, columns, middle)
        top = bottom = middle + _trace(_darkness(strip), rows, pull=0.8)
    x = np.arange(left - _MARGIN_CM, right + _MARGIN_CM, 1 / _COLUMNS_PER_CM)
    taper = np.clip(np.minimum(x - left, right - x) / (0.12 * (right - left)), 0, 1)
    middle = np.interp(x, columns, (top + bottom) / 2)
    half = np.interp(x, columns, np.maximum(bottom - top, 0) / 2) * np.minimum(taper * 2, 1)
    if not is_open:
        half = np.zeros_like(half)
    return Seam(
        x=x.astype(np.float32),
        upper=(middle - half).astype(np.float32),
        lower=(middle + half).astype(np.float32),
        smooth=_blur(middle, 0.9 * _COLUMNS_PER_CM).astype(np.float32),
        left=left,
        right=right,
        is_open=is_open,
    )


def _monotone(columns: Floats, contour: Floats) -> Floats:
    """The contour points (n, 2) as a smooth function of the columns."""
    order = np.argsort(contour[:, 0])
    return _blur(np.interp(columns, contour[order, 0], contour[order, 1]), 0.08 * _COLUMNS_PER_CM)


def _strip(image: Bytes, face: Anatomy, columns: Floats, around: Floats) -> tuple[Floats, Floats]:
    """The picture straightened along the curve *around*: float32 (rows, columns, 3) in CIE L*a*b*, and the offset of each row in cm."""
    step = min(0.35 / face.scale, 0.05)
    rows = np.arange(-_REACH_CM, _REACH_CM + step, step)
    points = np.stack(np.broadcast_arrays(columns[None, :], around[None, :] + rows[:, None]), axis=-1)
    where = face.to_pixels(points.astype(np.float32))
    colours = cv2.remap(image, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    lab = cv2.cvtColor(colours.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    return cv2.GaussianBlur(lab, (0, 0), sigmaX=2, sigmaY=1), rows


def _darkness(strip: Floats) -> Floats:
    """Cost of a closed seam: low on dark, thin, horizontal ridges."""
    light = strip[..., 0]
    wide = cv2.GaussianBlur(light, (0, 0), sigmaX=3, sigmaY=8)
    ridge = light - wide
    spread = float(ridge.std()) + 1e-3
    return np.asarray(ridge / spread + 0.5 * (light - light.mean()) / (float(light.std()) + 1e-3), np.float32)


def _lip_edge(strip: Floats, side: int) -> Floats:
    """Cost of the edge of an open mouth; *side* is 1 where the opening lies below the edge, -1 where it lies above."""
    redness = strip[..., 1] - 0.25 * np.abs(strip[..., 0] - np.median(strip[..., 0]))
    slope = -side * cv2.Sobel(np.ascontiguousarray(redness), cv2.CV_32F, 0, 1, ksize=5)
    return np.asarray(-slope / (float(slope.std()) + 1e-3), np.float32)


def _trace(cost: Floats, rows: Floats, pull: float) -> Floats:
    """The cheapest smooth path through the columns of *cost* as an offset in cm; *pull* weighs the distance to the landmarks."""
    penalty = cost + pull * (rows[:, None] / 0.25) ** 2
    count, columns = penalty.shape
    moves = np.arange(-2, 3)
    total = penalty[:, 0].copy()
    origin = np.zeros((columns, count), np.int64)
    for column in range(1, columns):
        padded = np.pad(total, 2, constant_values=np.inf)
        choices = np.stack([padded[2 + m : 2 + m + count] + 0.35 * m * m for m in moves])
        best = choices.argmin(axis=0)
        origin[column] = np.clip(np.arange(count) + moves[best], 0, count - 1)
        total = choices.min(axis=0) + penalty[:, column]
    path = np.empty(columns, np.int64)
    path[-1] = int(total.argmin())
    for column in range(columns - 1, 0, -1):
        path[column - 1] = origin[column, path[column]]
    return _blur(rows[path], 0.12 * _COLUMNS_PER_CM)


def _blur(values: Floats, sigma: float) -> Floats:
    """*values* (n,) smoothed along their length, ends repeated."""
    line = np.ascontiguousarray(values, np.float32)[None]
    return np.asarray(cv2.GaussianBlur(line, (0, 0), sigmaX=sigma, borderType=cv2.BORDER_REPLICATE))[0]
