"""Mattes, colours and plates of pictures whose truth is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.errors import InputError
from visavis.render.mattes.refine import foreground, plate, refine


def _scene(size=256, *, hair=True, seed=0):
    """image, alpha, the person's colour, background: a disc with strands in front of a mottled wall."""
    rng = np.random.default_rng(seed)
    big = np.zeros((4 * size, 4 * size), np.uint8)
    centre = np.array((2 * size, 2.2 * size))
    cv2.circle(big, tuple(centre.astype(int).tolist()), int(1.1 * size), 255, -1)
    if hair:
        for angle in rng.uniform(np.pi, 2 * np.pi, 90):
            way = np.array((np.cos(angle), np.sin(angle)))
            ends = [tuple((centre + way * size * r).astype(int).tolist()) for r in (1.0, rng.uniform(1.15, 1.45))]
            cv2.line(big, *ends, 255, 3, cv2.LINE_AA)
    alpha = cv2.resize(big, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    if not hair:
        alpha = cv2.GaussianBlur(alpha, (0, 0), size / 100)
    colour = np.array((60, 40, 30), np.float32)
    wall = cv2.resize(rng.integers(150, 230, (8, 8, 3), np.uint8), (size, size), interpolation=cv2.INTER_CUBIC)
    image = np.rint(alpha[:, :, None] * colour + (1 - alpha[:, :, None]) * wall).astype(np.uint8)
    return image, alpha, colour, wall


def _error(found, truth):
    return float(np.abs(found - truth).mean())


def test_strands_come_back_from_a_quarter_of_the_size():
    image, alpha, _, _ = _scene()
    coarse = cv2.resize(alpha, (64, 64), interpolation=cv2.INTER_AREA)
    found = refine(image, coarse, probability=False)
    cubic = np.clip(cv2.resize(coarse, (256, 256), interpolation=cv2.INTER_CUBIC), 0, 1)
    assert found.shape == alpha.shape
    assert found.dtype == np.float32
    assert _error(found, alpha) < 0.35 * _error(cubic, alpha)


def test_a_smooth_matte_is_no_worse_than_cubic():
    image, alpha, _, _ = _scene(hair=False)
    coarse = cv2.resize(alpha, (128, 128), interpolation=cv2.INTER_AREA)
    cubic = np.clip(cv2.resize(coarse, (256, 256), interpolation=cv2.INTER_CUBIC), 0, 1)
    assert _error(refine(image, coarse, probability=False), alpha) <= _error(cubic, alpha) + 1e-6


def test_a_segmentation_becomes_an_opacity():
    """The outline of a network without hair, a pixel off: the colours put it right."""
    image, alpha, _, _ = _scene()
    body = (cv2.GaussianBlur(alpha, (0, 0), 4) > 0.5).astype(np.float32)
    coarse = cv2.GaussianBlur(np.roll(body, 2, axis=1), (0, 0), 1.5)[::2, ::2]
    plain = cv2.resize(coarse, (256, 256), interpolation=cv2.INTER_CUBIC)
    assert _error(refine(image, coarse), alpha) < 0.6 * _error(plain, alpha)


def test_doubt_far_from_the_edge_is_settled():
    image, alpha, _, _ = _scene(hair=False)
    coarse = cv2.resize(alpha, (128, 128), interpolation=cv2.INTER_AREA)
    coarse[4:20, 4:20] = 0.5
    coarse[66:76, 60:70] = 0.6
    found = refine(image, coarse)
    assert found[8:40, 8:40].max() < 0.02
    assert found[132:152, 120:140].min() > 0.98


def test_person_and_wall_alike_keep_the_matte():
    alpha = _scene(hair=False)[1]
    coarse = cv2.resize(alpha, (128, 128), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(0).integers(98, 103, (256, 256, 3), np.uint8)
    assert _error(refine(noise, coarse), alpha) < 0.02


def test_the_floor_of_a_network_is_taken_away():
    image, alpha, _, _ = _scene(hair=False)
    found = refine(image, 0.03 + 0.95 * alpha, probability=False)
    assert found.min() == 0
    assert found.max() == 1
    assert _error(found, alpha) < 0.003


@settings(max_examples=20, deadline=None)
@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    rows=st.integers(1, 80),
    columns=st.integers(1, 80),
    level=st.sampled_from([None, 0.0, 0.4, 1.0]),
)
def test_any_shape_gives_a_matte(height, width, rows, columns, level):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (height, width, 3), np.uint8)
    coarse = rng.random((rows, columns), np.float32) if level is None else np.full((rows, columns), level, np.float32)
    alpha = refine(image, coarse)
    assert alpha.shape == (height, width)
    assert np.isfinite(alpha).all()
    assert 0 <= alpha.min() <= alpha.max() <= 1
    assert foreground(image, alpha).shape == plate(image, alpha).shape == image.shape


@pytest.mark.parametrize(("level", "expected"), [(0.0, 0.0), (1.0, 1.0)])
def test_empty_and_full_mattes_stay(level, expected):
    image = _scene(64)[0]
    np.testing.assert_allclose(refine(image, np.full((32, 32), level, np.float32)), expected, atol=1e-3)


@pytest.mark.parametrize(
    "coarse",
    [np.full((8, 8), np.nan, np.float32), np.zeros((0, 8), np.float32), np.zeros((8, 8, 1), np.float32)],
)
def test_unusable_mattes_are_refused(coarse):
    with pytest.raises(InputError, match="matte"):
        refine(np.zeros((16, 16, 3), np.uint8), coarse)


def test_unusable_pictures_are_refused():
    with pytest.raises(InputError, match="uint8"):
        refine(np.zeros((16, 16), np.uint8), np.zeros((8, 8), np.float32))


@pytest.mark.parametrize(("doubt", "low", "high"), [(0.4, 0.0, 0.15), (0.6, 0.85, 1.0)])
def test_doubt_over_more_than_an_edge_is_settled_the_likelier_way(doubt, low, high):
    """A dark sleeve before a dark curtain: colours do not tell, and half of a curtain's fold must not stand beside the sleeve."""
    coarse = np.zeros((256, 256), np.float32)
    coarse[:, :120] = 1
    coarse[:, 120:134] = doubt
    found = refine(np.full((256, 256, 3), 40, np.uint8), coarse, probability=True)[60:200, 122:124]
    assert low <= found.min() <= found.max() <= high


def test_foreground_is_free_of_the_wall():
    image, alpha, colour, _ = _scene()
    found = foreground(image, alpha)
    mixed = (alpha > 0.1) & (alpha < 1)
    assert np.abs(found[mixed] - colour).mean() < 3
    assert np.abs(image[mixed] - colour).mean() > 30
    np.testing.assert_array_equal(found[alpha == 1], image[alpha == 1])
    assert np.abs(found[alpha == 0] - colour).max() < 12


def test_plate_is_the_wall_without_a_ghost():
    image, alpha, _, wall = _scene()
    found = plate(image, alpha).astype(int)
    far = cv2.dilate(alpha, np.ones((9, 9), np.uint8)) == 0
    np.testing.assert_array_equal(found[far], image[far])
    hidden = alpha > 0.02
    assert found[hidden].min() > 130
    assert np.abs(found[hidden] - wall[hidden]).mean() < 20


def _beside_a_disc(spread):
    """A photo of a dark disc with a speck that its matte has missed, before a background of standard deviation *spread*."""
    y, x = np.mgrid[:256, :256]
    alpha = np.clip(60 - np.hypot(x - 128, y - 128) + 0.5, 0, 1).astype(np.float32)
    behind = np.clip(np.random.default_rng(4).normal(150, spread, (256, 256, 3)), 0, 255)
    photo = np.rint(alpha[..., None] * 30 + (1 - alpha[..., None]) * behind).astype(np.uint8)
    photo[120:124, 190:191] = 30
    return photo, alpha


def test_a_speck_missed_by_the_matte_leaves_a_calm_plate():
    photo, alpha = _beside_a_disc(1.5)
    found = plate(photo, alpha).astype(int)
    assert np.abs(found - 150).max() < 15
    far = cv2.dilate(alpha, np.ones((15, 15))) == 0
    np.testing.assert_array_equal(found[far], photo[far])


def test_a_lively_plate_is_kept_as_it_was_photographed():
    photo, alpha = _beside_a_disc(30)
    clear = cv2.dilate(alpha, np.ones((5, 5))) == 0
    np.testing.assert_array_equal(plate(photo, alpha)[clear], photo[clear])


def test_plate_does_not_depend_on_the_person():
    _, alpha, _, wall = _scene()
    share = alpha[:, :, None]
    dark, light = (plate(np.rint(share * c + (1 - share) * wall).astype(np.uint8), alpha).astype(int) for c in (0, 255))
    assert np.abs(dark - light)[alpha > 0.25].max() <= 12


def test_a_person_who_fills_the_frame():
    image = _scene(64)[0]
    np.testing.assert_array_equal(plate(image, np.ones((64, 64), np.float32)), image)
    np.testing.assert_array_equal(foreground(image, np.ones((64, 64), np.float32)), image)
    corner = np.ones((64, 64), np.float32)
    corner[:12, :12] = 0
    assert np.ptp(plate(image, corner)[30:, 30:].reshape(-1, 3), axis=0).max() < 60


def test_an_absent_person():
    image = _scene(64)[0]
    clear = np.zeros((64, 64), np.float32)
    np.testing.assert_array_equal(plate(image, clear), image)
    assert foreground(image, clear).shape == image.shape


def test_a_doubtful_alpha_before_black_does_not_glow():
    """The person's colours are never brighter than the picture allows, even where alpha is wrong."""
    image = np.zeros((96, 96, 3), np.uint8)
    image[30:66, 30:66] = 230
    alpha = np.zeros((96, 96), np.float32)
    alpha[22:74, 22:74] = 0.25
    alpha[30:66, 30:66] = 1
    layer = alpha[:, :, None] * foreground(image, alpha)
    assert layer[alpha == 0.25].max() < 4
