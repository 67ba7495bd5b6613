"""Motion from sound alone: it follows the phonemes it does not know."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from visavis.render.motion import Gestures, aperture, plan
from visavis.render.types import Sentence, Speech
from visavis.render.voices.espeak import backend

TEXTS = {
    "en-us": [
        "Please tell me your order number, and I will find out where the parcel is.",
        "Bob's puppy popped up.",
        "She sells sea shells by the sea shore.",
        "The weather in London was cold, but people walked along the river anyway.",
    ],
    "cmn": [
        "爸爸妈妈跑步买苹果。",
        "您好，请问您的订单号是多少？我来帮您查一下。",
        "我们的商店每天早上九点开门，晚上八点关门。",
        "请把门打开，外面有人在等你。",
    ],
}


def unheard(speech):
    return dataclasses.replace(speech, phonemes=(), timing="audio")


@pytest.fixture(scope="module", params=sorted(TEXTS))
def pairs(request):
    """Speech with phonemes, its motion, and the motion of the same sound without phonemes."""
    voice = backend()
    speeches = [voice.speak(Sentence(text, language=request.param)) for text in TEXTS[request.param]]
    return [
        (speech, *(plan(each, 25.0, Gestures.start())[0] for each in (speech, unheard(speech)))) for speech in speeches
    ]


def joined(pairs, track):
    known, guessed = zip(*((track(known), track(guessed)) for _, known, guessed in pairs), strict=True)
    return np.corrcoef(np.concatenate(known), np.concatenate(guessed))[0, 1]


def test_opening_follows_the_phonemes(pairs):
    assert joined(pairs, aperture) >= 0.65
    assert joined(pairs, lambda motion: motion.channel("jaw")) >= 0.65


def test_lips_are_shut_while_a_plosive_is_silent(pairs):
    """The voice's own sound is the witness: 15 ms before the event of a "p" nothing is heard and the lips are shut."""
    shut = []
    for speech, _, _ in pairs:
        close = plan(speech, 200.0, Gestures.start())[0].channel("close")
        for phoneme in speech.phonemes:
            if phoneme.symbol in ("p", "ph"):
                middle = phoneme.start_s - 0.015
                around = speech.samples[round((middle - 0.01) * speech.rate) : round((middle + 0.01) * speech.rate)]
                assert np.abs(around).max() < 0.02, phoneme
                shut.append(close[round(middle * 200)])
    assert len(shut) >= 8
    assert min(shut) == 1


def test_the_picture_is_not_late(pairs):
    """Opening against the level of the voice, over all sentences: 0 to 15 ms early at its best match."""
    opened, loud = [], []
    for speech, _, _ in pairs:
        track = aperture(plan(speech, 200.0, Gestures.start())[0])
        times = np.arange(len(track)) / 200
        power = np.convolve(np.square(speech.samples), np.hanning(round(0.04 * speech.rate)), mode="same")
        level = np.sqrt(np.interp(times, np.arange(len(power)) / speech.rate, power))
        opened.append(track - track.mean())
        loud.append(level - level.mean())
    opened, loud = np.concatenate(opened), np.concatenate(loud)
    shifts = np.arange(-20, 21)
    lag_ms = 5 * shifts[np.argmax([np.dot(np.roll(loud, shift), opened) for shift in shifts])]
    assert -20 <= lag_ms <= 10


def test_lips_and_teeth_go_the_right_way(pairs):
    assert joined(pairs, lambda motion: motion.channel("width")) > 0.2
    assert joined(pairs, lambda motion: motion.channel("round")) > 0.2
    assert joined(pairs, lambda motion: motion.channel("teeth")) > 0.4


def test_silence_is_shut(pairs):
    for speech, _, guessed in pairs:
        padded = np.concatenate([np.zeros(speech.rate, np.float32), speech.samples, np.zeros(speech.rate, np.float32)])
        motion, _ = plan(unheard(dataclasses.replace(speech, samples=padded)), 25.0, Gestures.start())
        opening = aperture(motion)
        assert opening[:20].max() == 0
        assert opening[-18:].max() == 0
        assert opening.max() > 0.1
        assert len(guessed) == round(speech.duration_s * 25)


def test_loudness_and_noise_do_not_matter_much(pairs):
    noise = np.random.default_rng(0)
    for speech, _, guessed in pairs:
        hiss = noise.normal(0, 1e-3, len(speech.samples)).astype(np.float32)
        for samples in (speech.samples * 0.1, speech.samples * 3, speech.samples + hiss):
            motion, _ = plan(unheard(dataclasses.replace(speech, samples=samples)), 25.0, Gestures.start())
            assert np.corrcoef(aperture(motion), aperture(guessed))[0, 1] > 0.7


def test_a_silent_dip_with_a_dull_burst_is_a_closure():
    """A vowel, 70 ms of silence, a burst below 1.5 kHz, a vowel."""
    rate, rng = 16000, np.random.default_rng(0)
    times = np.arange(round(0.4 * rate)) / rate
    vowel = sum(np.sin(2 * np.pi * hertz * times) / (1 + hertz / 600) for hertz in range(120, 3500, 120)) * 0.05
    samples = np.concatenate([vowel, np.zeros(round(0.07 * rate)), vowel]).astype(np.float32)
    samples += rng.normal(0, 1e-5, len(samples)).astype(np.float32)
    close = plan(Speech(samples, rate, Sentence("")), 100.0, Gestures.start())[0].channel("close")
    assert close[42:46].max() == 1
    assert close[20:34].max() < 0.1
    assert close[56:75].max() < 0.1


@pytest.mark.parametrize(("text", "least", "most"), [("Mama, mama, mama.", 0.8, 1.0), ("Nana, nana, nana.", 0.0, 0.35)])
def test_the_murmur_of_lips_is_told_from_that_of_the_tongue(text, least, most):
    speech = backend().speak(Sentence(text, language="it"))
    close = plan(unheard(speech), 100.0, Gestures.start())[0].channel("close")
    murmurs = [phoneme for phoneme in speech.phonemes if phoneme.symbol[0] in "mn"]
    shut = [close[round(100 * each.start_s) : round(100 * each.end_s)].max() == 1 for each in murmurs]
    assert len(shut) == 6
    assert least <= np.mean(shut[1::2]) <= most


def test_lips_do_not_shut_in_vowels(pairs):
    """Of the vowels longer than 60 ms, with no bilabial beside them."""
    shut = []
    for speech, _, guessed in pairs:
        opening = aperture(guessed)
        sounds = speech.phonemes
        for before, vowel, after in zip(sounds, sounds[1:], sounds[2:], strict=False):
            lips = {before.symbol[0], after.symbol[0]} & set("pbm")
            if vowel.symbol[0] in "aAEeiIoOuUV3@0" and vowel.end_s - vowel.start_s > 0.06 and not lips:
                middle = (vowel.start_s + vowel.end_s) / 2 + 0.01
                shut.append(opening[min(round(25 * middle), len(opening) - 1)] <= 0.02)
    assert len(shut) > 20
    assert np.mean(shut) <= 0.05


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000])
def test_any_rate_and_noise_alone(rate):
    samples = np.random.default_rng(0).normal(0, 0.2, rate).astype(np.float32)
    motion, _ = plan(Speech(samples, rate, Sentence("")), 25.0, Gestures.start())
    assert len(motion) == 25
    assert np.isfinite(motion.weights).all()


def test_pure_silence_keeps_the_mouth_shut():
    motion, _ = plan(Speech(np.zeros(32000, np.float32), 16000, Sentence("")), 25.0, Gestures.start())
    assert not motion.weights[:, :5].any()
    assert np.ptp(motion.channel("close")) == 0
