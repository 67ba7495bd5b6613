"""Two views of one person: a near one that knows how the outline runs, and a far one that knows what belongs to the person.

A small network that sees only head and shoulders takes a dark dress for background and a dark corner for the person; with more of the body
in sight it does not, but its outline is coarser.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ..types import Floats

_SURE: Final = 0.25
"""Two views that differ by more disagree."""
_OUTLINE: Final = 0.016
"""Half the width of a disagreement that is only about the outline, as a share of the picture."""
_HAIR: Final = 0.03
"""Half the width of an area that hair or motion may well leave half transparent."""
_DOUBT: Final = (0.1, 0.9)
_PERSON: Final = 0.7
"""Mean above which a doubtful area is the person's: a wrongly blurred shoulder shows more than a sharp piece of wall."""


@dataclass(frozen=True, slots=True)
class View:
    """A framed picture, and the same scene with more around it."""

    picture: Bytes
    """uint8 (n, n, 3)."""
    wider: Bytes
    """uint8 (h, w, 3)."""
    x: float
    """Where the picture starts in ``wider``, as a share of its width."""
    y: float
    """As a share of its height."""
    width: float
    height: float

    def part(self, wider: Floats, side: int) -> Floats:
        """What a matte of ``wider``, of any size, says about the picture: float32 (side, side)."""
        rows, columns = wider.shape
        top, left = round(self.y * rows), round(self.x * columns)
        bottom, right = round((self.y + self.height) * rows), round((self.x + self.width) * columns)
        return np.asarray(cv2.resize(wider[top : bottom + 1, left : right + 1], (side, side), interpolation=cv2.INTER_LINEAR), np.float32)


def joined(near: Floats, far: Floats) -> Floats:
    """The *near* matte, with the *far* one where the two disagree over more than the outline. All float32 (h, w) in [0, 1]."""
    differ = np.abs(near - far) > _SURE
    return _blend(near, far, _wide(differ, _OUTLINE))


def decided(alpha: Floats) -> Floats:
    """*alpha* with each wide half-transparent area, which no person has, made person or background; outlines stay as they are."""
    doubtful = (alpha > _DOUBT[0]) & (alpha < _DOUBT[1])
    weight = _wide(doubtful, _HAIR)
    count, labels = cv2.connectedComponents((weight > 0).astype(np.uint8))
    verdict = alpha.copy()
    for label in range(1, count):
        area = labels == label
        verdict[area & (alpha < _DOUBT[1])] = float(alpha[area & doubtful].mean() > _PERSON)
    return _blend(alpha, verdict, weight)


def attached(alpha: Floats, face: Floats) -> Floats:
    """*alpha* with only the part that holds the *face*, a polygon (n, 2) in pixels."""
    person = (alpha > 0.5).astype(np.uint8)
    _, labels = cv2.connectedComponents(person, connectivity=4)
    inside = cv2.fillPoly(np.zeros(alpha.shape, np.uint8), [np.rint(face).astype(np.int32)], 1).astype(bool)
    counts = np.bincount(labels[inside & (person > 0)], minlength=2)
    if not counts[1:].any():
        return alpha
    body = labels == 1 + int(counts[1:].argmax())
    others = (person > 0) & ~body
    return np.where(_grown(others, 2) & ~_grown(body, 2), np.float32(0), alpha)


def _wide(area: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], half: float) -> Floats:
    """float32 (h, w), 1 where *area* is wider than twice *half*, a share of the picture, and near there, falling softly to 0."""
    reach = max(1, round(half * max(area.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    core = cv2.morphologyEx(area.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    near = cv2.dilate(core, kernel, iterations=2)
    return np.asarray(cv2.GaussianBlur(near.astype(np.float32), (0, 0), reach / 2), np.float32)


def _blend(one: Floats, other: Floats, weight: Floats) -> Floats:
    return np.asarray(one + (other - one) * weight, np.float32)


def _grown(area: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], radius: int) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return cv2.dilate(area.astype(np.uint8), np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)).astype(bool)
