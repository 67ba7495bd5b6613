"""Decoding, encoding, dither."""

from __future__ import annotations

import numpy as np
import pytest

from visavis.render.light import from_highlights, to_bytes, to_codes, to_highlights, to_linear

ALL = np.arange(256, dtype=np.uint8).reshape(1, 256, 1).repeat(3, axis=2)


def test_every_code_survives_the_round_trip():
    np.testing.assert_array_equal(to_bytes(to_codes(to_linear(ALL))), ALL)


def test_known_points_of_the_transfer_function():
    light = to_linear(np.array([[[0, 10, 255]], [[128, 188, 64]]], np.uint8))
    np.testing.assert_allclose(light[0, 0], [0, 10 / 255 / 12.92, 1], atol=1e-6)
    np.testing.assert_allclose(light[1, 0], [0.2159, 0.5029, 0.0513], atol=1e-4)


def test_encoding_is_within_a_small_part_of_a_code():
    codes = np.linspace(0, 255, 4001, dtype=np.float32)
    value = codes / 255
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)
    assert np.abs(to_codes(light) - codes).max() < 0.02


def test_light_beyond_the_range_is_clipped():
    np.testing.assert_array_equal(to_codes(np.array([-1, 2], np.float32)), [0, 255])


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5, 0.9])
def test_dither_keeps_the_mean_and_is_the_same_every_time(fraction):
    codes = np.full((64, 64, 3), 100 + fraction, np.float32)
    first = to_bytes(codes.copy())
    np.testing.assert_array_equal(first, to_bytes(codes.copy()))
    assert set(np.unique(first)) == {100, 101}
    assert abs(first.mean() - 100 - fraction) < 0.02


def test_dither_stays_in_range():
    assert to_bytes(np.full((9, 7, 3), 255.4, np.float32)).min() == 255
    assert to_bytes(np.full((9, 7, 3), -0.4, np.float32)).max() == 0


def test_highlights_are_stretched_and_come_back():
    light = np.linspace(0, 1, 101, dtype=np.float32)
    stretched = to_highlights(light)
    assert (np.diff(stretched) > 0).all()
    assert stretched[-1] / stretched[50] > 5
    np.testing.assert_allclose(from_highlights(stretched), light, atol=1e-6)
