"""Sharpness and grain of the photo: kept where it is moved, matched where something is drawn into it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from visavis.render.animators._anatomy import measure
from visavis.render.animators._seam import find
from visavis.render.animators._source import person, refined
from visavis.render.animators._teeth import make
from visavis.render.animators._texture import grain, softness
from visavis.render.types import Box


def noisy(image, sigma, seed=0):
    noise = np.random.default_rng(seed).normal(0, sigma, (*image.shape[:2], 1))
    return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)


def detail(picture):
    grey = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]), cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())


@pytest.fixture(scope="module")
def face(portrait):
    return measure(portrait.landmarks)


@pytest.fixture(scope="module")
def box(portrait):
    low, high = (edge(portrait.landmarks[:, :2], axis=0).astype(int) for edge in (np.min, np.max))
    return Box(*low.tolist(), *high.tolist())


def test_whole_pixels_stay_as_they_are(portrait, box):
    picture = person(portrait)
    source = refined(picture, box)
    np.testing.assert_array_equal(source.fine[:: source.detail, :: source.detail], picture)


@pytest.mark.parametrize("sigma", [0, 4, 15])
def test_between_the_pixels_a_photo_is_as_sharp_and_as_grainy(portrait, box, sigma):
    picture = person(replace(portrait, foreground=noisy(portrait.image, sigma)))
    part = np.s_[box.y0 : box.y1, box.x0 : box.x1]
    y, x = np.mgrid[part]
    source = refined(picture, box)
    places = [(right, down) for right in np.arange(0, 1, 0.2) for down in np.arange(0, 1, 0.2)]
    shown = [detail(source.at(np.stack([x + right, y + down], axis=-1)).astype(np.uint8)) for right, down in places]
    found = np.array(shown) / detail(picture[part])
    assert found.mean() == pytest.approx(1, abs=0.06)
    assert found.min() > 0.75
    assert found.max() < 1.15


@pytest.mark.parametrize(("side", "detail"), [(512, 3), (1280, 2), (1281, 1), (3000, 1)])
def test_large_pictures_are_refined_less(side, detail):
    assert refined(np.zeros((16, side, 4), np.uint8), Box(0, 0, 16, 16)).detail == detail


def test_a_plain_picture_stays_plain():
    plain = np.full((40, 40, 4), 200, np.uint8)
    assert (refined(plain, Box(4, 4, 30, 30)).fine == 200).all()


@pytest.mark.parametrize("sigma", [0.6, 1.0, 1.5])
def test_softness_is_the_blur_of_the_edges(portrait, face, sigma):
    columns = np.arange(512) // 40 % 2 * 160.0 + 40
    stripes = cv2.GaussianBlur(np.repeat(columns[None], 512, axis=0), (0, 0), sigma)
    assert softness(np.dstack([stripes] * 3).round().astype(np.uint8), face) == pytest.approx(sigma, abs=0.15)


def test_a_photo_out_of_focus_is_softer(portrait, face):
    blurred = cv2.GaussianBlur(portrait.image, (0, 0), 1.5)
    assert softness(blurred, face) > softness(portrait.image, face) + 0.7


def test_grain_is_the_noise_of_calm_skin(face):
    plain = np.full((512, 512, 3), 120, np.uint8)
    x, y = face.mouth.astype(int)
    plain[y:, x:] = 220
    beard = np.s_[y + 20 : y + 60, x - 60 : x + 60]
    plain[beard] = noisy(plain[beard], 30)
    found = grain(noisy(plain, 6, seed=1), face)
    assert np.abs(grain(plain, face)).max() < 0.5
    assert found[100:200].std() == pytest.approx(6, rel=0.25)
    assert found[beard].std() < 15


def test_teeth_are_as_soft_and_as_grainy_as_the_photo(portrait, face):
    closed = replace(face, aperture=0.0)

    def steepest(image):
        alpha = make(image, closed, find(image, closed)).lower_teeth[..., 3]
        return np.abs(np.diff(alpha, axis=0)).max()

    def roughness(image):
        teeth = make(image, closed, find(image, closed)).upper_teeth
        return detail(np.clip(teeth, 0, 255).astype(np.uint8))

    assert steepest(cv2.GaussianBlur(portrait.image, (0, 0), 1.5)) < 0.7 * steepest(portrait.image)
    assert roughness(noisy(portrait.image, 10)) > 3 * roughness(portrait.image)
