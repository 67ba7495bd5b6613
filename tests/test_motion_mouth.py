"""Phonemes in, mouth out: closures where the lips are shut, stillness in silence, no jumps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from visavis.errors import InputError
from visavis.render.motion import REST_CLOSE, Gestures, aperture, idle, plan
from visavis.render.motion.articulation import MOUTH
from visavis.render.types import CHANNELS, Sentence, Speech, TimedPhoneme

RATE = 8000
CLOSED = {"p": (-0.040, 0.005, "start"), "b": (-0.010, -0.025, "end"), "m": (-0.010, -0.005, "end")}
SYMBOLS = [*"pbmfvtdkgnszhlrwjTD", "tS", "S", "A:", "a", "E", "i:", "u:", "O:", "@", "3:", "aI", "aU", "oU", "_:", "_"]


def speak(*sounds, language="en-us", lead=0.2, tail=0.5, stressed=(), samples=None):
    """A speech made of (symbol, length in seconds), between two silences."""
    phonemes, clock = [], 0.0
    for symbol, length in (("_", lead), *sounds, ("_:", tail)):
        phonemes.append(TimedPhoneme(symbol, clock, clock + length, symbol in stressed, language))
        clock += length
    if samples is None:
        samples = np.random.default_rng(1).normal(0, 0.1, round(clock * RATE)).clip(-1, 1).astype(np.float32)
    return Speech(samples, RATE, Sentence("text"), tuple(phonemes))


def mouth_of(speech, fps=25.0, gestures=None):
    return plan(speech, fps, gestures or Gestures.start())[0]


phoneme_lists = st.lists(
    st.tuples(st.sampled_from(SYMBOLS), st.sampled_from([0.0, 0.02, 0.035, 0.06, 0.09, 0.14, 0.25, 0.4])),
    min_size=1,
    max_size=14,
)
rates = st.sampled_from([24.0, 25.0, 30.0, 50.0])


@settings(deadline=None, max_examples=150)
@given(phoneme_lists, rates)
def test_weights_are_finite_in_range_and_one_row_a_frame(sounds, fps):
    speech = speak(*sounds)
    motion = mouth_of(speech, fps)
    assert motion.weights.shape == (round(speech.duration_s * fps), len(CHANNELS))
    assert motion.weights.dtype == np.float32
    assert motion.weights.flags.c_contiguous
    assert np.isfinite(motion.weights).all()
    mouth = motion.weights[:, : len(MOUTH)]
    assert mouth.min() >= -0.85
    assert np.delete(mouth, MOUTH.index("width"), axis=1).min() >= 0
    assert mouth.max() <= 1
    assert aperture(motion).max() <= 0.36


@settings(deadline=None, max_examples=150)
@given(phoneme_lists, rates)
@example([("b", 0.0), ("f", 0.0), ("p", 0.0)], 25.0)
@example([("p", 0.0), ("p", 0.02), ("A:", 0.02), ("b", 0.02), ("@", 0.02), ("m", 0.02)], 24.0)
def test_every_bilabial_has_a_shut_frame_where_it_is_heard(sounds, fps):
    speech = speak(*((symbol, max(length, 0.02)) for symbol, length in sounds))
    closes = mouth_of(speech, fps).channel("close")
    times = np.arange(len(closes)) / fps
    for phoneme in speech.phonemes:
        if phoneme.symbol in CLOSED:
            start, end, anchor = CLOSED[phoneme.symbol]
            first = phoneme.start_s + start
            last = max((phoneme.start_s if anchor == "start" else phoneme.end_s) + end, first + 0.02)
            near = closes[(times >= first - 0.02) & (times <= last + 0.02)]
            assert near.max() >= 0.95, phoneme


@settings(deadline=None, max_examples=60)
@given(phoneme_lists, phoneme_lists, rates)
def test_sentences_and_idle_join_without_a_jump(first, second, fps):
    gestures = Gestures.start(3)
    before, gestures = plan(speak(*first, tail=0.0), fps, gestures)
    after, gestures = plan(speak(*second, lead=0.0, tail=0.06), fps, gestures)
    idling, gestures = idle(20, fps, gestures)
    assert after.start_frame == len(before)
    assert idling.start_frame == len(before) + len(after)
    assert gestures.frame == idling.start_frame + 20
    for left, right in ((before, after), (after, idling)):
        step = np.abs(right.weights[0] - left.weights[-1])
        for name, most in (("jaw", 0.55), ("width", 0.75), ("round", 0.6), ("upper", 0.3), ("lower", 0.35)):
            assert step[CHANNELS.index(name)] <= most * 25 / min(fps, 25), name
        head = step[[CHANNELS.index(name) for name in ("yaw", "pitch", "roll")]]
        assert head.max() <= 25 / fps
        assert step[CHANNELS.index("smile")] <= 0.05
        assert step[CHANNELS.index("breath")] <= 0.25


@pytest.mark.parametrize("fps", [24.0, 25.0, 30.0, 50.0])
@pytest.mark.parametrize("last", ["A:", "s", "m", "p", "u:", "f"])
def test_silence_is_shut_and_still(fps, last):
    speech = speak(("b", 0.06), ("A:", 0.2), (last, 0.1), lead=0.5, tail=1.0)
    motion = mouth_of(speech, fps)
    times = np.arange(len(motion)) / fps
    end = speech.phonemes[-1].start_s
    for silence in (times < 0.5 - 0.2, times > end + 0.15):
        for name in ("jaw", "upper", "lower", "width", "round", "contact"):
            assert not motion.channel(name)[silence].any(), name
        assert np.ptp(motion.channel("close")[silence]) == 0
        assert motion.channel("close")[silence][0] == pytest.approx(REST_CLOSE)
    assert aperture(motion)[times >= end + 0.15].max() <= 0.003


@pytest.mark.parametrize("fps", [24.0, 25.0, 30.0, 50.0])
@pytest.mark.parametrize("vowel", ["A:", "a", "E", "oU"])
@pytest.mark.parametrize("length", [0.08, 0.1, 0.15])
def test_a_vowel_between_two_closures_is_seen(fps, vowel, length):
    for start in np.arange(0.2, 0.24, 0.005):
        speech = speak(("p", 0.035), (vowel, length), ("b", 0.06), ("i:", 0.1), lead=start)
        motion = mouth_of(speech, fps)
        times = np.arange(len(motion)) / fps
        inside = (times > start + 0.035 - 0.01) & (times < start + 0.035 + length)
        assert aperture(motion)[inside].max() > 0.035


def test_plosive_closes_before_its_event_and_nasal_after():
    """espeak-ng's event of a "p" is its burst: the lips are shut before it and open at the next frame."""
    speech = speak(("A:", 0.3), ("p", 0.035), ("A:", 0.3))
    close = mouth_of(speech, 100.0).channel("close")
    event = 0.2 + 0.3
    assert close[round((event - 0.03) * 100)] == 1
    assert close[round((event + 0.05) * 100)] == 0
    speech = speak(("A:", 0.3), ("m", 0.08), ("A:", 0.3))
    close = mouth_of(speech, 100.0).channel("close")
    assert close[round((event + 0.04) * 100)] == 1
    assert close[round((event - 0.08) * 100)] == 0


def test_labiodental_touches_and_sibilant_shuts_the_teeth():
    motion = mouth_of(speak(("A:", 0.25), ("f", 0.1), ("A:", 0.25), ("s", 0.1), ("A:", 0.25)))
    times = np.arange(len(motion)) / 25
    assert motion.channel("contact")[(times > 0.45) & (times < 0.55)].max() == 1
    hiss = (times > 0.83) & (times < 0.88)
    assert motion.channel("teeth")[hiss].max() > 0.8
    assert motion.channel("jaw")[hiss].max() < 0.25


def test_rounding_starts_before_its_vowel():
    motion = mouth_of(speak(("t", 0.07), ("i:", 0.2), ("s", 0.12), ("t", 0.06), ("u:", 0.25)), 100.0)
    before_u = round((0.2 + 0.07 + 0.2 + 0.12) * 100)
    assert motion.channel("round")[before_u] > 0.25


def test_pauses_hold_relax_and_shut():
    depth = {}
    for length in (0.08, 0.25, 0.6):
        motion = mouth_of(speak(("A:", 0.3), ("_:", length), ("A:", 0.3)), 100.0)
        depth[length] = aperture(motion)[50 : 50 + round(length * 100)].min()
    assert depth[0.08] > 0.08
    assert 0.02 < depth[0.25] < depth[0.08]
    assert depth[0.6] == 0


def test_the_mouth_gets_ready_after_a_pause():
    motion = mouth_of(speak(("A:", 0.3), lead=0.6), 100.0)
    opening = np.flatnonzero(aperture(motion) > 0.003)[0] / 100
    assert 0.6 - 0.2 <= opening <= 0.6 - 0.06


def test_stress_and_length_open_the_jaw_further():
    soft, stressed = (
        mouth_of(speak(("t", 0.06), ("A:", 0.15), ("t", 0.06), stressed=marks)).channel("jaw").max()
        for marks in ((), ("A:",))
    )
    short, long = (
        mouth_of(speak(("t", 0.06), ("A:", length), ("t", 0.06))).channel("jaw").max() for length in (0.08, 0.2)
    )
    assert stressed > soft * 1.15
    assert long > short * 1.15


def test_a_louder_vowel_opens_further():
    tone = np.sin(np.arange(round(1.66 * RATE)) * 0.15).astype(np.float32) * 0.05
    tone[round(0.55 * RATE) : round(0.85 * RATE)] *= 8
    speech = speak(("A:", 0.3), ("t", 0.06), ("A:", 0.3), ("t", 0.06), ("A:", 0.24), samples=tone)
    jaw = mouth_of(speech, 100.0).channel("jaw")
    assert jaw[56:86].max() > jaw[20:50].max() * 1.1


def test_the_mandarin_syllable_mark_is_no_pause():
    plain = mouth_of(speak(("p", 0.03), ("A", 0.15), ("m", 0.08), ("A", 0.15), language="cmn"))
    marked = mouth_of(
        speak(("p", 0.03), ("A", 0.15), ("_|", 0.0), ("m", 0.08), ("A", 0.15), ("_|", 0.0), language="cmn")
    )
    np.testing.assert_array_equal(plain.weights, marked.weights)


def test_events_without_length_are_still_seen():
    motion = mouth_of(speak(("b", 0.06), ("A:", 0.2), ("f", 0.0), ("i:", 0.2)))
    assert motion.channel("contact").max() == 1


def test_missing_phonemes_and_bad_times_are_bridged():
    good = speak(("b", 0.06), ("A:", 0.2), ("t", 0.08), ("i:", 0.2))
    nan = float("nan")
    for phonemes in (
        (*good.phonemes[:2], *good.phonemes[3:]),
        good.phonemes[::-1],
        (*good.phonemes, TimedPhoneme("A:", nan, nan), TimedPhoneme("u:", -3.0, 99.0), TimedPhoneme("ʘʘ", 0.1, 0.2)),
        (TimedPhoneme("A:", 5.0, 6.0),),
    ):
        motion = mouth_of(Speech(good.samples, RATE, good.sentence, phonemes))
        assert np.isfinite(motion.weights).all()
        assert len(motion) == round(good.duration_s * 25)


@pytest.mark.parametrize("timing", ["exact", "audio"])
@pytest.mark.parametrize("spoil", [np.nan, np.inf, 40.0])
def test_spoilt_samples(spoil, timing):
    speech = speak(("b", 0.06), ("A:", 0.2), ("t", 0.08))
    samples = speech.samples.copy()
    samples[500:700] = spoil
    phonemes = speech.phonemes if timing == "exact" else ()
    motion = mouth_of(Speech(samples, RATE, speech.sentence, phonemes, timing=timing))
    assert np.isfinite(motion.weights).all()


@pytest.mark.parametrize("phonemes", [(), (TimedPhoneme("A:", 0.0, 0.05),)])
@pytest.mark.parametrize("samples", [0, 1, 100, 400])
def test_almost_no_speech(samples, phonemes):
    speech = Speech(np.zeros(samples, np.float32), RATE, Sentence("a"), phonemes)
    motion, gestures = plan(speech, 25.0, Gestures.start())
    assert motion.weights.shape == (round(speech.duration_s * 25), len(CHANNELS))
    assert gestures.frame == len(motion)


def test_equal_values_give_equal_motion():
    speech = speak(("b", 0.06), ("A:", 0.2), ("t", 0.08))
    one, two = mouth_of(speech, gestures=Gestures.start(7)), mouth_of(speech, gestures=Gestures.start(7))
    assert one.weights.tobytes() == two.weights.tobytes()
    assert one.weights.tobytes() != mouth_of(speech, gestures=Gestures.start(8)).weights.tobytes()


@pytest.mark.parametrize("fps", [0, -25, float("nan"), 1000])
def test_a_frame_rate_that_cannot_be(fps):
    with pytest.raises(InputError, match="frame rate"):
        plan(speak(("A:", 0.2)), fps, Gestures.start())
    with pytest.raises(InputError, match="frame rate"):
        idle(10, fps, Gestures.start())
