"""Backgrounds of one's own: a picture, a colour, or nothing at all; from the setting to the file."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from visavis.errors import InputError
from visavis.render import backdrop, media, stills
from visavis.render.avatar import Avatar
from visavis.render.compositor import compose
from visavis.render.types import Box, Layer
from visavis.settings import Settings

GREEN = "#00B140"


def avatar(**look):
    return Avatar(size=128, **look)


@pytest.fixture
def wallpaper(tmp_path):
    """A picture that is blue above and red below."""
    image = np.zeros((200, 100, 3), np.uint8)
    image[:100], image[100:] = (255, 0, 0), (0, 0, 255)
    path = tmp_path / "wall.png"
    cv2.imwrite(str(path), image)
    return path


def last_frame(path):
    with av.open(str(path)) as container:
        return list(container.decode(video=0))[-1].to_ndarray(format="rgb24")


def layer(alpha):
    image = np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)
    return Layer(image, np.full((32, 48), alpha, np.uint8), Box(0, 0, 48, 32), 5, 0.2)


def test_over_nothing_a_layer_keeps_its_alpha():
    moved = layer(77)
    frame = compose(moved, backdrop.clear((48, 32)))
    assert np.array_equal(frame.image, moved.rgb)
    assert np.array_equal(frame.alpha, moved.alpha)
    assert (frame.index, frame.time_s) == (5, 0.2)


def test_over_something_a_frame_is_opaque():
    assert compose(layer(77), backdrop.flat(GREEN, (48, 32))).alpha is None


def test_a_name_is_a_colour_nothing_or_a_picture(wallpaper):
    assert backdrop.named("#102030", (8, 4)).image[0, 0].tolist() == [16, 32, 48]
    assert backdrop.named("transparent", (8, 4)).clear
    assert backdrop.named(str(wallpaper), (64, 64)).image[[0, -1], 0].tolist() == [[0, 0, 255], [255, 0, 0]]


@pytest.mark.parametrize("background", ["#12345", "#GGGGGG", "missing.png", "translucent"])
def test_what_is_no_background_is_refused(background, portrait_small):
    with pytest.raises(InputError):
        backdrop.named(background, portrait_small.size)


def test_the_colour_is_behind_the_person(models, tmp_path):
    clip = avatar(background=GREEN).say("Hi.", out=tmp_path / "a.mp4")
    assert clip.blur == GREEN
    assert np.abs(last_frame(clip.path)[5, 5].astype(int) - (0, 0xB1, 0x40)).max() < 6


def test_the_picture_is_behind_the_person(models, tmp_path, wallpaper):
    clip = avatar(background=wallpaper).say("Hi.", out=tmp_path / "a.mp4")
    assert clip.blur == "picture"
    assert last_frame(clip.path)[5, 5].argmax() == 2


def test_a_transparent_video_is_webm_with_alpha(models, tmp_path):
    clip = avatar(background="transparent").say("Hi.", out=tmp_path / "a.webm")
    with av.open(clip.path) as container:
        assert container.streams.video[0].metadata["alpha_mode"] == "1"
    assert (tmp_path / "a.vtt").exists()


def test_pictures_hold_the_person_only(models, tmp_path):
    clip = avatar(background="transparent").say("Hi.", out=tmp_path / "frames")
    picture = cv2.imread(str(tmp_path / "frames" / "000000.png"), cv2.IMREAD_UNCHANGED)
    assert picture.shape == (128, 128, 4)
    assert picture[3, 3, 3] == 0
    assert picture[70, 64, 3] == 255
    assert len(list((tmp_path / "frames").glob("*.png"))) == clip.frames
    assert clip.captions == str(tmp_path / "frames.vtt")


def test_without_a_name_the_file_is_webm(models):
    assert avatar(background="transparent").say("Hi.").path.endswith(".webm")


@pytest.mark.parametrize("name", ["a.mp4", "a.MP4", "a.mov", "a.png"])
def test_what_cannot_be_transparent_says_what_can(models, tmp_path, name):
    with pytest.raises(InputError, match=r"End it in .*\.webm"):
        avatar(background="transparent").say("Hi.", out=tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_stream_cannot_be_transparent(models):
    with pytest.raises(InputError, match="stream"):
        list(avatar(background="transparent").stream("Hi."))


@pytest.mark.parametrize(("name", "kind"), [("a.mp4", "mp4"), ("a.webm", "webm"), ("a", "png")])
def test_the_ending_says_the_kind(tmp_path, name, kind):
    output = media.output(tmp_path / name, size=(64, 48), fps=25, rate=22_050)
    assert output.name == kind
    output.discard()


@pytest.mark.parametrize(
    ("name", "folder"),
    [("frames/%05d.png", "frames"), ("%05d.png", "frames"), ("shots/a%d.PNG", "shots"), ("a.png", "a")],
)
def test_the_name_of_a_picture_is_answered_with_the_name_of_the_folder(name, folder):
    with pytest.raises(InputError, match=rf"write --out {folder} for {folder}/000000\.png"):
        media.output(Path(name), size=(64, 48), fps=25, rate=22_050)


def test_lamps_in_a_blurred_photo_become_discs(tmp_path):
    photo = np.full((256, 256, 3), 20, np.uint8)
    photo[126:130, 126:130] = 255
    cv2.imwrite(str(tmp_path / "night.png"), photo)
    cv2.imwrite(str(tmp_path / "alpha.png"), np.zeros((256, 256), np.uint8))
    sharpness = []
    for bokeh in (False, True):
        out = tmp_path / f"{bokeh}.png"
        stills.blur_file(tmp_path / "night.png", out, alpha=tmp_path / "alpha.png", settings=Settings(bokeh=bokeh))
        across = cv2.imread(str(out))[128, :, 0].astype(float)
        sharpness.append(across[128] - across[120])
        assert across.max() > 24
    assert sharpness[1] < 0.5 * sharpness[0]
