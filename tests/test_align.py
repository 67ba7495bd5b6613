"""Times carried over to sound whose true times are known."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from visavis.errors import InputError
from visavis.render import sound
from visavis.render.contracts import Voice
from visavis.render.types import Sentence, Speech
from visavis.render.voices.align import AlignedVoice, _cheapest, _warp, align

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


@pytest.mark.parametrize("seconds", [0.05, 0.3, 20.0])
def test_sound_that_is_not_the_text(seconds: float) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(round(seconds * 16_000)).astype(np.float32)
    found = align(noise, 16_000, ENGLISH, REFERENCE)
    assert found.phonemes[0].start_s == 0
    assert found.phonemes[-1].end_s == pytest.approx(found.duration_s)
    assert all(a.end_s == b.start_s for a, b in zip(found.phonemes, found.phonemes[1:], strict=False))


def test_adapter_is_a_voice() -> None:
    voice = AlignedVoice(tone.backend(), REFERENCE)
    assert isinstance(voice, Voice)
    assert voice.capabilities.timing == "aligned"
    speech = voice.speak(ENGLISH)
    assert speech.timing == "aligned"
    assert np.array_equal(speech.samples, tone.backend().speak(ENGLISH).samples)


def test_the_cheapest_path_is_the_cheapest() -> None:
    """Against the textbook recurrence, cell by cell."""
    rng = np.random.default_rng(1)
    first, second = rng.standard_normal((17, 3)).astype(np.float32), rng.standard_normal((23, 3)).astype(np.float32)
    cost = np.linalg.norm(first[:, None] - second[None], axis=2) + 1e-6
    total = np.full((18, 24), np.inf)
    total[0, 0] = -cost[0, 0]
    for i in range(17):
        for j in range(23):
            total[i + 1, j + 1] = min(
                total[i, j + 1] + cost[i, j], total[i + 1, j] + cost[i, j], total[i, j] + 2 * cost[i, j]
            )
    low = np.zeros(17, np.int64)
    path = _cheapest(first, second, low, low + 23)
    found = cost[0, 0] + sum(
        (1 + (di and dj)) * cost[i, j] for (i, j), (di, dj) in zip(path[1:], np.diff(path, axis=0), strict=True)
    )
    assert found == pytest.approx(total[17, 23])
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [16, 22]


def test_memory_grows_with_the_length() -> None:
    def peak(frames: int) -> int:
        features = np.random.default_rng(0).standard_normal((frames, 4)).astype(np.float32)
        tracemalloc.start()
        _warp(features, features[::1])
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(8000) < 3 * peak(4000)
