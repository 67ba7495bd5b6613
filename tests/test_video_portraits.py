"""A video as the portrait: the person moves as in the video, the lips speak, the background stands still."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from visavis import Avatar
from visavis.errors import AssetError, InputError, PortraitError
from visavis.render import tflite
from visavis.render.animators import _carry
from visavis.render.animators._anatomy import LIP_LOWER
from visavis.render.backends import load
from visavis.render.compositor import compose
from visavis.render.inspection import inspect
from visavis.render.motion import Gestures, idle
from visavis.render.portraits import analyse, forget, moving, playing, strip, tracking
from visavis.render.portraits.landmarks import Landmarker
from visavis.render.portraits.measure import mouth_gap
from visavis.render.portraits.tracking import Track
from visavis.render.types import CHANNELS, Motion, Sentence, Speech, Strip
from visavis.settings import Settings

SIDE = 256
FPS = 25
LENGTH = 30
SILENCE = Speech(np.zeros(16_000, np.float32), 16_000, Sentence(""), timing="audio")


def place(step):
    """Where the photo lies in picture *step*, float (2, 3)."""
    turn = 3 * np.sin(2 * np.pi * step / 24)
    matrix = cv2.getRotationMatrix2D((SIDE / 2, SIDE), turn, 1.0)
    matrix[:, 2] += (4 * np.sin(2 * np.pi * step / 17), 0)
    return matrix


@pytest.fixture(scope="session")
def scenes(portrait_small):
    """The person of the demo photograph, swaying and speaking before a chequered wall that the camera's noise covers."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:SIDE, :SIDE] // 8
    wall = np.where(((x + y) % 2)[..., None] == 1, (90, 120, 150), (170, 160, 140))
    weights = np.zeros((LENGTH, len(CHANNELS)), np.float32)
    weights[:, CHANNELS.index("jaw")] = 0.5 * np.abs(np.sin(np.arange(LENGTH) * 0.5))
    pictures = []
    for step, layer in enumerate(load("animator", "warp").animate(portrait_small, Motion(weights, FPS), SILENCE)):
        front = cv2.warpAffine(layer.rgb, place(step), (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
        alpha = cv2.warpAffine(layer.alpha, place(step), (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)[..., None] / 255
        noise = rng.normal(0, 1.5, (SIDE, SIDE, 1))
        pictures.append(np.clip(np.rint(alpha * front + (1 - alpha) * wall + noise), 0, 255).astype(np.uint8))
    return pictures


def write(path, pictures, *, fps=FPS, times_s=None, rotation=0):
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=fps)
        video.width, video.height = pictures[0].shape[1], pictures[0].shape[0]
        video.pix_fmt = "yuv420p"
        video.codec_context.options = {"crf": "8", "preset": "veryfast"}
        if rotation:
            video.set_display_rotation(rotation)
        for step, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            if times_s is not None:
                frame.pts, frame.time_base = round(times_s[step] * 12_800), video.codec_context.time_base / 512
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return path


@pytest.fixture(scope="session")
def video(scenes, tmp_path_factory):
    return write(tmp_path_factory.mktemp("video") / "me.mp4", scenes)


@pytest.fixture(scope="session")
def shared(models, tmp_path_factory):
    """Settings with a cache of their own that has the models."""
    return Settings(cache=tmp_path_factory.mktemp("cache"), assets=models["face_landmark"].parent, size=SIDE)


@pytest.fixture
def own(models, tmp_path):
    return Settings(cache=tmp_path / "cache", assets=models["face_landmark"].parent, size=128)


@pytest.fixture(scope="session")
def portrait(video, shared):
    return analyse(video, size=SIDE, settings=shared)


@pytest.fixture
def runs(monkeypatch):
    """Every run of a network, by name of its file."""
    counted = []
    original = tflite.Network.run

    def run(self, image):
        counted.append(self)
        return original(self, image)

    monkeypatch.setattr(tflite.Network, "run", run)
    return counted


def silence(portrait, frames, fps=FPS):
    return idle(frames, fps, Gestures.start(0))[0]


def shown(portrait, motion):
    return list(load("animator", "warp").animate(portrait, motion, SILENCE))


def test_the_person_moves_as_in_the_video(portrait):
    steps = len(portrait.strip.order)
    landmarker = Landmarker()
    for layer in shown(portrait, silence(portrait, steps))[::5]:
        truth = portrait.strip.landmarks[portrait.strip.order[layer.index]]
        seen = landmarker.detect(layer.rgb, small=False)[0].landmarks
        assert np.abs(seen - truth)[[1, 33, 263, 10], :2].mean() < 1.2
    noses = portrait.strip.landmarks[portrait.strip.order, 1, :2]
    assert np.ptp(noses[:, 0]) > 6


def test_it_is_the_same_person_everywhere_but_at_the_mouth(portrait, scenes):
    """Forehead and eyes are the video's own pixels."""
    layer = shown(portrait, silence(portrait, 1))[0]
    brow = portrait.landmarks[[10, 151, 9], :2].mean(axis=0).round().astype(int)
    part = np.s_[brow[1] - 8 : brow[1] + 8, brow[0] - 8 : brow[0] + 8]
    assert np.abs(layer.rgb[part].astype(int) - portrait.image[part]).mean() < 2


def test_in_silence_the_mouth_is_at_rest_though_the_video_speaks(portrait, scenes):
    landmarker = Landmarker()
    taken = [mouth_gap(landmarker.detect(scene, small=False)[0].landmarks) for scene in scenes]
    layers = shown(portrait, silence(portrait, len(portrait.strip.order)))
    ours = [mouth_gap(landmarker.detect(layer.rgb, small=False)[0].landmarks) for layer in layers]
    assert np.std(taken) > 0.04
    assert np.std(ours) < 0.012
    assert max(ours) - min(ours) < 0.25 * (max(taken) - min(taken))


@pytest.fixture(scope="module")
def dropped(portrait_small):
    """The demo photograph as a video of two pictures, the second with the jaw dropped; its landmarks say so."""
    photo = replace(portrait_small, key="dropped")
    motion = silence(photo, 2)
    weights = np.zeros_like(motion.weights)
    weights[0, CHANNELS.index("close")] = 0.6
    weights[1, CHANNELS.index("jaw")] = 0.7
    stream = io.BytesIO()
    spool = strip.Spool(stream)
    for layer in shown(photo, Motion(weights, FPS)):
        spool.add(layer.rgb, layer.alpha)
    rig = load("animator", "warp").prepare(photo)
    points = photo.landmarks.copy()
    moved = 0.7 * _carry.looked_up(_carry.jaw_field(rig), rig.frame.grid, points[:, :2])
    moved[list(LIP_LOWER[1:-1])] = moved[17]
    points[:, :2] += moved
    data = np.frombuffer(stream.getvalue(), np.uint8)
    pictures = Strip(data, spool.offsets(), np.stack([photo.landmarks, points]), np.arange(2), float(FPS))
    return replace(photo, strip=pictures), moved


def test_a_dropped_jaw_is_no_other_head(dropped):
    portrait, moved = dropped
    rig = load("animator", "warp").prepare(portrait)
    carried = _carry.Carrier(rig).to(portrait.strip.landmarks[1])
    assert carried.jaw == pytest.approx(0.7, abs=0.2)
    chin, forehead = portrait.landmarks[[152, 10], :2]
    assert np.linalg.norm(carried.to_picture(chin) - chin) < 0.35 * np.linalg.norm(moved[152])
    assert np.linalg.norm(carried.to_picture(forehead) - forehead) < 0.5
    points = portrait.landmarks[:, :2]
    np.testing.assert_allclose(carried.to_portrait(carried.to_picture(points)), points, atol=0.3)


def test_a_dropped_jaw_is_closed(dropped):
    portrait, _ = dropped
    rest, ours = (layer.rgb.astype(int) for layer in shown(portrait, silence(portrait, 2)))
    filmed, _ = strip.picture(portrait.strip, 1)
    x, y = portrait.landmarks[152, :2].round().astype(int)
    around = np.s_[y - 14 : y + 10, x - 20 : x + 20]
    assert np.abs(ours - rest)[around].mean() < 0.5 * np.abs(filmed - rest)[around].mean()


def test_the_lips_do_what_those_of_a_photo_do(portrait):
    weights = silence(portrait, 16).weights.copy()
    weights[:, CHANNELS.index("jaw")] = np.linspace(0, 0.8, 16)
    weights[:, CHANNELS.index("close")] = 0
    landmarker = Landmarker()
    gaps = [
        [mouth_gap(landmarker.detect(layer.rgb)[0].landmarks) for layer in shown(each, Motion(weights, FPS))]
        for each in (portrait, replace(portrait, strip=None))
    ]
    assert np.corrcoef(*gaps)[0, 1] > 0.95
    assert max(gaps[0]) > 0.15


def test_a_reply_begins_with_the_portrait(portrait):
    layer = shown(portrait, silence(portrait, 1))[0]
    far = np.s_[: SIDE // 4]
    assert np.abs(layer.rgb[far].astype(int) - portrait.foreground[far])[portrait.alpha[far] > 0.5].mean() < 2
    assert np.abs(layer.alpha / 255 - portrait.alpha).mean() < 0.002


def test_the_background_stands_still_to_the_bit(video, shared):
    cast = Avatar(video, shared).prepare()
    strips = cast.portrait.strip
    layers = shown(cast.portrait, silence(cast.portrait, len(strips.order)))
    behind = np.all([layer.alpha == 0 for layer in layers], axis=0)
    assert behind.mean() > 0.1
    frames = [compose(layer, cast.backdrop).image[behind] for layer in layers]
    assert all(np.array_equal(frame, frames[0]) for frame in frames)


def test_what_the_person_hides_is_taken_from_pictures_in_which_it_is_seen():
    y, x = np.mgrid[:SIDE, :SIDE]
    wall = np.stack([x, y, 255 - x], axis=-1).astype(np.uint8)
    background = moving._Background(SIDE)
    pictures = []
    for left in (60, 60, 110):
        alpha = ((x >= left) & (x < left + 80) & (y > 80)).astype(np.float32)
        pictures.append(np.where(alpha[..., None] > 0, np.uint8(200), wall))
        background.add(pictures[-1], alpha)
    alpha = ((x >= 60) & (x < 140) & (y > 80)).astype(np.float32)
    plate = background.plate(pictures[0], alpha)
    uncovered = np.s_[90:, 65:100]
    np.testing.assert_array_equal(plate[uncovered], wall[uncovered])
    np.testing.assert_array_equal(plate[:70], wall[:70])
    never_seen = plate[90:, 115:135].astype(int)
    assert np.abs(never_seen - 200).max(axis=-1).min() > 20  # nothing of the person


def test_the_second_analysis_runs_no_network(portrait, video, shared, runs):
    again = analyse(video, size=SIDE, settings=shared)
    assert runs == []
    assert again.key == portrait.key
    assert again.findings == portrait.findings
    assert again.strip.fps == portrait.strip.fps
    for name in ("landmarks", "order", "offsets", "data"):
        np.testing.assert_array_equal(getattr(again.strip, name), getattr(portrait.strip, name))
    assert isinstance(again.strip.data, np.memmap)


def test_a_second_reply_runs_no_network_and_its_lips_are_in_step(portrait, video, shared, runs, tmp_path):
    """Neither segmentation nor landmarks; the file is opened again and measured."""
    clip = Avatar(video, shared).say("Bob's puppy popped up, and we all saw five fish.", out=tmp_path / "a.mp4")
    assert runs == []
    seen = inspect(Path(clip.path))
    assert seen.frames == clip.frames
    assert seen.face_share == 1
    assert abs(seen.lag_ms) < 40
    assert seen.sound_correlation > 0.45
    assert seen.frozen_frames == 0
    with av.open(clip.path) as container:
        corners = np.stack([frame.to_ndarray(format="rgb24")[:40, :20] for frame in container.decode(video=0)])
    assert np.abs(np.diff(corners.astype(int), axis=0)).mean() < 0.5


# In which order the pictures are shown


def path(places):
    """A track of a face at *places* (n,), in pixels, sideways."""
    rng = np.random.default_rng(0)
    face = rng.uniform(100, 300, (468, 3)).astype(np.float32)
    face[[10, 152], :2] = ((200, 100), (200, 300))
    landmarks = np.repeat(face[None], len(places), axis=0)
    landmarks[..., 0] += np.asarray(places, np.float32)[:, None]
    looks = np.repeat(np.asarray(places, np.float32)[:, None, None], 64, axis=1).repeat(64, axis=2)
    return Track(np.arange(len(places)), landmarks, looks, 25.0, (400, 400), 1.0, len(places) / 25)


def longest_step(places, order):
    return np.abs(np.diff(np.asarray(places)[[*order, order[0]]])).max()


def test_where_the_ends_match_it_is_a_loop():
    places = 20 * np.sin(2 * np.pi * np.arange(120) / 50)
    order = playing.order(path(places))
    assert (np.diff(np.sort(order)) == 1).all()
    assert len(order) == 100
    assert longest_step(places, order) < 1.3 * np.abs(np.diff(places)).max()


def test_else_it_goes_forward_and_back_between_still_moments():
    places = 30 * np.cos(np.pi * (np.arange(100) - 9) / 80) + 0.1 * np.arange(100)
    order = playing.order(path(places))
    assert len(order) == 2 * (len(np.unique(order)) - 1)
    assert longest_step(places, order) <= np.abs(np.diff(places)).max() + 1e-4
    ends = np.abs(np.gradient(places))[[order.min(), order.max()]]
    assert ends.max() < 0.2 * np.abs(np.gradient(places)).max()
    assert len(np.unique(order)) > 0.7 * len(places)


@pytest.mark.parametrize(
    ("taken", "fps", "expected"),
    [
        (25.0, 25.0, [0, 1, 2, 3, 4, 0]),
        (30.0, 25.0, [0, 1, 2, 3, 4, 0]),
        (12.5, 25.0, [0, 0, 1, 2, 2, 2]),
        (30.0, 15.0, [0, 2, 4, 1, 3, 0]),
    ],
)
def test_rates_that_are_close_are_shown_one_to_one(taken, fps, expected):
    pictures = replace(_strip(), order=np.arange(5), fps=taken)
    assert [strip.shown_at(pictures, frame, fps) for frame in range(6)] == expected


# What cannot be shown, and what is made of it


def face_at(x, y=200.0):
    """The points of a face of 100 pixels at *x*, *y*."""
    points = np.random.default_rng(1).uniform(-40, 40, (468, 3)).astype(np.float32)
    points[[10, 152], :2] = ((0, -50), (0, 50))
    return points + np.array([x, y, 0], np.float32)


class Seen:
    """A landmarker that finds what the pictures say: a face at the column in their first pixel, none where that is 0."""

    def follow(self, image, before):
        return next(iter(self.detect(image)), None)

    def detect(self, image, *, small=True):
        x = 2.0 * image[0, 0, 0]
        return [moving._face(face_at(x))] if x else []


def pictures(columns, *, fps=25.0, times_s=None, flash=()):
    for step, column in enumerate(columns):
        image = np.full((400, 510, 3), 200 if step in flash else 60, np.uint8)
        image[0, 0] = column
        yield (step / fps if times_s is None else times_s[step]), image


def test_a_hidden_face_is_taken_to_move_on():
    found = tracking.track(pictures([100] * 10 + [0] * 5 + [105] * 10), 25.0, Seen())
    assert len(found.pictures) == 25
    noses = found.landmarks[:, 1, 0]
    assert (np.diff(noses) > -0.5).all()
    assert noses[0] + 4 < noses[12] < noses[-1] - 4
    assert found.seen == 0.8


@pytest.mark.parametrize(
    "columns",
    [[100] * 8 + [0] * 20 + [100] * 15, [100] * 8 + [150] * 15, [0] * 3 + [100] * 15 + [0] * 5],
    ids=["hidden long", "cut", "comes and goes"],
)
def test_the_longest_piece_is_used(columns):
    found = tracking.track(pictures(columns), 25.0, Seen())
    assert len(found.pictures) == 15
    assert np.ptp(found.landmarks[:, 1, 0]) < 0.1


def test_a_cut_of_the_scene_is_one_though_the_face_stays():
    found = tracking.track(pictures([100] * 20, flash=range(12, 20)), 25.0, Seen())
    assert found.pictures.tolist() == list(range(12))


def test_uneven_times_become_even():
    times = [0, 0.04, 0.08, 0.2, 0.24, 0.241, 0.28]
    found = tracking.track(pictures([100] * 7, times_s=times), 25.0, Seen())
    assert found.pictures.tolist() == [0, 1, 2, 2, 2, 3, 4, 6]


def test_of_fast_videos_some_pictures_are_taken():
    found = tracking.track(pictures([100] * 60, fps=120.0), 120.0, Seen())
    assert found.fps == 30
    assert found.pictures.tolist() == list(range(0, 60, 4))


def test_trembling_is_taken_out_and_movement_kept():
    rng = np.random.default_rng(0)
    way = 20 * np.sin(2 * np.pi * np.arange(60) / 25)
    clean = np.stack([face_at(200 + x) for x in way])
    steady = tracking._steadied((clean + rng.normal(0, 0.5, clean.shape)).astype(np.float32))
    assert np.abs(steady - clean)[4:-4].std() < 0.3
    assert np.abs(tracking._steadied(clean) - clean)[4:-4, :, 0].mean() < 0.3


def noise(count=12):
    rng = np.random.default_rng(0)
    return [cv2.resize(rng.integers(0, 255, (8, 8, 3), np.uint8), (SIDE, SIDE)) for _ in range(count)]


def test_a_video_without_a_face_is_refused(own, tmp_path):
    with pytest.raises(PortraitError, match="no face") as caught:
        analyse(write(tmp_path / "wall.mp4", noise()), size=128, settings=own)
    assert "\n" not in str(caught.value)
    assert [each.name for each in (own.cache / "portraits").iterdir()] == [".videos.lock"]


def test_a_video_with_a_face_in_few_pictures_is_refused(own, scenes, tmp_path):
    with pytest.raises(PortraitError, match="no face"):
        analyse(write(tmp_path / "wall.mp4", [*noise(), *scenes[:6]]), size=128, settings=own)


def test_one_picture_is_a_photo(own, scenes, tmp_path):
    portrait = analyse(write(tmp_path / "one.mp4", scenes[:1]), size=128, settings=own)
    assert portrait.strip is None
    assert portrait.findings.length_s == 0
    assert portrait.landmarks is not None


def test_a_turned_video_is_shown_upright(own, scenes, tmp_path):
    turned = [np.rot90(scene) for scene in scenes[:14]]
    portrait = analyse(write(tmp_path / "turned.mp4", turned, rotation=-90), size=128, settings=own)
    assert abs(portrait.findings.roll) < 10
    assert len(portrait.strip) > 8


def test_several_people_are_told(own, scenes, tmp_path):
    pair = [np.hstack([scene, np.ascontiguousarray(scene[:, ::-1])]) for scene in scenes[:14]]
    findings = analyse(write(tmp_path / "two.mp4", pair), size=128, settings=own).findings
    assert findings.faces == 2
    assert any("Crop" in line for line in findings.advice)


def test_of_a_long_video_the_beginning_is_used(own, video, monkeypatch):
    monkeypatch.setattr(moving, "MOST_S", 0.6)
    findings = analyse(video, size=128, settings=own).findings
    assert findings.length_s <= 0.6
    assert any("first" in line for line in findings.advice)


def test_sound_alone_is_no_portrait(own, tmp_path):
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        audio = container.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 9600), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    with pytest.raises(InputError, match="no moving pictures"):
        analyse(tmp_path / "sound.mp4", size=128, settings=own)


def test_a_damaged_video_is_one_error_and_leaves_nothing(own, video, tmp_path):
    data = video.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match=r"damaged|no video|cut short"):
        analyse(tmp_path / "cut.mp4", size=128, settings=own)
    assert [each.name for each in (own.cache / "portraits").iterdir()] == [".videos.lock"]
    with pytest.raises(InputError, match="cannot be read"):
        analyse(tmp_path / "missing.mp4", size=128, settings=own)


# The cache


@pytest.fixture(scope="session")
def short(scenes, tmp_path_factory):
    return write(tmp_path_factory.mktemp("video") / "short.mp4", scenes[:14])


@pytest.mark.parametrize("damage", ["gone", "shorter"])
def test_damaged_pictures_are_made_again(own, short, runs, damage):
    first = analyse(short, size=128, settings=own)
    (file,) = (own.cache / "portraits").glob("*.strip")
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-1])
    runs.clear()
    again = analyse(short, size=128, settings=own)
    assert runs
    np.testing.assert_array_equal(again.strip.offsets, first.strip.offsets)


def test_what_a_killed_run_leaves_is_overwritten(own, short):
    first = analyse(short, size=128, settings=own)
    forget(short, size=128, settings=own)
    folder = own.cache / "portraits"
    assert [each.name for each in folder.iterdir()] == [".videos.lock"]
    (folder / f".{first.key}.part").write_bytes(b"half of it")
    again = analyse(short, size=128, settings=own)
    np.testing.assert_array_equal(again.strip.data, first.strip.data)
    assert sorted(each.suffix for each in folder.iterdir()) == [".lock", ".npz", ".strip"]


def test_a_cache_that_cannot_be_written_costs_only_time(models, short, tmp_path):
    (tmp_path / "file").write_text("a file where the folder should be")
    alone = Settings(cache=tmp_path / "file", assets=models["face_landmark"].parent)
    portrait = analyse(short, size=128, settings=alone)
    assert strip.picture(portrait.strip, 0)[0].shape == (128, 128, 3)


def test_pictures_that_went_bad_are_one_error(portrait):
    bad = replace(portrait.strip, data=np.zeros_like(portrait.strip.data))
    with pytest.raises(AssetError, match="damaged"):
        strip.picture(bad, 0)


def test_pictures_survive_coding(portrait_small, tmp_path):
    alpha = np.rint(portrait_small.alpha * 255).astype(np.uint8)
    with (tmp_path / "strip").open("wb") as stream:
        spool = strip.Spool(stream)
        spool.add(portrait_small.foreground, alpha)
    data = np.fromfile(tmp_path / "strip", np.uint8)
    rgb, kept = strip.picture(replace(_strip(), data=data, offsets=spool.offsets()), 0)
    np.testing.assert_array_equal(kept, alpha)
    assert np.abs(rgb.astype(int) - portrait_small.foreground)[alpha > 0].mean() < 2


def _strip():
    return strip.Strip(np.zeros(0, np.uint8), np.zeros(1, np.int64), np.zeros((1, 468, 3)), np.zeros(1, np.int64), 25.0)


def test_a_full_disk_is_one_error_and_leaves_nothing(own, short, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(strip.Spool, "add", full)
    with pytest.raises(AssetError, match="No space left"):
        analyse(short, size=128, settings=own)
    assert [each.name for each in (own.cache / "portraits").iterdir()] == [".videos.lock"]


# The mattes


def test_without_a_matte_every_picture_is_shown_whole(own, short):
    portrait = analyse(short, size=128, matte="none", settings=own)
    rgb, alpha = strip.picture(portrait.strip, int(portrait.strip.order[0]))
    assert (alpha == 255).all()
    assert np.abs(rgb.astype(int) - portrait.image).mean() < 2
    assert portrait.findings.matte == "none"


class Remembering:
    """A matte that gives the right half, then nothing for one picture, and keeps the states it was given."""

    name = "rvm"

    def __init__(self):
        self.states = []

    def matte(self, image, state=None):
        self.states.append(state)
        alpha = np.zeros(image.shape[:2], np.float32)
        if state != 3:
            alpha[:, image.shape[1] // 8 : -image.shape[1] // 8] = 1
        return alpha, (state or 0) + 1


def test_a_matte_remembers_and_one_that_fails_once_does_no_harm(own, short, monkeypatch):
    matte = Remembering()
    found = moving.ladder.CutOut(np.ones((8, 8), np.float32), "rvm")
    monkeypatch.setattr(moving.ladder, "cut_out", lambda *_, **__: found)
    monkeypatch.setattr(moving, "loaded", lambda *_: matte)
    portrait = analyse(short, size=128, matte="rvm", settings=own)
    assert matte.states == [None, *range(1, len(matte.states))]
    assert len(matte.states) == len(portrait.strip) > 5
    middles = [strip.picture(portrait.strip, index)[1][:, 40:90].mean() for index in range(len(portrait.strip))]
    assert min(middles) > 250
