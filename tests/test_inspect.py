"""The estimators on signals and pictures whose answer is known, and files of every kind."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.errors import InputError
from visavis.render.animators.warp import WarpAnimator
from visavis.render.inspection import Reference, inspect, judge, judging
from visavis.render.inspection.alignment import Curve, match, openness, windows
from visavis.render.inspection.hearing import STEP_S, Ear
from visavis.render.inspection.judging import Span
from visavis.render.inspection.lips import Lips
from visavis.render.inspection.media import Played
from visavis.render.inspection.watching import Eye, Seen
from visavis.render.motion import Gestures, aperture, plan
from visavis.render.outputs import mp4
from visavis.render.portraits.landmarks import Landmarker
from visavis.render.types import CHANNELS, Frame, Motion, Sentence, Speech, TimedPhoneme

RATE = 16_000
QUIET = Speech(np.zeros(RATE, np.float32), RATE, Sentence(""))


def syllables(seed):
    """A function of time in 0..1 with the pace of speech: waves between 0.7 and 5 Hz."""
    random = np.random.default_rng(seed)
    hertz, phase = random.uniform(0.7, 5, 9), random.uniform(0, 2 * np.pi, 9)

    def at(times):
        waves = np.cos(2 * np.pi * np.outer(np.asarray(times), hertz) + phase).sum(axis=1)
        return 1 / (1 + np.exp(-waves))

    return at


def seen(frames=250, fps=25.0, **columns):
    """A still face, except for what *columns* say."""
    values = {
        "times_s": np.arange(frames) / fps,
        "gap": np.full(frames, 0.01),
        "landmark_gap": np.full(frames, 0.05),
        "iris": np.full(frames, 0.3),
        "mouth_detail": np.full(frames, 100.0),
        "face_detail": np.full(frames, 200.0),
        "moved": np.full(frames, 0.01),
        "change": np.full(frames, 1.0),
        "face_change": np.full(frames, 1.0),
    }
    return Seen(**{**values, **columns})


def heard(samples, rate=RATE, block=1024):
    ear = Ear(rate)
    for first in range(0, len(samples), block):
        ear.take(samples[first : first + block], first / rate)
    return ear.heard()


def tone(seconds, loudness, rate=RATE):
    """A voice-like sound whose level follows *loudness*, a function of time."""
    times = np.arange(round(seconds * rate)) / rate
    voice = sum(np.sin(2 * np.pi * k * 140 * times) / k for k in range(1, 12))
    return (0.2 * loudness(times) * voice).astype(np.float32)


def played(of, fps=25.0):
    return Played((64, 64), fps, len(of), len(of) / fps, len(of) / fps, "")


def report(of, sound=None, reference=None):
    return judge("x.mp4", played(of), of, sound, reference)


# Lag


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    lag_ms=st.floats(-80, 80),
    fps=st.sampled_from([24.0, 25.0, 30.0]),
    noise=st.floats(0, 0.04),
)
def test_a_known_lag_is_found_within_5_ms(seed, lag_ms, fps, noise):
    curve, times = syllables(seed), np.arange(round(10 * fps)) / fps
    measured = 0.3 * curve(times - lag_ms / 1000) + 0.05
    measured += noise * 0.3 * np.random.default_rng(seed).standard_normal(len(times))
    intended = Curve(curve(times), 1 / fps).finer()
    found = match(times, measured, intended)
    assert found.lag_s * 1000 == pytest.approx(lag_ms, abs=5)
    assert found.correlation > 0.9


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), lag_ms=st.floats(-80, 80))
def test_a_known_lag_against_sound_is_found_within_5_ms(seed, lag_ms):
    curve, times = syllables(seed), np.arange(250) / 25.0
    sound = heard(tone(10.0, lambda at: curve(at) ** 2))
    found = report(seen(gap=0.2 * curve(times - lag_ms / 1000)), sound)
    assert found.lag_ms == pytest.approx(lag_ms, abs=5)


def test_a_lag_that_comes_and_goes_shows_in_the_95th_percentile():
    curve, times = syllables(1), np.arange(1500) / 25.0
    late = np.where(times < 30, 0.0, 0.06)
    lags = [found.lag_s for found in windows(times, curve(times - late), Curve(curve(times), 0.04).finer())]
    assert min(lags) == pytest.approx(0.0, abs=0.005)
    assert max(lags) == pytest.approx(0.06, abs=0.005)


def test_a_mouth_that_does_not_move_has_no_lag():
    found = report(seen(), heard(tone(10.0, syllables(0))))
    assert found.lag_ms is None
    assert found.sound_correlation is None


# Silence, closures, vowels


def pausing(times):
    """Speech with silence from 3 to 6 s."""
    return np.where((times > 3) & (times < 6), 0.0, 0.2 + syllables(3)(times))


def test_a_planted_opening_in_silence_is_found():
    sound, times = heard(tone(10.0, pausing)), np.arange(250) / 25.0
    still = np.where((times > 3.1) & (times < 5.9), 0.01, 0.15)
    opened = still + 0.06 * ((times > 4.4) & (times < 4.6))
    assert report(seen(gap=still), sound).silence_openings == 0
    found = report(seen(gap=opened), sound)
    assert found.silence_openings == 1
    assert found.silence_std > 0.003
    assert found.silence_s == pytest.approx(2.64, abs=0.1)


def test_the_mouth_may_shut_late_and_prepare_early():
    sound, times = heard(tone(10.0, pausing)), np.arange(250) / 25.0
    moving = np.where((times > 3.14) & (times < 5.82), 0.01, 0.15)
    assert report(seen(gap=moving), sound).silence_openings == 0


@settings(max_examples=25, deadline=None)
@given(depth=st.floats(0, 0.2))
def test_closures_count_when_a_picture_shows_them(depth):
    times = np.arange(250) / 25.0
    gap = np.where(np.abs(times - 4.0) < 0.03, depth, 0.15)
    reference = Reference(np.zeros(0, np.float32), 25.0, closures=(Span(3.97, 4.01), Span(7.0, 7.05)), shut=(NOTHING,))
    shown = report(seen(gap=gap), reference=reference).against_reference.closures_shown
    assert shown == (0.5 if depth <= 0.02 else 0.0)


NOTHING = np.zeros((8, 8, 3), np.uint8)


def test_a_vowel_with_shut_lips_is_false_unless_a_closure_is_near():
    times = np.arange(250) / 25.0
    gap = np.where((np.abs(times - 2.0) < 0.03) | (np.abs(times - 5.0) < 0.03), 0.0, 0.15)
    vowels = (Span(1.9, 2.1), Span(4.9, 5.1), Span(7.9, 8.1), Span(8.5, 8.7))
    reference = Reference(np.zeros(0, np.float32), 25.0, closures=(Span(4.98, 5.02),), vowels=vowels, shut=(NOTHING,))
    assert report(seen(gap=gap), reference=reference).against_reference.falsely_shut == 0.25


def test_a_dip_with_a_dull_burst_sounds_like_lips():
    def dipped(times):
        return np.where(np.abs(times - 2.0) < 0.04, 0.0, 1.0)

    closures = judging.lip_closures(heard(tone(4.0, dipped)))
    assert len(closures) == 1
    assert closures[0].start_s == pytest.approx(1.96, abs=0.03)
    assert closures[0].end_s == pytest.approx(2.04, abs=0.03)


# Eyes and pictures

HUM = heard(tone(10.0, lambda at: 0.5 + 0 * at))


@settings(max_examples=25, deadline=None)
@given(onset=st.integers(40, 200), depth=st.floats(0.05, 0.4))
def test_blinks_are_counted_and_full_ones_told(onset, depth):
    iris = np.full(250, 0.3)
    iris[onset : onset + 4] *= (depth, depth, depth + 0.1, depth + 0.3)
    found = judging.blinks(seen(iris=iris), 25.0)
    assert found.count == 1
    assert found.full == 1.0
    assert found.per_minute == pytest.approx(6.0)


def test_a_half_blink_is_not_full():
    iris = np.full(250, 0.3)
    iris[100:104] *= 0.6
    assert judging.blinks(seen(iris=iris), 25.0).full == 0.0


@settings(max_examples=25, deadline=None)
@given(first=st.integers(10, 200), length=st.integers(4, 30))
def test_a_planted_freeze_in_speech_is_found(first, length):
    change = np.full(250, 1.0)
    change[first : first + length] = 0.0
    found = report(seen(face_change=change), HUM)
    assert found.frozen_frames == length
    assert found.longest_freeze_s == pytest.approx((length + 1) / 25, abs=1e-3)


def test_standing_still_in_silence_is_no_freeze():
    change = np.zeros(250)
    change[0] = 1.0
    assert report(seen(face_change=change), heard(np.zeros(10 * RATE, np.float32))).frozen_frames == 0


def test_flicker_is_the_change_of_a_face_that_does_not_move():
    moved, change = np.full(250, 0.02), np.full(250, 5.0)
    moved[100:150], change[100:150] = 0.0, 0.2
    assert report(seen(moved=moved, change=change)).flicker == pytest.approx(0.2)
    assert report(seen()).flicker is None


def test_a_blurred_mouth_shows_in_its_sharpness():
    times = np.arange(250) / 25.0
    blurred = np.where((times > 3.1) & (times < 5.9), 100.0, 50.0)
    assert report(seen(mouth_detail=blurred), heard(tone(10.0, pausing))).mouth_sharpness == pytest.approx(0.5)


# Sound


@settings(max_examples=20, deadline=None)
@given(blocks=st.lists(st.integers(1, 3000), min_size=1, max_size=12), rate=st.sampled_from([8000, 22_050, 44_100]))
def test_levels_do_not_depend_on_the_blocks(blocks, rate):
    sound = np.random.default_rng(0).standard_normal(sum(blocks)).astype(np.float32) * 0.1
    whole, ear, first = Ear(rate), Ear(rate), 0
    whole.take(sound, 0.0)
    for block in blocks:
        ear.take(sound[first : first + block], first / rate)
        first += block
    one, other = whole.heard(), ear.heard()
    assert len(one) == len(other) == pytest.approx(sum(blocks) / rate / STEP_S, abs=1)
    np.testing.assert_allclose(one.level["all"], other.level["all"], atol=1e-3)


def test_levels_stand_where_they_sound():
    sound = np.zeros(RATE, np.float32)
    sound[8000:8016] = 0.5
    level = heard(sound).level["all"]
    assert level.argmax() * STEP_S == pytest.approx(0.5, abs=STEP_S)


def test_clipping_and_holes_are_counted():
    ear = Ear(RATE)
    ear.take(np.full(1000, 0.5, np.float32), 0.0)
    ear.take(np.full(1000, 1.0, np.float32), 0.2)
    found = ear.heard()
    assert (found.clipped, found.holes) == (1000, 1)
    assert found.hole_s == pytest.approx(0.2 - 1000 / RATE, abs=1e-4)
    assert found.duration_s == pytest.approx(0.2 + 1000 / RATE)


def test_openness_follows_the_first_formant_region():
    curve = syllables(5)
    found = openness(heard(tone(6.0, curve)))
    times = np.arange(20, 130) / 25.0
    assert np.corrcoef(found.at(times), curve(times))[0, 1] > 0.9


# Lips on pictures


def motion(rows):
    weights = np.zeros((len(rows), len(CHANNELS)), np.float32)
    for number, row in enumerate(rows):
        for name, value in row.items():
            weights[number, CHANNELS.index(name)] = value
    return Motion(weights, 25.0)


@pytest.fixture(scope="module")
def landmarker(models):
    return Landmarker()


@pytest.fixture(scope="module")
def pictures(portrait):
    """Rows of controls -> pictures."""

    def made(rows):
        shown = []
        for layer in WarpAnimator().animate(portrait, motion(rows), QUIET):
            alpha = layer.alpha[..., None] / 255
            shown.append(np.rint(layer.rgb * alpha + portrait.plate * (1 - alpha)).astype(np.uint8))
        return shown

    return made


def test_lips_are_measured_on_pictures_while_the_head_moves(pictures, landmarker):
    rows = [{"jaw": k / 12, "yaw": 2 * np.sin(k), "roll": np.cos(k)} for k in range(13)] + [
        {"close": 1.0, "pitch": 1.0}
    ]
    eye = Eye(landmarker, pictures([{"close": 1.0}]))
    for number, picture in enumerate(pictures(rows)):
        eye.take(picture, number / 25)
    found, meant = eye.seen().gap, aperture(motion(rows))
    assert np.corrcoef(found, meant)[0, 1] > 0.98
    assert found[-1] == pytest.approx(0.0, abs=0.01)
    np.testing.assert_allclose(found, meant, atol=0.05)


def test_lips_that_cannot_be_found_give_nan(pictures, landmarker):
    (picture,) = pictures([{}])
    points = landmarker.detect(picture)[0].landmarks
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    noise = np.random.default_rng(0).integers(0, 256, grey.shape, np.uint8)
    assert np.isnan(Lips(grey, points, shut=True).parted(noise, points).gap)


def test_a_blink_hides_the_iris(pictures, landmarker):
    eye = Eye(landmarker)
    for picture in pictures([{}, {"blink_left": 1.0, "blink_right": 1.0}, {"gaze_x": 6.0}]):
        eye.take(picture, 0.0)
    opened, shut, aside = eye.seen().iris
    assert shut < 0.5 * opened
    assert aside > 0.8 * opened


# What was meant


def test_a_reference_is_on_the_clock_of_the_whole_video():
    phonemes = (
        TimedPhoneme("_", 0.0, 0.4),
        TimedPhoneme("p", 0.4, 0.43),
        TimedPhoneme("A:", 0.43, 0.6),
        TimedPhoneme("f", 0.6, 0.7),
        TimedPhoneme("_", 0.7, 1.0),
    )
    speech = Speech(np.zeros(RATE, np.float32), RATE, Sentence("pa"), phonemes)
    first, gestures = plan(speech, 25.0, Gestures.start())
    second, _ = plan(speech, 25.0, gestures)
    meant = Reference.of([(speech, first), (speech, second)])
    assert len(meant.aperture) == 50
    assert [round(span.start_s, 3) for span in meant.closures] == [0.365, 1.365]
    assert [round(span.start_s, 3) for span in meant.contacts] == [0.6, 1.6]
    assert len(meant.vowels) == 2
    assert [(round(span.start_s, 2), round(span.end_s, 2)) for span in meant.silences] == [(0.0, 0.4), (0.7, 1.4)]


# Files


def film(path, images, samples=None, fps=25.0, rate=22_050):
    sound = np.zeros(round(len(images) / fps * rate), np.float32) if samples is None else samples
    height, width = images[0].shape[:2]
    output = mp4.backend(path, size=(width, height), fps=fps, rate=rate)
    output.write((Frame(image, k, k / fps) for k, image in enumerate(images)), Speech(sound, rate, Sentence("")))
    output.close()
    return path


@pytest.mark.usefixtures("models")
def test_a_video_without_a_face_is_measured_as_far_as_it_goes(tmp_path):
    found = inspect(film(tmp_path / "grey.mp4", [np.full((64, 64, 3), 90, np.uint8)] * 5))
    assert (found.frames, found.face_share, found.size) == (5, 0.0, (64, 64))
    assert found.lag_ms is found.silence_std is found.blinks is found.flicker is None
    assert found.clipped_samples == 0
    assert json.loads(json.dumps(found.as_dict()))["frames"] == 5


def test_one_picture_of_a_face(tmp_path, portrait):
    found = inspect(film(tmp_path / "one.mp4", [portrait.image]))
    assert (found.frames, found.face_share) == (1, 1.0)
    assert found.lag_ms is found.flicker is None


def test_a_file_that_ends_early_is_played_as_far_as_it_goes(tmp_path, portrait_small):
    random = np.random.default_rng(0)
    images = [
        np.clip(portrait_small.image + random.normal(0, 20, (256, 256, 1)), 0, 255).astype(np.uint8) for _ in range(25)
    ]
    whole = film(tmp_path / "whole.mp4", images)
    data = whole.read_bytes()
    (tmp_path / "part.mp4").write_bytes(data[: len(data) // 2])
    found = inspect(tmp_path / "part.mp4")
    assert inspect(whole).complete
    assert not found.complete
    assert 0 < found.frames < 25


@pytest.mark.usefixtures("models")
def test_files_that_are_no_video_are_refused(tmp_path):
    import wave

    (tmp_path / "text.mp4").write_text("not a video")
    with wave.open(str(tmp_path / "sound.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(1600))
    for name, what in (
        ("text.mp4", "cannot be decoded"),
        ("sound.wav", "no pictures"),
        ("nothing.mp4", "There is no file"),
    ):
        with pytest.raises(InputError, match=what):
            inspect(tmp_path / name)


def test_without_sound_the_picture_is_still_measured():
    found = report(seen(), None)
    assert found.sound_s is found.lag_ms is found.closures_heard is found.clipped_samples is None
    assert found.blinks == 0
    assert found.complete
    cut = replace(played(seen()), declared_s=20.0)
    assert not judge("x.mp4", cut, seen(), None).complete
