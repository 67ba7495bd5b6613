"""Openings of mouth and eyes, from landmarks and on finished pictures."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..types import Bytes, Floats
from .landmarks import Landmarker

_LIPS: Final = ((82, 87), (13, 14), (312, 317))
"""Pairs on the inner edges of upper and lower lip."""
_MOUTH: Final = (78, 308)
_RIGHT_LIDS: Final = ((160, 144), (159, 145), (158, 153))
_RIGHT_EYE: Final = (33, 133)
_LEFT_LIDS: Final = ((387, 373), (386, 374), (385, 380))
_LEFT_EYE: Final = (263, 362)


def mouth_gap(landmarks: Floats) -> float:
    """Mean inner lip gap over inner mouth width; some 0.01 with closed lips, 0.3 wide open."""
    return _ratio(landmarks, _LIPS, _MOUTH)


def eye_gaps(landmarks: Floats) -> tuple[float, float]:
    """Lid gap over eye width of the subject's right and left eye; some 0.25 to 0.35 when open."""
    return _ratio(landmarks, _RIGHT_LIDS, _RIGHT_EYE), _ratio(landmarks, _LEFT_LIDS, _LEFT_EYE)


def mouth_aperture(image: Bytes, landmarker: Landmarker) -> float | None:
    """``mouth_gap`` of the largest face in *image* uint8 (h, w, 3); None where there is none."""
    faces = landmarker.detect(image, small=False)
    return mouth_gap(faces[0].landmarks) if faces else None


def eye_aperture(image: Bytes, landmarker: Landmarker) -> float | None:
    """Mean of ``eye_gaps`` of the largest face in *image* uint8 (h, w, 3); None where there is none."""
    faces = landmarker.detect(image, small=False)
    return float(np.mean(eye_gaps(faces[0].landmarks))) if faces else None


def _ratio(landmarks: Floats, gaps: tuple[tuple[int, int], ...], width: tuple[int, int]) -> float:
    spans = [_distance(landmarks, pair) for pair in gaps]
    return float(np.mean(spans)) / max(_distance(landmarks, width), 1e-6)


def _distance(landmarks: Floats, pair: tuple[int, int]) -> float:
    return float(np.linalg.norm(landmarks[pair[0], :2] - landmarks[pair[1], :2]))
