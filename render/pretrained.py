"""Networks of the Transformers library, from the user's folder or from what the hub's own tools have fetched."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import transformers
from safetensors import SafetensorError

from ..errors import BackendError
from ..settings import Settings
from . import assets
from .types import Floats

_BROKEN: Final = (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, SafetensorError)
"""What loading raises for folders that hold something else or a damaged network."""


class Pretrained:
    """A network and the device it runs on. Thread-safe and without state."""

    def __init__(self, name: str, architecture: str, settings: Settings | None = None) -> None:
        """The network *name* of ``assets.BRING``, of the class *architecture* of Transformers.

        Raises ``AssetError`` when the user has not brought it, ``BackendError`` when it is damaged or another network.
        """
        self._name = name
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._network = _load(_folder(name, settings), architecture).to(self._device).eval()

    def run(self, inputs: Mapping[str, Floats], output: str) -> Floats:
        """The *output* as float32. Raises ``BackendError`` when the network fails, or answers with what is no number."""
        try:
            with torch.inference_mode():
                given = {key: torch.from_numpy(values).to(self._device) for key, values in inputs.items()}
                answer: Floats = self._network(**given)[output].float().cpu().numpy()
        except (RuntimeError, ValueError) as exc:
            raise BackendError(f"{self._name} failed ({_first_line(exc)}).", "Use a smaller picture.") from exc
        if not answer.size or not np.isfinite(answer).all():
            raise BackendError(f"{self._name} gave no numbers.", "Save or download its weights again.")
        return answer


def _folder(name: str, settings: Settings | None) -> Path:
    return assets.found(name, settings) or assets.brought(name, settings)


def _load(folder: Path, architecture: str) -> Any:
    transformers.utils.logging.disable_progress_bar()
    try:
        network, report = getattr(transformers, architecture).from_pretrained(
            folder, local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    except _BROKEN as exc:
        raise BackendError(f"{folder} cannot be loaded ({_first_line(exc)}).", "Save or download it again.") from exc
    # Weights that are absent would be drawn at random.
    if report["missing_keys"] or report["mismatched_keys"]:
        raise BackendError(f"{folder} lacks weights of {architecture}.", "Save or download it again.")
    return network


def _first_line(exc: Exception) -> str:
    return str(exc).strip().split("\n", 1)[0].removesuffix(".")
