"""Two views of one person: a near one that knows how the outline runs, and a far one that knows what belongs to the person.

A small network that sees only head and shoulders takes a dark dress for background and a dark corner for the person.
With more of the body in sight it does not, but then its outline is coarser.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ..types import Bytes, Floats

_SURE: Final = 0.25
"""Two views that differ by more disagree."""
_OUTLINE: Final = 0.016
"""Half the width of a disagreement that is only about the outline, as a share of the picture."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The scene that a framed picture was cut out of."""

    picture: Bytes
    """uint8 (h, w, 3)."""
    x: float
    """Where the framed picture starts in this one, as a share of its width."""
    y: float
    """As a share of its height."""
    width: float
    height: float

    def part(self, alpha: Floats, shape: tuple[int, int]) -> Floats:
        """What a matte of the surroundings, of any size, says about the framed picture: float32 *shape*."""
        rows, columns = alpha.shape
        step_x, step_y = self.width * columns / shape[1], self.height * rows / shape[0]
        place = np.array(
            [[step_x, 0, self.x * columns + step_x / 2 - 0.5], [0, step_y, self.y * rows + step_y / 2 - 0.5]]
        )
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(
            cv2.warpAffine(alpha, place, shape[::-1], flags=how, borderMode=cv2.BORDER_REPLICATE), np.float32
        )


def joined(near: Floats, far: Floats) -> Floats:
    """The *near* matte, with the *far* one where the two disagree over more than the outline. All float32 (h, w) in [0, 1]."""
    reach = max(1, round(_OUTLINE * max(near.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    core = cv2.morphologyEx((np.abs(near - far) > _SURE).astype(np.uint8), cv2.MORPH_OPEN, kernel)
    weight = cv2.GaussianBlur(cv2.dilate(core, kernel, iterations=2).astype(np.float32), (0, 0), reach / 2)
    return np.asarray(near + (far - near) * weight, np.float32)
