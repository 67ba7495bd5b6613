"""The peer: a matting network on every frame, ``cv2.GaussianBlur``, and a numpy blend, as tutorials of avatars with a blurred
background have it.

    python -m benchmarks.article

The network stands in for MODNet (Ke et al., "MODNet: Real-Time Trimap-Free Portrait Matting via Objective Decomposition", AAAI
2022), whose weights no package index has: MobileNetV2 with its three branches, drawn up here to within 1 % of MODNet's size and
cost. Its weights are random, which costs the same time. It is written down as an ONNX graph and run by ONNX Runtime; without the
package ``onnx`` there is nothing to compare with.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from math import prod
from typing import Any

import cv2
import numpy as np

from .blur import milliseconds, our_frame_ms

MODNET_PARAMETERS, MODNET_GFLOP = 6.487e6, 31.16
"""Of the published network; the cost for 512x512 pixels as in OpenVINO's Open Model Zoo, "modnet-photographic-portrait-matting"."""

_MOBILENET = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""Expansion, channels, blocks, stride of the first block (Sandler et al., "MobileNetV2", CVPR 2018, table 2)."""


class _Graph:
    """An ONNX graph under construction; a tensor is its name, and its number of channels is kept beside it."""

    def __init__(self) -> None:
        from onnx import helper, numpy_helper

        self._make = helper.make_node
        self._constant = numpy_helper.from_array
        self._rng = np.random.default_rng(0)
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.channels: dict[str, int] = {"input": 3}
        self.parameters = 0

    def add(self, kind: str, inputs: Sequence[str], channels: int, **attributes: Any) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(self._make(kind, list(inputs), [name], **attributes))
        self.channels[name] = channels
        return name

    def constant(self, values: np.ndarray, *, learned: bool = True) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(self._constant(values, name))
        self.parameters += values.size if learned else 0
        return name

    def convolve(self, x: str, channels: int, size: int, *, stride: int = 1, groups: int = 1) -> str:
        shape = (channels, self.channels[x] // groups, size, size)
        weight = self._rng.normal(0, (2 / np.prod(shape[1:])) ** 0.5, shape).astype(np.float32)
        names = [x, self.constant(weight), self.constant(np.zeros(channels, np.float32))]
        return self.add("Conv", names, channels, strides=[stride] * 2, pads=[size // 2] * 4, group=groups)

    def relu6(self, x: str) -> str:
        bounds = [self.constant(np.array(v, np.float32), learned=False) for v in (0, 6)]
        return self.add("Clip", [x, *bounds], self.channels[x])

    def normalised(self, x: str, channels: int, size: int, *, stride: int = 1) -> str:
        """Convolution, batch normalisation (folded into it) of half the channels and instance normalisation of the others, ReLU."""
        x = self.convolve(x, channels, size, stride=stride)
        half = channels // 2
        first, second = f"{x}a", f"{x}b"
        sizes = self.constant(np.array([half, channels - half], np.int64), learned=False)
        self.nodes.append(self._make("Split", [x, sizes], [first, second], axis=1))
        scale = [self.constant(np.full(channels - half, v, np.float32)) for v in (1, 0)]
        second = self.add("InstanceNormalization", [second, *scale], channels - half)
        return self.add("Relu", [self.join(first, second, channels)], channels)

    def join(self, one: str, other: str, channels: int | None = None) -> str:
        return self.add("Concat", [one, other], channels or self.channels[one] + self.channels[other], axis=1)

    def scaled(self, x: str, factor: float) -> str:
        factors = self.constant(np.array([1, 1, factor, factor], np.float32), learned=False)
        return self.add("Resize", [x, "", factors], self.channels[x], mode="linear")


def _modnet(graph: _Graph) -> str:
    enc2, enc4, enc32 = _backbone(graph, "input")
    low8 = _low_resolution(graph, enc32)
    return _fusion(graph, low8, _high_resolution(graph, enc2, enc4, low8))


def _backbone(graph: _Graph, x: str) -> tuple[str, str, str]:
    taps: dict[int, str] = {}
    x = graph.relu6(graph.convolve(x, 32, 3, stride=2))
    for expansion, channels, blocks, first_stride in _MOBILENET:
        for block in range(blocks):
            stride = first_stride if block == 0 else 1
            wide = graph.channels[x] * expansion
            y = graph.relu6(graph.convolve(x, wide, 1)) if expansion > 1 else x
            y = graph.relu6(graph.convolve(y, wide, 3, stride=stride, groups=wide))
            y = graph.convolve(y, channels, 1)
            x = graph.add("Add", [x, y], channels) if stride == 1 and graph.channels[x] == channels else y
        taps[channels] = x
    return taps[16], taps[24], graph.relu6(graph.convolve(x, 1280, 1))


def _low_resolution(graph: _Graph, enc32: str) -> str:
    """What is a person: channel attention, then up to an eighth of the size."""
    squeezed = graph.convolve(graph.add("GlobalAveragePool", [enc32], 1280), 320, 1)
    weights = graph.add("Sigmoid", [graph.convolve(graph.add("Relu", [squeezed], 320), 1280, 1)], 1280)
    x = graph.add("Mul", [enc32, weights], 1280)
    x = graph.normalised(graph.scaled(x, 2), 96, 5)
    return graph.normalised(graph.scaled(x, 2), 32, 5)


def _high_resolution(graph: _Graph, enc2: str, enc4: str, low8: str) -> str:
    """Where its edge is."""
    half, quarter = graph.scaled("input", 0.5), graph.scaled("input", 0.25)
    x = graph.normalised(graph.join(graph.normalised(enc2, 32, 1), half), 32, 3, stride=2)
    x = graph.normalised(graph.join(x, graph.normalised(enc4, 32, 1)), 64, 3)
    x = graph.join(graph.join(x, graph.scaled(low8, 2)), quarter)
    for channels in (64, 64, 32):
        x = graph.normalised(x, channels, 3)
    x = graph.join(graph.scaled(x, 2), graph.normalised(enc2, 32, 1))
    for channels in (64, 32, 32, 32):
        x = graph.normalised(x, channels, 3)
    return x


def _fusion(graph: _Graph, low8: str, high2: str) -> str:
    low4 = graph.normalised(graph.scaled(low8, 2), 32, 5)
    x = graph.normalised(graph.join(graph.scaled(low4, 2), high2), 32, 3)
    x = graph.normalised(graph.join(graph.scaled(x, 2), "input"), 16, 3)
    return graph.add("Sigmoid", [graph.convolve(x, 1, 1)], 1)


@lru_cache(maxsize=1)
def network() -> tuple[bytes, int]:
    """The ONNX file and its number of parameters. Input float32 (1, 3, h, w) in [-1, 1], output (1, 1, h, w) in [0, 1]."""
    from onnx import TensorProto, helper

    graph = _Graph()
    out = _modnet(graph)
    shape: list[str | int | None] = [1, 3, "height", "width"]
    info = [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)]
    result = [helper.make_tensor_value_info(out, TensorProto.FLOAT, [1, 1, "height", "width"])]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "matting", info, result, graph.weights),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    return model.SerializeToString(), graph.parameters


def gigaflop(size: int = 512) -> float:
    """Of the convolutions for one picture of *size* pixels square; a multiplication and an addition count two."""
    import onnx

    model = onnx.load_from_string(network()[0])
    for axis in model.graph.input[0].type.tensor_type.shape.dim[2:]:
        axis.dim_value = size
    known = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = {
        each.name: [axis.dim_value for axis in each.type.tensor_type.shape.dim]
        for each in (*known.value_info, *known.output)
    }
    kernels = {each.name: each.dims for each in model.graph.initializer}
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    return 2e-9 * sum(float(prod(shapes[node.output[0]]) * prod(kernels[node.input[1]][1:])) for node in convolutions)


def article_frame_ms(size: int = 512, frames: int = 5) -> float | None:
    """Median milliseconds for one frame of *size* pixels square by the tutorial's recipe; None without the package ``onnx``."""
    if find_spec("onnx") is None:
        return None
    import onnxruntime

    session = onnxruntime.InferenceSession(network()[0], providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    image = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)

    def frame() -> Any:
        planes = ((image.astype(np.float32) - 127.5) / 127.5).transpose(2, 0, 1)[None]
        alpha = session.run(None, {name: np.ascontiguousarray(planes)})[0][0, 0][:, :, None]
        blurred = cv2.GaussianBlur(image, (0, 0), 14 * size / 512)
        return (alpha * image + (1 - alpha) * blurred).astype(np.uint8)

    return milliseconds(frame, frames)[0]


def main() -> None:
    theirs, own = article_frame_ms(), our_frame_ms()
    if theirs is None:
        print("The package onnx is missing. Run: pip install onnx")
        return
    print(f"network: {network()[1] / 1e6:.2f} million parameters, {gigaflop():.1f} GFLOP for 512 x 512")
    print(f"MODNet:  {MODNET_PARAMETERS / 1e6:.2f} million parameters, {MODNET_GFLOP:.1f} GFLOP for 512 x 512")
    print(f"the article's recipe at 512 x 512: {theirs:.1f} ms a frame")
    print(f"blend with a cached backdrop: {own:.2f} ms, {theirs / own:.0f} times faster")


if __name__ == "__main__":
    main()
