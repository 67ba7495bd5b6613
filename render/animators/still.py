"""The animator "still": the portrait as it is, for every frame. For tests, and for measuring what the motion costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from ..types import Box, Layer, Motion, Portrait, Speech

REQUIRES: Final[dict[str, str]] = {}


class Still:
    """Shows the photo and moves nothing."""

    name = "still"

    def animate(self, portrait: Portrait, motion: Motion, speech: Speech) -> Iterator[Layer]:  # noqa: ARG002 - as every animator
        """The same layer for every row of *motion*."""
        alpha = np.rint(portrait.alpha * 255).astype(np.uint8)
        for number in range(len(motion)):
            index = motion.start_frame + number
            yield Layer(portrait.foreground, alpha, Box(0, 0, 0, 0), index, index / motion.fps)


def backend() -> Still:
    """The animator "still"."""
    return Still()
