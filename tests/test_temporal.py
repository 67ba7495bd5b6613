"""Mattes over time: steadier than they came, without lag; and colours and backdrops of moving pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from visavis.render.mattes.temporal import Past, steadied
from visavis.render.mattes.unmix import unmixed
from visavis.render.steady import behind

SIZE = 128
Y, X = np.mgrid[:SIZE, :SIZE].astype(np.float32)


def texture(seed, coarse=10):
    small = np.random.default_rng(seed).integers(0, 256, (SIZE // coarse, SIZE // coarse, 3), np.uint8)
    return cv2.resize(small, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)


PERSON, PLACE = texture(1, 6), texture(2)


def scene(shift, noise=0.0, rng=None):
    """A disc of one texture over another, moved *shift* pixels to the right: picture and alpha."""
    alpha = np.clip((34 - np.hypot(X - 50 - shift, Y - 64)) / 3 + 0.5, 0, 1).astype(np.float32)
    move = np.array([[1, 0, shift], [0, 1, 0]], np.float32)
    front = cv2.warpAffine(PERSON, move, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE)
    image = alpha[..., None] * front + (1 - alpha[..., None]) * PLACE
    if noise:
        image = image + rng.normal(0, noise, image.shape)
    return np.clip(np.rint(image), 0, 255).astype(np.uint8), alpha


def disturbed(alpha, rng):
    field = cv2.resize(rng.normal(0, 0.15, (16, 16)).astype(np.float32), (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    near = cv2.GaussianBlur(4 * alpha * (1 - alpha), (0, 0), 2)
    return np.clip(alpha + near * field, 0, 1)


def run(shifts, smooth, seed=0):
    """Errors of the mattes and of their changes, without and with *smooth*."""
    rng = np.random.default_rng(seed)
    past, truth, raw, found = None, [], [], []
    for shift in shifts:
        image, alpha = scene(shift, 2, rng)
        noisy = disturbed(alpha, rng)
        steady, past = smooth(image, noisy, past)
        truth.append(alpha)
        raw.append(noisy)
        found.append(steady)
    truth, raw, found = (np.array(each) for each in (truth, raw, found))

    def scores(mattes):
        change = np.diff(mattes, axis=0) - np.diff(truth, axis=0)
        return np.abs(mattes - truth).mean(), np.sqrt((change**2).mean())

    return scores(raw), scores(found)


def test_the_first_matte_is_passed_on():
    image, alpha = scene(0)
    steady, past = steadied(image, alpha, None)
    assert np.array_equal(steady, alpha)
    assert isinstance(past, Past)


@pytest.mark.parametrize("speed", [0.0, 0.4, 2.0])
def test_flicker_falls_and_nothing_lags(speed):
    (raw_mad, raw_flicker), (mad, flicker) = run(speed * np.arange(16), steadied)
    assert flicker < 0.65 * raw_flicker
    assert mad < 1.05 * raw_mad


def test_a_mean_over_time_would_lag():
    def mean(image, alpha, past):
        steady = alpha if past is None else 0.75 * past + 0.25 * alpha
        return steady, steady

    (raw_mad, _), (mad, _) = run(2.0 * np.arange(16), mean)
    assert mad > 1.5 * raw_mad


def test_after_a_cut_nothing_is_left_of_the_scene_before():
    image, alpha = scene(0)
    _, past = steadied(image, alpha, None)
    other = np.ascontiguousarray(image[:, ::-1])
    mirrored = np.ascontiguousarray(alpha[:, ::-1])
    steady, _ = steadied(255 - other, mirrored, past)
    assert np.abs(steady - mirrored).max() < 0.25
    assert np.abs(steady - mirrored).mean() < 0.01


def test_a_picture_of_another_size_starts_anew():
    image, alpha = scene(0)
    _, past = steadied(image, alpha, None)
    steady, _ = steadied(image[:96], alpha[:96], past)
    assert np.array_equal(steady, alpha[:96])


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (17, 3), (513, 511)])
def test_any_size_will_do(shape):
    rng = np.random.default_rng(0)
    past = None
    for _ in range(2):
        image = rng.integers(0, 256, (*shape, 3), np.uint8)
        steady, past = steadied(image, rng.random(shape, np.float32), past)
        assert steady.shape == shape
        assert steady.dtype == np.float32
        assert unmixed(image, steady).shape == (*shape, 3)


def test_colours_are_freed_of_the_background():
    image, alpha = scene(0)
    flat = np.rint(alpha[..., None] * (200, 60, 40) + (1 - alpha[..., None]) * (20, 60, 220)).astype(np.uint8)
    soft = (alpha > 0.1) & (alpha < 0.9)
    assert np.abs(unmixed(flat, alpha)[soft] - np.array((200.0, 60, 40))).max() < 12
    assert np.abs(flat[soft] - np.array((200.0, 60, 40))).max() > 100
    assert np.array_equal(unmixed(image, alpha)[alpha == 1], image[alpha == 1])


def test_a_still_background_stays_the_same_to_the_bit():
    rng = np.random.default_rng(0)
    past, before = None, None
    for k in range(6):
        image, alpha = scene(k, 2, rng)
        backdrop, past = behind(image, alpha, past, blur="gaussian", radius=20)
        far = cv2.dilate(alpha, np.ones((45, 45))) == 0
        if before is not None:
            assert np.array_equal(backdrop.image[far], before[far])
        before = backdrop.image


def test_what_was_seen_is_remembered_while_the_camera_stands_still():
    past = None
    for shift in (40, 20, 0):
        image, alpha = scene(shift)
        backdrop, past = behind(image, alpha, past, blur="off", radius=14)
    uncovered = (scene(40)[1] == 0) & (scene(0)[1] == 1) & (cv2.dilate(scene(40)[1], np.ones((15, 15))) == 0)
    assert uncovered.any()
    assert np.abs(backdrop.image[uncovered].astype(int) - PLACE[uncovered]).max() <= 1


def test_what_was_seen_is_forgotten_when_the_camera_moves():
    image, alpha = scene(40)
    _, past = behind(image, alpha, None, blur="gaussian", radius=10)
    elsewhere = 255 - scene(0)[0]
    backdrop, past = behind(elsewhere, scene(0)[1], past, blur="gaussian", radius=10)
    fresh, _ = behind(elsewhere, scene(0)[1], None, blur="gaussian", radius=10)
    far = cv2.dilate(scene(0)[1], np.ones((45, 45))) == 0
    assert np.abs(backdrop.image.astype(int) - fresh.image)[far].max() <= 2
