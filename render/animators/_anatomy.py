"""Where things are in this face: a head frame, the mouth and the eyes, measured from the landmarks.

Landmark numbers are those of the MediaPipe face mesh (``face_mesh_connections.py``, Apache-2.0). Lengths in centimetres refer to an
adult face with 6.3 cm between the pupils.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..types import Floats
from ._resample import Reals

PUPIL_DISTANCE_CM: Final = 6.3
LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in brightness (ITU-R BT.601)."""

LIP_UPPER: Final = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LIP_LOWER: Final = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
"""Inner contours from the subject's right corner to the left one, in pairs one above the other."""
LIP_OUTER: Final = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
GAPS: Final = ((82, 87), (13, 14), (312, 317))
"""Pairs whose mean distance over |78 - 308| is the aperture of the mouth."""
EYES: Final = {
    "right": ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133)),
    "left": ((362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263)),
}
"""Upper and lower lid margins of the subject's eyes, both from left to right in the picture."""
BROWS: Final = {"right": (46, 53, 52, 65, 55), "left": (285, 295, 282, 283, 276)}
"""Lower edges of the brows, from left to right in the picture."""
OVAL: Final = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
JAW: Final = (397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172)
"""The lower edge of the face, from angle to angle of the jaw."""
CHIN: Final = 152
NOSE_BASE: Final = 2
JAW_ANGLES: Final = (58, 288)
EARS: Final = (234, 454)


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The measured face."""

    landmarks: Floats
    """float32 (468, 3), pixels."""
    scale: float
    """Pixels per centimetre."""
    across: Floats
    """Unit vector (2,) along the line of the eyes, to the right of the picture."""
    down: Floats
    """Unit vector (2,) from the eyes to the chin, at right angles to ``across``."""
    mouth: Floats
    """Middle of the closed mouth, pixels (2,)."""
    yaw: float
    """Degrees the head is turned from the camera, never negative."""
    mouth_width: float
    """Distance of the inner corners, pixels."""
    aperture: float
    """Mean lip gap over the inner mouth width."""

    def to_face(self, points: Reals) -> Floats:
        """Pixels (..., 2) -> centimetres right of and below the middle of the mouth, float32 (..., 2)."""
        axes = np.stack([self.across, self.down], axis=1) / self.scale
        return np.asarray((points - self.mouth) @ axes, np.float32)

    def to_pixels(self, points: Reals) -> Floats:
        """The inverse of ``to_face``."""
        return self.shift_to_pixels(points) + self.mouth

    def shift_to_pixels(self, shift: Reals) -> Floats:
        """A displacement (..., 2) in centimetres across and down the face -> pixels, float32 (..., 2)."""
        return np.asarray(shift @ (np.stack([self.across, self.down]) * self.scale), np.float32)

    def at(self, *indices: int) -> Floats:
        """Landmarks *indices* in the frame of ``to_face``, float32 (n, 2)."""
        return self.to_face(self.landmarks[list(indices), :2])


def measure(landmarks: Floats) -> Anatomy:
    """The anatomy of *landmarks*, float32 (468, 3) in pixels."""
    right = landmarks[[33, 133]].mean(axis=0)
    left = landmarks[[362, 263]].mean(axis=0)
    across = (left - right)[:2] / max(float(np.linalg.norm((left - right)[:2])), 1e-3)
    ears = landmarks[EARS[1]] - landmarks[EARS[0]]
    upper, lower = landmarks[list(LIP_UPPER), :2], landmarks[list(LIP_LOWER), :2]
    width = max(float(np.linalg.norm(upper[-1] - upper[0])), 1.0)
    gaps = [float(np.linalg.norm(landmarks[a, :2] - landmarks[b, :2])) for a, b in GAPS]
    return Anatomy(
        landmarks=np.asarray(landmarks, np.float32),
        scale=max(float(np.linalg.norm(left - right)) / PUPIL_DISTANCE_CM, 0.5),
        across=across.astype(np.float32),
        down=np.array([-across[1], across[0]], np.float32),
        mouth=((upper[5] + lower[5]) / 2).astype(np.float32),
        yaw=float(np.degrees(np.arctan2(abs(ears[2]), max(float(np.hypot(ears[0], ears[1])), 1e-3)))),
        mouth_width=width,
        aperture=float(np.mean(gaps)) / width,
    )
