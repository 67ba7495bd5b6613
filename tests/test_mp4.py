"""The MP4 file, re-opened and measured."""

from __future__ import annotations

import gc
import os
import resource
import stat

import av
import cv2
import numpy as np
import pytest

from visavis.errors import InputError, OutputError
from visavis.render.outputs import mp4
from visavis.render.types import Frame, Sentence, Speech

WIDTH, HEIGHT = SIZE = (64, 48)
FPS, RATE = 25.0, 22_050
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def picture(colour, size=SIZE):
    return np.full((size[1], size[0], 3), colour, np.uint8)


def clap(frames, *, start=0, at=(), fps=FPS, rate=RATE):
    """A black sentence of *frames* with a white frame, and a 20 ms tone that starts with it, at each frame of *at*."""
    samples = np.zeros(round(frames * rate / fps), np.float32)
    tone = 0.8 * np.sin(2 * np.pi * 1000 * np.arange(round(0.02 * rate)) / rate)
    for frame in at:
        first = round(frame * rate / fps)
        samples[first : first + len(tone)] = tone
    pictures = (Frame(picture(WHITE if k in at else BLACK), start + k, (start + k) / fps) for k in range(frames))
    return pictures, Speech(samples, rate, Sentence("Clap."))


def noise(frames, seed=0, size=(320, 256)):
    random = np.random.default_rng(seed)
    return (Frame(random.integers(0, 256, (size[1], size[0], 3), np.uint8), k, k / FPS) for k in range(frames))


def files(folder):
    return [path.name for path in folder.iterdir()]


def film(path, *sentences, **options):
    output = mp4.backend(path, **{"size": SIZE, "fps": FPS, "rate": RATE, **options})
    for frames, speech in sentences:
        output.write(frames, speech)
    output.close()
    return path


def pictures(path):
    """(time in seconds, RGB picture) of every frame, as a player shows it."""
    with av.open(str(path)) as container:
        return [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def sound(path):
    """(samples, rate), from time 0 as a player plays it."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    assert frames[0].pts == 0
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]), frames[0].sample_rate


def onsets(samples, rate, *, apart_s=0.2):
    loud = np.flatnonzero(np.abs(samples) > 0.2) / rate
    return loud[np.diff(loud, prepend=-np.inf) > apart_s]


def flashes(path):
    """Times of the white frames, in seconds."""
    with av.open(str(path)) as container:
        lumas = [(frame.time, np.frombuffer(frame.planes[0], np.uint8)[0]) for frame in container.decode(video=0)]
    return np.array([time for time, luma in lumas if luma > 128])


def test_it_is_h264_and_aac_with_the_index_in_front(tmp_path):
    path = film(tmp_path / "a.mp4", clap(25, at=[5]))
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec.name, video.profile, video.pix_fmt) == ("h264", "High", "yuv420p")
        assert (video.width, video.height, video.average_rate, video.frames) == (*SIZE, 25, 25)
        assert (audio.codec.name, audio.layout.name, audio.sample_rate) == ("aac", "mono", 44_100)
        assert abs(float(video.duration * video.time_base) - 1) < 1e-6
        assert abs(float(audio.duration * audio.time_base) - 1) < 0.001
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_nothing_about_when_or_what_is_in_the_metadata(tmp_path):
    path = film(tmp_path / "secret name.mp4", clap(5))
    with av.open(str(path)) as container:
        assert set(container.metadata) <= {"major_brand", "minor_version", "compatible_brands", "encoder"}
    assert b"secret" not in path.read_bytes()


def test_same_input_same_bytes(tmp_path):
    first, second = (film(tmp_path / name, (noise(60), clap(60, at=[3])[1]), size=(320, 256)) for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()


COLOURS = [
    WHITE,
    BLACK,
    (255, 0, 0),
    (0, 255, 0),
    (0, 0, 255),
    (128, 128, 128),
    (200, 120, 90),
    (10, 200, 180),
    (30, 40, 60),
]


def test_colours_are_tagged_and_come_back(tmp_path):
    image = np.concatenate([picture(colour) for colour in COLOURS], axis=1)
    size = (image.shape[1], HEIGHT)
    path = film(tmp_path / "a.mp4", ([Frame(image, k, k / FPS) for k in range(5)], clap(5)[1]), size=size)
    with av.open(str(path)) as container:
        video = container.streams.video[0].codec_context
        assert (video.color_range, video.colorspace, video.color_primaries, video.color_trc) == (1, 1, 1, 1)
    _, shown = pictures(path)[-1]
    patches = shown[HEIGHT // 2, WIDTH // 2 :: WIDTH].astype(int)
    assert np.abs(patches - COLOURS).max() <= 2


@pytest.mark.parametrize("grain", [3.0, 12.0])
def test_what_moves_keeps_its_detail(tmp_path, grain):
    """A rough surface that sways by fractions of a pixel, as a head does; detail is the variance of the Laplacian."""
    x, y = np.meshgrid(np.arange(192, dtype=np.float32), np.arange(160, dtype=np.float32))
    rough = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 1, (160, 192)).astype(np.float32), (0, 0), 0.7)
    surface = 120 + 0.3 * x + grain / rough.std() * rough
    shown = [
        cv2.remap(surface, x + np.float32(2 * np.sin(k / 9)), y + np.float32(np.sin(k / 13)), cv2.INTER_LANCZOS4)
        for k in range(50)
    ]
    frames = [np.dstack([picture] * 3).round().clip(0, 255).astype(np.uint8) for picture in shown]
    timed = (Frame(frame, k, k / FPS) for k, frame in enumerate(frames))
    path = film(tmp_path / "a.mp4", (timed, clap(len(frames))[1]), size=(192, 160))

    def detail(picture):
        return cv2.Laplacian(picture[8:-8, 8:-8, 1], cv2.CV_32F).var()

    kept = [detail(coded) / detail(frame) for (_, coded), frame in zip(pictures(path), frames, strict=True)]
    assert 0.9 < np.median(kept) < 1.1
    assert min(kept) > 0.85


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("fps", [25.0, 29.97])
def test_picture_and_sound_meet_at_every_sentence(tmp_path, rate, fps):
    sentences = [clap(count, start=0, at=[0, 20], fps=fps, rate=rate) for count in (50, 31, 47)]
    path = film(tmp_path / "a.mp4", *sentences, fps=fps, rate=rate)
    apart = onsets(*sound(path)) - flashes(path)
    assert len(apart) == 6
    assert np.abs(apart).max() < 0.003


def test_ten_minutes_do_not_drift(tmp_path):
    fps, size, each = 11.9, (16, 16), 239
    black, white = (np.full((16, 16, 3), level, np.uint8) for level in (0, 255))
    _, speech = clap(each, at=[7], fps=fps)
    sentences = (([Frame(white if k == 7 else black, k, k / fps) for k in range(each)], speech) for _ in range(30))
    path = film(tmp_path / "a.mp4", *sentences, fps=fps, size=size, preset="ultrafast")
    apart = onsets(*sound(path)) - flashes(path)
    assert len(apart) == 30
    assert np.abs(apart).max() < 0.003
    with av.open(str(path)) as container:
        assert container.duration / 1e6 == pytest.approx(30 * each / fps, abs=0.02)


def test_no_click_where_sentences_join(tmp_path):
    tone = (0.5 * np.sin(2 * np.pi * 220 * np.arange(2 * RATE) / RATE)).astype(np.float32)
    halves = [Speech(part, RATE, Sentence("Ah.")) for part in np.split(tone, 2)]
    path = film(tmp_path / "a.mp4", *((clap(25)[0], half) for half in halves))
    samples, rate = sound(path)
    bend = np.abs(np.diff(samples, 2))
    join = bend[rate - rate // 50 : rate + rate // 50]
    assert join.max() < 1.5 * np.percentile(bend[rate // 4 : rate // 2], 99)


def test_sound_beyond_the_last_picture_is_cut_without_a_click(tmp_path):
    # 220.25 Hz: at its loudest where it is cut.
    tone = (0.5 * np.sin(2 * np.pi * 220.25 * np.arange(2 * RATE) / RATE)).astype(np.float32)
    path = film(tmp_path / "a.mp4", (clap(25)[0], Speech(tone, RATE, Sentence("Aah."))), clap(25))
    samples, rate = sound(path)
    assert np.abs(samples[: rate - rate // 50]).max() > 0.4
    assert np.abs(samples[rate + rate // 50 :]).max() < 0.02
    steps = np.abs(np.diff(samples))
    assert steps[rate - rate // 50 :].max() < 1.3 * steps[rate // 4 : rate // 2].max()


def test_a_sentence_shorter_than_its_pictures_is_followed_by_silence(tmp_path):
    early = Speech(clap(25, at=[2])[1].samples[: RATE // 2], RATE, Sentence("Short."))
    path = film(tmp_path / "a.mp4", (clap(25, at=[2])[0], early), clap(25, at=[0]))
    assert onsets(*sound(path)) == pytest.approx([0.08, 1.0], abs=0.003)


def test_the_file_appears_when_it_is_complete(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_text("an older one")
    output = mp4.backend(path, size=SIZE, fps=FPS, rate=RATE)
    output.write(*clap(5))
    assert path.read_text() == "an older one"
    output.close()
    assert len(pictures(path)) == 5
    assert files(tmp_path) == ["a.mp4"]
    plain = tmp_path / "plain"
    plain.touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


@pytest.mark.parametrize("error", [GeneratorExit, KeyboardInterrupt, ValueError])
def test_nothing_is_left_when_the_frames_break_off(tmp_path, error):
    def broken():
        yield from noise(30)
        raise error

    output = mp4.backend(tmp_path / "a.mp4", size=(320, 256), fps=FPS, rate=RATE)
    with pytest.raises(error):
        output.write(broken(), clap(60)[1])
    output.close()
    assert files(tmp_path) == []


def test_leaving_the_with_block_by_an_error_leaves_nothing(tmp_path):
    def fail(path):
        with mp4.backend(path, size=SIZE, fps=FPS, rate=RATE) as output:
            output.write(*clap(5))
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail(tmp_path / "a.mp4")
    with mp4.backend(tmp_path / "b.mp4", size=SIZE, fps=FPS, rate=RATE) as output:
        output.write(*clap(5))
    assert files(tmp_path) == ["b.mp4"]


def test_an_output_that_is_forgotten_leaves_nothing(tmp_path):
    output = mp4.backend(tmp_path / "a.mp4", size=SIZE, fps=FPS, rate=RATE)
    output.write(*clap(5))
    del output
    gc.collect()
    assert files(tmp_path) == []


@pytest.mark.parametrize("limit", [20_000, 300_000, 1_500_000], ids=["while writing", "later", "while closing"])
def test_a_full_disk_is_told_in_one_line_and_leaves_nothing(tmp_path, limit):
    """A limit on file size stands in for a full disk: the write fails in the same place."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises(OutputError, match=r"could not be written: File too large\. Free some space") as caught:
            film(tmp_path / "a.mp4", (noise(60), clap(60)[1]), size=(320, 256))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "\n" not in str(caught.value)
    gc.collect()
    assert files(tmp_path) == []


def test_a_missing_folder_and_a_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match="There is no folder"):
        mp4.backend(tmp_path / "missing" / "a.mp4", size=SIZE, fps=FPS, rate=RATE)
    with pytest.raises(InputError, match="is a folder"):
        mp4.backend(tmp_path, size=SIZE, fps=FPS, rate=RATE)


def test_a_folder_that_may_not_be_written_is_told_at_once(tmp_path, monkeypatch):
    """Faked, as tests may run as root, who may write everywhere."""

    def refuse(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OutputError, match="Permission denied"):
        mp4.backend(tmp_path / "a.mp4", size=SIZE, fps=FPS, rate=RATE)


@pytest.mark.parametrize("options", [{"crf": 52}, {"crf": -1}, {"preset": "fastest"}], ids=str)
def test_unknown_quality_is_refused(tmp_path, options):
    with pytest.raises(InputError, match="Choose"):
        mp4.backend(tmp_path / "a.mp4", size=SIZE, fps=FPS, rate=RATE, **options)
    assert files(tmp_path) == []
