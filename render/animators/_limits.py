"""How far this photo can be moved: a turned head, glasses, shut eyes and gaping mouths get less, never a torn face."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np

from ..types import Bytes
from ._anatomy import EYES, LUMA, Anatomy
from ._controls import Limits
from ._resample import blur, resample
from ._seam import Seam

_FRONTAL_YAW: Final = 25.0
"""Degrees up to which the mouth moves fully."""
_PROFILE_YAW: Final = 55.0
"""Degrees from which it hardly moves."""
_USUAL_MOUTH_CM: Final = 4.2
_RELAXED_MOUTH_CM: Final = 4.6
"""Widest inner mouth at rest: what is wider smiles."""
_SHUT: Final = 0.12
"""Lid gap over eye width below which the eyes of the photo count as shut."""
_BROW_AND_NOSE: Final = (9, 107, 336, 66, 296, 197, 5)
_AROUND_MOUTH: Final = (164, 200, 186, 410, 43, 273)
_NOT_SKIN: Final = 25.0
"""Colour difference, CIE76."""
_BRIDGE_EDGE: Final = 2.2
"""Vertical contrast over the bridge of the nose, relative to the cheeks, from which a face wears glasses."""


def limits_of(image: Bytes, face: Anatomy, seam: Seam, *, covered: bool = False) -> Limits:
    """The limits of *image*, uint8 (h, w, 3); *covered*: part of the face is hidden, or no face of flesh.

    Behind a mask the mouth holds still. Otherwise the lids of such a face do, because nobody knows where they are.
    """
    masked = covered and _wears_mask(image, face)
    width = face.mouth_width / face.scale
    turned = float(np.clip((face.yaw - _FRONTAL_YAW) / (_PROFILE_YAW - _FRONTAL_YAW), 0, 1))
    return Limits(
        mouth=0.0 if masked else 1 - 0.75 * turned,
        head=1 - 0.5 * turned,
        brows=0.0 if wears_glasses(image, face) else 1.0,
        lids=0.0 if _eyes_shut(face) or (covered and not masked) else 1.0,
        upper_share=0.25 if seam.is_open else 0.10,
        press=min(1.0, (width / _USUAL_MOUTH_CM) ** 2),
        narrowest=-0.38 * min(1.0, (_RELAXED_MOUTH_CM / width) ** 2),
        relax=0.6 if seam.is_open else 0.0,
    )


def wears_glasses(image: Bytes, face: Anatomy) -> bool:
    """Whether a dark bar crosses the bridge of the nose between the eyes."""
    bridge = face.at(6, 168).mean(axis=0)
    x = np.linspace(-0.45, 0.45, 13)
    y = np.linspace(-1.3, 1.3, 53)
    points = np.stack(np.meshgrid(x + bridge[0], y + bridge[1]), axis=-1)
    light = blur(resample(image, face.to_pixels(points)).astype(np.float32) @ LUMA, 2.0, 0.8)
    line = light.mean(axis=1)
    dip = float((blur(line[None], 9)[0] - line).max())
    return dip > _BRIDGE_EDGE * 0.05 * float(line.mean())


def _wears_mask(image: Bytes, face: Anatomy) -> bool:
    """Whether all around the mouth has another colour than forehead and nose."""
    points = face.landmarks[[*_BROW_AND_NOSE, *_AROUND_MOUTH], :2]
    smooth: Any = cv2.cvtColor(blur(image.astype(np.float32), 0.15 * face.scale) / 255, cv2.COLOR_RGB2LAB)
    colours = resample(np.asarray(smooth, np.float32), points[None])[0]
    skin = np.median(colours[: len(_BROW_AND_NOSE)], axis=0)
    return float(np.linalg.norm(colours[len(_BROW_AND_NOSE) :] - skin, axis=1).min()) > _NOT_SKIN


def _eyes_shut(face: Anatomy) -> bool:
    ratios = []
    for upper, lower in EYES.values():
        margins = face.at(*upper), face.at(*lower)
        ratios.append(float((margins[1] - margins[0])[:, 1].max()) / max(float(np.ptp(margins[0][:, 0])), 0.1))
    return float(np.mean(ratios)) < _SHUT
