"""What stands behind a person who moves: remembered where it was seen, blurred, and kept as it is while nothing changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from .backdrop import Blur, make
from .plate import seen
from .types import Backdrop, Bytes, Floats

_SIDE: Final = 160
"""Pixels of the longer side of the picture in which movement of the camera is noticed."""
_STILL: Final = 1.5
"""Mean difference, in codes, of two such pictures from a camera that stands still: noise, and the odd passer-by."""
_GONE: Final = 4.0
"""Mean difference at which what was remembered is of no more use."""
_WHOLE: Final = 0.99
"""Trust above which a pixel of the small picture shows nothing but background."""
_UNCHANGED: Final = 1
"""Codes by which a backdrop may differ from the one before and still be the same."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is remembered of the pictures before."""

    plate: Bytes
    """uint8 (h, w, 3): the background, where it was seen last."""
    known: Floats
    """float32 (h, w) in [0, 1]: how far each pixel of it can be trusted."""
    small: Floats
    """float32 (h, w, 4): plate and trust, small."""
    backdrop: Backdrop


def behind(
    image: Bytes, alpha: Floats, past: Seen | None, *, blur: Blur, radius: float, bokeh: bool = False
) -> tuple[Backdrop, Seen]:
    """The backdrop of *image*, uint8 (h, w, 3), whose person is *alpha*, float32 (h, w), and the state for the next picture.

    While the camera stands still, what the person hides is taken from pictures in which it did not, and pixels of the backdrop
    that would change by a single code, as noise makes them do, are kept. Pass None as *past* to start; a picture of another size
    starts anew by itself.
    """
    now = seen(alpha)
    small = _small(image, now)
    if past is None or past.plate.shape != image.shape:
        backdrop = make(image, blur=blur, radius=radius, alpha=_hidden(now), bokeh=bokeh)
        return backdrop, Seen(image, now, small, backdrop)
    known = past.known * _still(small, past.small)
    plate = _replaced(past.plate, image, (now >= known).astype(np.uint8))
    known = np.maximum(now, known)
    made = make(plate, blur=blur, radius=radius, alpha=_hidden(known), bokeh=bokeh)
    difference = cv2.absdiff(made.image, past.backdrop.image)
    changed = cv2.threshold(difference, _UNCHANGED, 255, cv2.THRESH_BINARY)[1]
    kept = _replaced(past.backdrop.image, made.image, np.asarray(changed, np.uint8))
    backdrop = Backdrop(kept, made.name, made.radius)
    return backdrop, Seen(plate, known, _small(plate, known), backdrop)


def _hidden(known: Floats) -> Floats:
    """What is not *known*, as an alpha in which ``plate.seen`` sees the same. Being a quarter at most it is no person for "depth",
    which would else guess the depth anew wherever the person goes."""
    return (1 - known) * np.float32(0.25)


def _replaced(old: Bytes, new: Bytes, where: Bytes) -> Bytes:
    """*new* where *where*, (h, w) or (h, w, 3), is not 0, else *old*."""
    return np.asarray(cv2.copyTo(new, where, old.copy()), np.uint8)


def _small(image: Bytes, known: Floats) -> Floats:
    scale = min(1.0, _SIDE / max(image.shape[:2]))
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    parts = [cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (image, known)]
    return np.dstack([np.asarray(part, np.float32) for part in parts])


def _still(one: Floats, other: Floats) -> Floats:
    """1 where the camera has not moved between two pictures, 0 where it has: float32 () in [0, 1]."""
    both = np.minimum(one[:, :, 3], other[:, :, 3]) > _WHOLE
    difference = float(np.abs(one[:, :, :3] - other[:, :, :3])[both].mean()) if both.any() else 0.0
    return np.asarray(np.clip((_GONE - difference) / (_GONE - _STILL), 0, 1), np.float32)
