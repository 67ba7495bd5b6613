"""WebM with an alpha plane, and the folder of pictures: re-opened and measured."""

from __future__ import annotations

import wave

import av
import cv2
import numpy as np
import pytest

from visavis.errors import InputError, OutputError
from visavis.render.outputs import png, webm
from visavis.render.types import Frame, Sentence, Speech

WIDTH, HEIGHT = SIZE = (96, 64)
FPS, RATE = 25.0, 22_050


def person(index):
    """A disc that wanders to the right, with a soft edge."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    alpha = np.clip((20 - np.hypot(x - 30 - index, y - 32)) * 64 + 128, 0, 255).astype(np.uint8)
    return Frame(np.full((HEIGHT, WIDTH, 3), (210, 120, 60), np.uint8), index, index / FPS, alpha)


def sentence(frames, *, start=0, tone_at=()):
    samples = np.zeros(round(frames * RATE / FPS), np.float32)
    for frame in tone_at:
        first = round(frame * RATE / FPS)
        samples[first : first + 441] = 0.8 * np.sin(2 * np.pi * 1000 * np.arange(441) / RATE)
    return (person(start + k) for k in range(frames)), Speech(samples, RATE, Sentence("A tone."))


def film(path, *sentences, **options):
    output = webm.backend(path, size=SIZE, fps=FPS, rate=RATE, **options)
    for frames, speech in sentences:
        output.write(frames, speech)
    output.close()
    return path


def decoded(path):
    """(time in seconds, picture as coded, with its alpha plane) of every frame: FFmpeg's own VP9 decoder does not read alpha."""
    decoder = av.CodecContext.create("libvpx-vp9", "r")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [
            (float(packet.pts * stream.time_base), frame)
            for packet in container.demux(stream)
            for frame in decoder.decode(packet)
        ]


def alpha_of(frame):
    plane = frame.planes[3]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]


def test_alpha_comes_back(tmp_path):
    path = film(tmp_path / "a.webm", sentence(20), transparent=True)
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, audio.codec_context.name) == ("vp9", "opus")
        assert video.metadata["alpha_mode"] == "1"
        assert audio.sample_rate == 48_000
    shown = decoded(path)
    assert len(shown) == 20
    for index, (time_s, frame) in enumerate(shown):
        truth = person(index)
        assert abs(time_s - truth.time_s) < 0.001
        assert frame.format.name == "yuva420p"
        error = np.abs(alpha_of(frame).astype(int) - truth.alpha)
        assert error.mean() < 1.5
        assert error[truth.alpha == 0].mean() < 1
        assert error[truth.alpha == 255].mean() < 1
        colours = frame.reformat(format="rgba").to_ndarray()[..., :3].astype(int)
        assert np.abs(colours - truth.image)[truth.alpha == 255].mean() < 4


def test_it_is_opaque_unless_it_is_asked_to_be_transparent(tmp_path):
    path = film(tmp_path / "a.webm", sentence(5))
    with av.open(str(path)) as container:
        assert "alpha_mode" not in container.streams.video[0].metadata
    assert decoded(path)[0][1].format.name == "yuv420p"


def test_frames_without_alpha_are_opaque_in_a_transparent_video(tmp_path):
    frames, speech = sentence(5)
    opaque = (Frame(frame.image, frame.index, frame.time_s) for frame in frames)
    for _, frame in decoded(film(tmp_path / "a.webm", (opaque, speech), transparent=True)):
        assert alpha_of(frame).min() >= 254


def test_sound_starts_with_its_frame(tmp_path):
    path = film(tmp_path / "a.webm", sentence(25, tone_at=[5]), sentence(25, start=25, tone_at=[10]), transparent=True)
    with av.open(str(path)) as container:
        heard = list(container.decode(audio=0))
    samples = np.concatenate([frame.to_ndarray()[0] for frame in heard])
    loud = np.flatnonzero(np.abs(samples) > 0.2) / heard[0].sample_rate + float(heard[0].time)
    onsets = loud[np.diff(loud, prepend=-1) > 0.2]
    assert onsets == pytest.approx([5 / FPS, 35 / FPS], abs=0.005)


def test_quality_is_checked(tmp_path):
    with pytest.raises(InputError, match="0 to 63"):
        webm.backend(tmp_path / "a.webm", size=SIZE, fps=FPS, rate=RATE, crf=64)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "alpha", [np.zeros((HEIGHT, 3), np.uint8), np.zeros((HEIGHT, WIDTH), np.float32)], ids=["size", "type"]
)
@pytest.mark.parametrize("backend", [webm.backend, png.backend], ids=["webm", "png"])
def test_alpha_of_another_kind_is_refused(tmp_path, backend, alpha):
    output = backend(tmp_path / "out", size=SIZE, fps=FPS, rate=RATE)
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    with pytest.raises(InputError, match="alpha of frame 3"):
        output.write([Frame(image, 3, 0.12, alpha)], Speech(np.zeros(882, np.float32), RATE, Sentence("")))
    assert not list(tmp_path.iterdir())


def test_pictures_and_sound_are_exact(tmp_path):
    output = png.backend(tmp_path / "out", size=SIZE, fps=FPS, rate=RATE)
    for frames, speech in (sentence(3), sentence(4, start=3, tone_at=[1])):
        output.write(frames, speech)
    output.close()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *(f"{k:06}.png" for k in range(7)),
        "sound.wav",
    ]
    for index in range(7):
        picture = cv2.cvtColor(
            cv2.imread(str(tmp_path / "out" / f"{index:06}.png"), cv2.IMREAD_UNCHANGED), cv2.COLOR_BGRA2RGBA
        )
        truth = person(index)
        assert np.array_equal(picture, np.dstack([truth.image, truth.alpha]))
    with wave.open(str(tmp_path / "out" / "sound.wav")) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getnframes()) == (1, RATE, round(7 * RATE / FPS))
        samples = np.frombuffer(sound.readframes(-1), "<i2")
    assert abs(int(np.flatnonzero(np.abs(samples) > 3000)[0]) - round(4 * RATE / FPS)) < 5


def test_opaque_pictures_have_three_channels(tmp_path):
    output = png.backend(tmp_path / "out", size=SIZE, fps=FPS, rate=RATE)
    frames, speech = sentence(1)
    output.write((Frame(frame.image, 0, 0.0) for frame in frames), speech)
    output.close()
    assert cv2.imread(str(tmp_path / "out" / "000000.png"), cv2.IMREAD_UNCHANGED).shape == (HEIGHT, WIDTH, 3)


def test_a_folder_that_holds_something_is_not_touched(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="there already"):
        png.backend(tmp_path / "out", size=SIZE, fps=FPS, rate=RATE)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["mine.txt"]


def test_an_empty_folder_is_used(tmp_path):
    (tmp_path / "out").mkdir()
    output = png.backend(tmp_path / "out", size=SIZE, fps=FPS, rate=RATE)
    output.write(*sentence(1))
    output.close()
    assert (tmp_path / "out" / "000000.png").exists()


def test_a_folder_that_vanishes_is_one_error(tmp_path):
    output = png.backend(tmp_path / "out", size=SIZE, fps=FPS, rate=RATE)
    next(tmp_path.glob(".visavis-*")).rename(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="could not be written"):
        output.write(*sentence(2))
