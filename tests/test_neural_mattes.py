"""Networks that users bring: shown pictures undistorted, answered for at the picture's size, refused with one line."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from visavis.errors import AssetError, BackendError
from visavis.render import assets, backends, onnx
from visavis.render.contracts import Matte
from visavis.render.mattes import fitting, ladder
from visavis.settings import Settings

helper = pytest.importorskip("onnx.helper", reason="Run `pip install onnx`.")
from onnx import TensorProto  # noqa: E402 - only after it is known to be there

FLOAT, HALF, BYTE = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.UINT8
KINDS = {FLOAT: np.float32, HALF: np.float16}


@dataclass
class Graph:
    """A network in the making: values by name, in the precision *kind*."""

    kind: int = FLOAT

    def __post_init__(self):
        self.nodes, self.constants = [], []

    def node(self, operator, *inputs, to, **attributes):
        self.nodes.append(helper.make_node(operator, list(inputs), [to], **attributes))
        return to

    def constant(self, name, values, kind=None):
        kind = self.kind if kind is None else kind
        array = np.asarray(values, KINDS.get(kind, np.int64))
        self.constants.append(helper.make_tensor(name, kind, array.shape, array.ravel()))
        return name

    def save(self, file: Path, inputs: dict, outputs: dict) -> Path:
        def infos(tensors):
            return [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in tensors.items()]

        graph = helper.make_graph(self.nodes, "toy", infos(inputs), infos(outputs), self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 9
        file.write_bytes(model.SerializeToString())
        return file


def modnet_file(file: Path, *, kind=FLOAT, size=("height", "width"), gain=8.0, names=("input", "output")) -> Path:
    """Alpha is 1 where a picture is bright. Like MODNet it joins a path at 1/32 of the size, so it fails at other multiples."""
    graph = Graph(kind)
    graph.constant("weights", np.full((1, 3, 1, 1), gain / 3))
    graph.node("Conv", names[0], "weights", to="bright")
    graph.node("AveragePool", "bright", to="low", kernel_shape=[32, 32], strides=[32, 32])
    graph.constant("up", np.full((1, 1, 32, 32), 1e-3))
    graph.node("ConvTranspose", "low", "up", to="wide", strides=[32, 32])
    graph.node("Concat", "bright", "wide", to="both", axis=1)
    graph.constant("merge", np.reshape([1.0, 0.0], (1, 2, 1, 1)))
    graph.node("Conv", "both", "merge", to="merged")
    graph.node("Sigmoid", "merged", to=names[1])
    shape = ("batch_size", 3, *size)
    return graph.save(file, {names[0]: (kind, shape)}, {names[1]: (kind, ("batch_size", 1, *size))})


def rvm_file(file: Path, *, kind=FLOAT) -> Path:
    """Alpha is three quarters of the brightness now and one quarter of that before; four states at the sizes that RVM has."""
    graph = Graph(kind)
    graph.constant("weights", np.full((1, 3, 1, 1), 1 / 3))
    graph.node("Conv", "src", "weights", to="bright")
    graph.constant("ones", [1.0, 1.0], FLOAT)
    graph.node("Concat", "ones", "downsample_ratio", "downsample_ratio", to="scales", axis=0)
    graph.node("Resize", "bright", "", "scales", to="pooled0", mode="nearest")
    graph.constant("nothing", 0.0)
    for level, channels in enumerate((16, 20, 40, 64), start=1):
        to = f"pooled{level}"
        graph.node("AveragePool", f"pooled{level - 1}", to=to, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
        graph.constant(f"spread{level}", np.ones((channels, 1, 1, 1)))
        graph.node("Conv", to, f"spread{level}", to=f"fresh{level}")
        graph.node("ReduceMean", f"r{level}i", to=f"before{level}", axes=[0, 1, 2, 3])
        graph.node("Mul", f"before{level}", "nothing", to=f"silent{level}")
        graph.node("Add", f"fresh{level}", f"silent{level}", to=f"r{level}o")
    graph.constant("now", 0.75)
    graph.constant("then", 0.25)
    graph.node("Mul", "bright", "now", to="share")
    graph.node("Mul", "before1", "then", to="echo")
    graph.node("Add", "share", "echo", to="pha")
    graph.node("Identity", "src", to="fgr")
    states = {f"r{level}": (kind, ("batch_size", f"c{level}", f"h{level}", f"w{level}")) for level in (1, 2, 3, 4)}
    picture = ("batch_size", 3, "height", "width")
    return graph.save(
        file,
        {"src": (kind, picture)} | {f"{r}i": each for r, each in states.items()} | {"downsample_ratio": (FLOAT, (1,))},
        {"fgr": (kind, picture), "pha": (kind, ("batch_size", 1, "height", "width"))}
        | {f"{r}o": (each[0], (None, None, None, None)) for r, each in states.items()},
    )


@pytest.fixture
def folder(tmp_path) -> Path:
    """Where the user keeps the networks."""
    folder = tmp_path / "mine"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(tmp_path, folder, models) -> Settings:
    for name in ("selfie_segmentation", "face_detection", "face_landmark"):
        (folder / models[name].name).symlink_to(models[name])
    return Settings(cache=tmp_path / "cache", assets=folder, offline=True)


MAKERS = {"modnet": modnet_file, "rvm": rvm_file}


@pytest.fixture(params=MAKERS)
def toy(request, folder, settings) -> Matte:
    """Each matte that runs an ONNX file, over a small network of the same signature."""
    MAKERS[request.param](folder / f"{request.param}.onnx")
    return backends.load("matte", request.param, settings=settings)


def halves(height=96, width=128):
    """Dark on the left, bright on the right."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, width // 2 :] = 255
    return image


# The contract


def test_a_neural_matte_keeps_the_contract(toy):
    assert isinstance(toy, Matte)
    image = halves()
    before = image.copy()
    (first, state), (second, _) = toy.matte(image), toy.matte(image)
    assert_array_equal(first, second)
    assert_array_equal(image, before)
    again, _ = toy.matte(image, state)
    assert again.shape == first.shape == (96, 128)


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 40), (40, 1), (7, 5), (96, 96), (511, 513), (360, 640), (720, 40), (512, 512), (4320, 600)]
)
def test_alpha_has_the_shape_of_the_picture(toy, shape):
    alpha, _ = toy.matte(np.full((*shape, 3), 200, np.uint8))
    assert (alpha.shape, alpha.dtype) == (shape, np.float32)
    assert alpha.flags.c_contiguous
    assert 0 <= alpha.min() <= alpha.max() <= 1


@pytest.mark.parametrize("shape", [(96, 128), (511, 333), (300, 900), (1100, 700)])
def test_what_is_bright_stays_where_it_is(toy, shape):
    alpha, _ = toy.matte(halves(*shape))
    middle = shape[1] // 2
    assert alpha[:, middle + 4 :].min() > 0.7
    assert alpha[:, : middle - 4].max() < 0.55
    assert np.ptp(alpha[:, middle + 8]) < 1e-3


@pytest.mark.parametrize("shape", [(0, 5, 3), (5, 0, 3), (5, 5), (5, 5, 4)])
def test_what_is_no_picture_is_refused(toy, shape):
    with pytest.raises(BackendError, match="is no picture"):
        toy.matte(np.zeros(shape, np.uint8))


# Sizes


@given(height=st.integers(1, 5000), width=st.integers(1, 5000), scale=st.floats(0.01, 20))
def test_a_picture_is_padded_never_distorted(height, width, scale):
    fit = fitting.to_multiple(np.broadcast_to(np.uint8(0), (height, width, 3)), scale, 32)
    assert fit.outer[0] % 32 == fit.outer[1] % 32 == 0
    assert max(fit.inner) <= fitting.LONGEST
    assert all(0 <= outer - inner < 32 for outer, inner in zip(fit.outer, fit.inner, strict=True))
    used = fit.inner[0] / height, fit.inner[1] / width
    assert abs(used[0] - used[1]) <= max(1 / height, 1 / width)


@given(height=st.integers(1, 3000), width=st.integers(1, 3000))
def test_a_network_of_fixed_size_holds_the_whole_picture(height, width):
    fit = fitting.into(np.broadcast_to(np.uint8(0), (height, width, 3)), (320, 512))
    assert fit.outer == (320, 512)
    assert fit.inner[0] == 320 or fit.inner[1] == 512
    assert abs(fit.inner[0] / height - fit.inner[1] / width) <= max(1 / height, 1 / width)


@given(st.integers(1, 70), st.integers(1, 70))
def test_a_matte_that_is_only_padded_comes_back_unchanged(height, width):
    image = np.arange(height * width * 3, dtype=np.uint64).reshape(height, width, 3).astype(np.uint8)
    fit = fitting.to_multiple(image, 1.0, 32)
    shown = fit.picture(image)
    assert shown.shape == (*fit.outer, 3)
    assert_allclose(fit.alpha(shown[None, None, :, :, 0] / np.float32(255)), image[:, :, 0] / np.float32(255))


def test_modnet_sees_the_size_it_was_trained_at(folder, settings, monkeypatch):
    modnet_file(folder / "modnet.onnx")
    matte = backends.load("matte", "modnet", settings=settings)
    seen = []
    run = onnx.Network.run
    monkeypatch.setattr(onnx.Network, "run", lambda self, feed: seen.append(feed["input"]) or run(self, feed))
    for shape in [(256, 256), (1024, 2048), (511, 513), (512, 700), (300, 512), (1080, 1920)]:
        matte.matte(np.full((*shape, 3), 255, np.uint8))
    assert [each.shape[2:] for each in seen] == [
        (512, 512), (512, 1024), (512, 544), (512, 704), (320, 512), (512, 928),
    ]  # fmt: skip
    assert all((each == 1).all() for each in seen)


def test_a_modnet_of_fixed_size_is_used_as_it_is(folder, settings):
    modnet_file(folder / "modnet.onnx", size=(96, 160))
    alpha, _ = backends.load("matte", "modnet", settings=settings).matte(halves(300, 900))
    assert alpha[:, 470:].min() > 0.9 > 0.1 > alpha[:, :430].max()


# Precision


@pytest.mark.parametrize("name", MAKERS)
def test_half_precision_gives_the_same_alpha(name, folder, settings):
    answers = []
    for kind in (FLOAT, HALF):
        MAKERS[name](folder / f"{name}.onnx", kind=kind)
        matte = backends.load("matte", name, settings=settings)
        image = np.random.default_rng(5).integers(0, 256, (64, 96, 3), np.uint8)
        alpha, state = matte.matte(image)
        answers.append((alpha, matte.matte(image, state)[0]))
    assert_allclose(answers[0][0], answers[1][0], atol=4e-3)
    assert_allclose(answers[0][1], answers[1][1], atol=4e-3)


# Recurrence


@pytest.fixture
def rvm(folder, settings) -> Matte:
    rvm_file(folder / "rvm.onnx")
    return backends.load("matte", "rvm", settings=settings)


def flat(level, shape=(64, 96)):
    return np.full((*shape, 3), level, np.uint8)


def test_the_picture_before_is_remembered_in_the_state_alone(rvm):
    first, state = rvm.matte(flat(255))
    second, _ = rvm.matte(flat(255), state)
    assert_allclose(first, 0.75, atol=1e-6)
    assert_allclose(second, 1.0, atol=1e-6)
    assert_allclose(rvm.matte(flat(255))[0], first)
    assert_allclose(rvm.matte(flat(255), state)[0], second)


def test_a_picture_of_another_size_starts_anew(rvm):
    _, state = rvm.matte(flat(255))
    other, state = rvm.matte(flat(255, (48, 40)), state)
    assert_allclose(other, 0.75, atol=1e-6)
    assert state.shape == (48, 40)


def test_the_states_have_the_sizes_of_the_coarse_picture(rvm):
    _, state = rvm.matte(flat(9, (1080, 1920)))
    assert [values.shape for values in state.levels] == [
        (1, 16, 144, 256), (1, 20, 72, 128), (1, 40, 36, 64), (1, 64, 18, 32),
    ]  # fmt: skip


def test_a_foreign_state_is_refused(rvm):
    with pytest.raises(BackendError, match="state"):
        rvm.matte(flat(9), object())


# Files that cannot be used


def _text(file):
    file.write_text("no network")


def _cut(file):
    file.write_bytes(modnet_file(file).read_bytes()[:-100])


def _folder(file):
    file.mkdir()


def _other_names(file):
    modnet_file(file, names=("input_image", "output_image"))


def _more_inputs(file):
    rvm_file(file)


def _other_axes(file):
    graph = Graph()
    graph.node("Sigmoid", "input", to="output")
    graph.save(file, {"input": (FLOAT, ("n", "c"))}, {"output": (FLOAT, ("n", "c"))})


def _no_axes(file):
    graph = Graph()
    graph.node("Sigmoid", "input", to="output")
    graph.save(file, {"input": (FLOAT, None)}, {"output": (FLOAT, None)})


def _bytes_in(file):
    graph = Graph()
    graph.nodes.append(helper.make_node("Cast", ["input"], ["output"], to=FLOAT))
    graph.save(file, {"input": (BYTE, ("n", 3, "h", "w"))}, {"output": (FLOAT, ("n", 3, "h", "w"))})


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (Path.touch, "it is empty"),
        (_text, "cannot be loaded"),
        (_cut, "cannot be loaded"),
        (_folder, "cannot be loaded"),
        (_other_names, "input_image tensor.*signature input -> output"),
        (_more_inputs, "is another network"),
        (_other_axes, "is another network"),
        (_no_axes, "is another network"),
        (_bytes_in, r"tensor\(uint8\) as 'input'"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(folder, settings, damage, words, capfd):
    damage(folder / "modnet.onnx")
    with pytest.raises(BackendError, match=words) as caught:
        backends.load("matte", "modnet", settings=settings)
    assert "\n" not in str(caught.value)
    assert caught.value.fix
    assert capfd.readouterr() == ("", "")


def test_a_file_that_is_not_there_says_where_it_is_had_and_its_licence(settings):
    with pytest.raises(AssetError, match=r"modnet\.onnx.*Apache-2\.0.*huggingface\.co/Xenova/modnet"):
        backends.load("matte", "modnet", settings=settings)


def constant_file(file: Path, values) -> Path:
    """Answers every picture with *values*."""
    graph = Graph()
    graph.constant("values", values)
    graph.constant("nothing", 0.0)
    graph.node("ReduceMean", "input", to="mean", axes=[0, 1, 2, 3], keepdims=0)
    graph.node("Mul", "mean", "nothing", to="silent")
    graph.node("Add", "values", "silent", to="output")
    sizes = {"input": (FLOAT, ("n", 3, "h", "w"))}, {"output": (FLOAT, (None, None, None, None))}
    return graph.save(file, *sizes)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.full((1, 1, 512, 512), np.nan), "gave no numbers in 'output'"),
        (np.full((1, 1, 512, 512), np.inf), "gave no numbers"),
        (np.zeros((1, 1, 0, 512)), "gave no numbers"),
        (np.zeros((1, 1, 256, 256)), r"gave \(1, 1, 256, 256\) for a picture of \(512, 512\)"),
        (np.zeros((1, 2, 512, 512)), "for a picture of"),
        (np.linspace(-9, 9, 512 * 512).reshape(1, 1, 512, 512), "no opacities"),
    ],
)
def test_an_answer_that_is_no_matte_is_an_error(folder, settings, values, words):
    constant_file(folder / "modnet.onnx", values)
    matte = backends.load("matte", "modnet", settings=settings)
    with pytest.raises(BackendError, match=words):
        matte.matte(flat(9, (512, 512)))


def test_a_network_that_breaks_while_it_runs_is_an_error(folder, settings, capfd):
    modnet_file(folder / "modnet.onnx")
    network = onnx.Network(folder / "modnet.onnx", onnx.Signature({"input": 4}, {"output": 4}))
    with pytest.raises(BackendError, match=r"modnet\.onnx failed"):
        network.run({"input": np.zeros((1, 3, 500, 512), np.float32)})
    assert capfd.readouterr() == ("", "")


# Hardware


def test_the_best_provider_that_starts_is_used(folder, monkeypatch, capsys):
    modnet_file(folder / "modnet.onnx")
    asked, loaded = [], []
    session = onnxruntime.InferenceSession
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: loaded.append(sys.stdout.write("Failed to load libcudnn")))

    def start(file, options, *, providers, enable_fallback):
        assert loaded  # before the first session
        assert not enable_fallback  # its own fallback prints to stdout
        asked.append([each if isinstance(each, str) else each[0] for each in providers])
        if asked[-1][0] != "CPUExecutionProvider":
            raise RuntimeError("no driver")
        return session(file, options, providers=providers)

    monkeypatch.setattr(onnxruntime, "InferenceSession", start)
    built_in = ["CPUExecutionProvider", "AzureExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: built_in)
    network = onnx.Network(folder / "modnet.onnx", onnx.Signature({"input": 4}, {"output": 4}))
    tensorrt, cuda, cpu = onnx.PROVIDERS[0], onnx.PROVIDERS[1], onnx.PROVIDERS[3]
    assert asked == [[tensorrt, cuda, cpu], [cuda, cpu], [cpu]]
    assert network.providers == (cpu,)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("quantised", [False, True])
def test_tensorrt_is_told_of_int8(folder, monkeypatch, quantised):
    file = modnet_file(folder / "modnet.onnx")
    if quantised:
        file.write_bytes(file.read_bytes() + b"DequantizeLinear")
    asked = []

    def start(file, options, *, providers, enable_fallback):
        asked.append(dict(providers[:1]))
        raise RuntimeError("no card")

    monkeypatch.setattr(onnxruntime, "InferenceSession", start)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["TensorrtExecutionProvider"])
    with pytest.raises(BackendError, match="no card"):
        onnx.Network(file, onnx.Signature({"input": 4}, {"output": 4}))
    assert ("trt_int8_enable" in asked[0]["TensorrtExecutionProvider"]) == quantised


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="Linux only.")
def test_a_run_uses_no_more_threads_than_the_process_has_cores(folder, monkeypatch):
    modnet_file(folder / "modnet.onnx")
    wanted = []
    session = onnxruntime.InferenceSession

    def start(file, options, **rest):
        wanted.append(options.intra_op_num_threads)
        return session(file, options, **rest)

    monkeypatch.setattr(onnxruntime, "InferenceSession", start)
    signature = onnx.Signature({"input": 4}, {"output": 4})
    onnx.Network(folder / "modnet.onnx", signature)
    onnx.Network(folder / "modnet.onnx", signature, threads=1)
    assert wanted == [len(os.sched_getaffinity(0)), 1]


# The ladder


def test_a_neural_matte_is_the_first_step_when_it_works(portrait, folder, settings):
    inside = np.zeros((1, 1, 512, 512), np.float32)
    inside[:, :, 40:, 100:400] = 1
    constant_file(folder / "modnet.onnx", inside)
    cut = ladder.cut_out(portrait.image, portrait.landmarks, matte="modnet", settings=settings)
    assert (cut.name, cut.reason, cut.lasting, cut.probability) == ("modnet", "", True, False)
    assert_array_equal(cut.alpha, inside[0, 0])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda file: None, r"modnet: There is no modnet\.onnx in "),
        (_text, "cannot be loaded"),
        (_other_names, "is another network"),
        (_bytes_in, "uint8"),
        (lambda file: constant_file(file, np.full((1, 1, 512, 512), np.nan)), "gave no numbers"),
        (lambda file: constant_file(file, np.zeros((1, 1, 512, 512))), "its matte is empty"),
        (lambda file: constant_file(file, np.ones((1, 1, 512, 512))), "its matte is full"),
    ],
)
def test_a_neural_matte_that_fails_steps_down_to_selfie(portrait, folder, settings, make, words):
    make(folder / "modnet.onnx")
    cut = ladder.cut_out(portrait.image, portrait.landmarks, matte="modnet", settings=settings)
    assert (cut.name, cut.probability) == ("selfie", True)
    assert cut.reason.startswith("modnet: ")
    assert words.replace("\\", "") in cut.reason


@pytest.mark.parametrize("name", ["modnet", "rvm", "vitmatte"])
def test_without_weights_or_library_a_reply_is_made_all_the_same(portrait, settings, name):
    cut = ladder.cut_out(portrait.image, portrait.landmarks, matte=name, settings=settings)
    assert cut.name == "selfie"
    assert not cut.lasting


def test_when_selfie_fails_too_edges_follow(portrait, tmp_path):
    bare = Settings(cache=tmp_path / "cache", assets=None, offline=True)
    cut = ladder.cut_out(portrait.image, portrait.landmarks, matte="modnet", settings=bare)
    assert cut.name == "edges"
    assert "modnet: " in cut.reason
    assert "selfie: " in cut.reason


# What users bring


def test_every_network_to_bring_says_where_it_is_had_and_its_licence():
    assert assets.BRING.keys() >= {"modnet", "rvm", "vitmatte", "depth_anything"}
    for each in assets.BRING.values():
        assert each.source.startswith("https://")
        assert each.licence
        assert each.about
    assert "GPL" in assets.BRING["rvm"].licence


def test_what_was_brought_is_found_in_the_cache_and_in_the_users_folder(settings, folder):
    (settings.cache / "assets").mkdir(parents=True)
    rvm_file(settings.cache / "assets" / "rvm.onnx")
    modnet_file(folder / "modnet.onnx")
    here = {each.name: file for each, file in assets.brought_status(settings) if file}
    assert here == {"modnet": folder / "modnet.onnx", "rvm": settings.cache / "assets" / "rvm.onnx"}
    assert assets.brought("rvm", settings) == here["rvm"]
