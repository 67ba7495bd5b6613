"""Alpha as a linear function of colour, window by window: what the guided filter and closed-form matting share."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ..types import Floats

_EPS: Final = 1e-5
"""Regularisation, for colours in 0..1."""


_SOLVED: Final = 2e-4
"""Energy of the residual at which the matte is within 0.002 of the solution, in the mean over the pixels that are not known."""


class ColourModel:
    """The colours of a picture, float32 (h, w, 3) in [0, 1], in windows of 3x3 pixels."""

    def __init__(self, colours: Floats) -> None:
        self._planes = [np.ascontiguousarray(colours[:, :, k]) for k in range(3)]
        self._means = [_box(plane) for plane in self._planes]
        self._inverse = _inverse_covariance(self._planes)

    def fit(self, matte: Floats) -> tuple[list[Floats], Floats]:
        """The models ``matte = slope . colour + offset``, averaged over the windows of each pixel: three slopes and the offset,
        (h, w).

        The colour guided filter of He, Sun and Tang, "Guided Image Filtering", ECCV 2010, equations 14 to 16.
        """
        level = _box(matte)
        x, y, z = (_box(plane * matte) - mean * level for plane, mean in zip(self._planes, self._means, strict=True))
        xx, xy, xz, yy, yz, zz = self._inverse
        slopes = [xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z]
        offset = level - sum(slope * mean for slope, mean in zip(slopes, self._means, strict=True))
        return [_box(slope) for slope in slopes], _box(offset)

    def smooth(self, matte: Floats) -> Floats:
        """*matte* as its windows' models see it."""
        slopes, offset = self.fit(matte)
        return apply(slopes, offset, self._planes)

    def solve(self, prior: Floats, trust: Floats, *, steps: int = 40) -> Floats:
        """The matte nearest to *prior* that the local models explain: ``min a'La + sum trust * (a - prior)**2``, float32 (h, w).

        L is the matting Laplacian (Levin, Lischinski and Weiss, "A Closed-Form Solution to Natural Image Matting", CVPR 2006).
        Its product with a matte is the matte less its guided-filtered self (He, Sun and Tang, "Fast Matting Using Large Kernel
        Matting Laplacian Matrices", CVPR 2010), so no matrix is built. Preconditioned conjugate gradients from *prior*, *steps*
        of them at most.
        """
        scale: Floats = np.reciprocal(trust + np.float32(0.7))
        matte = prior.copy()
        residual = self.smooth(matte) - matte
        descent = scale * residual
        direction = descent
        energy = float(np.vdot(residual, descent))
        for _ in range(steps):
            if energy < _SOLVED:
                break
            product = direction - self.smooth(direction) + trust * direction
            step = np.float32(energy / float(np.vdot(direction, product)))
            matte += step * direction
            residual -= step * product
            descent = scale * residual
            before, energy = energy, float(np.vdot(residual, descent))
            direction = descent + np.float32(energy / before) * direction
        return np.clip(matte, 0, 1)


def apply(slopes: list[Floats], offset: Floats, planes: list[Floats]) -> Floats:
    """``slope . colour + offset`` at every pixel, float32 (h, w)."""
    matte = offset.copy()
    for slope, plane in zip(slopes, planes, strict=True):
        matte += slope * plane
    return matte


def _inverse_covariance(planes: list[Floats]) -> list[Floats]:
    """Of the colours in each window, regularised: xx, xy, xz, yy, yz, zz. In double precision: plain areas are nearly
    singular."""
    exact = [plane.astype(np.float64) for plane in planes]
    means = [cv2.blur(plane, (3, 3), borderType=cv2.BORDER_REFLECT) for plane in exact]

    def spread(i: int, j: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        joint = np.asarray(cv2.blur(exact[i] * exact[j], (3, 3), borderType=cv2.BORDER_REFLECT), np.float64)
        return joint - means[i] * means[j] + _EPS * (i == j)

    a, b, c, d, e, f = spread(0, 0), spread(0, 1), spread(0, 2), spread(1, 1), spread(1, 2), spread(2, 2)
    xx, xy, xz = d * f - e * e, c * e - b * f, b * e - c * d
    determinant = a * xx + b * xy + c * xz
    return [
        (term / determinant).astype(np.float32) for term in (xx, xy, xz, a * f - c * c, b * c - a * e, a * d - b * b)
    ]


def _box(values: Floats) -> Floats:
    return np.asarray(cv2.blur(values, (3, 3), borderType=cv2.BORDER_REFLECT), np.float32)
