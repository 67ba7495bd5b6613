"""Photos that cannot speak well are told apart before anything is rendered, and refused when that is asked for."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from visavis.errors import PortraitError
from visavis.render.portraits import doctor, reading
from visavis.render.portraits.gate import gate
from visavis.render.portraits.landmarks import Landmarker
from visavis.render.types import Findings


@pytest.fixture(scope="module")
def landmarker(models) -> Landmarker:
    return Landmarker()


@pytest.fixture(scope="module")
def photo(astronaut):
    return reading.decode(astronaut.read_bytes(), "astronaut")


@pytest.fixture
def findings(landmarker):
    """The report on a picture."""
    return lambda image: doctor.examine(image, landmarker.detect(image))


def test_a_good_photo_passes(photo, findings):
    assert gate(findings(photo), strict=True) == ()


@pytest.mark.parametrize("yaw", [-25.0, 0.0, 25.0])
def test_a_head_that_is_turned_a_little_passes(yaw):
    assert gate(Findings(faces=1, yaw=yaw), strict=True) == ()


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Findings(faces=0), "No face was found"),
        (Findings(faces=3), "3 faces were found"),
        (Findings(faces=1, yaw=-31.5), "turned 32 degrees to the viewer's left"),
        (Findings(faces=1, yaw=25.6), "turned 26 degrees to the viewer's right"),
        (Findings(faces=1, covered=True), "covered"),
        (Findings(faces=1, cut_off=True), "cut off"),
    ],
)
def test_an_objection_is_advice_and_with_strict_an_error(found, words):
    (objection,) = gate(found)
    assert words in objection.problem
    with pytest.raises(PortraitError, match=words) as caught:
        gate(found, strict=True)
    assert objection.fix in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_objection_is_reported_and_the_gravest_is_raised():
    found = Findings(faces=2, yaw=60, covered=True, cut_off=True)
    assert len(gate(found)) == 4
    with pytest.raises(PortraitError, match="2 faces"):
        gate(found, strict=True)


# On pictures


def test_two_people(photo, findings):
    (objection,) = gate(findings(np.concatenate([photo, photo[:, ::-1]], axis=1)))
    assert "2 faces" in objection.problem


def test_nobody(findings):
    (objection,) = gate(findings(np.full((300, 300, 3), 127, np.uint8)))
    assert "No face" in objection.problem


@pytest.mark.parametrize("colour", [(70, 120, 190), (230, 232, 235), (20, 20, 20)])
def test_a_mask_over_mouth_and_nose(photo, findings, landmarker, colour):
    (face,) = landmarker.detect(photo)
    outline = face.landmarks[[195, 120, 234, 172, 152, 397, 454, 349], :2]
    masked = cv2.fillPoly(photo.copy(), [np.rint(outline).astype(np.int32)], colour)
    report = findings(masked)
    assert "covered" in str(gate(report)[0])
    assert any("covered" in line for line in report.advice)


def test_half_a_face(photo, findings, landmarker):
    (face,) = landmarker.detect(photo)
    report = findings(np.ascontiguousarray(photo[:, int(face.landmarks[4, 0]) - 5 :]))
    assert any(words in str(each) for each in gate(report) for words in ("cut off", "No face"))


@pytest.mark.parametrize("change", ["dark", "bright", "noisy", "mirrored", "tilted", "small"])
def test_a_photo_that_is_merely_poor_has_no_covered_face(photo, findings, change):
    height, width = photo.shape[:2]
    noise = np.random.default_rng(1).normal(0, 25, photo.shape)
    poor = {
        "dark": lambda: (photo * 0.3).astype(np.uint8),
        "bright": lambda: np.clip(photo * 2.2, 0, 255).astype(np.uint8),
        "noisy": lambda: np.clip(photo + noise, 0, 255).astype(np.uint8),
        "mirrored": lambda: np.ascontiguousarray(photo[:, ::-1]),
        "tilted": lambda: cv2.warpAffine(
            photo,
            cv2.getRotationMatrix2D((width / 2, height / 4), 20, 1),
            (width, height),
            borderMode=cv2.BORDER_REFLECT,
        ),
        "small": lambda: cv2.resize(photo, (256, 256), interpolation=cv2.INTER_AREA),
    }
    assert not findings(poor[change]()).covered
