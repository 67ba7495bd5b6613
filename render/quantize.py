"""fp32 ONNX networks with int8 weights: a quarter of the size, and faster where the processor has int8 arithmetic."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..errors import BackendError, InputError, OutputError
from .contracts import Matte
from .mattes import modnet, rvm
from .onnx import FAILURES, Network, Signature, first_line
from .portraits import reading
from .types import Bytes, Floats

REQUIRES: Final = {"onnx": "Run `pip install onnx`."}

_MATTES: Final = ((modnet.SIGNATURE, modnet.ModNet), (rvm.SIGNATURE, rvm.RobustVideo))
_SUFFIXES: Final = frozenset({".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
_MOST: Final = 32
"""Pictures that are looked at."""
_WORST: Final = 0.02
"""Mean difference of the mattes above which a network counts as spoilt."""
_BROKEN: Final = (*FAILURES, KeyError, TypeError, AttributeError, IndexError, AssertionError, ArithmeticError)
"""What the quantiser raises for networks it cannot treat."""


@dataclass(frozen=True, slots=True)
class Quantized:
    """A network with int8 weights."""

    file: Path
    method: str
    """"dynamic": activations are scaled as they come; "static": by what they were on the pictures."""
    bytes_before: int
    bytes_after: int
    error: float | None
    """Mean absolute difference of its mattes from those before, 0..1, on the pictures; None without pictures."""


def quantize(source: Path, target: Path, *, pictures: Iterable[Path] = ()) -> Quantized:
    """Write the fp32 network *source* as *target* with int8 weights, by ONNX Runtime's own quantiser.

    With *pictures*, files or folders of them, both methods are tried and the one that changes the mattes less is kept; that
    needs a network of the signature of MODNet or RVM. Without, the method is "dynamic".
    Raises ``BackendError`` when the package ``onnx`` is missing or the network cannot be treated or would be spoilt,
    ``PortraitError`` for a picture that cannot be read, ``InputError`` and ``OutputError`` for a *target* that cannot be.
    """
    if find_spec("onnx") is None:
        raise BackendError("Quantising needs the package onnx.", REQUIRES["onnx"])
    if source.resolve() == target.resolve():
        raise InputError("The quantised network would replace the one it is made from.", "Give it another name.")
    shown = [reading.decode(reading.read_bytes(file), reading.shown(file)) for file in _files(pictures)]
    _check(source)
    try:
        with _quiet(), tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.stem}-") as folder:
            best = _best(source, Path(folder), shown)
            result = Quantized(target, best.method, source.stat().st_size, best.file.stat().st_size, best.error)
            os.replace(best.file, target)  # noqa: PTH105
    except OSError as exc:
        raise OutputError(f"{target} cannot be written ({exc.strerror or exc}).", "Choose another file.") from exc
    return result


@dataclass(frozen=True, slots=True)
class _Candidate:
    file: Path
    method: str
    error: float | None


class _Recorder(Network):
    """A network that keeps what it was fed, in the form a calibration reads."""

    def __init__(self, file: Path, signature: Signature) -> None:
        super().__init__(file, signature)
        self.feeds: list[Mapping[str, Floats]] = []

    def run(self, feed: Mapping[str, Floats]) -> dict[str, Floats]:
        self.feeds.append(feed)
        return super().run(feed)


class _Calibration:
    """The feeds, one at a time: the quantiser's ``CalibrationDataReader``."""

    def __init__(self, feeds: Sequence[Mapping[str, Floats]]) -> None:
        self._feeds = iter(feeds)

    def get_next(self) -> Mapping[str, Floats] | None:
        return next(self._feeds, None)


def _best(source: Path, folder: Path, pictures: Sequence[Bytes]) -> _Candidate:
    from onnxruntime.quantization.shape_inference import quant_pre_process

    prepared = folder / "prepared.onnx"
    try:
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
    except _BROKEN as exc:
        raise _untreatable(source, exc) from exc
    if not pictures:
        return _Candidate(_dynamic(prepared, folder / "dynamic.onnx"), "dynamic", None)
    signature, kind = _known(source)
    recorder = _Recorder(source, signature)
    before = _mattes(kind(recorder), pictures)
    candidates = []
    for method, file in (
        ("dynamic", _dynamic(prepared, folder / "dynamic.onnx")),
        ("static", _static(prepared, folder / "static.onnx", recorder.feeds)),
    ):
        after = _mattes(kind(Network(file, signature)), pictures)
        error = float(np.mean([np.abs(one - other).mean() for one, other in zip(before, after, strict=True)]))
        candidates.append(_Candidate(file, method, error))
    best = min(candidates, key=lambda each: each.error or 0.0)
    if best.error is not None and best.error > _WORST:
        raise BackendError(
            f"With int8 weights the mattes of {source.name} would be off by {best.error:.3f} on average.",
            "Use the fp16 file of the network instead.",
        )
    return best


def _dynamic(prepared: Path, file: Path) -> Path:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    try:
        # Not every release of ONNX Runtime can convolve int8 weights with activations that are scaled as they come; uint8 all can.
        quantize_dynamic(prepared, file, weight_type=QuantType.QUInt8)
    except _BROKEN as exc:
        raise _untreatable(prepared, exc) from exc
    return file


def _static(prepared: Path, file: Path, feeds: Sequence[Mapping[str, Floats]]) -> Path:
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    try:
        # Seven bits: products of eight overflow on x86 processors without VNNI.
        quantize_static(
            prepared,
            file,
            _Calibration(feeds),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
    except _BROKEN as exc:
        raise _untreatable(prepared, exc) from exc
    return file


@contextmanager
def _quiet() -> Iterator[None]:
    """The quantiser reports every tensor it leaves alone to the root logger."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(level)


def _check(source: Path) -> None:
    """Raises ``BackendError`` unless *source* is a network with fp32 weights."""
    import onnx
    from google.protobuf.message import DecodeError

    try:
        network = onnx.load(source)
    except (DecodeError, OSError, ValueError) as exc:
        raise BackendError(f"{source} cannot be loaded ({first_line(exc)}).", "Save or download it again.") from exc
    if not any(weights.data_type == onnx.TensorProto.FLOAT for weights in network.graph.initializer):
        raise BackendError(f"{source} has no fp32 weights.", "Give the fp32 file of the network.")


def _known(source: Path) -> tuple[Signature, Any]:
    problems = []
    for signature, kind in _MATTES:
        try:
            Network(source, signature)
        except BackendError as exc:
            problems.append(exc)
        else:
            return signature, kind
    raise problems[0]


def _mattes(matte: Matte, pictures: Sequence[Bytes]) -> list[Floats]:
    """The alpha of each picture, seen twice by a matte with a memory."""
    alphas = []
    for picture in pictures:
        alpha, state = matte.matte(picture)
        if state is not None:
            alpha, _ = matte.matte(picture, state)
        alphas.append(alpha)
    return alphas


def _files(pictures: Iterable[Path]) -> list[Path]:
    def every() -> Iterator[Path]:
        for each in pictures:
            inside = sorted(each.iterdir()) if each.is_dir() else [each]
            yield from (file for file in inside if not each.is_dir() or file.suffix.lower() in _SUFFIXES)

    return list(every())[:_MOST]


def _untreatable(source: Path, exc: Exception) -> BackendError:
    return BackendError(f"{source.name} cannot be quantised ({first_line(exc)}).", "Use its fp16 file instead.")
