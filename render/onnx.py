"""ONNX networks, run by ONNX Runtime on the best hardware that works."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as state

from ..errors import BackendError
from .types import Floats

PROVIDERS: Final = (
    "TensorrtExecutionProvider",
    "CUDAExecutionProvider",
    "CoreMLExecutionProvider",
    "CPUExecutionProvider",
)
"""Best first."""

FAILURES: Final = (
    state.DeviceReset, state.EPFail, state.EngineError, state.Fail, state.InvalidArgument, state.InvalidGraph,
    state.InvalidProtobuf, state.ModelLoadCanceled, state.ModelLoaded, state.ModelRequiresCompilation, state.NoModel,
    state.NoSuchFile, state.NotFound, state.NotImplemented, state.RuntimeException, RuntimeError, ValueError, OSError,
)  # fmt: skip
"""What ONNX Runtime raises; its own exceptions have no common base."""

_TYPES: Final = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
_SILENT: Final = 4


@dataclass(frozen=True, slots=True)
class Signature:
    """What a network takes and gives."""

    inputs: Mapping[str, int]
    """Name to number of axes; a network with other inputs is another network."""
    outputs: Mapping[str, int]
    """The same; further outputs do no harm."""


Shapes = Mapping[str, tuple[int | None, ...]]
"""Names of tensors to the lengths of their axes, None where any will do."""


class Network:
    """A loaded network. Thread-safe and without state."""

    def __init__(
        self, file: Path, signature: Signature | Callable[[Shapes, Shapes], Signature], *, threads: int | None = None
    ) -> None:
        """*signature*: a function makes it from the shapes of inputs and outputs where names differ from file to file.

        *threads*: at most so many for one run; None is one for each core this process may use.

        Raises ``BackendError`` when *file* is no network, or one of another *signature* or of numbers that are not floats.
        """
        self._file = file
        self._session = _load(file, threads or _cores())
        self._inputs = {each.name: each for each in self._session.get_inputs()}
        if not isinstance(signature, Signature):
            signature = signature(_shapes(self._session.get_inputs()), _shapes(self._session.get_outputs()))
        self.signature = signature
        self._outputs = list(signature.outputs)
        self._check(signature)

    @property
    def providers(self) -> tuple[str, ...]:
        """Execution providers in use, best first."""
        return tuple(self._session.get_providers())

    def shape(self, name: str) -> tuple[int | None, ...]:
        """The lengths of the axes of the input *name*, None where any will do."""
        return _shapes([self._inputs[name]])[name]

    def size(self, name: str) -> tuple[int | None, int | None]:
        """Height and width of the input *name*, (1, channels, height, width); None where any will do."""
        height, width = self.shape(name)[2:]
        return height, width

    def run(self, feed: Mapping[str, Floats]) -> dict[str, Floats]:
        """The outputs as float32, by name; inputs are given in the precision the network has.

        Raises ``BackendError`` when the network fails, or answers with nothing or with what is no number.
        """
        wanted = {name: np.ascontiguousarray(values, _TYPES[self._inputs[name].type]) for name, values in feed.items()}
        try:
            answers = self._session.run(self._outputs, wanted)
        except FAILURES as exc:
            raise BackendError(f"{self._file.name} failed ({first_line(exc)}).", "Use another backend.") from exc
        results = {name: np.asarray(each, np.float32) for name, each in zip(self._outputs, answers, strict=True)}
        for name, values in results.items():
            if not values.size or not np.isfinite(values).all():
                raise BackendError(
                    f"{self._file.name} gave no numbers in {name!r}.", "Use an fp32 file of the network."
                )
        return results

    def _check(self, signature: Signature) -> None:
        outputs = {each.name: each for each in self._session.get_outputs()}
        same = self._inputs.keys() == signature.inputs.keys() and signature.outputs.keys() <= outputs.keys()
        axes = {**signature.inputs, **signature.outputs}
        tensors = [*self._inputs.values(), *(outputs[name] for name in self._outputs if name in outputs)]
        unlike = (each for each in tensors if len(each.shape) != axes[each.name])
        if not same or any(each.shape or each.name in self._inputs for each in unlike):
            have = f"{_listed(self._inputs.values())} -> {_listed(outputs.values())}"
            wants = f"{', '.join(signature.inputs)} -> {', '.join(signature.outputs)}"
            raise BackendError(f"{self._file} is another network ({have}).", f"Give one of the signature {wants}.")
        other = next((each for each in tensors if each.type not in _TYPES), None)
        if other is not None:
            raise BackendError(
                f"{self._file} wants or gives {other.type} as {other.name!r}.",
                "Give a file whose inputs and outputs are float32 or float16; its weights may be int8.",
            )


def providers() -> list[str]:
    """The execution providers that this ONNX Runtime was built with and that are worth trying, best first."""
    built_in = onnxruntime.get_available_providers()
    return [name for name in PROVIDERS if name in built_in]


def _load(file: Path, threads: int) -> Any:
    """A session on the best provider that starts: one can be built in although its driver or its hardware is missing."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = _SILENT
    # Idle threads that spin take the cores from OpenCV between two runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    problem = "it is empty"
    if "CUDAExecutionProvider" in providers():
        with redirect_stdout(io.StringIO()):  # it prints what it does not find
            onnxruntime.preload_dlls()  # CUDA and cuDNN as pip installs them, which the loader does not find by itself
    for choice in _chains(file) if _has_content(file) else ():
        try:
            return onnxruntime.InferenceSession(str(file), options, providers=choice, enable_fallback=0)
        except FAILURES as exc:
            problem = first_line(exc)
    raise BackendError(f"{file} cannot be loaded ({problem}).", "Save or download it again.")


def _chains(file: Path) -> Iterator[list[Any]]:
    names = providers()
    for start in range(len(names)):
        yield [_configured(name, file) for name in names[start:]]


def _configured(name: str, file: Path) -> Any:
    if name != "TensorrtExecutionProvider":
        return name
    # Compiling takes minutes; the engine is kept beside the network.
    options = {"trt_engine_cache_enable": "1", "trt_engine_cache_path": str(file.parent / "tensorrt")}
    if b"DequantizeLinear" in file.read_bytes():
        options["trt_int8_enable"] = "1"  # without it TensorRT refuses networks that say where they are INT8
    return name, options


def _has_content(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except OSError as exc:
        raise BackendError(f"{file} cannot be read ({exc.strerror}).", "Check its name and permissions.") from exc


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _shapes(tensors: Any) -> Shapes:
    return {each.name: tuple(axis if isinstance(axis, int) else None for axis in each.shape) for each in tensors}


def _listed(tensors: Any) -> str:
    return ", ".join(f"{each.name} {each.type} {each.shape}" for each in tensors)


def first_line(exc: Exception) -> str:
    """What *exc* says, fit for a message of one line."""
    line = str(exc).strip().split("\n", 1)[0].removesuffix(".")
    return line.split(" : ", 2)[-1] if line.startswith("[ONNXRuntimeError]") else line
