"""Blurred videos, re-opened and measured: the same times, the same sound, upright, whole or not there."""

from __future__ import annotations

import sys
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from visavis.cli import main
from visavis.errors import InputError, OutputError
from visavis.render.clips import Past, blur_clip, blur_picture, blurred
from visavis.render.footage import Footage, Picture
from visavis.render.media import is_clip
from visavis.settings import Settings

SIZE = (192, 160)
TIMES = [0, 3600, 9000, 12600, 16200, 25200, 28800, 32400]
"""In units of 1/90000 s: not all the same time apart."""


@pytest.fixture(scope="session")
def scenes(portrait_small):
    """The person of the demo photograph before a chequered wall, moving to the right."""
    width, height = SIZE
    y, x = np.mgrid[:height, :width] // 4
    wall = np.where(((x + y) % 2)[..., None] == 1, (40, 90, 160), (220, 200, 150))
    found = []
    for shift in range(len(TIMES)):
        scale = height / 256
        place = np.array([[scale, 0, 16 + shift], [0, scale, 0]], np.float32)
        front = cv2.warpAffine(portrait_small.foreground, place, SIZE, borderMode=cv2.BORDER_REPLICATE)
        alpha = cv2.warpAffine(portrait_small.alpha, place, SIZE)[..., None]
        found.append(np.rint(alpha * front + (1 - alpha) * wall).astype(np.uint8))
    return found


def write(path, pictures, *, times=TIMES, sound="aac", rotation=0, codec="libx264", form=None):
    """A video of *pictures* with a tone."""
    with av.open(str(path), "w", format=form) as container:
        video = container.add_stream(codec, rate=25)
        video.width, video.height = pictures[0].shape[1], pictures[0].shape[0]
        video.pix_fmt = "yuv444p" if pictures[0].shape[0] % 2 else "yuv420p"
        video.codec_context.time_base = Fraction(1, 90_000)
        video.codec_context.options = {"crf": "10"}
        if rotation:
            video.set_display_rotation(rotation)
        audio = container.add_stream(sound, rate=48_000) if sound else None
        for picture, pts in zip(pictures, times, strict=False):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = pts, Fraction(1, 90_000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio:
            tone = (0.3 * np.sin(np.arange(19_200) * 0.06)).astype(np.float32)[None]
            frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
            container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
    return path


@pytest.fixture
def clip(scenes, tmp_path):
    return write(tmp_path / "in.mp4", scenes)


def shown(path):
    """(time in seconds, RGB picture) of every frame."""
    with av.open(str(path)) as container:
        return [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def packets(path):
    """(time, bytes) of the coded sound."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        return [(float(p.pts * p.time_base), bytes(p)) for p in container.demux(stream) if p.dts is not None]


def unevenness(image):
    """Of the wall in the upper left corner."""
    return float(image[:30, :30].astype(float).std(axis=(0, 1)).mean())


def test_background_is_blurred_and_the_person_is_not(models, clip, tmp_path):
    assert blur_clip(clip, tmp_path / "out.mp4", settings=Settings()) == "selfie"
    before, after = shown(clip), shown(tmp_path / "out.mp4")
    for (_, sharp), (_, soft) in zip(before, after, strict=True):
        assert unevenness(soft) < 0.15 * unevenness(sharp)
        face = np.s_[50:75, 85:110]
        assert np.abs(soft[face].astype(int) - sharp[face]).mean() < 4


def test_times_and_sound_are_those_of_the_source(models, clip, tmp_path):
    blur_clip(clip, tmp_path / "out.mp4", settings=Settings())
    assert [time for time, _ in shown(tmp_path / "out.mp4")] == pytest.approx([pts / 90_000 for pts in TIMES], abs=1e-6)
    assert packets(tmp_path / "out.mp4") == packets(clip)


def test_sound_that_the_container_cannot_hold_is_coded_anew(models, clip, tmp_path):
    blur_clip(clip, tmp_path / "out.webm", settings=Settings())
    with av.open(str(tmp_path / "out.webm")) as container:
        assert container.streams.video[0].codec_context.name == "vp9"
        heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    assert 0.35 < len(heard) / 48_000 < 0.45
    assert np.abs(heard[5000:10_000]).max() > 0.2
    assert [time for time, _ in shown(tmp_path / "out.webm")] == pytest.approx(
        [pts / 90_000 for pts in TIMES], abs=1e-3
    )


def test_a_video_without_sound_stays_without(models, scenes, tmp_path):
    blur_clip(write(tmp_path / "in.mkv", scenes, sound=None), tmp_path / "out.mp4", settings=Settings())
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert not container.streams.audio


def test_a_turned_video_is_written_upright(models, scenes, tmp_path):
    lying = [np.rot90(scene) for scene in scenes]
    blur_clip(write(tmp_path / "in.mp4", lying, rotation=-90), tmp_path / "out.mp4", settings=Settings())
    with av.open(str(tmp_path / "out.mp4")) as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height, frame.rotation) == (*SIZE, 0)
    face = np.s_[50:75, 85:110]
    assert np.abs(frame.to_ndarray(format="rgb24")[face].astype(int) - scenes[0][face]).mean() < 6


def test_colours_are_tagged_and_kept(models, scenes, tmp_path):
    flat = [np.full_like(scene, (200, 60, 40)) for scene in scenes]
    blur_clip(write(tmp_path / "in.mp4", flat), tmp_path / "out.mp4", settings=Settings())
    with Footage(tmp_path / "out.mp4") as footage:
        found = [item.image for item in footage.read() if isinstance(item, Picture)]
    assert np.abs(np.mean(found, axis=(0, 1, 2)) - (200, 60, 40)).max() < 3


def test_without_a_person_it_stays_sharp(models, scenes, tmp_path):
    walls = [np.tile(scene[:40, :48], (4, 4, 1)) for scene in scenes]
    name = blur_clip(write(tmp_path / "in.mp4", walls), tmp_path / "out.mp4", settings=Settings())
    assert name.startswith("none (")
    assert unevenness(shown(tmp_path / "out.mp4")[0][1]) > 0.9 * unevenness(walls[0])


def test_odd_sizes_lose_a_row_and_a_column(models, scenes, tmp_path):
    odd = [scene[:159, :191] for scene in scenes]
    blur_clip(write(tmp_path / "in.mkv", odd), tmp_path / "out.mp4", settings=Settings())
    assert shown(tmp_path / "out.mp4")[0][1].shape == (158, 190, 3)


def test_a_file_may_be_replaced_by_itself(models, clip):
    blur_clip(clip, clip, settings=Settings())
    assert len(shown(clip)) == len(TIMES)
    assert [path.name for path in clip.parent.iterdir()] == ["in.mp4"]


def test_progress_grows_to_the_end(models, clip, tmp_path):
    shares = []
    blur_clip(clip, tmp_path / "out.mp4", settings=Settings(), progress=shares.append)
    assert shares == sorted(shares)
    assert len(shares) == len(TIMES)
    assert shares[-1] > 0.8


def test_nothing_is_left_of_an_interrupted_run(models, clip, tmp_path):
    def interrupt(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        blur_clip(clip, tmp_path / "out.mp4", settings=Settings(), progress=interrupt)
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


@pytest.fixture(scope="module")
def bad_files(scenes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    whole = write(folder / "whole.mp4", scenes * 4, times=range(0, 3600 * 32, 3600)).read_bytes()
    matroska = write(folder / "whole.mkv", scenes * 8, times=range(0, 3600 * 64, 3600)).read_bytes()
    write(folder / "large.mp4", [np.zeros((64, 4160, 3), np.uint8)])
    with av.open(str(folder / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 9600), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    (folder / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    (folder / "cut.mkv").write_bytes(matroska[: len(matroska) // 2])
    (folder / "text.mp4").write_bytes(b"just text")
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "folder.mp4").mkdir()
    return folder


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cut.mp4", "damaged|no video|cut short"),
        ("cut.mkv", "cut short"),
        ("sound.mp4", "no moving pictures"),
        ("large.mp4", "4160x64"),
        ("text.mp4", "no video"),
        ("empty.mp4", "no video"),
        ("folder.mp4", "is a folder"),
        ("missing.mp4", "no file"),
    ],
)
def test_bad_videos_are_one_error_and_no_file(models, bad_files, tmp_path, name, message):
    with pytest.raises(InputError, match=message) as caught:
        blur_clip(bad_files / name, tmp_path / "out.mp4", settings=Settings())
    assert caught.value.fix
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("out", "error"), [("out.gif", InputError), ("missing/out.mp4", OutputError)])
def test_bad_places_are_one_error(clip, tmp_path, out, error):
    with pytest.raises(error):
        blur_clip(clip, tmp_path / out, settings=Settings())
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


def test_a_video_that_changes_its_size_is_one_error(scenes, tmp_path):
    parts = [
        write(tmp_path / f"{k}.ts", pictures, sound=None)
        for k, pictures in enumerate((scenes, [s[:64] for s in scenes]))
    ]
    (tmp_path / "both.ts").write_bytes(b"".join(part.read_bytes() for part in parts))
    with Footage(tmp_path / "both.ts") as footage, pytest.raises(InputError, match="changes its size"):
        list(footage.read())


class Counted:
    """A matte that counts its calls by its state: the left half is the person."""

    name = "counted"

    def matte(self, image, state=None):
        alpha = np.zeros(image.shape[:2], np.float32)
        alpha[:, : image.shape[1] // 2] = 1
        return alpha, (state or 0) + 1


def test_the_state_of_the_matte_is_handed_on(scenes):
    past = Past()
    for number, scene in enumerate(scenes[:3], 1):
        image, past = blur_picture(scene, Counted(), past, settings=Settings())
        assert past.network == number
        assert np.array_equal(image[:, :80], scene[:, :80])
        assert unevenness(image[:, 150:]) < 0.2 * unevenness(scene[:, 150:])


def test_pictures_are_taken_one_at_a_time(scenes):
    taken = []

    def source():
        for pts, scene in enumerate(scenes):
            taken.append(pts)
            yield Picture(scene, pts)

    work = blurred(source(), Counted(), settings=Settings())
    assert next(work).pts == 0
    assert taken == [0]


@pytest.mark.parametrize(
    ("name", "data", "is_one"),
    [
        ("a.mp4", b"\0\0\0\x20ftypisom", True),
        ("a", b"\x1a\x45\xdf\xa3matroska", True),
        ("a.bin", b"RIFF\0\0\0\0AVI LIST", True),
        ("a.webp", b"RIFF\0\0\0\0WEBPVP8 ", False),
        ("a.avif", b"\0\0\0\x20ftypavif", False),
        ("a.mp4", b"\x89PNG\r\n\x1a\n", False),
        ("a.png", b"\x89PNG\r\n\x1a\n", False),
        ("a.mov", None, True),
        ("a.png", None, False),
    ],
)
def test_videos_are_told_by_their_content(tmp_path, name, data, is_one):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    assert is_clip(tmp_path / name) == is_one


def command(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["visavis", *map(str, arguments)])
    try:
        main()
        code = 0
    except SystemExit as stop:
        code = stop.code or 0
    return code, *capsys.readouterr()


def test_the_command_takes_videos(models, clip, tmp_path, monkeypatch, capsys):
    code, out, err = command(monkeypatch, capsys, "blur", clip, "--out", tmp_path / "out.mp4")
    assert (code, err) == (0, "")
    assert out.endswith("matte: selfie\n")
    assert len(shown(tmp_path / "out.mp4")) == len(TIMES)


def test_the_command_takes_no_matte_for_a_video(clip, tmp_path, monkeypatch, capsys):
    code, out, err = command(monkeypatch, capsys, "blur", clip, "--out", tmp_path / "out.mp4", "--alpha", "a.png")
    assert (code, out) == (2, "")
    assert "--alpha" in err
