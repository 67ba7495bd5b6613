"""Plate -> backdrop: what stands behind the person, blurred as by a lens.

The plane of focus is the person's, so the light that reaches a pixel is ``alpha * person + (1 - alpha) * blur(background)``, where the
background includes what the person hides. Blurring a photo with the person in it instead spreads the person into a halo.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from ..errors import InputError
from .blurs import gaussian, pyramid
from .light import to_bytes, to_codes, to_linear
from .types import Backdrop, Bytes, Floats

Blur = Literal["off", "gaussian", "guided", "depth"]

_HIDDEN: Final = np.float32(0.02)
"""Weight of a guessed pixel behind the person beside the 1 of a pixel that was seen."""


def make(plate: Bytes, *, blur: Blur = "gaussian", radius: float = 14.0, alpha: Floats | None = None) -> Backdrop:
    """Blur *plate*, uint8 (h, w, 3), by *radius*.

    *radius* is the standard deviation in pixels of a picture 512 high, as in CSS ``blur()`` and Pillow's ``GaussianBlur``: it grows with
    the height, so the look does not change with the size.

    *alpha*, float32 (h, w) in [0, 1], is where the person is, in a plate or in the photo itself: those pixels are not looked at. Raises
    ``InputError`` for arrays that do not fit, an unknown *blur* or a *radius* that is not positive.
    """
    _check(plate, alpha)
    if blur == "off":
        return Backdrop(np.ascontiguousarray(plate), "off", 0.0)
    if blur != "gaussian":
        raise InputError(f"There is no blur called {blur!r}.", "Choose one of: off, gaussian, guided, depth.")
    if not 0 < radius < np.inf:
        raise InputError(f"The blur radius is {radius}.", "Give a number of pixels above 0, such as 14.")
    sigma = radius * plate.shape[0] / 512
    return Backdrop(_gaussian(plate, sigma, alpha), blur, radius)


def _gaussian(plate: Bytes, sigma: float, alpha: Floats | None) -> Bytes:
    height, width = plate.shape[:2]
    times = gaussian.reduction(sigma)
    small = pyramid.halve(pyramid.premultiply(to_linear(plate), _seen(alpha, (height, width))), times)
    if alpha is not None:
        small = _with_hidden(small)
    blurred = pyramid.divide(gaussian.blur(small, gaussian.remaining(sigma, times)))
    return to_bytes(pyramid.enlarge(to_codes(blurred), times, (width, height)))


def _seen(alpha: Floats | None, shape: tuple[int, int]) -> Floats:
    """Weight float32 (h, w): 1 for background alone, 0 from where half a pixel is the person's."""
    if alpha is None:
        return np.ones(shape, np.float32)
    weight: Floats = np.clip(1 - 2 * alpha, 0, 1)
    return weight


def _with_hidden(mass: Floats) -> Floats:
    """*mass* with guesses of little weight where nothing was seen."""
    missing = (1 - mass[:, :, 3]) * _HIDDEN
    return mass + pyramid.premultiply(pyramid.fill(mass), missing)


def _check(plate: Bytes, alpha: Floats | None) -> None:
    if plate.ndim != 3 or plate.shape[2] != 3 or plate.dtype != np.uint8 or plate.size == 0:
        raise InputError(
            f"A plate of {plate.dtype} {plate.shape} cannot be blurred.", "Give uint8 (height, width, 3) in RGB."
        )
    if alpha is not None and (alpha.shape != plate.shape[:2] or not np.isfinite(alpha).all()):
        raise InputError(
            f"Alpha {alpha.shape} does not fit a plate {plate.shape}.", "Give finite float32 (height, width)."
        )
