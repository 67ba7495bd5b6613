"""How far the mouth is meant to be open."""

from __future__ import annotations

import numpy as np

from ..types import Floats, Motion

GAP_PER_JAW = 0.27
"""Gap between the inner lips at ``jaw`` = 1, in inner mouth widths at rest (1.15 cm on the canonical face)."""
GAP_PER_UPPER = 0.04
"""What ``upper`` = 1 adds to the gap, in inner mouth widths at rest."""
GAP_PER_LOWER = 0.05
"""What ``lower`` = 1 adds to the gap, in inner mouth widths at rest."""
GAP_IN_CONTACT = 0.05
"""Gap at ``contact`` = 1: the lower lip is at the edge of the upper teeth, whatever the jaw does."""
SPAN_PER_WIDTH = 0.15
"""What ``width`` = 1 adds to the inner mouth width, relative to rest."""
SPAN_PER_ROUND = 0.28
"""What ``round`` = 1 takes from the inner mouth width, relative to rest."""


def aperture(motion: Motion) -> Floats:
    """The intended inner lip gap over the inner mouth width of the same moment, float32 (frames,), 0 to about 0.35.

        open     = 0.27 jaw + 0.04 upper + 0.05 lower
        gap      = (1 - close) * ((1 - contact) * open + contact * 0.05)
        span     = 1 + 0.15 width - 0.28 round
        aperture = gap / span

    ``gap`` and ``span`` are in inner mouth widths at rest. It is the quantity that landmarks 13/14 (with 82/87 and
    312/317) over 78/308 measure on a picture.
    """
    jaw, upper, lower, close, contact, width, rounding = (
        motion.channel(name) for name in ("jaw", "upper", "lower", "close", "contact", "width", "round")
    )
    opened = GAP_PER_JAW * jaw + GAP_PER_UPPER * upper + GAP_PER_LOWER * lower
    gap = (1 - close) * ((1 - contact) * opened + contact * GAP_IN_CONTACT)
    span = 1 + SPAN_PER_WIDTH * width - SPAN_PER_ROUND * rounding
    return np.asarray(gap / span, np.float32)
