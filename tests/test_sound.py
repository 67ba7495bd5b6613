"""Levels, rates, grids, files."""

from __future__ import annotations

import math
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.errors import InputError
from visavis.render import sound
from visavis.render.types import Sentence, Speech, TimedPhoneme


def sine(hertz: float, rate: int, seconds: float = 1.0, amplitude: float = 0.5) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def write_wav(path: Path, samples: np.ndarray, rate: int, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


# --- Level ---


def test_rms() -> None:
    assert sound.rms_dbfs(sine(100, 8000, amplitude=1.0)) == pytest.approx(-3.01, abs=0.01)
    assert sound.rms_dbfs(np.zeros(10, np.float32)) == -math.inf
    assert sound.rms_dbfs(np.zeros(0, np.float32)) == -math.inf


@pytest.mark.parametrize("amplitude", [0.01, 0.3, 1.0])
def test_levelled(amplitude: float) -> None:
    samples = np.concatenate(
        (np.zeros(4000, np.float32), sine(200, 16000, amplitude=amplitude), np.zeros(4000, np.float32))
    )
    levelled = sound.levelled(samples, 16000)
    assert sound.rms_dbfs(levelled[4000:-4000]) == pytest.approx(sound.SPEECH_DBFS, abs=0.2)
    assert levelled.dtype == np.float32


def test_levelled_respects_the_peak_and_leaves_silence() -> None:
    spiky = np.zeros(16000, np.float32)
    spiky[::400] = 0.5
    assert np.abs(sound.levelled(spiky, 16000)).max() == pytest.approx(sound.PEAK)
    assert not sound.levelled(np.zeros(100, np.float32), 16000).any()
    assert len(sound.levelled(np.zeros(0, np.float32), 16000)) == 0


def test_voiced_finds_the_sound() -> None:
    samples = np.concatenate((np.zeros(1600, np.float32), sine(200, 16000, 0.1), np.zeros(1650, np.float32)))
    mask = sound.voiced(samples, 16000)
    assert mask.shape == samples.shape
    assert mask[1600:3200].all()
    assert not mask[:1400].any()
    assert not mask[3600:].any()
    assert sound.voiced(np.zeros(0, np.float32), 16000).shape == (0,)


def test_faded_ends_are_silent() -> None:
    faded = sound.faded(np.ones(1000, np.float32), 16000)
    assert abs(faded[0]) < 0.01
    assert abs(faded[-1]) < 0.01
    assert (faded[48:-48] == 1).all()
    assert len(sound.faded(np.ones(1, np.float32), 16000)) == 1


# --- Rate ---


@pytest.mark.parametrize(
    ("rate", "to_rate"), [(22050, 48000), (22050, 16000), (44100, 22050), (16000, 22050), (48000, 44100), (24000, 8000)]
)
def test_resampled_sine_is_a_sine(rate: int, to_rate: int) -> None:
    hertz = 0.3 * min(rate, to_rate)
    found = sound.resample(sine(hertz, rate), rate, to_rate)
    expected = sine(hertz, to_rate)
    inner = slice(len(expected) // 20, -len(expected) // 20)
    error = found[inner] - expected[inner]
    assert len(found) == len(expected)
    assert sound.rms_dbfs(error) - sound.rms_dbfs(expected[inner]) < -70


def test_what_cannot_be_represented_is_removed() -> None:
    found = sound.resample(sine(10_500, 22050), 22050, 16000)
    assert sound.rms_dbfs(found[500:-500]) < -80


@given(
    st.integers(0, 3000),
    st.sampled_from([8000, 11025, 16000, 22050, 24000, 44100, 48000]),
    st.sampled_from([16000, 22050, 48000]),
)
def test_resampled_length(count: int, rate: int, to_rate: int) -> None:
    found = sound.resample(np.ones(count, np.float32), rate, to_rate)
    assert found.dtype == np.float32
    assert abs(len(found) - count * to_rate / rate) <= 0.5
    assert not len(found) or np.abs(found).max() < 1.3


def test_resampling_keeps_time() -> None:
    click = np.zeros(22050, np.float32)
    click[11025] = 1
    assert np.argmax(sound.resample(click, 22050, 48000)) == 24000


def test_same_rate_is_the_same_sound() -> None:
    samples = sine(100, 8000)
    assert np.array_equal(sound.resample(samples, 8000, 8000), samples)
    with pytest.raises(InputError, match="positive"):
        sound.resample(samples, 0, 8000)


# --- Grid ---


@given(
    st.integers(1, 100_000),
    st.sampled_from([16000, 22050, 48000]),
    st.sampled_from([10.0, 24.0, 25.0, 29.97, 30.0, 60.0]),
)
def test_on_grid(count: int, rate: int, fps: float) -> None:
    end_s = count / rate
    speech = Speech(np.ones(count, np.float32), rate, Sentence("a"), (TimedPhoneme("a", 0.0, end_s),))
    padded = sound.on_grid(speech, fps)
    frames = round(padded.duration_s * fps)
    assert len(padded.samples) == sound.samples_for(frames, rate, fps)
    assert 0 <= len(padded.samples) - count <= rate / fps + 1
    assert not padded.samples[count:].any()
    assert padded.phonemes[-1].end_s == padded.duration_s
    assert padded.phonemes[0] == speech.phonemes[0]
    assert sound.on_grid(padded, fps) is padded


def test_on_grid_lengthens_the_last_pause() -> None:
    speech = Speech(
        np.zeros(100, np.float32), 1000, Sentence("a"), (TimedPhoneme("a", 0, 0.05), TimedPhoneme("_:", 0.05, 0.1))
    )
    padded = sound.on_grid(speech, 25)
    assert [(p.symbol, p.end_s) for p in padded.phonemes] == [("a", 0.05), ("_:", 0.12)]


def test_on_grid_gives_nothing_one_frame() -> None:
    assert len(sound.on_grid(Speech(np.zeros(0, np.float32), 22050, Sentence("")), 25).samples) == 882


def test_ten_minutes_stay_on_the_grid() -> None:
    speech = Speech(np.zeros(22050, np.float32), 22050, Sentence("a"))
    total = sum(len(sound.on_grid(speech, 29.97).samples) for _ in range(600))
    frames = 600 * round(sound.on_grid(speech, 29.97).duration_s * 29.97)
    assert abs(total / 22050 - frames / 29.97) < 1 / 29.97


# --- Files ---


def test_reads_what_was_written(tmp_path: Path) -> None:
    samples = sine(440, 22050)
    found, rate = sound.read(write_wav(tmp_path / "a.wav", samples, 22050))
    assert rate == 22050
    assert found.dtype == np.float32
    assert np.abs(found - samples).max() < 1e-3


def test_channels_are_mixed(tmp_path: Path) -> None:
    stereo = np.stack((sine(440, 16000, amplitude=0.4), sine(440, 16000, amplitude=0.2)), axis=1).reshape(-1)
    found, _ = sound.read(write_wav(tmp_path / "a.wav", stereo, 16000, channels=2))
    assert len(found) == 16000
    assert np.abs(found).max() == pytest.approx(0.3, abs=0.02)


def test_reads_the_sound_of_compressed_files(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    path = tmp_path / "a.m4a"
    samples = sine(440, 48000)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.rate = 48000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    found, rate = sound.read(path)
    assert rate == 48000
    assert len(found) == pytest.approx(48000, abs=3000)
    assert sound.rms_dbfs(found[5000:40000]) == pytest.approx(sound.rms_dbfs(samples), abs=0.5)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "no file"),
        (b"", "cannot be decoded"),
        (b"hello " * 100, "cannot be decoded"),
        (b"RIFF\0\0\0\0WAVEfmt ", "cannot be decoded|no sound"),
    ],
)
def test_files_without_sound(tmp_path: Path, content: bytes | None, problem: str) -> None:
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=problem) as caught:
        sound.read(path)
    assert "\n" not in str(caught.value)


def test_empty_sound(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no sound"):
        sound.read(write_wav(tmp_path / "a.wav", np.zeros(0, np.float32), 16000))


def test_tidy() -> None:
    found = sound.tidy(np.array([np.nan, np.inf, -np.inf, 3.0, -3.0, 0.5]))
    assert found.tolist() == [0, 1, -1, 1, -1, 0.5]
    assert found.dtype == np.float32
