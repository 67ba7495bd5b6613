"""The controls of the settings are those of the motion, with the same ranges, and reach it."""

from __future__ import annotations

import dataclasses
from typing import get_args

import pytest

from visavis import Avatar
from visavis.errors import InputError
from visavis.render.motion import Gestures, Mood
from visavis.settings import Settings

LARGEST = {"expressiveness": 2.0, "head": 2.0, "blink_rate": 3.0, "gaze": 2.0}


@pytest.mark.parametrize(("name", "largest"), LARGEST.items())
def test_ranges_are_those_of_the_motion(name, largest):
    for value in (0.0, 1.0, largest):
        assert getattr(Settings().with_changes(**{name: value}), name) == value
        assert getattr(Gestures.start(**{name: value}), name) == value
    for value in (-0.01, largest + 0.01, float("nan"), float("inf")):
        with pytest.raises(InputError, match=name):
            Settings().with_changes(**{name: value})
        with pytest.raises(InputError, match=name):
            Gestures.start(**{name: value})
    assert getattr(Settings(), name) == getattr(Gestures.start(), name) == 1.0


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("expressiveness", 5, "expressiveness = 5: allowed is 0 to 2 (default 1)."),
        ("blink_rate", -1, "blink_rate = -1: allowed is 0 to 3 (default 1)."),
        ("gaze", "far", "gaze = 'far': allowed is 0 to 2 (default 1)."),
        ("mood", "angry", "mood = 'angry': allowed is 'neutral', 'friendly' or 'serious' (default neutral)."),
        ("size", 131, "size = 131: allowed is 128 to 2048 in steps of 2 (default 512)."),
        ("strict", "perhaps", "strict = 'perhaps': allowed is true or false (default False)."),
        ("smile", 1, "There is no setting smile."),
    ],
)
def test_a_bad_value_is_told_with_what_it_may_be(name, value, message):
    with pytest.raises(InputError) as caught:
        Settings().with_changes(**{name: value})
    assert caught.value.problem == message


def test_several_bad_values_and_those_of_the_environment(monkeypatch):
    monkeypatch.setenv("VISAVIS_HEAD", "7")
    expected = r"^radius = 99: allowed is 5 to 30 \(default 14\); head = '7': allowed is 0 to 2 \(default 1\)\."
    with pytest.raises(InputError, match=expected):
        Settings(radius=99)


def test_moods_are_those_of_the_motion():
    assert get_args(Settings.model_fields["mood"].annotation) == get_args(Mood)
    with pytest.raises(InputError, match="'neutral', 'friendly' or 'serious'"):
        Settings().with_changes(mood="angry")


def test_every_control_reaches_the_motion(models, astronaut):
    wanted = {"expressiveness": 0.5, "head": 0.25, "blink_rate": 2.0, "gaze": 0.75, "mood": "friendly", "seed": 7}
    gestures = Avatar(astronaut, animator="still", voice="tone", size=128, **wanted).prepare().gestures
    assert gestures == Gestures.start(**wanted)
    assert (
        wanted.items() <= {field.name: getattr(gestures, field.name) for field in dataclasses.fields(gestures)}.items()
    )
