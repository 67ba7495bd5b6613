"""Recordings: nothing of their sound is lost or doubled, cuts fall into pauses, and what is no sound is one clear line."""

from __future__ import annotations

import re
import resource
import struct
import sys
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from visavis import Avatar
from visavis.errors import InputError, TextError
from visavis.render import sound
from visavis.render.recording import LONGEST_S, cut, film_recording, speeches
from visavis.render.types import Sentence, Speech, TimedPhoneme, TimedWord
from visavis.render.voices import espeak

TEXT = "Bob's puppy popped up. She sells sea shells by the shore."


def wav(path: Path, samples, *, rate: int = 16000) -> Path:
    """*samples* (n,) or (n, channels) in [-1, 1] as 16-bit WAV."""
    values = np.atleast_2d(np.asarray(samples).T).T
    with wave.open(str(path), "wb") as file:
        file.setnchannels(values.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(values, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def float_wav(path: Path, samples, *, rate: int = 16000) -> Path:
    """*samples* as 32-bit float WAV, which can hold what is no number."""
    data = np.asarray(samples, "<f4").tobytes()
    header = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 3, 1, rate, rate * 4, 4, 32)
    path.write_bytes(header + struct.pack("<4sI", b"data", len(data)) + data)
    return path


def babble(seconds: float, *, rate: int = 16000, seed: int = 0) -> np.ndarray:
    """Noise in syllables, with a pause of 0.4 s every 3 s."""
    t = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(seed).standard_normal(len(t))
    return (0.1 * noise * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t)) * (t % 3 > 0.4)).astype(np.float32)


@pytest.fixture(scope="module")
def spoken() -> Speech:
    return espeak.backend().speak(Sentence(TEXT))


# Cutting


@settings(deadline=None, max_examples=30)
@given(
    seconds=st.floats(0.0, 70.0),
    rate=st.sampled_from([8000, 11025, 22050, 44100]),
    fps=st.sampled_from([10.0, 24.0, 25.0, 29.97, 60.0]),
)
def test_pieces_are_the_whole(seconds, rate, fps):
    samples = babble(seconds, rate=rate)
    pieces = list(cut(Speech(samples, rate, Sentence(""), timing="audio"), fps))
    joined = np.concatenate([piece.samples for piece in pieces])
    assert_array_equal(joined[: len(samples)], samples)
    assert not joined[len(samples) :].any()
    assert len(joined) - len(samples) <= rate / fps + 1
    for index, piece in enumerate(pieces):
        assert piece.sentence.index == index
        assert piece.timing == "audio"
        assert 0 < piece.duration_s <= LONGEST_S + 1 / fps
        frames = round(piece.duration_s * fps)
        assert len(piece.samples) == sound.samples_for(frames, rate, fps)


def test_cuts_fall_into_pauses():
    samples = babble(60)
    pieces = list(cut(Speech(samples, 16000, Sentence(""), timing="audio"), 25.0))
    assert len(pieces) > 3
    at = 0
    for piece in pieces[:-1]:
        at += len(piece.samples)
        assert 0.05 < at / 16000 % 3 < 0.35
        assert piece.duration_s >= 5


def test_noise_without_a_pause_is_cut_all_the_same():
    samples = np.random.default_rng(0).standard_normal(16000 * 40).astype(np.float32) * 0.1
    pieces = list(cut(Speech(samples, 16000, Sentence(""), timing="audio"), 25.0))
    assert max(piece.duration_s for piece in pieces) <= LONGEST_S


def test_words_and_phonemes_go_with_their_sound():
    words = tuple(TimedWord(f"w{second}", second + 0.5, second + 1.2) for second in range(40))
    phonemes = tuple(TimedPhoneme("a", second, second + 1.0) for second in range(41))
    text = " ".join(word.text for word in words) + "."
    whole = Speech(babble(41), 16000, Sentence(text), phonemes, words, "aligned")
    pieces = list(cut(whole, 25.0))
    assert " ".join(piece.sentence.text for piece in pieces) == text
    assert [word.text for piece in pieces for word in piece.words] == [word.text for word in words]
    offset = 0.0
    for piece in pieces:
        for word in piece.words:
            assert word.start_s + offset == pytest.approx(float(word.text[1:]) + 0.5)
            assert word.start_s <= word.end_s <= piece.duration_s + 1e-9
            assert word.text in piece.sentence.text
        assert piece.phonemes[0].start_s == 0
        assert piece.phonemes[-1].end_s == pytest.approx(piece.duration_s)
        assert_allclose([each.start_s for each in piece.phonemes[1:]], [each.end_s for each in piece.phonemes[:-1]])
        offset += piece.duration_s


# Reading


@pytest.mark.parametrize("rate", [6000, 8000, 22050, 44100, 48000, 96000])
def test_any_rate_keeps_its_time(tmp_path, rate):
    samples = np.zeros(2 * rate)
    samples[rate : rate + rate // 10] = 0.5 * np.sin(np.arange(rate // 10) * 2 * np.pi * 440 / rate)
    [speech] = speeches(wav(tmp_path / "a.wav", samples, rate=rate))
    assert 8000 <= speech.rate <= 48000
    assert speech.duration_s == pytest.approx(2)
    heard = np.flatnonzero(np.abs(speech.samples) > 0.2)
    assert heard[0] / speech.rate == pytest.approx(1, abs=0.003)
    assert heard[-1] / speech.rate == pytest.approx(1.1, abs=0.003)


def test_stereo_is_mixed(tmp_path):
    left, right = babble(1, seed=1), babble(1, seed=2)
    [speech] = speeches(wav(tmp_path / "a.wav", np.stack([left, right], axis=1)))
    assert_allclose(speech.samples, (left + right) / 2, atol=1e-3)


def test_not_numbers_and_clipped_samples(tmp_path):
    samples = 30 * babble(1)
    samples[4000:4100] = np.nan
    samples[9000] = np.inf
    [speech] = speeches(float_wav(tmp_path / "a.wav", samples))
    assert np.abs(speech.samples).max() <= 1
    assert not speech.samples[4000:4100].any()


def test_a_twentieth_of_a_second(tmp_path):
    [speech] = speeches(wav(tmp_path / "a.wav", babble(1)[8000:8800]))
    assert len(speech.samples) == 2 * 640


def test_text_is_aligned(tmp_path, spoken):
    """The same sound after 0.5 s of silence: phonemes and words come 0.5 s later."""
    samples = np.concatenate([np.zeros(spoken.rate // 2, np.float32), spoken.samples])
    [speech] = speeches(wav(tmp_path / "a.wav", samples, rate=spoken.rate), text=f"**{TEXT}**")
    assert speech.timing == "aligned"
    assert speech.sentence == Sentence(TEXT)
    assert [word.text for word in speech.words] == [word.text for word in spoken.words]
    late = [found.start_s - known.start_s for found, known in zip(speech.words[1:], spoken.words[1:], strict=True)]
    assert_allclose(late, 0.5, atol=0.03)


@pytest.mark.parametrize("seconds", [0.05, 0.3, 3.0])
def test_a_text_that_is_not_said_is_left_out(tmp_path, caplog, seconds):
    [speech] = speeches(wav(tmp_path / "a.wav", babble(4)[16000 : 16000 + round(16000 * seconds)]), text=TEXT)
    assert speech.timing == "audio"
    assert not speech.phonemes
    assert not speech.sentence.text
    [told] = [record.message for record in caplog.records if record.name == "visavis.render.recording"]
    assert re.fullmatch(r"The text is not what .*a\.wav says, so .* the sound alone\.", told)


@pytest.mark.parametrize("text", ["", " \n", "\x01"])
def test_a_text_of_nothing(tmp_path, text):
    with pytest.raises(TextError):
        list(speeches(wav(tmp_path / "a.wav", babble(1)), text=text))


@pytest.mark.parametrize("text", [None, TEXT], ids=["sound", "text"])
@pytest.mark.parametrize("samples", [np.zeros(8000), np.full(8000, np.nan)], ids=["silent", "nan"])
def test_silence_is_nothing_to_film(tmp_path, samples, text):
    with pytest.raises(InputError, match=r"a\.wav is silent\. Check"):
        list(speeches(float_wav(tmp_path / "a.wav", samples), text=text))


# Filming


@pytest.fixture(scope="module")
def avatar(models, astronaut, tmp_path_factory):
    return Avatar(astronaut, voice="tone", animator="still", size=128, data=tmp_path_factory.mktemp("data"))


def measured(path: str | Path) -> tuple[int, float, float]:
    """Frames, and where the sound begins and ends in seconds."""
    with av.open(str(path)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    samples, rate = sound.read(path)
    loud = np.flatnonzero(np.abs(samples) > 0.05)
    return frames, loud[0] / rate, loud[-1] / rate


def test_a_film_has_the_sound_of_the_recording(avatar, tmp_path):
    samples = np.zeros(16000 * 22, np.float32)
    samples[16000:32000] = samples[-24000:-8000] = 0.4 * np.sin(np.arange(16000) * 0.2)
    clip = avatar.say(audio=wav(tmp_path / "a.wav", samples), out=tmp_path / "a.mp4")
    frames, begins_s, ends_s = measured(clip.path)
    assert clip.duration_s == 22
    assert clip.frames == frames == 550
    assert begins_s == pytest.approx(1, abs=0.01)
    assert ends_s == pytest.approx(21.5, abs=0.01)
    assert (clip.text, clip.voice) == ("", "recording")
    assert Path(clip.captions).read_text(encoding="utf-8").strip() == "WEBVTT"
    assert set(clip.timings) >= {"speech", "motion", "animate", "compose", "encode"}


def test_the_text_is_captioned(avatar, spoken, tmp_path):
    audio = wav(tmp_path / "a.wav", spoken.samples, rate=spoken.rate)
    clip = avatar.say(iter(["Bob's puppy popped up. ", "She sells sea shells by the shore."]), audio=audio)
    assert clip.text == TEXT
    assert "puppy" in Path(clip.captions).read_text(encoding="utf-8")
    assert Path(clip.path).parent.is_relative_to(avatar.settings.data)


def test_a_film_is_a_recording_too(avatar, spoken, tmp_path):
    first = avatar.say(audio=wav(tmp_path / "a.wav", spoken.samples, rate=spoken.rate), out=tmp_path / "a.mp4")
    second = avatar.say(audio=first.path, out=tmp_path / "b.mp4")
    assert second.frames == pytest.approx(first.frames, abs=2)


@pytest.mark.parametrize("content", [None, b"", b"just text" * 100], ids=["missing", "empty", "text"])
def test_what_is_no_sound_is_said_and_leaves_nothing(avatar, tmp_path, content):
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.wav"):
        film_recording(path, avatar.prepare(), avatar.settings, out=tmp_path / "a.mp4")
    assert not list(tmp_path.glob("*.mp4"))


def test_nothing_at_all(avatar):
    with pytest.raises(TextError):
        avatar.say()


@pytest.mark.skipif(sys.platform == "darwin", reason="ru_maxrss has another unit there")
def test_a_long_recording_is_not_kept_as_pictures(avatar, tmp_path):
    """More sound costs no more than its samples a few times over; the frames alone would be 150 MB."""
    avatar.say(audio=wav(tmp_path / "a.wav", babble(20, rate=8000), rate=8000), out=tmp_path / "a.mp4")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    clip = avatar.say(audio=wav(tmp_path / "b.wav", babble(120, rate=8000), rate=8000), out=tmp_path / "b.mp4")
    assert clip.frames == 3000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000
