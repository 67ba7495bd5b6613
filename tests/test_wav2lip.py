"""The animator "wav2lip": what its network is shown, when, and where its picture goes; the networks are made here."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from visavis import Avatar
from visavis.errors import AssetError, BackendError
from visavis.render import assets
from visavis.render.animators import _mel
from visavis.render.animators._lower_face import LowerFace
from visavis.render.animators.wav2lip import Wav2Lip, Windows
from visavis.render.backends import load
from visavis.render.contracts import Animator
from visavis.render.motion import Gestures, plan
from visavis.render.portraits import strip
from visavis.render.types import CHANNELS, Motion, Sentence, Speech, Strip
from visavis.settings import Settings

pytest.importorskip("onnxruntime", reason="Run `pip install onnxruntime`.")
helper = pytest.importorskip("onnx.helper", reason="Run `pip install onnx`.")
from onnx import TensorProto  # noqa: E402 - only after it is known to be there

FLOAT, HALF = TensorProto.FLOAT, TensorProto.FLOAT16
FPS = 25.0
RATE = 16000


def network(
    file: Path,
    *,
    side: int = 96,
    batch: int | str = "batch",
    names: tuple[str, str, str] = ("mel_spectrogram", "video_frames", "predicted"),
    kind: int = FLOAT,
    shapes: tuple[tuple, tuple, tuple] | None = None,
    swapped: bool = False,
    painted: tuple[str, str, str] = ("first", "last", "masked"),
) -> Path:
    """A network of Wav2Lip's signature that copies its reference and paints the mouth in a colour (blue, green, red) made of:

    "first", "own", "last" - mean of the first column of the mel, of that at the frame's time or of the last, -4..4 to 0..1;
    "masked" - brightest value in the lower half of the first three channels; "upper" - the same of the upper half; "reference" -
    mean of the fourth channel; "0", "1".
    """
    mel, image, picture = names
    nodes, constants = [], []
    number = {FLOAT: np.float32, HALF: np.float16}[kind]

    def constant(name, values, of=None):
        array = np.asarray(values, number if of is None else of)
        code = kind if of is None else TensorProto.INT64
        constants.append(helper.make_tensor(name, code, array.shape, array.ravel()))
        return name

    def node(operator, *inputs, to, **attributes):
        nodes.append(helper.make_node(operator, list(inputs), [to], **attributes))
        return to

    def part(source, to, axis, first, end):
        ends = [
            constant(f"{to}_{key}", [value], np.int64) for key, value in zip("abc", (first, end, axis), strict=True)
        ]
        return node("Slice", source, *ends, to=to)

    reference = part(image, "seen", 1, 3, 6)
    masked = part(image, "hidden", 1, 0, 3)
    constant("four", 4.0)
    constant("eight", 8.0)
    shape = constant("each", [-1, 1, 1, 1], np.int64)
    values = {
        "first": lambda to: level(part(mel, f"{to}_part", 3, 0, 1), to),
        "own": lambda to: level(part(mel, f"{to}_part", 3, 3, 4), to),
        "last": lambda to: level(part(mel, f"{to}_part", 3, 15, 16), to),
        "masked": lambda to: node("ReduceMax", part(masked, f"{to}_part", 2, side // 2, side), to=to, axes=[1, 2, 3]),
        "upper": lambda to: node("ReduceMax", part(masked, f"{to}_part", 2, 0, side // 2), to=to, axes=[1, 2, 3]),
        "reference": lambda to: node("ReduceMean", part(reference, f"{to}_part", 1, 0, 1), to=to, axes=[1, 2, 3]),
        "0": lambda to: node("Mul", values["upper"](f"{to}_any"), constant(f"{to}_nought", 0.0), to=to),
        "1": lambda to: node("Add", values["0"](f"{to}_any"), constant(f"{to}_one", 1.0), to=to),
    }

    def level(source, to):
        mean = node("ReduceMean", source, to=f"{to}_mean", axes=[1, 2, 3])
        return node("Div", node("Add", mean, "four", to=f"{to}_up"), "eight", to=to)

    colour = [
        node("Reshape", values[what](f"value{index}"), shape, to=f"colour{index}") for index, what in enumerate(painted)
    ]
    node("Concat", *colour, to="colour", axis=1)
    mouth = np.zeros((1, 1, side, side), number)
    mouth[:, :, MOUTH[0] * side // 96 : MOUTH[1] * side // 96, MOUTH[2] * side // 96 : MOUTH[3] * side // 96] = 1
    constant("mouth", mouth)
    constant("around", 1 - mouth)
    node("Mul", "colour", "mouth", to="lips")
    node("Mul", reference, "around", to="skin")
    node("Add", "lips", "skin", to=picture)

    def info(name, axes):
        return helper.make_tensor_value_info(name, kind, axes)

    heard, seen, drawn = shapes or ((batch, 1, 80, 16), (batch, 6, side, side), (batch, 3, side, side))
    inputs = [info(mel, heard), info(image, seen)]
    graph = helper.make_graph(nodes, "toy", inputs[::-1] if swapped else inputs, [info(picture, drawn)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    file.write_bytes(model.SerializeToString())
    return file


MOUTH = (62, 78, 36, 60)
"""Rows and columns that the network paints, of 96."""


def chirp(seconds: float, *, rate: int = RATE) -> np.ndarray:
    """A tone that rises and swells, so that no two columns of its mel are alike."""
    t = np.arange(round(seconds * rate)) / rate
    return ((0.05 + 0.3 * t / seconds) * np.sin(2 * np.pi * (200 * t + 500 * t**2))).astype(np.float32)


def speech(samples, *, rate: int = RATE) -> Speech:
    return Speech(samples, rate, Sentence("Hello."), timing="audio")


def motion(frames: int, *, fps: float = FPS, start: int = 0, **channels) -> Motion:
    weights = np.zeros((frames, len(CHANNELS)), np.float32)
    for name, value in channels.items():
        weights[:, CHANNELS.index(name)] = value
    return Motion(weights, fps, start_frame=start)


def animator(file: Path, base: str = "still") -> Wav2Lip:
    return load("animator", "wav2lip", file=file, base=load("animator", base))


def lips(portrait, side: int = 96) -> tuple[slice, slice]:
    """The middle of what the network paints, in pixels of the portrait."""
    face = LowerFace.of(portrait.landmarks, (side, side))
    rows, columns = (np.array(MOUTH[at : at + 2]) * side / 96 for at in (0, 2))
    x, y = face.matrix @ [columns.mean(), rows.mean(), 1]
    return slice(round(y) - 2, round(y) + 3), slice(round(x) - 2, round(x) + 3)


# The mel spectrogram


def test_mel_is_librosas():
    """Values of librosa 0.11: |stft|(n_fft=800, hop_length=200) through filters.mel(fmin=55, fmax=7600), in Wav2Lip's decibels."""
    t = np.arange(8000) / 16000
    sound = (0.3 * np.sin(2 * np.pi * (200 * t + 900 * t * t))).astype(np.float32)
    columns = _mel.mel(sound, 0, 41)
    assert columns.shape == (80, 41)
    assert_allclose(columns[np.ix_(BANDS, TIMES)], EXPECTED, atol=1e-4)


BANDS, TIMES = [0, 5, 10, 20, 40, 79], [0, 1, 10, 25, 39, 40]
EXPECTED = [
    [-0.69660, -1.22974, -4.00000, -4.00000, -1.48954, -1.03241],
    [0.02419, 0.38215, -2.84805, -4.00000, -1.39956, -0.93930],
    [-0.93495, -1.42217, 1.40236, -4.00000, -1.23129, -0.76662],
    [-1.45937, -1.93981, -4.00000, 1.18074, -0.61424, -0.14599],
    [-2.00433, -2.48364, -4.00000, -4.00000, -1.00493, -0.52863],
    [-2.77191, -3.25088, -4.00000, -4.00000, -2.14429, -1.66570],
]


def test_any_stretch_is_part_of_the_whole():
    sound = chirp(1.0)
    whole = _mel.mel(sound, -10, 120)
    for first, count in ((-10, 4), (0, 16), (37, 1), (100, 10)):
        assert_array_equal(_mel.mel(sound, first, count), whole[:, first + 10 : first + 10 + count])


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros(1), np.zeros(16000)], ids=len)
def test_silence_is_the_floor_and_no_nan(sound):
    assert_array_equal(_mel.mel(sound.astype(np.float32), -3, 30), np.full((80, 30), _mel.SILENCE, np.float32))


def test_no_value_leaves_the_range():
    loud = _mel.mel(np.sign(chirp(0.3)), 0, 24)
    assert loud.max() <= 4
    assert loud.min() >= -4


# Which sound drives which frame


@pytest.mark.parametrize(("frame", "column"), [(0, -4), (1, 0), (2, 3), (3, 6), (6, 16), (26, 80), (1001, 3200)])
def test_windows_begin_one_frame_early_as_in_training(frame, column):
    """Training: ``int(80 * (frame - 1) / 25)``; before the start there is silence."""
    assert Windows(speech(chirp(0.1)), FPS).first(frame) == column


def test_other_frame_rates_keep_the_time():
    sound = speech(chirp(0.1))
    for frame in (0, 1, 25, 250):
        assert Windows(sound, 50.0).first(2 * frame) == Windows(sound, FPS).first(frame)
    assert Windows(sound, 30.0).first(30) == 76


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 48000])
def test_sound_of_any_rate_is_heard_at_its_time(rate):
    samples = np.zeros(2 * rate, np.float32)
    samples[rate : rate + rate // 20] = 0.5
    windows = Windows(speech(samples, rate=rate), FPS)
    energies = [windows.mel(frame)[:, 0].mean() for frame in range(50)]
    assert int(np.argmax(np.diff(energies))) + 1 == pytest.approx(26, abs=1)


@pytest.mark.parametrize("side", [96, 256])
def test_each_frame_shows_its_own_columns(tmp_path, portrait, side):
    """Blue is the first column of the window, green the last, red what is left of the lower half: nothing."""
    sound, frames = chirp(1.0), 25
    layers = list(animator(network(tmp_path / "net.onnx", side=side)).animate(portrait, motion(frames), speech(sound)))
    for frame in range(3, frames - 8):
        first = int(80 * (frame - 1) / 25)
        columns = _mel.mel(sound, first, 16)
        red, green, blue = layers[frame].rgb[lips(portrait, side)].mean(axis=(0, 1))
        assert blue == pytest.approx(255 * (columns[:, 0].mean() + 4) / 8, abs=1.5)
        assert green == pytest.approx(255 * (columns[:, 15].mean() + 4) / 8, abs=1.5)
        assert red == pytest.approx(0, abs=1.5)


def test_lips_that_follow_their_own_moment_are_neither_early_nor_late(tmp_path, portrait):
    """A network that paints the loudness at the frame's time: its film against the sound, shifted to fit best."""
    frames, rate = 75, RATE
    t = np.arange(frames * rate // 25) / rate
    loud = 0.02 + 0.4 * (0.5 + 0.5 * np.sin(2 * np.pi * (1.1 * t + 0.5 * t**2))) ** 2
    sound = speech((loud * np.random.default_rng(0).standard_normal(len(t))).clip(-1, 1).astype(np.float32))
    drawn = animator(network(tmp_path / "net.onnx", painted=("0", "own", "0")))
    green = [layer.rgb[lips(portrait)][..., 1].mean() for layer in drawn.animate(portrait, motion(frames), sound)]
    shown = np.arange(5, frames - 5)
    levels = np.log(loud)
    lags = np.arange(-60, 61, 5)
    alike = [np.corrcoef(np.array(green)[shown], np.interp(shown / FPS - lag / 1000, t, levels))[0, 1] for lag in lags]
    assert abs(lags[int(np.argmax(alike))]) <= 10
    assert max(alike) > 0.95


# What the network is shown


def test_the_picture_is_blue_green_red_with_an_empty_lower_half(tmp_path, portrait):
    file = network(tmp_path / "net.onnx", painted=("reference", "upper", "masked"))
    layer = list(animator(file).animate(portrait, motion(8), speech(chirp(0.5))))[5]
    crop = LowerFace.of(portrait.landmarks, (96, 96)).crop(portrait.foreground, np.zeros(2, np.float32))
    red, green, blue = layer.rgb[lips(portrait)].mean(axis=(0, 1))
    assert abs(float(crop[..., 2].mean()) - float(crop[..., 0].mean())) > 10
    assert blue == pytest.approx(crop[..., 2].mean(), abs=1.5)
    assert green == pytest.approx(crop[:48].max(), abs=1.5)
    assert red == pytest.approx(0, abs=1.5)


def test_the_networks_colours_are_blue_green_red(tmp_path, portrait):
    file = network(tmp_path / "net.onnx", painted=("1", "0", "0"))
    layer = list(animator(file).animate(portrait, motion(8), speech(chirp(0.5))))[5]
    assert_allclose(layer.rgb[lips(portrait)].mean(axis=(0, 1)), [0, 0, 255], atol=1.5)


def test_the_crop_is_the_face_with_the_nose_in_the_middle(portrait):
    face = LowerFace.of(portrait.landmarks, (96, 96))
    to_crop = np.linalg.inv(np.vstack([face.matrix, [0, 0, 1]]))
    points = np.column_stack([portrait.landmarks[:, :2], np.ones(468)]) @ to_crop.T
    columns, rows = points[:, 0], points[:, 1]
    assert columns.min() == pytest.approx(-0.5, abs=0.01)
    assert columns.max() == pytest.approx(95.5, abs=0.01)
    assert 40 < rows[1] < rows[2] < 60
    assert 85 < rows[152] < 95


def test_the_crop_follows_the_head(portrait):
    face = LowerFace.of(portrait.landmarks, (96, 96))
    moved = np.roll(portrait.foreground, (3, -5), axis=(0, 1))
    rest = face.crop(portrait.foreground, np.zeros(2, np.float32))
    assert_allclose(face.crop(moved, np.float32([-5, 3])), rest, atol=1)


# Where its picture goes


def paint(tmp_path, portrait, *, base="still", frames=10, **channels):
    file = network(tmp_path / "net.onnx", painted=("0", "1", "0"))
    moved = motion(frames, **channels)
    sound = speech(chirp(frames / FPS))
    return list(animator(file, base).animate(portrait, moved, sound))


def test_above_the_nose_and_beyond_the_jaw_every_pixel_is_the_bases(tmp_path, portrait):
    face = LowerFace.of(portrait.landmarks, (96, 96))
    mask = np.zeros(portrait.image.shape[:2], bool)
    mask[face.room.y0 : face.room.y1, face.room.x0 : face.room.x1] = face.mask > 0
    for layer in paint(tmp_path, portrait):
        assert_array_equal(layer.rgb[~mask], portrait.foreground[~mask])
    nose = portrait.landmarks[1, 1]
    assert not mask[: int(nose)].any()
    assert mask[lips(portrait)].all()


def test_the_seam_cannot_be_seen(tmp_path, portrait):
    """A network that returns its reference in another tint leaves the face as it was, with all its detail."""
    face = LowerFace.of(portrait.landmarks, (96, 96))
    still = np.zeros(2, np.float32)
    seen = face.crop(portrait.foreground, still)
    for offset in (0.0, -30.0, 30.0):
        picture, _ = face.paste(portrait.foreground, seen.astype(np.float32) + offset, seen=seen, shift=still)
        assert np.abs(picture.astype(int) - portrait.foreground).max() <= 2, offset


def test_it_follows_the_head(tmp_path, portrait):
    def centre(layer):
        green = (layer.rgb[..., 1] > 200) & (layer.rgb[..., 0] < 60) & (layer.rgb[..., 2] < 60)
        return np.argwhere(green).mean(axis=0)

    rest = centre(paint(tmp_path, portrait)[5])
    right = centre(paint(tmp_path, portrait, shift_x=0.05)[5])
    low = centre(paint(tmp_path, portrait, shift_y=0.04)[5])
    width = LowerFace.of(portrait.landmarks, (96, 96)).width
    assert_allclose(right - rest, [0, 0.05 * width], atol=0.3)
    assert_allclose(low - rest, [0.04 * width, 0], atol=0.3)


def test_on_a_video_it_follows_each_picture(tmp_path, portrait_small):
    """Two pictures: the portrait, and the same moved to the right."""
    alpha = np.rint(portrait_small.alpha * 255).astype(np.uint8)
    stream, shift = io.BytesIO(), 16
    spool = strip.Spool(stream)
    for right in (0, shift):
        spool.add(np.roll(portrait_small.foreground, right, axis=1), np.roll(alpha, right, axis=1))
    places = np.stack([portrait_small.landmarks, portrait_small.landmarks + np.array([shift, 0, 0], np.float32)])
    pictures = Strip(np.frombuffer(stream.getvalue(), np.uint8), spool.offsets(), places, np.arange(2), FPS)
    moving = replace(portrait_small, key="moving", strip=pictures)
    green = network(tmp_path / "green.onnx", painted=("0", "1", "0"))
    said = speech(chirp(12 / FPS))
    middles = []
    for layer in list(animator(green, base="warp").animate(moving, motion(12), said))[6:8]:
        painted = (layer.rgb[..., 1] > 200) & (layer.rgb[..., 0] < 60) & (layer.rgb[..., 2] < 60)
        middles.append(np.argwhere(painted).mean(axis=0))
    assert_allclose(middles[1] - middles[0], [0, shift], atol=0.5)


def test_a_face_at_the_edge_of_the_picture(tmp_path, portrait_small):
    for x, y in ((-120, 0), (150, 0), (0, 150), (400, 400)):
        moved = replace(portrait_small, landmarks=portrait_small.landmarks + np.float32([x, y, 0]))
        assert len(paint(tmp_path, moved, frames=4)) == 4


def test_nothing_changes_outside_the_box(tmp_path, portrait):
    for layer in paint(tmp_path, portrait, yaw=3.0, pitch=-2.0):
        changed = (layer.rgb != portrait.foreground).any(axis=-1)
        assert changed.any()
        changed[layer.box.y0 : layer.box.y1, layer.box.x0 : layer.box.x1] = False
        assert not changed.any()


# The head under it


def test_head_eyes_and_brows_move_and_the_bases_mouth_stays_shut(tmp_path, portrait):
    shown: list[Motion] = []
    still = load("animator", "still")

    class Watched:
        name = "watched"

        def animate(self, portrait, motion, speech):
            shown.append(motion)
            return still.animate(portrait, motion, speech)

    wanted = motion(4, jaw=0.8, lower=0.5, tongue=1.0, yaw=2.0, blink_left=1.0, brow_inner=0.3, smile=0.2, start=7)
    drawn = load("animator", "wav2lip", file=network(tmp_path / "net.onnx"), base=Watched())
    assert [layer.index for layer in drawn.animate(portrait, wanted, speech(chirp(0.16)))] == [7, 8, 9, 10]
    for name in ("jaw", "lower", "tongue", "contact"):
        assert not shown[0].channel(name).any()
    assert (shown[0].channel("close") > 0.5).all()
    for name in ("yaw", "blink_left", "brow_inner", "smile"):
        assert_array_equal(shown[0].channel(name), wanted.channel(name))
    assert wanted.channel("jaw")[0] == np.float32(0.8)


def test_in_silence_the_mouth_is_the_bases(tmp_path, portrait):
    """The sound starts after one second; the network's mouth fades in while the first sound comes into its window."""
    samples = np.concatenate([np.zeros(RATE, np.float32), chirp(1.0)])
    layers = list(
        animator(network(tmp_path / "net.onnx", painted=("0", "1", "0"))).animate(portrait, motion(50), speech(samples))
    )
    green = np.array([float(layer.rgb[lips(portrait)][..., 1].mean()) for layer in layers])
    assert_array_equal(layers[19].rgb, portrait.foreground)
    assert green[24] == pytest.approx(255, abs=2)
    steps = np.diff(green[18:26])
    assert (steps >= -0.5).all()
    assert steps.max() < 0.6 * (green[25] - green[18])


@pytest.mark.parametrize(
    "samples",
    [np.zeros(0), np.zeros(800), np.full(8000, np.nan), np.full(8000, np.inf), np.full(8000, 9.0), np.ones(1)],
    ids=["none", "silent", "nan", "inf", "clipped", "one sample"],
)
def test_any_sound_gives_every_frame(tmp_path, portrait_small, samples):
    layers = list(
        animator(network(tmp_path / "net.onnx")).animate(portrait_small, motion(5), speech(samples.astype(np.float32)))
    )
    assert len(layers) == 5


def test_speech_through_the_default_animator(tmp_path, portrait_small):
    """As the pipeline runs it, with the animator "warp" below."""
    sound = speech(chirp(0.8))
    moved, _ = plan(sound, FPS, Gestures.start(3))
    drawn = load("animator", "wav2lip", file=network(tmp_path / "net.onnx", painted=("0", "1", "0")))
    layers = list(drawn.animate(portrait_small, moved, sound))
    assert len(layers) == 20
    assert isinstance(drawn, Animator)
    red, green, blue = layers[10].rgb[lips(portrait_small)].mean(axis=(0, 1))
    assert green > 240
    assert max(red, blue) < 15
    for layer in layers:
        assert layer.rgb.dtype == np.uint8
        assert layer.rgb.flags["C_CONTIGUOUS"]


def test_frames_are_drawn_as_they_are_taken_and_no_further(tmp_path, portrait_small):
    drawn = animator(network(tmp_path / "net.onnx"))
    layers = drawn.animate(portrait_small, motion(100_000), speech(chirp(2.0)))
    assert next(layers).index == 0
    layers.close()
    assert next(layers, None) is None


def test_equal_speech_gives_equal_pictures(tmp_path, portrait_small):
    first, second = (paint(tmp_path, portrait_small, yaw=1.0) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert_array_equal(one.rgb, other.rgb)


# Files


@pytest.mark.parametrize(
    "options",
    [
        {"names": ("source", "target", "output"), "batch": 1},
        {"batch": 3},
        {"kind": HALF},
        {"side": 384},
        {"names": ("a", "b", "c")},
        {"swapped": True},
        {"swapped": True, "shapes": (("n", 1, 80, 16), ("n", 6, "h", "w"), ("n", 3, "h", "w"))},
        {"shapes": (("n", "c", 80, 16), ("n", "d", "h", "w"), ("n", "e", "h", "w"))},
        {"swapped": True, "kind": HALF, "shapes": (("n", "c", 80, "t"), ("n", 6, "h", "w"), (None, 3, None, None))},
    ],
    ids=str,
)
def test_any_file_of_the_signature(tmp_path, portrait_small, options):
    sound = speech(chirp(0.4))
    usual = list(animator(network(tmp_path / "a.onnx")).animate(portrait_small, motion(10), sound))
    other = list(animator(network(tmp_path / "b.onnx", **options)).animate(portrait_small, motion(10), sound))
    assert len(other) == 10
    where = lips(portrait_small)
    for one, two in zip(usual, other, strict=True):
        assert_allclose(one.rgb[where].mean(axis=(0, 1)), two.rgb[where].mean(axis=(0, 1)), atol=2)


@pytest.mark.parametrize("side", [48, 512])
def test_a_network_of_another_size_is_refused_in_one_line(tmp_path, side):
    with pytest.raises(BackendError, match=rf"faces of {side}x{side} pixels\. .*96 to 384 pixels\.$"):
        animator(network(tmp_path / "net.onnx", side=side))


@pytest.mark.parametrize(
    "shapes",
    [
        ((1, 1, 16, 80), (1, 6, 96, 96), (1, 3, 96, 96)),
        ((1, 1, 80, 16), (1, 3, 96, 96), (1, 3, 96, 96)),
        ((1, 1, 80, 16), (1, 6, 96, 96), (1, 1, 96, 96)),
    ],
    ids=["mel on its side", "one picture", "grey"],
)
def test_another_signature_is_refused_in_one_line(tmp_path, shapes):
    info = helper.make_tensor_value_info
    inputs = [info("sound", FLOAT, shapes[0]), info("face", FLOAT, shapes[1])]
    flat = helper.make_tensor("flat", FLOAT, shapes[2], np.zeros(shapes[2], np.float32).ravel())
    nodes = [helper.make_node("Constant", [], ["drawn"], value=flat)]
    graph = helper.make_graph(nodes, "toy", inputs, [info("drawn", FLOAT, shapes[2])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(
        BackendError, match=r"^[^\n]*another network [^\n]*mel \(n, 1, 80, 16\)[^\n]*$|another network"
    ) as caught:
        animator(tmp_path / "net.onnx")
    assert "\n" not in str(caught.value)


def test_another_network_is_refused(tmp_path):
    info = helper.make_tensor_value_info
    inputs, outputs = [info("input", FLOAT, (1, 3, 64, 64))], [info("output", FLOAT, (1, 3, 64, 64))]
    graph = helper.make_graph([helper.make_node("Identity", ["input"], ["output"])], "toy", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    (tmp_path / "other.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(BackendError, match=r"another network .*mel \(n, 1, 80, 16\), image \(n, 6, h, w\)"):
        animator(tmp_path / "other.onnx")
    (tmp_path / "broken.onnx").write_bytes(b"not a network")
    for name in ("broken.onnx", "missing.onnx"):
        with pytest.raises(BackendError, match=name):
            animator(tmp_path / name)


def test_the_users_own_file_is_found_and_asked_for(tmp_path):
    settings = Settings(cache=tmp_path / "cache", assets=tmp_path)
    with pytest.raises(AssetError, match=r"wav2lip\.onnx.*non-commercial"):
        load("animator", "wav2lip", settings=settings)
    network(tmp_path / "wav2lip.onnx")
    drawn = load("animator", "wav2lip", settings=settings, base=load("animator", "still"))
    assert drawn.capabilities.lookahead_s == pytest.approx(0.185)
    assert "non-commercial" in drawn.capabilities.licence
    assert "non-commercial" in assets.BRING["wav2lip"].licence
    assert Settings().animator != "wav2lip"


def test_an_avatar_uses_the_users_file(tmp_path, models, astronaut):
    network(tmp_path / "wav2lip.onnx")
    settings = Settings(animator="wav2lip", assets=tmp_path, voice="tone", size=128)
    clip = Avatar(astronaut, settings).say("Hello there.", out=tmp_path / "a.mp4")
    assert clip.frames > 10
