"""Blur as a lens has it: no bleed, no dark edge, the same look at every size."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.errors import InputError
from visavis.render.backdrop import flat, make, picture
from visavis.render.blurs import kernels, pyramid
from visavis.render.light import to_codes, to_linear

KINDS = ("gaussian", "guided", "depth")


def _texture(height, width, seed=0):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (max(1, height // 8), max(1, width // 8), 3), np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def _person(height, width):
    y, x = np.mgrid[:height, :width]
    distance = np.hypot((x - width / 2) / (0.25 * width), (y - 0.6 * height) / (0.45 * height))
    return np.clip((1 - distance) * 20 + 0.5, 0, 1).astype(np.float32)


@pytest.mark.parametrize("blur", KINDS)
@pytest.mark.parametrize("bokeh", [False, True])
@pytest.mark.parametrize("with_person", [False, True])
def test_a_flat_plate_stays_flat(blur, bokeh, with_person):
    for code in (0, 1, 37, 128, 254, 255):
        plate = np.full((96, 120, 3), code, np.uint8)
        found = make(plate, blur=blur, bokeh=bokeh, alpha=_person(96, 120) if with_person else None)
        assert np.abs(found.image.astype(int) - code).max() <= 1


@pytest.mark.parametrize("blur", KINDS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (2, 3), (511, 513), (63, 200)])
def test_odd_shapes(blur, shape):
    for alpha in (None, np.zeros(shape, np.float32), np.ones(shape, np.float32)):
        found = make(_texture(*shape), blur=blur, radius=30, alpha=alpha, bokeh=True)
        assert found.image.shape == (*shape, 3)
        assert found.image.dtype == np.uint8
        assert found.image.flags.c_contiguous


@settings(max_examples=25, deadline=None)
@given(height=st.integers(1, 70), width=st.integers(1, 70), radius=st.floats(0.1, 200), blur=st.sampled_from(KINDS))
def test_no_result_leaves_the_range_of_the_plate(height, width, radius, blur):
    plate = np.clip(_texture(height, width, 3), 60, 180)
    found = make(plate, blur=blur, radius=radius)
    assert found.image.min() >= 57
    assert found.image.max() <= 183


@pytest.mark.parametrize("radius", [2, 5, 14, 30])
def test_gaussian_is_a_gaussian_in_linear_light(radius):
    plate = _texture(512, 400)
    light = to_linear(plate)
    size = 2 * int(4 * radius) + 1
    inside = cv2.GaussianBlur(
        np.ones(light.shape[:2], np.float32), (size, size), radius, borderType=cv2.BORDER_CONSTANT
    )
    exact = to_codes(cv2.GaussianBlur(light, (size, size), radius, borderType=cv2.BORDER_CONSTANT) / inside[:, :, None])
    error = make(plate, radius=radius).image - exact
    assert np.abs(error).mean() < 0.6
    assert np.abs(error).max() < 6


@pytest.mark.parametrize("blur", KINDS)
@pytest.mark.parametrize("bokeh", [False, True])
def test_a_larger_radius_blurs_more(blur, bokeh):
    plate = _texture(256, 256)
    detail = [make(plate, blur=blur, radius=radius, bokeh=bokeh).image.std() for radius in (5, 10, 20, 30)]
    assert all(more > less for more, less in pairwise(detail))


@pytest.mark.parametrize("blur", ["gaussian", "depth"])
def test_the_look_does_not_change_with_the_size(blur):
    large = cv2.GaussianBlur(_texture(768, 768), (0, 0), 3)
    small = cv2.resize(large, (256, 256), interpolation=cv2.INTER_AREA)
    reduced = cv2.resize(make(large, blur=blur).image, (256, 256), interpolation=cv2.INTER_AREA)
    assert np.abs(reduced.astype(int) - make(small, blur=blur).image).mean() < 1.0


@pytest.mark.parametrize("blur", KINDS)
@pytest.mark.parametrize("bokeh", [False, True])
def test_the_person_leaves_no_trace(blur, bokeh):
    """A white and a black person in the same place give the same backdrop."""
    place = np.clip(_texture(256, 256), 70, 160)
    alpha = _person(256, 256)
    share = alpha[:, :, None]
    images = [np.rint(share * colour + (1 - share) * place).astype(np.uint8) for colour in (0, 255)]
    dark, light = (make(image, blur=blur, bokeh=bokeh, alpha=alpha).image.astype(int) for image in images)
    assert np.abs(dark - light).max() <= 3


def test_the_frame_edge_is_not_darkened():
    plate = np.full((200, 200, 3), 200, np.uint8)
    plate[:, 100:] = 50
    found = make(plate, radius=30).image
    assert abs(int(found[0, 0, 0]) - int(found[100, 0, 0])) <= 1
    assert found[0, 0, 0] > 190


def test_lights_become_even_discs():
    point = np.zeros((129, 129, 1), np.float32)
    point[64, 64] = 1
    spot = kernels.disc(point, 16.0)[:, :, 0]
    y, x = np.mgrid[:129, :129] - 64
    distance = np.hypot(x, y)
    assert abs(spot.sum() - 1) < 1e-4
    assert spot[distance < 25.6].std() / spot[distance < 25.6].mean() < 0.06
    assert np.abs(spot[distance > 40]).max() < 0.15 * spot[64, 64]


@pytest.mark.parametrize("kernel", [kernels.gaussian, kernels.disc])
@pytest.mark.parametrize("sigma", [1.0, 5.0, 11.0, 23.0])
def test_standard_deviation_is_what_was_asked_for(kernel, sigma):
    point = np.zeros((256, 256, 3), np.float32)
    point[120, 131] = 1
    spot = kernels.blur(point, sigma, kernel)[:, :, 1].astype(np.float64)
    x = np.arange(256)
    across = spot.sum(axis=0) / spot.sum()
    assert spot.sum() == pytest.approx(1, abs=2e-3)
    assert (across @ (x - 131) ** 2 - (across @ (x - 131)) ** 2) ** 0.5 == pytest.approx(
        sigma, rel=0.02 if kernel is kernels.gaussian else 0.12
    )


def test_depth_blurs_what_is_far_and_keeps_what_is_near():
    plate = _texture(256, 256)
    disparity = np.zeros((64, 64), np.float32)
    disparity[:, :32] = 1
    alpha = np.zeros((256, 256), np.float32)
    alpha[:, :8] = 1
    found = make(plate, blur="depth", radius=20, alpha=alpha, depth=disparity).image
    near, far = found[:, 40:110].astype(int), found[:, 150:]
    assert np.abs(near - plate[:, 40:110]).mean() < 3
    assert far.std() < 0.6 * plate[:, 150:].std()


def test_guided_keeps_edges_that_gaussian_loses():
    plate = np.full((128, 128, 3), 40, np.uint8)
    plate[:, 64:] = 220
    noisy = np.clip(plate + np.random.default_rng(0).normal(0, 8, plate.shape), 0, 255).astype(np.uint8)
    found = make(noisy, blur="guided", radius=60).image.astype(int)
    assert found[64, 70, 0] - found[64, 57, 0] > 100
    assert found[:, 20:40].std() < 4
    blurred = make(noisy, radius=60).image.astype(int)
    assert blurred[64, 70, 0] - blurred[64, 57, 0] < 60


def test_guided_shows_no_third_colour_between_two():
    yellow, blue = np.array((230.0, 190, 40)), np.array((30.0, 70, 160))
    plate = np.empty((96, 96, 3), np.uint8)
    plate[:, :48], plate[:, 48:] = yellow, blue
    found = make(plate, blur="guided", radius=40).image.astype(float)
    share = np.clip((found - blue) @ (yellow - blue) / ((yellow - blue) @ (yellow - blue)), 0, 1)[:, :, None]
    assert np.abs(found - (share * yellow + (1 - share) * blue)).max() < 2


def test_off_is_the_plate():
    plate = _texture(20, 30)
    found = make(plate, blur="off")
    np.testing.assert_array_equal(found.image, plate)
    assert (found.name, found.radius) == ("off", 0.0)


def test_same_input_same_bytes():
    plate = _texture(100, 100)
    assert make(plate).image.tobytes() == make(plate).image.tobytes()


def test_fill_draws_from_around_and_keeps_what_is_known():
    colour = np.zeros((64, 64, 3), np.float32)
    colour[:, 32:] = 1
    weight = np.ones((64, 64), np.float32)
    weight[20:44, 20:44] = 0
    filled = pyramid.fill(pyramid.premultiply(colour, weight))
    np.testing.assert_allclose(filled[weight == 1], colour[weight == 1], atol=1e-5)
    assert filled[32, 21].max() < 0.3
    assert filled[32, 42].min() > 0.7


@pytest.mark.parametrize(
    ("shape", "size"), [((64, 96), (24, 16)), ((65, 97), (24, 16)), ((8, 8), (8, 8)), ((9, 4), (1, 1))]
)
def test_shrinking_keeps_the_mean_of_every_area(shape, size):
    values = cv2.GaussianBlur(np.random.default_rng(0).random(shape).astype(np.float32), (0, 0), 3)
    exact = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(pyramid.shrink(values, size), exact, atol=1e-4)


@pytest.mark.parametrize("shape", [(64, 64), (65, 31), (1, 9)])
@pytest.mark.parametrize("times", [0, 1, 4])
def test_coverage_is_the_share_of_a_block_that_lies_in_the_picture(shape, times):
    expected = pyramid.halve(np.ones(shape, np.float32), times)
    np.testing.assert_allclose(pyramid.coverage(shape, times), expected, atol=1e-6)


def test_flat_colour_and_picture(tmp_path):
    assert flat("#20304a", (5, 3)).image[2, 4].tolist() == [0x20, 0x30, 0x4A]
    image = np.zeros((40, 80, 3), np.uint8)
    image[:, 30:50] = (255, 0, 9)
    covered = picture(image, (20, 20))
    assert covered.image.shape == (20, 20, 3)
    assert covered.image[10, 10].tolist() == [255, 0, 9]
    cv2.imwrite(str(tmp_path / "room.png"), image[:, :, ::-1])
    np.testing.assert_array_equal(picture(tmp_path / "room.png", (20, 20)).image, covered.image)


@pytest.mark.parametrize("colour", ["red", "#12", "#1234567", ""])
def test_bad_colours(colour):
    with pytest.raises(InputError, match="#RRGGBB"):
        flat(colour, (2, 2))


def test_bad_pictures(tmp_path):
    (tmp_path / "not.png").write_text("text")
    (tmp_path / "empty.png").write_bytes(b"")
    for name in ("not.png", "empty.png", "missing.png"):
        with pytest.raises(InputError, match="PNG or JPEG"):
            picture(tmp_path / name, (2, 2))


@pytest.mark.parametrize(
    "change",
    [
        {"plate": np.zeros((4, 4), np.uint8)},
        {"plate": np.zeros((0, 4, 3), np.uint8)},
        {"plate": np.zeros((4, 4, 3), np.float32)},
        {"alpha": np.zeros((5, 4), np.float32)},
        {"alpha": np.full((4, 4), np.nan, np.float32)},
        {"depth": np.full((4, 4), np.inf, np.float32)},
        {"depth": np.zeros((0, 4), np.float32)},
        {"radius": 0.0},
        {"radius": float("nan")},
        {"blur": "motion"},
    ],
)
def test_bad_input_is_refused(change):
    arguments = {"plate": np.zeros((4, 4, 3), np.uint8), **change}
    with pytest.raises(InputError):
        make(arguments.pop("plate"), **arguments)
