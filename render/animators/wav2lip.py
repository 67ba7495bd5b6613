"""The animator "wav2lip": lips drawn by a network of Wav2Lip's signature, on a head that another animator moves.

Prajwal et al., "A Lip Sync Expert Is All You Need for Speech to Lip Generation In the Wild" (2020). The base animator moves head,
eyes and brows with the mouth shut; the network redraws the face below the nose from 200 ms of sound, and a feathered part of that,
matched in colour, is laid over the mouth. While nothing is heard the base's shut mouth is shown, which never trembles.

Time: the network was trained with the sixteen columns of sound that begin one frame (40 ms) before the picture
(wav2lip_train.py, ``get_segmented_mels``); the published inference.py begins with the picture itself, so its lips come 40 ms early.
Here the windows begin where they did in training, at any frame rate.

The published weights learned from LRS2 and are for non-commercial use only, so they are brought by the user and never a default.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from ...errors import BackendError
from ...settings import Settings
from .. import assets, backends, sound
from ..contracts import Animator
from ..motion import REST_CLOSE
from ..onnx import Network, Shapes, Signature
from ..portraits.strip import shown_at
from ..types import Box, Bytes, Floats, Layer, Motion, Portrait, Speech
from . import _mel
from ._lower_face import LowerFace

REQUIRES: Final = {"onnxruntime": "Run `pip install onnxruntime`.", "cv2": "Run `pip install opencv-python-headless`."}

_COLUMNS: Final = 16
_TRAINED_FRAME_S: Final = 1 / 25
_BATCH: Final = 8
_SIDE: Final = 96
"""Pixels, where the file leaves its size open."""
_SIDES: Final = (96, 384)
"""Pixels, of the networks of this signature that are in use."""
_HEARD: Final = 8
"""Columns with sound from which on the network's mouth is shown alone; with fewer, the base's shut mouth shines through."""
_MOUTH: Final = ("jaw", "width", "round", "upper", "lower", "close", "contact", "teeth", "tongue")
_LEVER: Final = 0.65
"""How far the mouth lies before the axis of the neck, in face widths."""
_FARTHEST: Final = 0.1
"""Of the face width: more than any animator moves a head."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the animator needs and may be used for."""

    lookahead_s: float
    """How much sound after the start of a frame decides that frame."""
    batch: int
    """Frames drawn at once."""
    licence: str
    """Of the published weights."""


class Wav2Lip:
    """An ``Animator``. Thread-safe if its base is."""

    name = "wav2lip"

    def __init__(self, network: Network, base: Animator) -> None:
        self._network = network
        self._base = base
        (self._mel, self._image), (self._picture,) = network.signature.inputs, network.signature.outputs
        height, width = network.size(self._image)
        self._size = width or _SIDE, height or _SIDE
        if not all(_SIDES[0] <= side <= _SIDES[1] for side in self._size):
            raise BackendError(
                f"The network draws faces of {self._size[0]}x{self._size[1]} pixels.",
                f"Give one of Wav2Lip's signature for {_SIDES[0]} to {_SIDES[1]} pixels.",
            )
        self._fixed = network.shape(self._image)[0] or network.shape(self._mel)[0]
        self.capabilities = Capabilities(
            lookahead_s=_COLUMNS / _mel.COLUMNS_PER_S + _mel.WINDOW_S / 2 - _TRAINED_FRAME_S,
            batch=self._fixed or _BATCH,
            licence=assets.BRING[self.name].licence,
        )

    def animate(self, portrait: Portrait, motion: Motion, speech: Speech) -> Iterator[Layer]:
        """One layer per row of *motion*; without landmarks those of the base. Raises ``BackendError`` when the network fails."""
        layers = self._base.animate(portrait, _shut(motion), speech)
        if portrait.landmarks is None:
            yield from layers
            return
        followed = _followed(portrait, portrait.landmarks, motion, self._size)
        windows = Windows(speech, motion.fps)
        first = 0
        while block := list(islice(layers, self.capabilities.batch)):
            rows = range(first, first + len(block))
            heard = [row for row in rows if windows.heard(row) > 0]
            faces = {row: followed(row) for row in heard}
            seen = {row: face.crop(block[row - first].rgb, shift) for row, (face, shift) in faces.items()}
            drawn = self._draw([*seen.values()], [windows.mel(row) for row in heard])
            for row, layer in zip(rows, block, strict=True):
                if row not in seen:
                    yield layer
                    continue
                face, shift = faces[row]
                rgb, box = face.paste(layer.rgb, next(drawn), seen=seen[row], shift=shift, opacity=windows.heard(row))
                yield replace(layer, rgb=rgb, box=_both(layer.box, box))
            first += len(block)

    def _draw(self, crops: list[Bytes], mels: list[Floats]) -> Iterator[Floats]:
        """The network's pictures, float32 (h, w, 3) RGB in 0..255, of at most a batch of RGB *crops* at the sound of *mels*."""
        if not crops:
            return
        spare = (self._fixed or len(crops)) - len(crops)
        seen = np.stack([*crops, *crops[:1] * spare])[..., ::-1].transpose(0, 3, 1, 2) / np.float32(255)
        heard = np.stack([*mels, *mels[:1] * spare])[:, None]
        masked = seen.copy()
        masked[:, :, self._size[1] // 2 :] = 0
        feed = {self._mel: heard, self._image: np.concatenate([masked, seen], axis=1)}
        pictures = self._network.run(feed)[self._picture]
        if pictures.shape != seen.shape:
            raise BackendError(
                f"The network gave pictures of the shape {pictures.shape}, not {seen.shape}.",
                "Use a file of Wav2Lip's signature.",
            )
        yield from 255 * np.clip(pictures[: len(crops)], 0, 1).transpose(0, 2, 3, 1)[..., ::-1]


class Windows:
    """The sound of each frame of a speech."""

    def __init__(self, speech: Speech, fps: float) -> None:
        self._sound = sound.resample(sound.tidy(speech.samples), speech.rate, _mel.RATE)
        self._voiced = sound.voiced(self._sound, _mel.RATE)[:: _mel.HOP]
        self._fps = fps

    def first(self, frame: int) -> int:
        """The first column of *frame*; column c is heard c / 80 seconds after the start."""
        return math.floor((frame / self._fps - _TRAINED_FRAME_S) * _mel.COLUMNS_PER_S + 1e-6)

    def mel(self, frame: int) -> Floats:
        """What the network hears, float32 (80, 16)."""
        return _mel.mel(self._sound, self.first(frame), _COLUMNS)

    def heard(self, frame: int) -> float:
        """How much of the network's mouth to show: 0 in silence, 1 when there is sound enough to tell."""
        first = self.first(frame)
        return min(float(self._voiced[max(first, 0) : max(first + _COLUMNS, 0)].sum()) / _HEARD, 1.0)


def _shut(motion: Motion) -> Motion:
    """*motion* with the mouth at rest."""
    weights = motion.weights.copy()
    weights[:, [motion.channels.index(name) for name in _MOUTH]] = 0
    weights[:, motion.channels.index("close")] = REST_CLOSE
    return replace(motion, weights=weights)


def _followed(
    portrait: Portrait, landmarks: Floats, motion: Motion, size: tuple[int, int]
) -> Callable[[int], tuple[LowerFace, Floats]]:
    """From a row of *motion* to the lower face and how far it has moved: with the head, or to its place in a video's picture."""
    strip = portrait.strip
    if strip is None:
        face = LowerFace.of(landmarks, size)
        shifts = _shifts(motion) * face.width
        return lambda row: (face, shifts[row])

    def in_video(row: int) -> tuple[LowerFace, Floats]:
        index = shown_at(strip, motion.start_frame + row, motion.fps)
        return LowerFace.of(strip.landmarks[index], size), np.zeros(2, np.float32)

    return in_video


def _shifts(motion: Motion) -> Floats:
    """About how far the head carries the lower face, float32 (frames, 2) in face widths, right and down."""
    right = motion.channel("shift_x") + _LEVER * np.deg2rad(motion.channel("yaw"))
    down = motion.channel("shift_y") - _LEVER * np.deg2rad(motion.channel("pitch"))
    shifts = np.nan_to_num(np.stack([right, down], axis=1), posinf=0, neginf=0)
    return np.clip(shifts, -_FARTHEST, _FARTHEST).astype(np.float32)


def _both(first: Box, second: Box) -> Box:
    boxes = [box for box in (first, second) if box.width > 0 and box.height > 0]
    return Box(
        min((box.x0 for box in boxes), default=0),
        min((box.y0 for box in boxes), default=0),
        max((box.x1 for box in boxes), default=0),
        max((box.y1 for box in boxes), default=0),
    )


def _signature(inputs: Shapes, outputs: Shapes) -> Signature:
    """Sound and pictures by their shapes: the names differ from export to export."""
    mel = _named(inputs, "mel (n, 1, 80, 16)", 1, _mel.BANDS, _COLUMNS)
    rest = {name: axes for name, axes in inputs.items() if name != mel}
    image = _named(rest, "image (n, 6, h, w)", 6, None, None)
    picture = _named(outputs, "picture (n, 3, h, w)", 3, None, None)
    return Signature(inputs={mel: 4, image: 4}, outputs={picture: 4})


def _named(tensors: Shapes, missing: str, *wanted: int | None) -> str:
    """The tensor whose axes after the first are *wanted*, None being any length, and most of them surely; else *missing*."""
    sure: dict[str, int] = {}
    for name, axes in tensors.items():
        if len(axes) == 4 and all(None in pair or pair[0] == pair[1] for pair in zip(axes[1:], wanted, strict=True)):
            sure[name] = sum(axis is not None for axis in axes[1:])
    return max(sure, key=sure.__getitem__, default=missing)


def backend(
    file: str | Path | None = None, *, base: Animator | None = None, settings: Settings | None = None
) -> Wav2Lip:
    """The network of *file*, of any size, on the head of *base*; by default the user's own "wav2lip.onnx" and the animator "warp".

    Raises ``AssetError`` when the user has brought no file, ``BackendError`` when it is another network.
    """
    network = Network(Path(file) if file else assets.brought("wav2lip", settings), _signature)
    return Wav2Lip(network, base or backends.load("animator", "warp"))
