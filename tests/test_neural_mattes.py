"""Networks that users bring: shown pictures undistorted, answered for at the picture's size, refused with one line."""

from __future__ import annotations

import os
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
    """Alpha is the mean of the brightness now and before; the states are four sizes of it, as those of RVM."""
    graph = Graph(kind)
    graph.constant("weights", np.full((1, 3, 1, 1), 1 / 3))
    graph.node("Conv", "src", "weights", to="bright")
    graph.constant("half", 0.5)
    graph.node("Cast", "downsample_ratio", to="ratio", to_=FLOAT) if False else None
    graph.constant("ones", [1.0, 1.0], FLOAT)
    graph.node("Concat", "ones", "downsample_ratio", "downsample_ratio", to="scales", axis=0)
    graph.node("Resize", "bright", "", "scales", to="r0", mode="nearest")
    channels = (16, 20, 40, 64)
    for level, count in enumerate(channels, start=1):
        graph.node("AveragePool", f"r{level - 1}", to=f"p{level}", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
        graph.constant(f"spread{level}", np.full((count, 1, 1, 1), 1.0))
        graph.node("Conv", f"p{level}_one" if level > 1 else "p1", f"spread{level}", to=f"new{level}") if level == 1 else None
    return file
