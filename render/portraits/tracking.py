"""A video -> where its face is in every picture: followed, steadied over time, without the parts that cannot be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ..types import Bytes, Floats
from . import doctor
from .framing import face_height
from .landmarks import Face, Landmarker
from .measure import eye_gaps, mouth_gap

MOST_S: Final = 20.0
"""Of a video that is looked at."""
_FASTEST: Final = 31.0
"""Pictures a second; of faster videos every second picture is taken, or every fourth."""
_EARLY: Final = 0.2
"""How much of a step a picture may come before its time."""
_HIDDEN_S: Final = 0.4
"""How long a face may be lost between two pictures that show it."""
_JUMP: Final = 0.12
"""Way of the face between two pictures, in its heights, that no head goes: a cut."""
_CHANGE: Final = 30.0
"""Mean difference of two small pictures, in codes, that makes a cut."""
_SMALL: Final = 64
_WINDOW: Final = 7
"""Pictures over which landmarks are steadied."""


@dataclass(frozen=True, slots=True)
class Track:
    """One unbroken piece of a video in which a face is seen, at even times."""

    pictures: NDArray[np.int64]
    """int64 (n,): which picture of the video is shown at each step, counted in the order of the file."""
    landmarks: Floats
    """float32 (n, 468, 3): in pixels of the video, steadied."""
    looks: Floats
    """float32 (n, h, w): small grey pictures."""
    fps: float
    """Steps a second."""
    size: tuple[int, int]
    """(width, height) of the video."""
    seen: float
    """Share of the video's pictures in which the face was found."""
    whole_s: float
    """Length of what was looked at."""

    @property
    def gaps(self) -> Floats:
        """float32 (n,): how far the mouth is open, see ``mouth_gap``."""
        return np.array([mouth_gap(points) for points in self.landmarks], np.float32)

    @property
    def lids(self) -> Floats:
        """float32 (n,): how far the eyes are open, see ``eye_gaps``."""
        return np.array([np.mean(eye_gaps(points)) for points in self.landmarks], np.float32)

    @property
    def height(self) -> float:
        """Of the face in pixels, in the middle of all pictures."""
        return float(np.median([face_height(points) for points in self.landmarks]))


def track(pictures: Iterable[tuple[float, Bytes]], rate: float, landmarker: Landmarker) -> Track | None:
    """The longest unbroken piece of *pictures*, (seconds, uint8 (h, w, 3)), of *rate* pictures a second; None without a face."""
    while rate > _FASTEST:
        rate /= 2
    steps: list[int] = []
    found: list[Floats | None] = []
    looks: list[Floats] = []
    face: Face | None = None
    size = 0, 0
    for number, (time_s, image) in enumerate(pictures):
        missing = int(time_s * rate + _EARLY) + 1 - len(steps)
        if missing < 1:
            continue
        if missing > 1 and steps:  # the picture before is shown on
            steps += [steps[-1]] * (missing - 1)
            found += [found[-1]] * (missing - 1)
            looks += [looks[-1]] * (missing - 1)
        size = image.shape[1], image.shape[0]
        face = landmarker.follow(image, face) if face else None
        face = face or doctor.choose(landmarker.detect(image), *size)
        steps.append(number)
        found.append(None if face is None else face.landmarks)
        looks.append(_look(image))
    if all(points is None for points in found):
        return None
    start, end = max(_pieces(found, looks, rate), key=lambda piece: piece[1] - piece[0])
    return Track(
        pictures=np.array(steps[start:end]),
        landmarks=_steadied(_filled(found[start:end])),
        looks=np.stack(looks[start:end]),
        fps=rate,
        size=size,
        seen=sum(points is not None for points in found) / len(found),
        whole_s=len(steps) / rate,
    )


def _look(image: Bytes) -> Floats:
    grey = cv2.cvtColor(cv2.resize(image, (_SMALL, _SMALL), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    return np.asarray(grey, np.float32)


def _pieces(found: list[Floats | None], looks: list[Floats], rate: float) -> list[tuple[int, int]]:
    """(start, end) of the pieces that begin and end with a face, without a cut and without a long time in which it is hidden."""
    pieces: list[tuple[int, int]] = []
    start = last = -1
    for step, points in enumerate(found):
        if points is None:
            continue
        if start < 0:
            start = step
        elif step - last > max(1, _HIDDEN_S * rate) or _is_cut(found[last], points, looks[last], looks[step]):
            pieces.append((start, last + 1))
            start = step
        last = step
    return [*pieces, (start, last + 1)]


def _is_cut(before: Floats | None, after: Floats, look_before: Floats, look_after: Floats) -> bool:
    if before is None or float(np.abs(look_after - look_before).mean()) > _CHANGE:
        return True
    way = np.median(np.linalg.norm((after - before)[:, :2], axis=1))
    return bool(way > _JUMP * face_height(after))


def _filled(found: list[Floats | None]) -> Floats:
    """Where the face is hidden it is taken to move evenly from where it was to where it is seen again."""
    known = np.array([step for step, points in enumerate(found) if points is not None])
    values = np.stack([points for points in found if points is not None]).reshape(len(known), -1)
    after = np.clip(np.searchsorted(known, np.arange(len(found))), 0, len(known) - 1)
    before = np.where(known[after] > np.arange(len(found)), after - 1, after)
    span = np.maximum(known[after] - known[before], 1)
    share = ((np.arange(len(found)) - known[before]) / span)[:, None].astype(np.float32)
    filled: Floats = values[before] * (1 - share) + values[after] * share
    return filled.reshape(len(found), -1, 3)


def _steadied(landmarks: Floats) -> Floats:
    """*landmarks* (n, 468, 3) without the detector's trembling: a parabola through each seven (Savitzky and Golay 1964)."""
    reach = _WINDOW // 2
    if len(landmarks) <= reach:
        return landmarks
    offsets = np.arange(-reach, reach + 1)
    weights = np.linalg.pinv(np.vander(offsets, 3))[2]
    padded = np.pad(landmarks, ((reach, reach), (0, 0), (0, 0)), mode="reflect", reflect_type="odd")
    smooth = sum(weight * padded[k : k + len(landmarks)] for k, weight in enumerate(weights))
    return np.asarray(smooth, np.float32)
