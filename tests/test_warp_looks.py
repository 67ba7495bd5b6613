"""Glasses, masks, shut lids, turned heads, grey photos: what a viewer sees first when it is wrong."""

from __future__ import annotations

import itertools
from dataclasses import replace

import cv2
import numpy as np
import pytest

from visavis.render.animators._anatomy import EYES, LUMA, measure
from visavis.render.animators._controls import RANGES, pose
from visavis.render.animators._lids import LANDMARKS_YAW, margins_of
from visavis.render.animators._resample import resample
from visavis.render.animators.warp import WarpAnimator
from visavis.render.types import CHANNELS, Motion, Sentence, Speech

SPEECH = Speech(np.zeros(16000, np.float32), 16000, Sentence("Hello."))
SHUT = {"blink_left": 1.0, "blink_right": 1.0}
AA = {"jaw": 1.0, "upper": 0.25, "lower": 0.45}
OO = {"jaw": 0.2, "width": -0.75, "round": 1.0}


@pytest.fixture(scope="module")
def warp():
    return WarpAnimator()


def shown(warp, portrait, *rows):
    weights = np.zeros((len(rows), len(CHANNELS)), np.float32)
    for number, row in enumerate(rows):
        for name, value in row.items():
            weights[number, CHANNELS.index(name)] = value
    return [layer.rgb for layer in warp.animate(portrait, Motion(weights, 25.0), SPEECH)]


def repainted(portrait, image, name, **findings):
    """*portrait* with another picture and the same landmarks."""
    known = replace(portrait.findings, **findings)
    return replace(portrait, key=name, image=image, foreground=image, findings=known)


@pytest.fixture(scope="module")
def bespectacled(portrait):
    """The demo portrait with glasses, and the points of their rims in pixels, float32 (n, 2)."""
    face = measure(portrait.landmarks)
    turn = np.linspace(0, 2 * np.pi, 60)
    ring = np.stack([2.2 * np.cos(turn), 1.7 * np.sin(turn)], axis=-1)
    middles = [face.at(*corners).mean(axis=0) + np.array([0, 0.35]) for corners in ((33, 133), (362, 263))]
    rims = [face.to_pixels(ring + middle) for middle in middles]
    bridge = face.to_pixels(np.array([middles[0] + (2.2, -0.3), middles[1] - (2.2, 0.3)]))
    image = portrait.image.copy()
    for line in (*rims, bridge):
        cv2.polylines(image, [np.round(line * 16).astype(np.int32)], False, (30, 25, 25), 3, cv2.LINE_AA, 4)
    return repainted(portrait, image, "glasses"), np.concatenate(rims)


def test_glasses_move_in_one_piece(warp, bespectacled):
    """Whatever head, brows and mouth do, rims follow one affine map to a third of a pixel."""
    portrait, rims = bespectacled
    rig = warp.prepare(portrait)
    rest = pose({}, rig.gap_cm, rig.limits).weights
    on = np.column_stack([rims, np.ones(len(rims))])
    names = ("yaw", "pitch", "roll", "brow_inner", "jaw", "smile")
    for corner in itertools.product((0, 1), repeat=len(names)):
        row = {name: RANGES[name][high] for name, high in zip(names, corner, strict=True)}
        forward = rig.frame.displacement(pose(row, rig.gap_cm, rig.limits).weights - rest)
        moved = resample(forward, rig.frame.grid.index_of(rims)[None])[0]
        rigid = on @ np.linalg.lstsq(on, moved, rcond=None)[0]
        assert np.abs(moved - rigid).max() < 0.33


def test_a_blink_leaves_glasses_where_they_are(warp, bespectacled):
    portrait, rims = bespectacled
    opened, shut = shown(warp, portrait, {}, SHUT)
    columns, rows = rims.round().astype(int).T
    assert np.abs(opened.astype(int) - shut)[rows, columns].max() <= 4
    assert np.abs(opened.astype(int) - shut).max() > 60


def test_shut_lids_are_skin_from_corner_to_corner(warp, portrait):
    """No white and no iris shines through, and nothing changes beside the eyes."""
    opened, shut = (picture.astype(np.float32) for picture in shown(warp, portrait, {}, SHUT))
    face = measure(portrait.landmarks)
    cheeks = portrait.landmarks[[50, 280, 101, 330], :2].round().astype(int)
    skin = float(np.median(opened[cheeks[:, 1], cheeks[:, 0]] @ LUMA))
    for upper, lower in EYES.values():
        middle = face.to_pixels((face.at(*upper) + face.at(*lower))[2:-2] / 2 - (0, 0.25))
        light = resample(shut, middle[None])[0] @ LUMA
        assert (light > 0.6 * skin).all()
        assert (light < 1.1 * skin).all()
        beside = face.at(upper[0], upper[-1]) + np.array([[-0.5, 0], [0.5, 0]])
        change = np.abs(resample(shut - opened, face.to_pixels(beside)[None]))
        assert change.max() < 12


def test_the_eyes_of_a_turned_head_are_looked_for_in_the_picture(portrait):
    """An eye that is painted 0.3 cm beside its landmarks is found; where nothing is painted, the lids hold still."""
    face = replace(measure(portrait.landmarks), yaw=LANDMARKS_YAW + 5)
    blank = np.full_like(portrait.image, (200, 160, 140))
    assert margins_of(blank, face) == {}
    painted = blank.copy()
    for upper, lower in EYES.values():
        middle = (face.at(*upper) + face.at(*lower)).mean(axis=0) / 2 + (0.3, 0)
        centre = tuple(np.round(face.to_pixels(middle) * 16).astype(int).tolist())
        for colour, width in (((250, 250, 250), 1.2), ((40, 30, 30), 0.5)):
            size = round(width * face.scale * 16), round(0.5 * face.scale * 16)
            cv2.ellipse(painted, centre, size, 0, 0, 360, colour, -1, cv2.LINE_AA, 4)
    for side, (upper, lower) in margins_of(painted, face).items():
        guess = face.at(*EYES[side][0], *EYES[side][1]).mean(axis=0)
        found = np.concatenate([upper, lower]).mean(axis=0)
        assert found[0] - guess[0] == pytest.approx(0.3, abs=0.12)
        assert np.ptp(upper[:, 0]) == pytest.approx(2.4, abs=0.3)
    assert set(margins_of(painted, face)) == {"left", "right"}


def test_behind_a_mask_the_mouth_holds_still(warp, portrait):
    face = measure(portrait.landmarks)
    image = portrait.image.copy()
    mask = face.to_pixels(np.array([[-5, -2.2], [5, -2.2], [4, 4], [-4, 4]])).round().astype(np.int32)
    cv2.fillPoly(image, [mask], (90, 150, 220))
    masked = repainted(portrait, image, "mask", covered=True)
    rest, speaking, blinking, turned = shown(warp, masked, {}, AA, SHUT, {"yaw": 3.0})
    np.testing.assert_array_equal(speaking, rest)
    assert np.abs(blinking.astype(int) - rest).max() > 40
    assert np.abs(turned.astype(int) - rest).max() > 40


def test_lids_that_cannot_be_made_out_hold_still(warp, portrait):
    vague = repainted(portrait, portrait.image, "vague", covered=True)
    rest, blinking, speaking = shown(warp, vague, {}, SHUT, AA)
    np.testing.assert_array_equal(blinking, rest)
    assert np.abs(speaking.astype(int) - rest).max() > 40


def test_a_grey_photo_has_a_grey_mouth(warp, portrait):
    grey = np.repeat((portrait.image @ LUMA).round().astype(np.uint8)[..., None], 3, axis=2)
    (speaking,) = shown(warp, repainted(portrait, grey, "grey"), AA)
    assert np.ptp(speaking.astype(int), axis=-1).max() <= 6


def test_a_smile_stays_a_smile_when_the_lips_round(warp, portrait):
    """The corners come in by 0.9 cm at most: more would bend the folds beside the mouth."""
    rig = warp.prepare(portrait)
    corners = [rig.contours.moved(pose(row, rig.gap_cm, rig.limits).weights)[0][[0, -1]] for row in ({}, OO)]
    came_in = np.abs((corners[1] - corners[0]) @ rig.face.across) / rig.face.scale
    assert (came_in > 0.3).all()
    assert (came_in < 0.9).all()


def test_the_chin_throws_a_deeper_shadow_on_the_neck_as_it_drops(warp, portrait):
    rig = warp.prepare(portrait)
    neck = np.full((*portrait.image.shape[:2], 4), 200, np.uint8)
    y, x = np.mgrid[: neck.shape[0], : neck.shape[1]].astype(np.float32)
    where = np.stack([x, y], axis=-1) * rig.source.detail
    deeper = []
    for drop in (0.0, 0.5, 1.0):
        picture = neck.copy()
        rig.shadow.darken(picture, where, rig.source.detail, drop)
        deeper.append(picture)
        assert (picture[..., 3] == 200).all()
    np.testing.assert_array_equal(deeper[0], neck)
    assert 200 > deeper[1][..., 0].min() > deeper[2][..., 0].min() > 160
    column, chin = rig.face.landmarks[152, :2].round().astype(int)
    shadow = 200 - deeper[2][:, column, 0].astype(int)
    assert shadow[: chin - 1].max() == 0
    assert shadow[chin + int(0.4 * rig.face.scale)] > 20
    assert shadow[chin + int(2.2 * rig.face.scale) :].max() == 0
