"""A reply as a viewer gets it: the file is opened again and measured."""

from __future__ import annotations

import av
import numpy as np
import pytest

from visavis import Avatar
from visavis.render.portraits.landmarks import Landmarker
from visavis.render.portraits.measure import mouth_aperture
from visavis.render.sound import voiced

TEXT = "Bob's puppy popped up."


@pytest.fixture(scope="module")
def clip(models, astronaut, tmp_path_factory):
    avatar = Avatar(astronaut, size=512, data=tmp_path_factory.mktemp("data"))
    return avatar.say(TEXT, out=tmp_path_factory.mktemp("out") / "a.mp4")


@pytest.fixture(scope="module")
def pictures(clip):
    with av.open(clip.path) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.fixture(scope="module")
def sound(clip):
    with av.open(clip.path) as container:
        rate = container.streams.audio[0].rate
        parts = [frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)]
    return np.concatenate(parts).astype(np.float32), rate


@pytest.fixture(scope="module")
def apertures(pictures):
    landmarker = Landmarker()
    return np.array([mouth_aperture(picture, landmarker) for picture in pictures], np.float32)


def test_streams(clip):
    with av.open(clip.path) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert (picture.codec_context.name, picture.width, picture.height) == ("h264", 512, 512)
        assert picture.average_rate == 25
        assert picture.pix_fmt == "yuv420p"
        assert sound.codec_context.name == "aac"
        assert float(picture.duration * picture.time_base) == pytest.approx(clip.duration_s, abs=0.02)
        assert float(sound.duration * sound.time_base) == pytest.approx(clip.duration_s, abs=0.08)


def test_index_comes_first(clip):
    with open(clip.path, "rb") as file:  # noqa: PTH123
        data = file.read()
    assert data.index(b"moov") < data.index(b"mdat")


def test_every_frame_is_there(clip, pictures):
    assert len(pictures) == clip.frames


def test_sound_is_where_the_speech_is(clip, sound):
    samples, rate = sound
    spoken = voiced(samples, rate)
    assert 0.3 < spoken.mean() < 0.95
    assert np.abs(samples).max() < 0.99


def test_the_mouth_moves_with_the_sound(clip, sound, apertures):
    samples, rate = sound
    frame_of = (np.arange(len(samples)) / rate * 25).astype(int).clip(0, clip.frames - 1)
    loud = np.bincount(frame_of, voiced(samples, rate), clip.frames) / np.bincount(frame_of, minlength=clip.frames)
    shut = float(np.min(apertures))
    assert float(np.max(apertures[loud > 0.5])) > shut + 0.08
    assert float(np.std(apertures[loud > 0.5])) > 0.02


def test_the_lips_close_on_every_plosive(clip, apertures):
    """b b p p p t p: six bilabials, none of them voiced open."""
    from visavis.render.backends import load
    from visavis.render.types import Sentence

    speech = load("voice", "espeak").speak(Sentence(TEXT))
    shut = float(np.min(apertures))
    for phoneme in speech.phonemes:
        if phoneme.symbol in ("p", "b"):
            first, last = int((phoneme.start_s - 0.06) * 25), int((phoneme.end_s + 0.02) * 25) + 1
            assert float(np.min(apertures[max(first, 0) : last + 1])) < shut + 0.03, phoneme


def test_the_mouth_is_shut_and_still_after_the_speech(clip, sound, apertures):
    samples, rate = sound
    last_s = np.flatnonzero(voiced(samples, rate))[-1] / rate
    after = apertures[int((last_s + 0.2) * 25) :]
    assert len(after) >= 1
    assert float(np.max(after)) < float(np.min(apertures)) + 0.03


def test_the_picture_is_in_focus_and_the_background_is_not(pictures, astronaut):
    import cv2

    grey = cv2.cvtColor(pictures[0], cv2.COLOR_RGB2GRAY)
    detail = cv2.blur(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), (31, 31))
    height, width = grey.shape
    assert (
        detail[height // 2 - 60 : height // 2 + 60, width // 2 - 60 : width // 2 + 60].mean()
        > 2 * detail[:60, :60].mean()
    )
