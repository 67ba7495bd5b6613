"""From "how likely is a person here" to "how much of this pixel is the person"."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ..types import Floats
from .colour_model import ColourModel

Mask = NDArray[np.bool_]

_REACH: Final = 0.02
"""Hair farther than this from the body, as a fraction of the picture, is not expected."""
_EDGE: Final = np.float32(0.3)
"""Difference of a matte within 5 pixels from which it is an edge."""
_KNOWN: Final = np.float32(1.0)
_OPEN: Final = np.float32(0.003)
_UNTOLD: Final = np.float32(1.0)
"""How much the matte is trusted: away from its edge; at the edge, where colours tell; at the edge, where they do not."""


def settle(matte: Floats, colours: Floats, model: ColourModel) -> Floats:
    """An opacity, float32 (h, w) in [0, 1], from a probability of the same shape and the picture at that size.

    Doubt far from the person becomes background, doubt far from the background becomes person. Then, near the edge, closed-form
    matting finds the alpha that the colours support; where person and background look alike the matte is kept.
    """
    matte = _without_doubt(matte)
    person = _shrink(matte > 0.95, 3)
    behind = _shrink(matte < 0.05, 5)
    trust = _OPEN + _UNTOLD * np.exp(-_separation(colours, person, behind) / 2)
    solved = model.solve(matte, np.where(person | behind, _KNOWN, trust))
    settled: Floats = np.clip((solved - 0.07) / 0.86, 0, 1, dtype=np.float32)
    return settled


def _without_doubt(matte: Floats) -> Floats:
    reach = _REACH * max(matte.shape)
    body = _largest(matte > 0.9)
    if not body.any():
        return matte
    matte = _decided(matte)
    outside = np.clip(2 - _distance(body) / reach, 0, 1)
    inside = np.clip(_distance(matte * outside < 0.1) / reach - 1, 0, 1)
    without: Floats = np.maximum(matte * outside, inside)
    return without


def _decided(matte: Floats) -> Floats:
    """With steeper edges; where the matte is in doubt over more than an edge, that is settled the likelier way."""
    window = np.ones((5, 5), np.uint8)
    span = np.asarray(cv2.dilate(matte, window), np.float32) - cv2.erode(matte, window)
    even = np.asarray(cv2.blur(np.clip(2 - span / _EDGE, 0, 1), (5, 5)), np.float32)
    edge = _steeper(matte, 2)
    return edge + even * (_steeper(edge, 4) - edge)


def _steeper(matte: Floats, times: int) -> Floats:
    for _ in range(times):
        matte = matte * matte * (3 - 2 * matte)
    return matte


def _largest(mask: Mask) -> Mask:
    """Without the parts that are smaller than a tenth of the largest."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    areas = stats[:, cv2.CC_STAT_AREA]
    areas[0] = 0
    kept: Mask = (areas >= max(1, areas.max() / 10))[labels]
    return kept


def _distance(mask: Mask) -> Floats:
    """Pixels to the nearest true one."""
    nearest = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(np.minimum(nearest, np.float32(mask.size)), np.float32)


def _shrink(mask: Mask, by: int) -> Mask:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    return cv2.erode(mask.astype(np.uint8), disc) > 0


def _separation(colours: Floats, person: Mask, behind: Mask) -> Floats:
    """Squared distance of the mean colours on both sides of the edge over their variances, in windows of 17x17 pixels."""
    mean_in, variance_in = _moments(colours, person)
    mean_out, variance_out = _moments(colours, behind)
    distance: Floats = ((mean_in - mean_out) ** 2).sum(axis=2) / (variance_in + variance_out + np.float32(0.003))
    return distance


def _moments(colours: Floats, mask: Mask) -> tuple[Floats, Floats]:
    weight = mask.astype(np.float32)
    share = cv2.blur(weight, (17, 17)) + np.float32(1e-4)
    mean = np.asarray(cv2.blur(colours * weight[:, :, None], (17, 17)), np.float32) / share[:, :, None]
    square = cv2.blur(_length(colours) * weight, (17, 17)) / share
    return mean, np.maximum(np.asarray(square, np.float32) - _length(mean), 0)


def _length(colours: Floats) -> Floats:
    """Squared, of each colour."""
    return np.asarray(np.einsum("yxc,yxc->yx", colours, colours), np.float32)
