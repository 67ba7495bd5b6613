"""Rectangles around what is to be done."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.render.patches import patches


@given(
    height=st.integers(1, 200),
    width=st.integers(1, 90),
    share=st.sampled_from([0.0, 0.001, 0.02, 1.0]),
    seed=st.integers(0, 9),
)
def test_every_true_pixel_is_held_once(height, width, share, seed):
    where = np.random.default_rng(seed).random((height, width)) < share
    held = np.zeros(where.shape, int)
    for part in patches(where):
        assert where[part].any()
        held[part] += 1
    assert (held[where] == 1).all()
    assert held.max(initial=0) <= 1


@pytest.mark.parametrize("shape", [(720, 1280), (511, 513)])
def test_an_outline_takes_a_small_part_of_the_picture(shape):
    y, x = np.mgrid[: shape[0], : shape[1]]
    distance = np.hypot(x - shape[1] / 2, y - shape[0]) / (shape[0] / 2)
    held = sum(np.zeros(shape)[part].size for part in patches(np.abs(distance - 1) < 0.01))
    assert held < 0.3 * shape[0] * shape[1]
