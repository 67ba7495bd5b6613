"""Eyes, brows, head and breath: how much, how often, how fast, and that nothing jumps."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.errors import InputError
from visavis.render.motion import REST_CLOSE, Gestures, idle, idle_loop, plan
from visavis.render.motion.blinks import lid
from visavis.render.motion.noise import drift, uniform
from visavis.render.types import Sentence, Speech, TimedPhoneme

RATE = 8000
HEAD = ("yaw", "pitch", "roll")


def speech_of(seconds, text="text"):
    """Syllables of 0.2 s, every third one stressed, with a pause of 0.6 s every three seconds."""
    phonemes, clock, count = [], 0.0, 0
    while clock < seconds - 1:
        for _ in range(12):
            phonemes.append(TimedPhoneme("t", clock, clock + 0.06))
            phonemes.append(TimedPhoneme("A:", clock + 0.06, clock + 0.2, stressed=count % 3 == 0))
            clock, count = clock + 0.2, count + 1
        phonemes.append(TimedPhoneme("_:", clock, clock + 0.6))
        clock += 0.6
    samples = np.zeros(round(clock * RATE), np.float32)
    return Speech(samples, RATE, Sentence(text), tuple(phonemes))


@pytest.fixture(scope="module")
def talk():
    return plan(speech_of(600), 25.0, Gestures.start(5))[0]


@pytest.fixture(scope="module")
def quiet():
    return idle(15000, 25.0, Gestures.start(5))[0]


def blinks(curve):
    return np.flatnonzero((curve[1:-1] >= 0.999) & (curve[:-2] < curve[1:-1]))


def test_blinks_a_minute(talk, quiet):
    assert 20 <= len(blinks(talk.channel("blink_left"))) / 10 <= 32
    assert 12 <= len(blinks(quiet.channel("blink_left"))) / 10 <= 22


@pytest.mark.parametrize("fps", [24.0, 25.0, 30.0, 50.0])
def test_every_blink_shuts_the_eye(fps):
    curve = idle(round(120 * fps), fps, Gestures.start(2))[0].channel("blink_left")
    runs = np.flatnonzero(np.diff((curve > 0.05).astype(int)) == 1)
    assert len(runs) > 20
    for run in runs:
        assert curve[run : run + round(0.2 * fps)].max() > 0.999


def test_a_blink_closes_faster_than_it_opens():
    times = np.arange(0, 0.5, 0.001)
    curve = lid(times)
    shut = times[curve >= 0.999]
    closing = shut[0] - times[np.argmax(curve > 0.1)]
    opening = times[len(curve) - np.argmax(curve[::-1] > 0.1) - 1] - shut[-1]
    assert 0.04 <= closing <= 0.08
    assert 1.6 * closing < opening < 0.25
    assert curve[-1] < 1e-4


def test_blinks_prefer_the_ends_of_phrases(talk):
    onsets = blinks(talk.channel("blink_left")) / 25
    near = np.mean((onsets - 2.4) % 3.0 < 0.45)
    assert near > 0.3 > 0.45 / 3


def test_head_stays_small_and_slow(talk, quiet):
    for motion in (talk, quiet):
        for name, most, spread in zip(HEAD, (3.5, 3.0, 2.5), (1.0, 0.9, 0.8), strict=True):
            path = motion.channel(name)
            assert np.abs(path).max() <= most
            assert 0.3 * spread < path.std() < 1.3 * spread
            power = np.abs(np.fft.rfft((path - path.mean()) * np.hanning(len(path)))) ** 2
            hertz = np.fft.rfftfreq(len(path), 1 / 25)
            assert power[hertz > 5].sum() < 1e-3 * power.sum()
        for name in ("shift_x", "shift_y"):
            assert np.abs(motion.channel(name)).max() <= 0.012


def test_nods_follow_stress():
    stressed = speech_of(120)
    flat = dataclasses.replace(stressed, phonemes=(TimedPhoneme("_", 0.0, stressed.duration_s),))
    nodding, still = (plan(speech, 25.0, Gestures.start(1))[0].channel("pitch") for speech in (stressed, flat))
    assert (nodding - still).min() < -0.7
    assert (nodding - still).max() < 0.3


def test_brows_rise_on_few_words_and_more_in_questions():
    def raises(text):
        brows = plan(speech_of(300, text), 25.0, Gestures.start(4))[0].channel("brow_inner")
        return len(np.flatnonzero(np.diff((brows > 0.3).astype(int)) == 1))

    assert 10 <= raises("text") <= 45
    assert raises("text？”") > raises("text") * 1.3


def test_gaze_meets_the_viewer_mostly(talk):
    away = np.hypot(talk.channel("gaze_x"), talk.channel("gaze_y"))
    assert 0.5 < np.mean(away < 1.0) < 0.95
    assert away.max() <= 5


def test_breathing(quiet, talk):
    breath = quiet.channel("breath")
    starts = np.flatnonzero(np.diff((breath > 0.35).astype(int)) == 1)
    assert 12 <= len(starts) / 10 <= 16
    caught = talk.channel("breath")
    assert caught.min() >= 0
    assert caught.max() > 0.6


def test_both_eyes_blink_together(talk):
    np.testing.assert_array_equal(talk.channel("blink_left"), talk.channel("blink_right"))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 90)), min_size=2, max_size=8),
    st.integers(0, 10_000),
    st.sampled_from([24.0, 25.0, 30.0, 50.0]),
)
def test_pieces_of_motion_flow_into_each_other(pieces, seed, fps):
    gestures = Gestures.start(seed, mood="friendly")
    rows = []
    for speaking, frames in pieces:
        if speaking:
            speech = dataclasses.replace(speech_of(2), samples=np.zeros(round(frames / fps * RATE), np.float32))
            motion, gestures = plan(speech, fps, gestures)
        else:
            motion, gestures = idle(frames, fps, gestures)
        rows.append(motion)
    assert [motion.start_frame for motion in rows] == np.cumsum([0, *map(len, rows)])[:-1].tolist()
    for name, most in (
        ("yaw", 25.0),
        ("pitch", 25.0),
        ("roll", 25.0),
        ("smile", 1.5),
        ("brow_inner", 12.0),
        ("breath", 5.0),
    ):
        path = np.concatenate([motion.channel(name) for motion in rows])
        assert np.abs(np.diff(path)).max(initial=0) * fps <= most, name


def test_a_long_piece_equals_its_parts():
    whole, end = idle(400, 25.0, Gestures.start(9))
    gestures, parts = Gestures.start(9), []
    for frames in (1, 99, 130, 170):
        motion, gestures = idle(frames, 25.0, gestures)
        parts.append(motion.weights)
    np.testing.assert_allclose(np.concatenate(parts), whole.weights, atol=1e-5)
    assert gestures.frame == end.frame


def test_state_stays_small():
    gestures = Gestures.start(0)
    _, later = plan(speech_of(600), 25.0, gestures)
    assert len(pickle.dumps(later)) < len(pickle.dumps(gestures)) + 2000


def test_idle_mouth_is_still_and_shuts_if_it_was_open():
    speech = dataclasses.replace(speech_of(2), samples=np.zeros(round(0.16 * RATE), np.float32))
    spoken, gestures = plan(speech, 50.0, Gestures.start(0))
    assert spoken.channel("jaw")[-1] > 0.05
    motion, _ = idle(100, 50.0, gestures)
    assert not motion.weights[8:, :5].any()
    assert np.ptp(motion.channel("close")[8:]) == 0
    assert motion.channel("close")[-1] == pytest.approx(REST_CLOSE)


@pytest.mark.parametrize("mood", ["neutral", "friendly", "serious"])
@pytest.mark.parametrize(("seconds", "fps"), [(2, 25.0), (8, 24.0), (12, 30.0), (0.2, 25.0)])
def test_idle_loop_has_no_visible_join(seconds, fps, mood):
    gestures = Gestures.start(3, mood=mood)
    frames = round(seconds * fps)
    loop = idle_loop(frames, fps, gestures)
    assert len(loop) == frames
    ring = np.concatenate([loop.weights, loop.weights[:2]])
    inside = np.abs(np.diff(loop.weights, n=1, axis=0))
    seam = np.abs(ring[frames] - ring[frames - 1])
    for name in (*HEAD, "shift_x", "shift_y", "breath", "smile", "brow_inner"):
        at = loop.channels.index(name)
        assert seam[at] <= inside[:, at].max(initial=0) * 1.5 + 0.01, name
    first = plan(speech_of(2), fps, gestures)[0].weights[0]
    for name in HEAD:
        at = loop.channels.index(name)
        assert abs(first[at] - loop.weights[0, at]) < 0.2


def test_idle_loop_blinks():
    assert blinks(idle_loop(300, 25.0, Gestures.start(1)).channel("blink_left")).size >= 1


def test_controls_at_zero_still_the_face():
    gestures = Gestures.start(1, head=0, blink_rate=0, gaze=0)
    motion, _ = plan(speech_of(30), 25.0, gestures)
    for name in (*HEAD, "shift_x", "shift_y", "blink_left", "gaze_x", "gaze_y"):
        assert not motion.channel(name).any(), name


def test_controls_scale():
    calm, lively = (
        plan(speech_of(60), 25.0, Gestures.start(1, head=amount, blink_rate=amount, expressiveness=amount))[0]
        for amount in (0.5, 1.8)
    )
    assert lively.channel("yaw").std() > 2 * calm.channel("yaw").std()
    assert blinks(lively.channel("blink_left")).size > 1.5 * blinks(calm.channel("blink_left")).size
    assert lively.channel("jaw").max() > calm.channel("jaw").max()


@pytest.mark.parametrize(
    "controls",
    [{"head": -1}, {"head": float("nan")}, {"blink_rate": 9}, {"gaze": 3}, {"expressiveness": 5}, {"mood": "angry"}],
)
def test_controls_out_of_range(controls):
    with pytest.raises(InputError):
        Gestures.start(0, **controls)


def test_chance_is_a_pure_function():
    assert uniform(1, "a", 2) == uniform(1, "a", 2)
    assert (
        len({uniform(seed, stream, index) for seed in (0, -5, 2**40) for stream in "ab" for index in range(50)}) == 300
    )
    draws = np.array([uniform(0, "mean", index) for index in range(4000)])
    assert abs(draws.mean() - 0.5) < 0.02
    assert abs(draws.std() - 12**-0.5) < 0.02
    times = np.arange(100) / 25
    np.testing.assert_array_equal(drift(1, "x", times, (0.2, 2.0))[50:], drift(1, "x", times[50:], (0.2, 2.0)))
