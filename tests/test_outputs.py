"""What every output promises. A new output enters by having a file in ``render/outputs``."""

from __future__ import annotations

import inspect
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.errors import InputError, OutputError, UnavailableError
from visavis.render.backends import available, load
from visavis.render.contracts import Output
from visavis.render.outputs.timeline import Timeline
from visavis.render.types import Frame, Sentence, Speech

SIZE, FPS, RATE = (64, 48), 25.0, 22_050


def frames(count, start=0, size=SIZE):
    for index in range(start, start + count):
        yield Frame(np.full((size[1], size[0], 3), index % 200, np.uint8), index, index / FPS)


def speech(seconds, rate=RATE):
    return Speech(np.zeros(round(seconds * rate), np.float32), rate, Sentence("Silence."))


@pytest.fixture(params=sorted(available("output")))
def make(request, tmp_path):
    if hint := available("output")[request.param]:
        pytest.skip(hint)
    backend = import_module(f"visavis.render.outputs.{request.param}").backend
    here = {"path": tmp_path / "out"} if "path" in inspect.signature(backend).parameters else {}

    def make(**options):
        return load("output", request.param, **{**here, "size": SIZE, "fps": FPS, "rate": RATE, **options})

    make.name, make.folder = request.param, tmp_path
    return make


def test_it_offers_the_contract(make):
    output = make()
    assert isinstance(output, Output)
    assert output.name == make.name
    output.discard()


def test_it_takes_sentences_and_closes_twice(make):
    output = make()
    output.write(frames(10), speech(0.4))
    output.write(frames(5, start=10), speech(0.2))
    output.close()
    output.close()
    with pytest.raises(OutputError, match=r"closed\. "):
        output.write(frames(1), speech(0.04))


def test_it_takes_frames_one_at_a_time(make):
    waiting = 0

    def counted():
        nonlocal waiting
        for frame in frames(60):
            waiting += 1
            yield frame
            waiting -= 1

    output = make()
    output.write((frame for frame in counted() if waiting == 1), speech(2.4))
    output.close()


def test_nothing_is_left_of_what_was_discarded(make):
    output = make()
    output.write(frames(10), speech(0.4))
    output.discard()
    output.discard()
    output.close()
    assert list(make.folder.iterdir()) == []


def test_nothing_is_left_when_nothing_was_written(make):
    output = make()
    output.write(iter(()), speech(0.4))
    output.close()
    assert list(make.folder.iterdir()) == []


def test_discarding_after_closing_changes_nothing(make):
    output = make()
    output.write(frames(10), speech(0.4))
    output.close()
    left = list(make.folder.iterdir())
    output.discard()
    assert list(make.folder.iterdir()) == left


@pytest.mark.parametrize(
    "options",
    [
        {"size": (63, 48)},
        {"size": (64, 0)},
        {"size": (64, 8192)},
        {"fps": 0},
        {"fps": 1000.0},
        {"rate": 0},
        {"rate": 10**6},
    ],
    ids=str,
)
def test_it_refuses_what_no_video_can_be(make, options):
    with pytest.raises(InputError, match=r"Choose .+\.$"):
        make(**options)
    assert list(make.folder.iterdir()) == []


@pytest.mark.parametrize(
    "image",
    [np.zeros((48, 62, 3), np.uint8), np.zeros((48, 64), np.uint8), np.zeros((48, 64, 3), np.float32)],
    ids=["size", "grey", "type"],
)
def test_it_refuses_frames_of_another_kind(make, image):
    output = make()
    with pytest.raises(InputError, match="Frame 7"):
        output.write([Frame(image, 7, 0.28)], speech(0.04))
    output.discard()


def test_it_refuses_speech_of_another_rate(make):
    output = make()
    with pytest.raises(InputError, match="16000 Hz"):
        output.write(frames(1), speech(0.04, rate=16_000))
    output.discard()


@pytest.mark.parametrize("value", [np.nan, np.inf, -7.5])
def test_it_survives_broken_samples(make, value):
    output = make()
    output.write(frames(25), Speech(np.full(RATE, value, np.float32), RATE, Sentence("Noise.")))
    output.close()


def test_the_errors_of_others_pass_through(make):
    def broken():
        yield from frames(3)
        raise UnavailableError("The animator failed.")

    output = make()
    with pytest.raises(UnavailableError, match=r"^The animator failed\.$"):
        output.write(broken(), speech(0.4))
    output.discard()


@given(
    frames=st.integers(0, 10**7),
    fps=st.floats(1, 120, allow_nan=False) | st.sampled_from([23.976, 24.0, 29.97, 59.94]),
    rate=st.sampled_from([8_000, 16_000, 22_050, 24_000, 44_100, 48_000]),
)
def test_the_sound_never_drifts(frames, fps, rate):
    timeline = Timeline.checked(SIZE, fps, rate)
    assert abs(timeline.samples(frames) / rate - timeline.seconds(frames)) <= 0.5 / rate + 1e-9 * frames
    assert timeline.samples(frames) <= timeline.samples(frames + 1)


def test_a_cut_sound_fades():
    faded = Timeline.checked(SIZE, FPS, RATE).faded(np.ones(1000, np.float32))
    assert faded[:800].min() == 1
    assert faded[-1] == 0
    assert np.abs(np.diff(faded)).max() < 0.02
