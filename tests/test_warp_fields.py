"""Displacement fields of the warp: exact where nothing moves, inverted where something does, never folded."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.render.animators._bases import FACE_BASES
from visavis.render.animators._controls import BASES, RANGES, pose
from visavis.render.animators._field import Field, grid
from visavis.render.animators._resample import resample
from visavis.render.animators.warp import WarpAnimator
from visavis.render.types import Box

MOUTH = ("jaw", "width", "round", "upper", "lower", "close", "contact", "smile")
HEAD = ("yaw", "pitch", "roll")


@pytest.fixture(scope="module")
def rig(portrait):
    return WarpAnimator().prepare(portrait)


def weights(rig, **row):
    return pose(row, rig.gap_cm, rig.limits).weights


def determinant(field, forward):
    """Jacobian determinant of x -> x + U(x) between neighbouring nodes."""
    step_x, step_y = field.grid.step
    dy, dx = np.gradient(forward[..., 0]), np.gradient(forward[..., 1])
    return (1 + dy[1] / step_x) * (1 + dx[0] / step_y) - (dy[0] / step_y) * (dx[1] / step_x)


def test_resampling_at_whole_pixels_is_exact():
    image = np.random.default_rng(0).integers(0, 255, (31, 47, 4), np.uint8)
    where = np.stack(np.meshgrid(np.arange(47), np.arange(31)), axis=-1)
    np.testing.assert_array_equal(resample(image, where), image)


def test_no_displacement_maps_every_pixel_to_itself():
    box = Box(3, 5, 103, 65)
    field = Field(grid(box, 20), np.zeros((2, *grid(box, 20).shape, 2), np.float32), steps=3)
    x, y = np.meshgrid(np.arange(3, 103), np.arange(5, 65))
    np.testing.assert_array_equal(field.source(np.ones(2, np.float32)), np.stack([x, y], axis=-1))


def test_the_inverse_lands_where_the_field_says():
    """A 20 px drop with slope 0.33, the size of an open jaw: forward after inverse is the identity to a tenth of a pixel."""
    on = grid(Box(0, 0, 512, 512), 128)
    y = on.nodes()[..., 1]
    drop = 20 * np.exp(-(((y - 256) / 75) ** 2))
    field = Field(on, np.stack([np.zeros_like(drop), drop], axis=-1)[None].astype(np.float32), steps=3)
    source = field.source(np.ones(1, np.float32))[..., 1]
    landed = source + 20 * np.exp(-(((source - 256) / 75) ** 2))
    assert np.abs(landed - np.arange(512)[:, None])[8:-8].max() < 0.2


def test_no_corner_of_the_controls_folds_the_face(rig):
    """Between the corners of the box of controls the field is a mixture of those at the corners."""
    worst = 1.0
    for corner in itertools.product((0, 1), repeat=len(MOUTH)):
        row = {name: RANGES[name][high] for name, high in zip(MOUTH, corner, strict=True)}
        for brow, turn in ((-1.0, 0), (1.0, 1)):
            row |= {"brow_inner": brow, "brow_outer": brow} | {name: RANGES[name][turn] for name in HEAD}
            values = weights(rig, **row)
            for field in (rig.upper, rig.lower):
                forward = field.displacement(values)
                worst = min(worst, float(determinant(field, forward)[2:-2, 2:-2].min()))
    assert worst > 0.02


@pytest.mark.parametrize("turn", list(itertools.product((0, 1), repeat=3)))
def test_head_and_shoulders_do_not_fold(rig, turn):
    row = {name: RANGES[name][high] for name, high in zip(HEAD, turn, strict=True)}
    values = weights(rig, **row, shift_x=0.02, shift_y=-0.02, breath=1.0)
    values[: len(FACE_BASES)] = 0
    assert determinant(rig.frame, rig.frame.displacement(values)).min() > 0.5


def test_the_lips_meet_at_the_corners(rig):
    upper, lower = rig.contours.moved(weights(rig, jaw=1.0, upper=1.0, lower=1.0))
    assert np.abs(lower - upper).max() > 5
    np.testing.assert_allclose(upper[[0, -1]], lower[[0, -1]], atol=0.01)


def test_the_mouth_layers_continue_the_frame(rig):
    """Along the rim of the mouth's box the pixels come from where the field of the whole picture takes them."""
    values = weights(rig, jaw=1.0, upper=0.6, lower=0.6, yaw=2.0)
    box = rig.upper.grid.box
    whole = rig.frame.source(values)[box.y0 + 4 : box.y1 - 4, box.x0 + 4 : box.x1 - 4]
    upper, lower = (field.source(values)[4:-4, 4:-4] for field in (rig.upper, rig.lower))
    near = 0.4 * rig.source.detail
    assert np.abs(upper[0] - whole[0]).max() < near
    assert np.abs(lower[-1] - whole[-1]).max() < near
    sides = np.minimum(np.abs(upper - whole), np.abs(lower - whole)).max(axis=-1)[:, [0, -1]]
    assert sides.max() < near


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries({name: st.floats(*RANGES[name]) for name in ("jaw", "width", "round", "upper", "lower")}),
    st.floats(*RANGES["yaw"]),
)
def test_close_leaves_no_gap_whatever_the_jaw_does(rig, lips, yaw):
    sealed = weights(rig, **lips, yaw=yaw, close=1.0)
    sealed[[BASES.index("roll_upper"), BASES.index("roll_lower")]] = 0
    upper, lower = rig.contours.moved(sealed)
    assert np.abs((lower - upper) @ rig.face.down).max() < 0.05


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1))
def test_the_gap_follows_the_jaw(rig, one, other):
    """0.27 inner mouth widths at jaw = 1, less where a smile has drawn the mouth wide; in proportion below."""
    for jaw in (one, other):
        upper, lower = rig.contours.moved(weights(rig, jaw=jaw))
        gap = float(((lower - upper) @ rig.face.down).max())
        assert gap == pytest.approx(rig.gap_cm * rig.face.scale * jaw, abs=0.35)
    assert 0.8 < rig.gap_cm * rig.face.scale / (0.27 * rig.face.mouth_width) <= 1


def test_the_chin_drops_nine_millimetres(rig):
    closed, opened = (rig.frame.displacement(weights(rig, jaw=jaw)) for jaw in (0.0, 1.0))
    column, row = rig.frame.grid.index_of(rig.face.landmarks[152, :2]).round().astype(int)
    drop = float((opened - closed)[row, column] @ rig.face.down) / rig.face.scale
    assert drop == pytest.approx(0.9, abs=0.15)


def test_every_basis_has_a_weight(rig):
    assert weights(rig).shape == (len(BASES),)
