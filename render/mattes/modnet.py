"""The matte "modnet": MODNet (Ke et al., "MODNet: Real-Time Trimap-Free Portrait Matting", AAAI 2022), Apache-2.0.

Any ONNX file of the published signature will do: ``input`` (1, 3, h, w) RGB in [-1, 1] -> ``output`` (1, 1, h, w) in [0, 1],
fp32, fp16 or with int8 weights, of free or of fixed size.
"""

from __future__ import annotations

from typing import Any, Final

from ...settings import Settings
from .. import assets
from ..onnx import Network, Signature
from ..types import Bytes, Floats
from .fitting import Fit, into, planes, to_multiple

REQUIRES: Final = {"onnxruntime": "Run `pip install onnxruntime`.", "cv2": "Run `pip install opencv-python-headless`."}

SIGNATURE: Final = Signature(inputs={"input": 4}, outputs={"output": 4})
_SIDE: Final = 512
_MULTIPLE: Final = 32


class ModNet:
    """Thread-safe and without state."""

    name = "modnet"

    def __init__(self, network: Network) -> None:
        self._network = network
        self._height, self._width = network.size("input")

    def matte(self, image: Bytes, state: Any = None) -> tuple[Floats, Any]:
        """See ``Matte.matte``. Raises ``BackendError`` when the network fails or gives no matte."""
        fit = self._fit(image)
        answer = self._network.run({"input": planes(fit.picture(image), mean=127.5, deviation=127.5)})
        return fit.alpha(answer["output"]), state

    def _fit(self, image: Bytes) -> Fit:
        """The size at which the network was trained: a short side of 512, unless the picture spans that already."""
        if self._height and self._width:
            return into(image, (self._height, self._width))
        short, long = min(image.shape[:2]), max(image.shape[:2])
        scale = _SIDE / max(short, 1) if long < _SIDE or short > _SIDE else 1.0
        return to_multiple(image, scale, _MULTIPLE)


def backend(settings: Settings | None = None) -> ModNet:
    """Raises ``AssetError`` when the user has brought no file, ``BackendError`` when it is no such network."""
    return ModNet(Network(assets.brought("modnet", settings), SIGNATURE))
