"""The matte "rvm": Robust Video Matting (Lin et al., WACV 2022), recurrent, for video. Its weights are GPL-3.0.

Any ONNX file of the published signature will do, fp32 or fp16: ``src`` (1, 3, h, w) RGB in [0, 1], the recurrent states ``r1i``
to ``r4i`` and ``downsample_ratio`` (1,) -> ``pha`` (1, 1, h, w) and ``r1o`` to ``r4o``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ...errors import BackendError
from ...settings import Settings
from .. import assets
from ..onnx import Network, Signature
from ..types import Bytes, Floats
from .fitting import planes, to_multiple

REQUIRES: Final = {"onnxruntime": "Run `pip install onnxruntime`.", "cv2": "Run `pip install opencv-python-headless`."}

_LEVELS: Final = (1, 2, 3, 4)
SIGNATURE: Final = Signature(
    inputs={"src": 4, **{f"r{level}i": 4 for level in _LEVELS}, "downsample_ratio": 1},
    outputs={"pha": 4, **{f"r{level}o": 4 for level in _LEVELS}},
)
_COARSE: Final = 512
"""Pixels of the longer side at which the network looks for the person; the full picture is used for the edges."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """What the network remembers of the pictures before."""

    shape: tuple[int, int]
    """(height, width) of those pictures."""
    levels: tuple[Floats, ...]
    """float32 (1, channels, h, w), finest first."""


_START: Final = tuple(np.zeros((1, 1, 1, 1), np.float32) for _ in _LEVELS)


class RobustVideo:
    """Thread-safe; what it remembers is in the state that is passed in and returned."""

    name = "rvm"

    def __init__(self, network: Network) -> None:
        self._network = network

    def matte(self, image: Bytes, state: Any = None) -> tuple[Floats, Any]:
        """See ``Matte.matte``. Pass None as *state* at a cut; a picture of another size starts anew by itself.

        Raises ``BackendError`` when the network fails or gives no matte, and for a *state* that is not its own.
        """
        if not isinstance(state, Recurrence | None):
            raise BackendError("The state is not one of the matte 'rvm'.", "Give None to start.")
        fit = to_multiple(image, 1.0, 1)
        levels = state.levels if state is not None and state.shape == fit.shape else _START
        ratio = min(_COARSE / max(fit.inner), 1.0)
        answer = self._network.run(
            {
                "src": planes(fit.picture(image), mean=0.0, deviation=255.0),
                **{f"r{level}i": values for level, values in zip(_LEVELS, levels, strict=True)},
                "downsample_ratio": np.array([ratio], np.float32),
            }
        )
        return fit.alpha(answer["pha"]), Recurrence(fit.shape, tuple(answer[f"r{level}o"] for level in _LEVELS))


def backend(settings: Settings | None = None) -> RobustVideo:
    """Raises ``AssetError`` when the user has brought no file, ``BackendError`` when it is no such network."""
    return RobustVideo(Network(assets.brought("rvm", settings), SIGNATURE))
