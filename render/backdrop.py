"""Plate -> backdrop: what stands behind the person, blurred as by a lens.

The plane of focus is the person's, so the light that reaches a pixel is ``alpha * person + (1 - alpha) * blur(background)``,
where the background includes what the person hides. Blurring a photo with the person in it instead spreads the person into a
halo.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np

from ..errors import InputError
from .blurs import depth as layers
from .blurs import guided, kernels, pyramid
from .light import from_highlights, to_bytes, to_codes
from .plate import reduced, seen, shown
from .types import Backdrop, Bytes, Floats

Blur = Literal["off", "gaussian", "guided", "depth"]
BLURS: Final[tuple[Blur, ...]] = ("off", "gaussian", "guided", "depth")
TRANSPARENT: Final = "transparent"
"""The name of the clear backdrop."""


def make(
    plate: Bytes,
    *,
    blur: Blur = "gaussian",
    radius: float = 14.0,
    alpha: Floats | None = None,
    depth: Floats | None = None,
    bokeh: bool = False,
) -> Backdrop:
    """Blur *plate*, uint8 (h, w, 3), by *radius*.

    *radius* is a standard deviation in pixels of a picture 512 high, as in CSS ``blur()`` and Pillow's ``GaussianBlur``: it
    grows with the height, so the look does not change with the size. Every blur honours it: the boxes of "guided" and the discs
    of *bokeh* have that standard deviation (a disc's radius is twice it), and the farthest background of "depth".

    *alpha*, float32 (h, w) in [0, 1], is where the person is, in a plate or in the photo itself: those pixels are not looked
    at. *depth*, float32 of any size, larger = nearer, is used by "depth"; without it the depth is guessed. *bokeh* turns lights
    into discs (not with "guided"). Raises ``InputError`` for arrays that do not fit, an unknown *blur*, or a *radius* that is
    not positive.
    """
    _check(plate, alpha, depth)
    if blur not in BLURS:
        raise InputError(f"There is no blur called {blur!r}.", f"Choose one of: {', '.join(BLURS)}.")
    if blur == "off":
        return Backdrop(np.ascontiguousarray(plate), "off", 0.0)
    if not 0 < radius < np.inf:
        raise InputError(f"The blur radius is {radius}.", "Give a number of pixels above 0, such as 14.")
    sigma = radius * plate.shape[0] / 512
    kernel = kernels.disc if bokeh else kernels.gaussian
    match blur:
        case "guided":
            codes = _guided(plate, sigma, alpha)
        case "depth":
            codes = _depth(plate, sigma, alpha, depth, kernel)
        case _:
            codes = _even(plate, sigma, alpha, kernel)
    return Backdrop(to_bytes(codes), blur, radius)


def flat(colour: str, size: tuple[int, int]) -> Backdrop:
    """A backdrop of one *colour*, "#RRGGBB", *size* (width, height). Raises ``InputError``."""
    try:
        red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    except ValueError as exc:
        raise InputError(f"{colour!r} is not a colour.", "Give it as #RRGGBB, such as #20304A.") from exc
    return Backdrop(np.full((size[1], size[0], 3), (red, green, blue), np.uint8), colour, 0.0)


def clear(size: tuple[int, int]) -> Backdrop:
    """No backdrop at all: frames of *size* (width, height) stay transparent where the person is not."""
    return Backdrop(np.zeros((size[1], size[0], 3), np.uint8), TRANSPARENT, 0.0, clear=True)


def named(background: str, size: tuple[int, int]) -> Backdrop:
    """What *background* says: "#RRGGBB", "transparent", or else the path of a picture. *size* is (width, height).

    Raises ``InputError`` when it is none of them.
    """
    if background == TRANSPARENT:
        return clear(size)
    return flat(background, size) if background.startswith("#") else picture(background, size)


def picture(source: str | Path | Bytes, size: tuple[int, int]) -> Backdrop:
    """A backdrop from a picture file, or from uint8 (h, w, 3): scaled to cover *size* (width, height), its middle kept.

    Raises ``InputError`` when the file cannot be read.
    """
    image = source if isinstance(source, np.ndarray) else _read(Path(source))
    width, height = size
    scale = max(width / image.shape[1], height / image.shape[0])
    covered = max(width, round(image.shape[1] * scale)), max(height, round(image.shape[0] * scale))
    scaled = np.asarray(
        cv2.resize(image, covered, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC), np.uint8
    )
    x, y = (covered[0] - width) // 2, (covered[1] - height) // 2
    return Backdrop(np.ascontiguousarray(scaled[y : y + height, x : x + width]), "picture", 0.0)


def _even(plate: Bytes, sigma: float, alpha: Floats | None, kernel: kernels.Kernel) -> Floats:
    """The same blur everywhere, all of it on the reduced picture."""
    times = kernels.reduction(sigma)
    mask = None if alpha is None else shown(alpha)
    small = pyramid.fill(reduced(plate, mask, times, highlights=kernel is kernels.disc))
    coverage = pyramid.coverage((plate.shape[0], plate.shape[1]), times)
    small = kernels.spread(small, times, sigma, kernel, coverage)
    if kernel is kernels.disc:
        small = from_highlights(small)
    return pyramid.enlarge(to_codes(small), times, (plate.shape[1], plate.shape[0]))


def _guided(plate: Bytes, sigma: float, alpha: Floats | None) -> Floats:
    mask = None if alpha is None else shown(alpha)
    codes = to_codes(pyramid.fill(reduced(plate, mask, 0))) * np.float32(1 / 255)
    weight = np.ones(plate.shape[:2], np.float32) if alpha is None else np.maximum(seen(alpha), np.float32(0.02))
    return guided.smooth(codes, weight, sigma) * 255


def _depth(
    plate: Bytes, sigma: float, alpha: Floats | None, disparity: Floats | None, kernel: kernels.Kernel
) -> Floats:
    """On a picture reduced so far as the least blurred layer allows; where distances are known, one is in focus."""
    times = kernels.reduction(layers.FINEST * sigma) if disparity is None else 0
    mask = None if alpha is None else shown(alpha)
    light = pyramid.fill(reduced(plate, mask, times, highlights=kernel is kernels.disc))
    person = None if alpha is None else pyramid.halve(alpha, times)
    shape = light.shape[0], light.shape[1]
    amount = (
        layers.from_picture(person, shape) if disparity is None else layers.from_disparity(disparity, person, shape)
    )
    light = layers.spread(light, amount, sigma / (1 << times), kernel)
    if kernel is kernels.disc:
        light = from_highlights(light)
    return pyramid.enlarge(to_codes(light), times, (plate.shape[1], plate.shape[0]))


def _read(path: Path) -> Bytes:
    try:
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error) as exc:
        raise InputError(f"The background {path} cannot be read.", "Give a PNG or JPEG file.") from exc
    if image is None:
        raise InputError(f"The background {path} is not a picture.", "Give a PNG or JPEG file.")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def _check(plate: Bytes, alpha: Floats | None, depth: Floats | None) -> None:
    if plate.ndim != 3 or plate.shape[2] != 3 or plate.dtype != np.uint8 or plate.size == 0:
        raise InputError(
            f"A plate of {plate.dtype} {plate.shape} cannot be blurred.", "Give uint8 (height, width, 3) in RGB."
        )
    if alpha is not None and (alpha.shape != plate.shape[:2] or not np.isfinite(alpha).all()):
        raise InputError(
            f"Alpha {alpha.shape} does not fit a plate {plate.shape}.", "Give finite float32 (height, width)."
        )
    if depth is not None and (depth.ndim != 2 or depth.size == 0 or not np.isfinite(depth).all()):
        raise InputError(
            f"A depth map {depth.shape} cannot be used.", "Give finite float32 (height, width), larger = nearer."
        )
