"""No combination of controls leaves the range of a face."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from visavis.render.motion import Gestures, aperture, plan
from visavis.render.motion.limits import MOODS, RANGES, within
from visavis.render.types import CHANNELS, Motion, Sentence, Speech, TimedPhoneme

MOUTH = ("jaw", "width", "round", "upper", "lower", "close", "contact", "teeth", "tongue", "smile")


def faces(**columns):
    weights = np.zeros((len(next(iter(columns.values()))), len(CHANNELS)))
    for name, values in columns.items():
        weights[:, CHANNELS.index(name)] = values
    return weights


@pytest.fixture(scope="module")
def corners():
    """Every combination of the ends of the mouth's ranges, far outside them included."""
    ends = list(itertools.product(*([-5.0, 0.0, 5.0] if name in ("width", "smile") else [0.0, 5.0] for name in MOUTH)))
    weights = faces(**dict(zip(MOUTH, np.array(ends).T, strict=True)))
    return Motion(within(weights), 25.0)


def test_ranges_are_those_of_the_channels():
    assert set(RANGES) == set(CHANNELS)


def test_corners_of_the_mouth(corners):
    jaw, width, rounding = (corners.channel(name) for name in ("jaw", "width", "round"))
    assert aperture(corners).max() <= 0.38
    assert (width[rounding > 0.9] <= 0).all()
    assert (width[rounding < 0.1] >= -0.5).all()
    assert (jaw[corners.channel("close") > 0.9] <= 0.41).all()
    assert (jaw[corners.channel("contact") > 0.9] <= 0.31).all()
    assert (jaw[corners.channel("teeth") > 0.9] <= 0.31).all()
    assert (jaw[rounding > 0.9] <= 0.61).all()
    assert (corners.channel("contact")[corners.channel("close") == 1] == 0).all()
    assert (corners.channel("smile")[rounding > 0.9] <= 0.3).all()
    assert aperture(corners)[corners.channel("close") == 1].max() == 0


@settings(deadline=None)
@given(arrays.arrays(np.float64, (3, len(CHANNELS)), elements=st.floats(-1e6, 1e6) | st.just(np.nan) | st.just(np.inf)))
def test_anything_is_brought_inside_and_stays(weights):
    face = within(weights)
    for index, name in enumerate(CHANNELS):
        low, high = RANGES[name]
        assert (face[:, index] >= np.float32(low)).all()
        assert (face[:, index] <= np.float32(high)).all()
    head = [CHANNELS.index(name) for name in ("yaw", "pitch", "roll")]
    assert np.sqrt(np.square(face[:, head] / [3.5, 3.0, 2.5]).sum(axis=1)).max() <= 1.21
    np.testing.assert_allclose(within(face.astype(np.float64)), face, atol=1e-5)


def test_an_ordinary_face_stays_as_it_is():
    weights = faces(
        jaw=[0.5],
        width=[0.3],
        lower=[0.4],
        upper=[0.2],
        smile=[0.3],
        yaw=[1.5],
        pitch=[-1.0],
        brow_inner=[0.4],
        brow_outer=[0.2],
    )
    np.testing.assert_allclose(within(weights), weights, atol=1e-7)


@pytest.mark.parametrize("mood", sorted(MOODS))
def test_moods_at_full_expressiveness(mood):
    phonemes = tuple(
        TimedPhoneme(symbol, at * 0.2, at * 0.2 + 0.2, stressed=True)
        for at, symbol in enumerate(["A:", "u:", "i:", "O:", "s", "f", "p"])
    )
    speech = Speech(np.ones(12000, np.float32), 8000, Sentence("text?"), phonemes)
    gestures = Gestures.start(0, mood=mood, expressiveness=2.0, head=2.0, gaze=2.0, blink_rate=3.0)
    motion, _ = plan(speech, 25.0, gestures)
    np.testing.assert_allclose(within(motion.weights.astype(np.float64)), motion.weights, atol=1e-5)
    smile = motion.channel("smile")
    assert {"neutral": abs(smile).max() == 0, "friendly": smile.min() > 0, "serious": smile.max() < 0}[mood]
