"""What a viewer would call wrong, measured on warped pictures of the demo photograph."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from visavis.render.animators._anatomy import GAPS, LIP_LOWER, LIP_UPPER, measure
from visavis.render.animators._limits import limits_of, wears_glasses
from visavis.render.animators._seam import find
from visavis.render.animators.warp import WarpAnimator
from visavis.render.motion import aperture
from visavis.render.portraits.landmarks import Landmarker
from visavis.render.types import CHANNELS, Motion, Sentence, Speech

SPEECH = Speech(np.zeros(16000, np.float32), 16000, Sentence("Hello."))
CLOSED = {"close": 1.0}
VISEMES = {
    "aa": {"jaw": 1.0, "width": 0.1, "upper": 0.25, "lower": 0.45},
    "ee": {"jaw": 0.22, "width": 0.6, "upper": 0.2, "lower": 0.3},
    "oo": {"jaw": 0.2, "width": -0.75, "round": 1.0, "lower": 0.1},
    "m": {"jaw": 0.08, "close": 1.0},
    "f": {"jaw": 0.1, "upper": 0.25, "contact": 1.0},
    "s": {"jaw": 0.07, "width": 0.25, "upper": 0.2, "lower": 0.35, "teeth": 1.0},
}


@pytest.fixture(scope="module")
def warp():
    return WarpAnimator()


@pytest.fixture(scope="module")
def landmarker(models):
    return Landmarker()


def motion(rows):
    weights = np.zeros((len(rows), len(CHANNELS)), np.float32)
    for number, row in enumerate(rows):
        for name, value in row.items():
            weights[number, CHANNELS.index(name)] = value
    return Motion(weights, 25.0)


@pytest.fixture
def show(warp, portrait):
    """Rows of controls in, pictures over the plate out."""

    def shown(*rows, of=portrait):
        pictures = []
        for layer in warp.animate(of, motion(rows), SPEECH):
            alpha = layer.alpha[..., None] / 255
            pictures.append(np.rint(layer.rgb * alpha + of.plate * (1 - alpha)).astype(np.uint8))
        return pictures

    return shown


def measured(picture, landmarker):
    """Aperture on landmarks found anew."""
    points = landmarker.detect(picture)[0].landmarks[:, :2]
    gaps = [np.linalg.norm(points[a] - points[b]) for a, b in GAPS]
    return float(np.mean(gaps) / np.linalg.norm(points[78] - points[308]))


def lid_gap(picture, landmarker):
    points = landmarker.detect(picture)[0].landmarks[:, :2]
    return float(np.linalg.norm(points[159] - points[145]) / np.linalg.norm(points[33] - points[133]))


def test_the_measured_mouth_follows_the_intended_one(show, landmarker):
    rows = [{"jaw": jaw} for jaw in np.linspace(0, 1, 9)] + list(VISEMES.values())
    seen = [measured(picture, landmarker) for picture in show(*rows)]
    assert np.corrcoef(seen, aperture(motion(rows)))[0, 1] >= 0.9


def test_an_open_smile_closes_completely(show, landmarker, portrait):
    closed, half_open_jaw, photo = (*show(CLOSED, {"close": 1.0, "jaw": 0.4}), portrait.image)
    assert measured(closed, landmarker) < 0.6 * measured(photo, landmarker)
    assert measured(half_open_jaw, landmarker) <= measured(closed, landmarker) + 0.02


def test_no_tooth_and_no_dark_hairline_between_closed_lips(show, warp, portrait):
    rig = warp.prepare(portrait)
    (picture,) = show(CLOSED)
    upper, lower = rig.contours.moved(np.concatenate([[1.0], np.zeros(18)]).astype(np.float32))
    points = ((upper + lower) / 2)[10:-10].round().astype(int)
    across = np.stack([picture[y - 2 : y + 3, x] for x, y in points]).astype(np.float32)
    light, colour = across.mean(axis=-1), across.max(axis=-1) - across.min(axis=-1)
    assert not ((light > 1.3 * np.median(light)) & (colour < 25)).any()
    assert light.min() > 0.55 * np.median(light)


def test_teeth_show_when_the_photo_has_them(show, portrait):
    """The inside of the opened mouth holds pixels as bright as the teeth of the photo."""
    x, y = portrait.landmarks[[13, 14], :2].mean(axis=0).round().astype(int)
    opened, photo = (p[y - 6 : y + 8, x - 12 : x + 12].mean(axis=-1) for p in (*show(VISEMES["aa"]), portrait.image))
    assert opened.max() > 0.85 * photo.max()


def test_outside_the_region_a_still_head_is_bit_exact(warp, portrait):
    for layer in warp.animate(portrait, motion([VISEMES["aa"], {"blink_left": 1.0, "gaze_x": 5.0}]), SPEECH):
        outside = np.ones(layer.alpha.shape, bool)
        outside[layer.box.y0 : layer.box.y1, layer.box.x0 : layer.box.x1] = False
        np.testing.assert_array_equal(layer.rgb[outside], portrait.foreground[outside])


def test_the_forehead_and_the_background_hold_still_while_speaking(show, portrait):
    points = portrait.landmarks[:, :2]
    top = int(points[[159, 386], 1].min()) - 3
    for picture in show(VISEMES["aa"], VISEMES["oo"]):
        rest = show({})[0]
        np.testing.assert_array_equal(picture[:top], rest[:top])


def test_a_moving_head_stays_as_sharp_as_the_photo(show, portrait):
    """Variance of the Laplacian over the upper face, at positions between the pixels."""
    (x0, y0), (x1, _) = (
        portrait.landmarks[:, :2].min(axis=0).astype(int) + 8,
        portrait.landmarks[:, :2].max(axis=0).astype(int) - 8,
    )
    part = np.s_[y0 : int(portrait.landmarks[2, 1]), x0:x1]

    def sharpness(picture):
        return cv2.Laplacian(cv2.cvtColor(picture[part], cv2.COLOR_RGB2GRAY).astype(np.float32), cv2.CV_32F).var()

    rows = [{"yaw": 0.3 * k, "pitch": -0.2 * k, "roll": 0.1 * k} for k in range(1, 7)]
    found = np.array([sharpness(picture) for picture in show(*rows)]) / sharpness(portrait.image)
    assert 0.9 < found.mean() < 1.15
    assert found.std() < 0.08


def test_static_controls_do_not_flicker(show):
    one, other = show(VISEMES["ee"], VISEMES["ee"])
    np.testing.assert_array_equal(one, other)


def test_half_shut_lids_slide_over_an_untouched_iris(show, warp, portrait):
    eye = warp.prepare(portrait).eyes["left"]
    opened, half = show({}, {"blink_left": 0.45})
    rows, columns = np.mgrid[eye.box.y0 : eye.box.y1, eye.box.x0 : eye.box.x1]
    y = eye.face.to_face(np.stack([columns, rows], axis=-1))[..., 1]
    top, bottom = eye.lids[..., 0], eye.lids[..., 1]
    free = (y > top + 0.45 * (bottom - top) + 0.12) & (y < bottom - 0.2)
    assert free.sum() > 30
    part = np.s_[eye.box.y0 : eye.box.y1, eye.box.x0 : eye.box.x1]
    np.testing.assert_array_equal(half[part][free], opened[part][free])
    assert np.abs(half[part].astype(int) - opened[part]).max() > 40


def test_a_blink_shuts_the_eyes(show, landmarker):
    opened, shut = show({}, {"blink_left": 1.0, "blink_right": 1.0})
    assert lid_gap(shut, landmarker) < 0.8 * lid_gap(opened, landmarker)


def test_left_and_right_are_the_subjects_own(show, portrait):
    (picture,) = show({"blink_left": 1.0})
    changed = np.abs(picture.astype(int) - show({})[0]).max(axis=-1) > 10
    assert np.nonzero(changed)[1].min() > portrait.landmarks[1, 0]


def test_a_gaze_moves_the_iris_to_the_viewers_right(show, portrait):
    def dark_centre(picture):
        x0, x1 = portrait.landmarks[[362, 263], 0].round().astype(int)
        y = int(portrait.landmarks[[386, 374], 1].mean())
        dark = 255.0 - picture[y - 2 : y + 3, x0 + 4 : x1 - 4].mean(axis=(0, 2))
        weight = np.clip(dark - np.percentile(dark, 60), 0, None)
        return float((weight * np.arange(len(weight))).sum() / weight.sum())

    left, ahead, right = (dark_centre(picture) for picture in show({"gaze_x": -8.0}, {}, {"gaze_x": 8.0}))
    assert left + 0.5 < ahead < right - 0.5


@pytest.mark.parametrize(
    ("channel", "axis", "sign"), [("yaw", 0, 1), ("pitch", 1, -1), ("shift_x", 0, 1), ("shift_y", 1, 1)]
)
def test_the_head_moves_as_its_channels_say(show, landmarker, channel, axis, sign):
    amount = 0.02 if channel.startswith("shift") else 3.0
    before, after = (landmarker.detect(p)[0].landmarks for p in show({}, {channel: amount}))
    assert sign * (after - before)[1, axis] > 2


def test_turning_moves_the_nose_more_than_the_ears(show, landmarker):
    before, after = (landmarker.detect(p)[0].landmarks for p in show({}, {"yaw": 3.0}))
    moved = (after - before)[:, 0]
    assert moved[1] > 1.3 * moved[[234, 454]].mean()


def test_at_the_corners_of_the_controls_there_is_still_a_face(show, landmarker):
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(24):
        row = {name: float(rng.choice([-1.0, 1.0])) for name in CHANNELS}
        rows.append(row | {name: 4.0 * row[name] for name in ("yaw", "pitch", "roll", "gaze_x", "gaze_y")})
    for picture in show(*rows):
        assert landmarker.detect(picture)[0].score > 0.5


def test_glasses_are_seen_and_kept_stiff(portrait):
    face = measure(portrait.landmarks)
    assert not wears_glasses(portrait.image, face)
    image = portrait.image.copy()
    left, right = (portrait.landmarks[list(pair), :2].mean(axis=0) for pair in ((33, 133), (362, 263)))
    for centre in (left, right):
        cv2.circle(image, tuple(centre.round().astype(int).tolist()), int(1.9 * face.scale), (30, 25, 25), 3)
    cv2.line(
        image, tuple(left.round().astype(int).tolist()), tuple(right.round().astype(int).tolist()), (30, 25, 25), 3
    )
    assert wears_glasses(image, face)
    assert limits_of(image, face, find(image, face)).brows < 0.5


def test_a_turned_head_gets_less(portrait):
    turned = portrait.landmarks.copy()
    across = turned[:, 0] - turned[:, 0].mean()
    turned[:, 0] -= 0.35 * across
    turned[:, 2] += 0.9 * across
    limits = limits_of(portrait.image, measure(turned), find(portrait.image, measure(turned)))
    assert limits.mouth < 0.8
    assert limits.head < 1.0


def test_a_closed_seam_snaps_to_the_dark_line(portrait):
    shut = portrait.landmarks.copy()
    middle = (shut[13] + shut[14]) / 2
    shut[list(LIP_LOWER)] = shut[list(LIP_UPPER)]
    shut[list(LIP_UPPER), 1] = shut[list(LIP_LOWER), 1] = middle[1]
    face = measure(shut)
    image = np.full_like(portrait.image, 170)
    line = face.to_pixels(np.array([[-6.0, 0.3], [6.0, 0.3]])).round().astype(int)
    cv2.line(image, tuple(line[0].tolist()), tuple(line[1].tolist()), (60, 40, 40), 2)
    seam = find(image, face)
    assert not seam.is_open
    inside = (seam.x > seam.left + 0.3) & (seam.x < seam.right - 0.3)
    np.testing.assert_allclose(seam.upper[inside], 0.3, atol=1 / face.scale)
    np.testing.assert_array_equal(seam.upper, seam.lower)


@pytest.mark.parametrize("seed", range(6))
def test_a_face_anywhere_in_the_picture_is_drawn_without_fault(show, portrait, seed):
    """Faces that are tiny, huge, upside down, squeezed to a profile or half outside the picture."""
    rng = np.random.default_rng(seed)
    points = portrait.landmarks.copy()
    middle = points[:, :2].mean(axis=0)
    angle = rng.uniform(-3, 3)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * rng.uniform(0.1, 2.5)
    points[:, :2] = ((points[:, :2] - middle) * (rng.uniform(0.2, 1), 1)) @ turn + middle + rng.uniform(-350, 350, 2)
    strange = replace(portrait, key=f"strange {seed}", landmarks=points.astype(np.float32))
    rows = [VISEMES["aa"], {"yaw": 3.5, "pitch": -3.0, "roll": 2.5, "blink_left": 1.0, "gaze_x": 8.0, "jaw": 0.7}]
    assert all(picture.shape == portrait.image.shape for picture in show(*rows, of=strange))


def test_prepared_portraits_are_kept_and_let_go(portrait):
    warp = WarpAnimator()
    first = warp.prepare(portrait)
    assert warp.prepare(portrait) is first
    for number in range(4):
        warp.prepare(replace(portrait, key=f"copy {number}"))
    assert warp.prepare(portrait) is not first


def test_golden(show, golden_picture, portrait_small):
    """Rest, aa, oo, f and a blink as they looked when a person last looked at them. Tolerance: 2 grey levels."""
    points = portrait_small.landmarks[:, :2]
    (x0, y0), (x1, y1) = points.min(axis=0).astype(int) - 4, points.max(axis=0).astype(int) + 7
    rows = ({}, VISEMES["aa"], VISEMES["oo"], VISEMES["f"], {"blink_left": 1.0, "blink_right": 1.0})
    golden_picture(
        "warp-faces", np.hstack([picture[y0:y1, x0:x1] for picture in show(*rows, of=portrait_small)]), tolerance=2.0
    )


@pytest.fixture
def golden_picture(request):
    """Compare with ``tests/golden/NAME.png``; a missing file is written and reported."""

    def compare(name, picture, *, tolerance):
        file = request.config.rootpath / "tests" / "golden" / f"{name}.png"
        if not file.exists():
            file.parent.mkdir(exist_ok=True)
            cv2.imwrite(str(file), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
            pytest.fail(f"{file} was missing and has been written: look at it, then run again.")
        expected = cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)
        assert expected.shape == picture.shape
        apart = np.abs(expected.astype(int) - picture)
        assert apart.mean() <= tolerance
        assert np.percentile(apart, 99.5) <= 12 * tolerance

    return compare
