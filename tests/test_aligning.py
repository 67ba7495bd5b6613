"""The benchmark of found times: errors it is given are errors it reports, and what is not installed is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("espeakng_loader")

from visavis.benchmarks import speakers
from visavis.benchmarks.aligning import Tally, matched, measure
from visavis.benchmarks.speakers import SPEAKERS, Sound, Speaker, Spoken
from visavis.render.motion.phonemes import Manner
from visavis.render.types import Sentence
from visavis.render.voices.espeak import backend

SENTENCE = Sentence("Bob's puppy popped up, and my mother saw it.", language="en-us")


@pytest.fixture(scope="module")
def speech():
    return backend().speak(SENTENCE)


@pytest.mark.parametrize("late_s", [0.0, 0.03])
def test_times_that_are_late_are_reported_late(speech, late_s):
    spoken = speakers._exact(speech)
    shifted = tuple(replace(each, start_s=each.start_s + late_s, end_s=each.end_s + late_s) for each in speech.phonemes)
    tally = Tally()
    tally.time(spoken, replace(speech, phonemes=shifted))
    assert len(tally.onsets_ms) == len(spoken.sounds)
    assert np.median(tally.onsets_ms) == pytest.approx(1000 * late_s, abs=1)
    assert np.median(tally.releases_ms) == pytest.approx(1000 * late_s, abs=1)


def test_a_mouth_that_stays_open_shows_no_closure(speech):
    spoken = speakers._exact(speech)
    vowels = tuple(replace(each, symbol="A:" if each.symbol[0] != "_" else "_") for each in speech.phonemes)
    right, open_mouth = Tally(), Tally()
    right.watch(spoken, speech)
    open_mouth.watch(spoken, replace(speech, phonemes=vowels))
    assert np.mean(right.closures) == 1
    assert np.mean(open_mouth.closures) == 0
    assert np.mean(right.vowels) <= 0.1


def test_sounds_that_only_one_reader_made_are_left_out(speech):
    sounds = list(speakers._exact(speech).sounds)
    events = [event for event in speakers.heard(speech.phonemes, speech.duration_s) if not event.pause]
    extra = Sound("FF", Manner.FRICATIVE, 0.0, 0.1, 0.1)
    pairs = list(matched([*sounds[:4], extra, *sounds[4:]], events))
    assert [sound for sound, _ in pairs] == sounds


def test_a_speaker_is_measured(monkeypatch):
    monkeypatch.setitem(speakers.TEXTS, "en-us", (SENTENCE.text, "Please tell me where the parcel is."))
    speaker = Speaker("m3", "en-us", "espeak", "m3")
    right, wrong, alone = measure([(speaker, list(speaker.say()))])
    assert right.row()["sounds, median ms"] <= 6
    assert right.row()["p b m shown"] == 1
    assert right.refused == [False, False]
    assert len(wrong.refused) == 2
    assert len(alone.closures) == len(right.closures)


def test_what_is_not_installed_is_known():
    assert not Speaker("nobody", "en-us", "festival", "voice_nobody").installed()
    assert not Speaker("nobody", "en-us", "no-such-program", "").installed()
    assert SPEAKERS[0].installed()


def test_the_burst_of_a_plosive_is_where_the_treble_rises():
    samples = np.zeros(3200, np.float32)
    samples[1600:] = 0.1 * np.random.default_rng(0).standard_normal(1600)
    assert speakers._release(samples, 16_000, 0.05, 0.15) == pytest.approx(0.1, abs=0.003)


def test_every_sentence_has_its_sounds():
    spoken = next(SPEAKERS[0].say())
    assert isinstance(spoken, Spoken)
    assert [sound.start_s for sound in spoken.sounds] == sorted(sound.start_s for sound in spoken.sounds)
    assert any(sound.closure for sound in spoken.sounds)
