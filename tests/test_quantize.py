"""A network with int8 weights is smaller, keeps its signature and gives nearly the same mattes, or is not made."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from visavis.errors import BackendError, InputError, OutputError, PortraitError
from visavis.render import quantize as module
from visavis.render.mattes.modnet import SIGNATURE, ModNet
from visavis.render.mattes.rvm import SIGNATURE as RVM
from visavis.render.mattes.rvm import RobustVideo
from visavis.render.onnx import Network
from visavis.render.quantize import quantize

helper = pytest.importorskip("onnx.helper", reason="Run `pip install onnx`.")
from onnx import TensorProto  # noqa: E402 - only after it is known to be there

FLOAT, HALF = TensorProto.FLOAT, TensorProto.FLOAT16


def conv(nodes, weights, name, source, shape, *, spread=1.0, kind=FLOAT, **attributes):
    values = np.random.default_rng(len(nodes)).normal(0, spread / np.sqrt(np.prod(shape[1:])), shape)
    weights.append(helper.make_tensor(f"{name}_weights", kind, shape, values.astype(np.float32).ravel()))
    nodes.append(helper.make_node("Conv", [source, f"{name}_weights"], [name], **attributes))
    return name


def save(file, nodes, weights, inputs, outputs):
    def infos(tensors):
        return [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in tensors.items()]

    graph = helper.make_graph(nodes, "toy", infos(inputs), infos(outputs), weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    file.write_bytes(model.SerializeToString())
    return file


def modnet_file(file, *, kind=FLOAT):
    """Convolutions, one of them depthwise, with MODNet's signature; 96 kB of weights."""
    nodes, weights = [], []
    conv(nodes, weights, "one", "input", (32, 3, 8, 8), kind=kind, strides=[8, 8])
    nodes.append(helper.make_node("Relu", ["one"], ["bent"]))
    conv(nodes, weights, "two", "bent", (32, 1, 3, 3), kind=kind, group=32, pads=[1, 1, 1, 1])
    conv(nodes, weights, "three", "two", (64, 32, 3, 3), kind=kind, pads=[1, 1, 1, 1])
    nodes.append(helper.make_node("Relu", ["three"], ["bent_too"]))
    conv(nodes, weights, "four", "bent_too", (64, 64, 1, 1), kind=kind)
    nodes.append(helper.make_node("DepthToSpace", ["four"], ["large"], blocksize=8))
    nodes.append(helper.make_node("Sigmoid", ["large"], ["output"]))
    size = ("batch_size", 3, "height", "width"), ("batch_size", 1, "height", "width")
    return save(file, nodes, weights, {"input": (kind, size[0])}, {"output": (kind, size[1])})


def rvm_file(file):
    nodes, weights = [], []
    conv(nodes, weights, "deep", "src", (64, 3, 5, 5), pads=[2, 2, 2, 2])
    for level in (1, 2, 3, 4):
        mean = helper.make_node("ReduceMean", [f"r{level}i"], [f"mean{level}"], axes=[1, 2, 3])
        nodes += [mean, helper.make_node("Add", ["deep", f"mean{level}"], [f"r{level}o"])]
    conv(nodes, weights, "flat", "r1o", (1, 64, 3, 3), pads=[1, 1, 1, 1])
    nodes.append(helper.make_node("Mul", ["flat", "downsample_ratio"], ["scaled"]))
    nodes.append(helper.make_node("Sigmoid", ["scaled"], ["pha"]))
    picture, free = ("b", 3, "h", "w"), (None, None, None, None)
    states = {f"r{level}i": (FLOAT, (f"b{level}", f"c{level}", f"h{level}", f"w{level}")) for level in (1, 2, 3, 4)}
    return save(
        file, nodes, weights, {"src": (FLOAT, picture), **states, "downsample_ratio": (FLOAT, (1,))},
        {"pha": (FLOAT, ("b", 1, "h", "w"))} | {f"r{level}o": (FLOAT, free) for level in (1, 2, 3, 4)},
    )  # fmt: skip


@pytest.fixture
def pictures(tmp_path):
    """A folder with three pictures, and a text that is none."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(3)
    for index in range(3):
        coarse = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8))
        coarse.resize((160, 120), Image.Resampling.BICUBIC).save(folder / f"{index}.png")
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture
def picture(pictures):
    return np.asarray(Image.open(pictures / "1.png"))


def weights_of(file):
    import onnx

    return {each.data_type for each in onnx.load(file).graph.initializer if len(each.raw_data) > 1000}


def test_without_pictures_weights_become_eight_bits(tmp_path, picture):
    source, target = modnet_file(tmp_path / "modnet.onnx"), tmp_path / "small.onnx"
    before = source.read_bytes()
    result = quantize(source, target)
    assert (result.method, result.error, result.file) == ("dynamic", None, target)
    assert (result.bytes_before, result.bytes_after) == (len(before), target.stat().st_size)
    assert result.bytes_after < 0.4 * result.bytes_before
    assert weights_of(target) <= {TensorProto.UINT8, TensorProto.INT8}
    one, other = (ModNet(Network(file, SIGNATURE)).matte(picture)[0] for file in (source, target))
    assert 0 < np.abs(one - other).mean() < 0.02
    assert source.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["modnet.onnx", "pictures", "small.onnx"]


@pytest.mark.parametrize(
    ("make", "matte", "signature"), [(modnet_file, ModNet, SIGNATURE), (rvm_file, RobustVideo, RVM)]
)
def test_with_pictures_the_method_that_changes_mattes_less_is_kept(tmp_path, pictures, picture, make, matte, signature):
    source, target = make(tmp_path / "network.onnx"), tmp_path / "small.onnx"
    result = quantize(source, target, pictures=[pictures])
    assert result.method in {"dynamic", "static"}
    one, other = (matte(Network(file, signature)).matte(picture)[0] for file in (source, target))
    assert np.abs(one - other).mean() < 0.02
    assert 0 < result.error < 0.02


def test_the_better_of_the_two_methods_wins(tmp_path, pictures, monkeypatch):
    source = modnet_file(tmp_path / "network.onnx")
    for loser, winner in (("_dynamic", "static"), ("_static", "dynamic")):
        with monkeypatch.context() as patched:
            spoilt = modnet_file(tmp_path / "spoilt.onnx")
            make = getattr(module, loser)

            def spoil(prepared, file, *rest, make=make):
                made = make(prepared, file, *rest)
                nodes, weights = [], []
                conv(nodes, weights, "other", "input", (1, 3, 1, 1), spread=9)
                nodes.append(helper.make_node("Sigmoid", ["other"], ["output"]))
                shape = ("n", 3, "h", "w"), ("n", 1, "h", "w")
                return save(made, nodes, weights, {"input": (FLOAT, shape[0])}, {"output": (FLOAT, shape[1])})

            patched.setattr(module, loser, spoil)
            assert quantize(source, tmp_path / "small.onnx", pictures=[pictures]).method == winner
            assert spoilt.exists()


def test_a_network_that_would_be_spoilt_is_not_written(tmp_path, pictures, monkeypatch):
    monkeypatch.setattr(module, "_WORST", 1e-9)
    source = modnet_file(tmp_path / "network.onnx")
    with pytest.raises(BackendError, match="would be off by"):
        quantize(source, tmp_path / "small.onnx", pictures=[pictures])
    assert not (tmp_path / "small.onnx").exists()


def test_without_the_package_onnx_the_error_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(BackendError, match="pip install onnx"):
        quantize(modnet_file(tmp_path / "network.onnx"), tmp_path / "small.onnx")


@pytest.mark.parametrize("content", [b"", b"no network at all", None])
def test_a_file_that_is_no_network_is_an_error(tmp_path, content):
    source = tmp_path / "network.onnx"
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(BackendError, match="network") as caught:
        quantize(source, tmp_path / "small.onnx")
    assert "\n" not in str(caught.value)


def test_a_network_of_half_precision_is_refused(tmp_path):
    with pytest.raises(BackendError, match="no fp32 weights"):
        quantize(modnet_file(tmp_path / "network.onnx", kind=HALF), tmp_path / "small.onnx")


def test_pictures_need_a_network_whose_signature_is_known(tmp_path, pictures):
    nodes, weights = [], []
    conv(nodes, weights, "y", "x", (1, 3, 1, 1))
    shape = ("n", 3, "h", "w"), ("n", 1, "h", "w")
    source = save(tmp_path / "other.onnx", nodes, weights, {"x": (FLOAT, shape[0])}, {"y": (FLOAT, shape[1])})
    with pytest.raises(BackendError, match="another network"):
        quantize(source, tmp_path / "small.onnx", pictures=[pictures])


def test_a_picture_that_cannot_be_read_is_named(tmp_path, pictures):
    with pytest.raises(PortraitError, match=r"notes\.txt"):
        quantize(modnet_file(tmp_path / "network.onnx"), tmp_path / "small.onnx", pictures=[pictures / "notes.txt"])


def test_the_source_is_never_replaced(tmp_path):
    source = modnet_file(tmp_path / "network.onnx")
    with pytest.raises(InputError, match="another name"):
        quantize(source, tmp_path / "." / "network.onnx")


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        quantize(modnet_file(tmp_path / "network.onnx"), tmp_path / "nowhere" / "small.onnx")
