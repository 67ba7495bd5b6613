"""Times carried over to sound whose true times are known."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from visavis.errors import InputError
from visavis.render import sound
from visavis.render.contracts import Voice
from visavis.render.types import Sentence, Speech
from visavis.render.voices._warping import Plane, warp
from visavis.render.voices.align import AlignedVoice, align

pytest.importorskip("espeakng_loader")

from visavis.render.voices import espeak, tone

ENGLISH = Sentence(
    "Bob's puppy popped up on the sunny beach. She sells sea shells, and my mother makes very fine apple pies."
)
MANDARIN = Sentence("爸爸妈妈跑步买苹果，今天天气很好，我们一起去公园散步吧。", language="cmn")
REFERENCE = espeak.backend()


def errors_ms(found: Speech, true: Speech) -> np.ndarray:
    starts = [
        np.array([phoneme.start_s for phoneme in speech.phonemes if not phoneme.symbol.startswith("_")])
        for speech in (found, true)
    ]
    return np.abs(starts[0] - starts[1]) * 1000


@pytest.mark.parametrize("sentence", [ENGLISH, MANDARIN], ids=["en", "cmn"])
@pytest.mark.parametrize(
    ("rate_wpm", "variant", "noise"), [(130, None, 0.0), (240, None, 0.005), (175, "f2", 0.0), (150, "m7", 0.005)]
)
def test_other_speeds_and_voices(sentence: Sentence, rate_wpm: int, variant: str | None, noise: float) -> None:
    true = espeak.backend(rate_wpm=rate_wpm, voice=variant).speak(sentence)
    heard = true.samples + noise * np.random.default_rng(0).standard_normal(len(true.samples)).astype(np.float32)
    found = align(heard, true.rate, sentence, REFERENCE)
    assert found.timing == "aligned"
    assert [p.symbol for p in found.phonemes if p.symbol[0] != "_"] == [
        p.symbol for p in true.phonemes if p.symbol[0] != "_"
    ]
    assert np.median(errors_ms(found, true)) <= 6
    assert np.percentile(errors_ms(found, true), 90) <= 20
    assert [word.text for word in found.words] == [word.text for word in true.words]
    assert np.median([abs(a.start_s - b.start_s) for a, b in zip(found.words, true.words, strict=True)]) <= 0.015


def test_another_rate_and_silences_around() -> None:
    true = REFERENCE.speak(ENGLISH)
    late = np.concatenate(
        (np.zeros(48_000, np.float32), sound.resample(true.samples, true.rate, 48_000), np.zeros(96_000, np.float32))
    )
    found = align(late, 48_000, ENGLISH, REFERENCE)
    shifted = [p.start_s + 1 for p in true.phonemes if p.symbol[0] != "_"]
    starts = [p.start_s for p in found.phonemes if p.symbol[0] != "_"]
    assert np.median(np.abs(np.subtract(starts, shifted))) <= 0.006
    assert found.phonemes[0].start_s == 0
    assert found.phonemes[-1].end_s == pytest.approx(found.duration_s)


def test_a_stretched_tape() -> None:
    true = REFERENCE.speak(ENGLISH)
    position = np.arange(len(true.samples)) / len(true.samples)
    warped = position + 0.06 * np.sin(2 * np.pi * position)
    samples = np.interp(np.linspace(0, 1, len(true.samples), endpoint=False), warped, true.samples).astype(np.float32)
    found = align(samples, true.rate, ENGLISH, REFERENCE)
    starts = np.array([p.start_s for p in true.phonemes if p.symbol[0] != "_"])
    moved = np.interp(starts / true.duration_s, position, warped) * true.duration_s
    error = np.abs(moved - [p.start_s for p in found.phonemes if p.symbol[0] != "_"])
    assert np.median(error) <= 0.015


def test_bad_sound() -> None:
    with pytest.raises(InputError, match="silent"):
        align(np.zeros(22050, np.float32), 22050, ENGLISH, REFERENCE)
    with pytest.raises(InputError, match="silent"):
        align(np.full(22050, np.nan, np.float32), 22050, ENGLISH, REFERENCE)


@pytest.mark.parametrize("seconds", [0.05, 0.3, 10.0])
def test_noise_is_not_the_text(seconds: float) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(round(seconds * 16_000)).astype(np.float32)
    found = align(noise, 16_000, ENGLISH, REFERENCE)
    assert found.timing == "audio"
    assert not found.phonemes
    assert len(found.samples) == len(noise)


@pytest.mark.parametrize("variant", [None, "f2"])
def test_another_text_is_noticed(variant: str | None) -> None:
    said = espeak.backend(rate_wpm=150, voice=variant).speak(
        Sentence("Please tell me where my parcel is, and when it will come.")
    )
    assert align(said.samples, said.rate, said.sentence, REFERENCE).timing == "aligned"
    assert align(said.samples, said.rate, ENGLISH, REFERENCE).timing == "audio"


@pytest.mark.parametrize(
    "text", ["No, no, no, no, no, no.", "Bla bla bla, bla bla bla.", "One two one two, one two one two."]
)
def test_repetitions_are_told_apart(text: str) -> None:
    sentence = Sentence(text, language="en-us")
    true = espeak.backend(rate_wpm=140, voice="f3").speak(sentence)
    assert errors_ms(align(true.samples, true.rate, sentence, REFERENCE), true).max() <= 60


def test_pauses_are_those_of_the_recording() -> None:
    """Two seconds of silence in the middle of a sentence, where the reference makes no pause."""
    true = espeak.backend(rate_wpm=150).speak(Sentence("My mother makes very fine apple pies.", language="en-us"))
    cut = next(word.start_s for word in true.words if word.text == "very") + 0.01
    halves = np.split(true.samples, [round(cut * true.rate)])
    samples = np.concatenate((halves[0], np.zeros(2 * true.rate, np.float32), halves[1]))
    found = align(samples, true.rate, true.sentence, REFERENCE)
    starts = np.array([p.start_s + 2 * (p.start_s >= cut - 0.02) for p in true.phonemes if p.symbol[0] != "_"])
    assert np.median(np.abs(starts - [p.start_s for p in found.phonemes if p.symbol[0] != "_"])) <= 0.015
    pause = max(found.phonemes, key=lambda phoneme: phoneme.end_s - phoneme.start_s)
    assert pause.symbol == "_"
    assert (pause.start_s, pause.end_s) == pytest.approx((cut, cut + 2), abs=0.1)


@pytest.mark.parametrize(
    ("rate", "damage"), [(8_000, "none"), (44_100, "noise"), (8_000, "clipped"), (48_000, "holes")]
)
def test_poor_recordings(rate: int, damage: str) -> None:
    true = espeak.backend(rate_wpm=150, voice="m3").speak(ENGLISH)
    samples = sound.resample(true.samples, true.rate, rate)
    if damage == "noise":
        level = np.sqrt(np.square(samples[sound.voiced(samples, rate)]).mean())
        samples = samples + np.random.default_rng(0).normal(0, 0.1 * level, len(samples)).astype(np.float32)
    elif damage == "clipped":
        samples = np.clip(3 * samples / np.abs(samples).max(), -1, 1)
    elif damage == "holes":
        samples = samples.copy()
        samples[:: rate // 3] = np.nan
    found = align(samples, rate, ENGLISH, REFERENCE)
    assert np.median(errors_ms(found, true)) <= 20
    assert np.isfinite(found.samples).all()


def test_words_are_in_order_and_inside() -> None:
    true = espeak.backend(rate_wpm=220, voice="f2").speak(ENGLISH)
    found = align(true.samples, true.rate, ENGLISH, REFERENCE)
    times = [time_s for word in found.words for time_s in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= found.duration_s


def test_adapter_is_a_voice() -> None:
    voice = AlignedVoice(espeak.backend(voice="f2"), REFERENCE)
    assert isinstance(voice, Voice)
    assert voice.capabilities.timing == "aligned"
    speech = voice.speak(ENGLISH)
    assert speech.timing == "aligned"
    humming = AlignedVoice(tone.backend(), REFERENCE).speak(ENGLISH)
    assert humming.timing == "audio"
    assert np.array_equal(humming.samples, tone.backend().speak(ENGLISH).samples)


def test_the_cheapest_path_is_the_cheapest() -> None:
    """Against the recurrence cell by cell: hold, one to three columns on, or a pause where there may be one."""
    rng = np.random.default_rng(1)
    first, second = rng.standard_normal((17, 3)).astype(np.float32), rng.standard_normal((23, 3)).astype(np.float32)
    silence = rng.uniform(0, 2, 17).astype(np.float32)
    gaps = np.isin(np.arange(24), (0, 8, 15, 23))
    cost = np.linalg.norm(first[:, None] - second[None], axis=2)
    said, hushed = np.full((18, 24), np.inf), np.full((18, 24), np.inf)
    hushed[0, 0] = 0
    for i in range(17):
        for k in range(24):
            steps = [said[i, k - on] + extra for on, extra in ((0, 0.25), (1, 0), (2, 0.15), (3, 0.5)) if k >= on]
            if k:
                said[i + 1, k] = cost[i, k - 1] + min([*steps, hushed[i, k - 1]])
            if gaps[k]:
                hushed[i + 1, k] = silence[i] + min(said[i, k], hushed[i, k])
    path = warp(Plane(first, silence, second, gaps))
    assert path is not None
    assert path.cost == pytest.approx(min(said[17, 23], hushed[17, 23]), rel=1e-5)
    assert (np.diff(path.column) >= 0).all()
    assert gaps[path.column[path.paused]].all()
    assert path.column[0] == 0


def test_too_few_frames_are_no_path() -> None:
    rng = np.random.default_rng(0)
    assert warp(Plane(rng.random((5, 2)), np.ones(5), rng.random((20, 2)), np.ones(21, np.bool_))) is None


def test_a_long_path_is_found_near_the_one_of_a_first_look() -> None:
    """Longer than what is searched whole: a random walk, slowed down and paused."""
    rng = np.random.default_rng(0)
    second = np.cumsum(rng.normal(0, 0.1, (4000, 4)), axis=0).astype(np.float32)
    column = np.concatenate((np.repeat(np.arange(2000), 2), np.full(3000, 2000), np.arange(2000, 4000)))
    paused = np.zeros(len(column), np.bool_)
    paused[4000:7000] = True
    gaps = np.arange(4001) % 500 == 0
    plane = Plane(second[column], np.where(paused, 0.1, 5).astype(np.float32), second, gaps)
    path = warp(plane)
    assert path is not None
    assert np.abs(path.column - column).max() <= 3
    assert (path.paused == paused).mean() > 0.99


def test_memory_grows_with_the_length() -> None:
    def peak(frames: int) -> int:
        features = np.random.default_rng(0).standard_normal((frames, 4)).astype(np.float32)
        plane = Plane(features, np.ones(frames, np.float32), features, np.ones(frames + 1, np.bool_))
        tracemalloc.start()
        warp(plane)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(5000) < 3 * peak(2500)
