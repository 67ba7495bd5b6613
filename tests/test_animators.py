"""What every animator keeps, whatever its method: backends enter by existing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from visavis.errors import UnavailableError
from visavis.render.backends import available, load
from visavis.render.contracts import Animator
from visavis.render.types import CHANNELS, Motion, Sentence, Speech

FPS = 25.0


def speech(frames):
    return Speech(np.zeros(int(frames * 16000 / FPS), np.float32), 16000, Sentence("Hello."))


def motion(frames, *, start=0, **channels):
    """*frames* rows in which the named channels have the given value or values."""
    weights = np.zeros((frames, len(CHANNELS)), np.float32)
    for name, value in channels.items():
        weights[:, CHANNELS.index(name)] = value
    return Motion(weights, FPS, start_frame=start)


def talking(frames, *, start=0):
    wave = 0.5 + 0.5 * np.sin(np.arange(frames))
    return motion(frames, start=start, jaw=0.6 * wave, yaw=2 * wave, blink_left=wave, blink_right=wave)


@pytest.fixture(scope="module", params=sorted(available("animator")))
def animator(request):
    missing = available("animator")[request.param]
    if missing:
        pytest.skip(missing)
    try:
        return load("animator", request.param)
    except (UnavailableError, TypeError) as error:
        pytest.skip(f"{request.param} needs more than its name: {error}")


def test_has_the_name_of_its_file_and_one_verb(animator):
    assert isinstance(animator, Animator)
    assert animator.name in available("animator")


def test_one_layer_per_row_in_order(animator, portrait_small):
    layers = list(animator.animate(portrait_small, talking(5, start=40), speech(5)))
    assert [layer.index for layer in layers] == [40, 41, 42, 43, 44]
    assert [layer.time_s for layer in layers] == pytest.approx([index / FPS for index in range(40, 45)])


def test_layers_have_the_size_of_the_portrait(animator, portrait_small):
    width, height = portrait_small.size
    for layer in animator.animate(portrait_small, talking(2), speech(2)):
        assert layer.rgb.shape == (height, width, 3)
        assert layer.alpha.shape == (height, width)
        for array in (layer.rgb, layer.alpha):
            assert array.dtype == np.uint8
            assert array.flags["C_CONTIGUOUS"]


def test_equal_motion_gives_equal_pictures(animator, portrait_small):
    first, second = (list(animator.animate(portrait_small, talking(3), speech(3))) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.rgb, other.rgb)
        np.testing.assert_array_equal(one.alpha, other.alpha)


def test_layers_are_the_callers_own(animator, portrait_small):
    """A later frame does not write into an earlier one."""
    layers = animator.animate(portrait_small, talking(4), speech(4))
    first = next(layers)
    kept = first.rgb.copy()
    list(layers)
    np.testing.assert_array_equal(first.rgb, kept)


def test_nothing_changes_outside_the_box(animator, portrait_small):
    rest = next(iter(animator.animate(portrait_small, motion(1), speech(1))))
    for layer in animator.animate(portrait_small, talking(4), speech(4)):
        changed = (layer.rgb != rest.rgb).any(axis=-1) | (layer.alpha != rest.alpha)
        changed[layer.box.y0 : layer.box.y1, layer.box.x0 : layer.box.x1] = False
        assert not changed.any()


def test_stops_when_closed(animator, portrait_small):
    layers = animator.animate(portrait_small, talking(1000), speech(1000))
    next(layers)
    layers.close()
    assert next(layers, None) is None


def test_no_rows_no_layers(animator, portrait_small):
    assert list(animator.animate(portrait_small, motion(0), speech(0))) == []


def test_without_a_face_the_picture_stays_still(animator, portrait_small):
    faceless = replace(portrait_small, key="faceless", landmarks=None)
    for layer in animator.animate(faceless, talking(3), speech(3)):
        np.testing.assert_array_equal(layer.rgb, portrait_small.foreground)
        np.testing.assert_allclose(layer.alpha / 255, portrait_small.alpha, atol=1 / 255)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_nonsense_in_a_channel_gives_a_picture_all_the_same(animator, portrait_small, value):
    layers = list(animator.animate(portrait_small, motion(2, jaw=value, yaw=value, blink_left=value), speech(2)))
    assert len(layers) == 2
    assert all(layer.rgb.std() > 10 for layer in layers)
