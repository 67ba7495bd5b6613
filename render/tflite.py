"""TensorFlow Lite networks with one picture as input, run by LiteRT on the CPU."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from ..errors import BackendError
from .types import Floats

_making: Final = Lock()


class Network:
    """A loaded network. Thread-safe: one caller runs at a time."""

    def __init__(self, file: Path) -> None:
        """Raises ``BackendError`` when *file* is no network that LiteRT can run."""
        try:
            with _making, _silent():
                self._interpreter = Interpreter(model_path=str(file), num_threads=1)
                self._interpreter.allocate_tensors()
        except (OSError, RuntimeError, ValueError) as exc:
            raise BackendError(f"{file} cannot be loaded ({exc}).", "Delete it and run `visavis assets pull`.") from exc
        self._input = self._interpreter.get_input_details()[0]
        self._outputs = self._interpreter.get_output_details()
        self._lock = Lock()

    @property
    def side(self) -> int:
        """Width and height of the input in pixels."""
        return int(self._input["shape"][1])

    def run(self, image: Floats) -> list[Floats]:
        """*image* float32 (side, side, 3), in the range the network wants -> its outputs, without the batch axis."""
        with self._lock:
            self._interpreter.set_tensor(self._input["index"], np.ascontiguousarray(image[None], dtype=np.float32))
            self._interpreter.invoke()
            return [self._interpreter.get_tensor(output["index"])[0] for output in self._outputs]


@contextmanager
def _silent() -> Iterator[None]:
    """LiteRT announces its delegate on file descriptor 2 and has no switch for it."""
    saved = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(null)
        os.close(saved)
