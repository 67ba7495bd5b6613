"""Every matte keeps the contract; the ladder steps down by itself and says why."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from visavis.errors import BackendError, UnavailableError
from visavis.render import backends
from visavis.render.contracts import Matte
from visavis.render.mattes import ladder
from visavis.render.mattes.views import Surroundings, joined
from visavis.render.portraits import analyse
from visavis.settings import Settings

GOLDEN = """
................................
................................
..............######............
............##########..........
...........############.........
.........##############.........
........################........
........################........
........################........
........################........
........################........
.........###############........
..........#############.........
..........############..........
...........##########...........
...........#########............
.........###########............
......#############.............
.....##############.............
.....###############............
....#################...........
....##################..........
...####################.........
..######################........
.#######################........
#########################.......
##########################......
############################....
############################....
#############################...
#############################...
##############################..
"""
"""The person in the demo portrait: # where alpha is above one half, on a 32x32 grid; drawn once from a matte that was looked at."""


@pytest.fixture(params=sorted(backends.available("matte")))
def matte(request, models) -> Matte:
    """Each matte there is, made with its defaults; those that lack their library or their weights are skipped."""
    hint = backends.available("matte")[request.param]
    if hint:
        pytest.skip(hint)
    try:
        return backends.load("matte", request.param)
    except UnavailableError as exc:
        pytest.skip(str(exc))


def overlap(one, other) -> float:
    """Intersection over union of soft mattes."""
    return float(np.minimum(one, other).sum() / np.maximum(one, other).sum())


def golden():
    rows = [[mark == "#" for mark in line] for line in GOLDEN.split()]
    return np.array(rows, np.float32)


def thumbnail(alpha):
    return np.asarray(Image.fromarray(np.asarray(alpha, np.float32)).resize((32, 32), Image.Resampling.BOX))


# The contract


def test_a_matte_has_the_name_of_its_file(matte, request):
    assert isinstance(matte, Matte)
    assert matte.name == request.node.callspec.params["matte"]


@pytest.mark.parametrize("shape", [(512, 512), (256, 256), (360, 640), (511, 333), (640, 200)])
def test_alpha_has_the_shape_of_the_picture(matte, portrait, shape):
    image = np.asarray(Image.fromarray(portrait.image).resize(shape[::-1]))
    alpha, _ = matte.matte(image)
    assert (alpha.shape, alpha.dtype) == (shape, np.float32)
    assert alpha.flags.c_contiguous
    assert np.isfinite(alpha).all()
    assert 0 <= alpha.min() <= alpha.max() <= 1


def test_the_person_is_found(matte, portrait):
    alpha, _ = matte.matte(portrait.image)
    assert overlap(thumbnail(alpha), golden()) > 0.85


def test_the_same_picture_gives_the_same_alpha(matte, portrait):
    first, second = (matte.matte(portrait.image, None)[0] for _ in range(2))
    assert_array_equal(first, second)


def test_the_picture_is_left_alone(matte, portrait):
    before = portrait.image.copy()
    matte.matte(portrait.image)
    assert_array_equal(before, portrait.image)


def test_state_is_passed_on(matte, portrait):
    _, state = matte.matte(portrait.image)
    alpha, _ = matte.matte(portrait.image, state)
    assert overlap(thumbnail(alpha), golden()) > 0.85


@pytest.mark.parametrize("level", [0, 127, 255])
def test_a_flat_picture_is_refused_or_gives_numbers(matte, level):
    try:
        alpha, _ = matte.matte(np.full((96, 96, 3), level, np.uint8))
    except BackendError:
        return
    assert np.isfinite(alpha).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (7, 5)])
def test_tiny_pictures_are_refused_or_give_numbers(matte, shape):
    try:
        alpha, _ = matte.matte(np.zeros((*shape, 3), np.uint8))
    except BackendError:
        return
    assert alpha.shape == shape


# The matte of a portrait


def test_the_refined_matte_of_the_demo_portrait(portrait):
    assert overlap(thumbnail(portrait.alpha), golden()) > 0.93


def test_views_that_agree_keep_the_outline_of_the_near_one():
    near = np.zeros((256, 256), np.float32)
    near[60:, 80:180] = 1
    far = np.zeros_like(near)
    far[58:, 78:182] = 1
    assert_array_equal(joined(near, far), near)


def test_where_views_disagree_widely_the_far_one_is_believed():
    far = np.zeros((256, 256), np.float32)
    far[60:, 80:180] = 1
    near = far.copy()
    near[200:, 120:160] = 0
    near[20:60, 200:250] = 0.8
    result = joined(near, far)
    assert np.abs(result - far).max() < 0.1
    assert_array_equal(result[100:150], near[100:150])


# The ladder


class Fake:
    """A matte that gives what it is told."""

    name = "fake"

    def __init__(self, alpha) -> None:
        self.alpha = alpha

    def matte(self, image, state=None):
        if isinstance(self.alpha, Exception):
            raise self.alpha
        return np.broadcast_to(np.float32(self.alpha), image.shape[:2]), state


@pytest.fixture
def instead(monkeypatch):
    """Put fakes in the place of backends, by name."""
    load = backends.load

    def put(**fakes):
        def loaded(kind, name, **options):
            return Fake(fakes[name]) if name in fakes else load(kind, name, **options)

        monkeypatch.setattr(backends, "load", loaded)

    return put


def test_the_first_step_is_used_when_it_works(portrait):
    cut = ladder.cut_out(portrait.image, portrait.landmarks)
    assert (cut.name, cut.reason, cut.lasting, cut.found) == ("selfie", "", True, True)
    assert cut.probability


@pytest.mark.parametrize(
    ("alpha", "words"),
    [
        (0.0, "empty"),
        (1.0, "full"),
        (np.nan, "no numbers"),
        ("away", "misses the face"),
        (BackendError("It broke."), "It broke"),
    ],
)
def test_a_step_that_fails_gives_way_to_the_next(portrait, instead, alpha, words):
    if isinstance(alpha, str):
        alpha = np.zeros((256, 256), np.float32)
        alpha[200:, :] = 1
    instead(selfie=alpha)
    cut = ladder.cut_out(portrait.image, portrait.landmarks)
    assert cut.name == "edges"
    assert words in cut.reason
    assert cut.reason.startswith("selfie: ")
    assert cut.lasting == (not isinstance(alpha, Exception))
    assert overlap(thumbnail(cut.alpha), golden()) > 0.85


def test_the_surroundings_are_asked_about_what_the_frame_does_not_show(portrait, monkeypatch):
    class NearSighted:
        def matte(self, image, state=None):
            alpha = np.array(Image.fromarray(portrait.alpha).resize(image.shape[1::-1]))
            if image.shape[0] < 512:
                alpha[:40, :40] = 0.7
            return np.clip(alpha, 0, 1), state

    monkeypatch.setattr(backends, "load", lambda kind, name, **options: NearSighted())
    scene = Surroundings(portrait.image, x=0, y=0, width=1, height=1)
    cut = ladder.cut_out(portrait.image, portrait.landmarks, surroundings=scene)
    assert cut.alpha[:40, :40].max() < 0.1
    assert overlap(thumbnail(cut.alpha), thumbnail(portrait.alpha)) > 0.98


def test_when_every_step_fails_the_picture_stays_sharp(portrait, instead):
    instead(selfie=0.0, edges=BackendError("No edges."))
    cut = ladder.cut_out(portrait.image, portrait.landmarks)
    assert (cut.name, cut.found) == ("none", False)
    assert (cut.alpha == 1).all()
    assert cut.alpha.shape == (512, 512)
    assert "selfie" in cut.reason
    assert "No edges" in cut.reason


def test_none_can_be_asked_for(portrait):
    assert not ladder.cut_out(portrait.image, portrait.landmarks, matte="none").found


def test_without_a_face_there_is_nobody_to_cut_out(portrait):
    cut = ladder.cut_out(portrait.image, None)
    assert not cut.found
    assert "no face" in cut.reason


def test_a_whole_photo_of_any_shape_can_be_cut(portrait):
    wide = np.pad(portrait.image, ((0, 0), (300, 90), (0, 0)), mode="edge")
    cut = ladder.cut_out(wide, portrait.landmarks + np.float32([300, 0, 0]))
    assert cut.found
    assert cut.alpha.shape == (145, 256)
    assert overlap(cut.alpha[:, 85:230], np.asarray(Image.fromarray(portrait.alpha).resize((145, 145)))) > 0.9


@pytest.mark.parametrize("faces", [True, False])
def test_an_unknown_matte_is_an_error_not_a_step(portrait, faces):
    with pytest.raises(BackendError, match="scissors"):
        ladder.cut_out(portrait.image, portrait.landmarks if faces else None, matte="scissors")


def test_the_portrait_says_which_step_was_used(astronaut, tmp_path, instead):
    settings = Settings(cache=tmp_path, assets=astronaut.parent)
    instead(selfie=BackendError("It broke."))
    broken = analyse(astronaut, size=128, settings=settings)
    assert broken.findings.matte == "edges"
    assert "It broke" in broken.findings.matte_reason
    instead()
    assert analyse(astronaut, size=128, settings=settings).findings.matte == "selfie"
