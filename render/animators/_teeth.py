"""Teeth, tongue and throat as sprites in the pixels of the photo, made once per portrait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ..types import Box, Bytes, Floats
from ._anatomy import EYES, Anatomy
from ._bases import JAW_GAP, smoothstep
from ._controls import Pose
from ._seam import Seam

_UPPER_WIDTHS: Final = (0.84, 0.66, 0.72, 0.55, 0.45)
"""Central incisor to second premolar as seen from the front, cm."""
_LOWER_WIDTHS: Final = (0.52, 0.55, 0.62, 0.52, 0.42)
_OVERSAMPLE: Final = 4
_SHOW_CM: Final = 0.20
"""How far the upper teeth reach below the line where the lips meet."""


@dataclass(frozen=True, slots=True)
class Sprites:
    """Pictures in ``box``; colours float32 in 0..255, straight, with alpha in 0..1 as the fourth channel."""

    face: Anatomy
    box: Box
    upper_teeth: Floats
    """float32 (h, w, 4): moves with the skull."""
    lower_teeth: Floats
    """float32 (h, w, 4): moves with the jaw; in the place where it stands with closed teeth."""
    tongue: Floats
    """float32 (h, w, 4): moves with the jaw."""
    throat: Floats
    """float32 (3,): the darkest colour."""

    def render(self, part: Box, pose: Pose, skull: Floats) -> Floats:
        """The inside of the mouth without the shadow of the lips, float32 (h, w, 3) for the pixels of *part*."""
        drop = JAW_GAP * self.face.mouth_width * pose.jaw
        close = min(max(pose.teeth, 0.0), 1.0)
        out = np.empty((part.height, part.width, 3), np.float32)
        out[:] = self.throat
        lift = pose.tongue * 0.45 * self.face.scale
        for sprite, shift in (
            (self.tongue, 0.8 * drop - lift),
            (self.lower_teeth, 0.92 * drop * (1 - 0.6 * close)),
            (self.upper_teeth, 0.0),
        ):
            _over(out, self._placed(sprite, part, skull, shift))
        return out

    def _placed(self, sprite: Floats, part: Box, skull: Floats, shift: float) -> Floats:
        """*sprite* moved with the head and *shift* pixels down the face, as seen in *part*."""
        move = skull.copy()
        move[:, 2] += skull[:, :2] @ (self.box.x0, self.box.y0) + self.face.down * shift - (part.x0, part.y0)
        return np.asarray(cv2.warpAffine(sprite, move, (part.width, part.height), flags=cv2.INTER_LINEAR), np.float32)


def _over(below: Floats, sprite: Floats) -> None:
    alpha = sprite[..., 3:]
    below *= 1 - alpha
    below += sprite[..., :3] * alpha


def make(image: Bytes, face: Anatomy, seam: Seam) -> Sprites:
    """The sprites for *image*, uint8 (h, w, 3)."""
    corners = face.to_pixels(np.array([[x, y] for x in (seam.left - 1, seam.right + 1) for y in (-2.0, 3.0)], np.float32))
    (x0, y0), (x1, y1) = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int)
    box = Box(int(x0), int(y0), int(x1), int(y1))
    skin, lip, white = _colours(image, face, seam)
    fine = _fine_grid(box)
    where = face.to_face(fine)
    line = seam.along(np.zeros(1), seam.upper + 0.35 * (seam.lower - seam.upper))[0]
    lateral = where[..., 0] - (seam.left + seam.right) / 2
    height = where[..., 1] - line
    upper = _arch(lateral, height, _UPPER_WIDTHS, white, edge=_SHOW_CM, sag=0.10, up=True)
    if seam.is_open:
        upper = _photographed(image, fine, where, seam, upper)
    lower = _arch(lateral, height, _LOWER_WIDTHS, white * 0.86, edge=_SHOW_CM + 0.02, sag=0.08, up=False)
    return Sprites(
        face=face,
        box=box,
        upper_teeth=_shrink(upper, box),
        lower_teeth=_shrink(lower, box),
        tongue=_shrink(_tongue(lateral, height, lip), box),
        throat=_linear(skin, (0.070, 0.022, 0.020)),
    )


def _fine_grid(box: Box) -> Floats:
    x = box.x0 - 0.5 + (np.arange(box.width * _OVERSAMPLE) + 0.5) / _OVERSAMPLE
    y = box.y0 - 0.5 + (np.arange(box.height * _OVERSAMPLE) + 0.5) / _OVERSAMPLE
    return np.stack(np.meshgrid(x, y), axis=-1).astype(np.float32)


def _shrink(sprite: Floats, box: Box) -> Floats:
    """Average down, weighing colours by alpha."""
    weighted = np.concatenate([sprite[..., :3] * sprite[..., 3:], sprite[..., 3:]], axis=-1)
    small = cv2.resize(weighted, (box.width, box.height), interpolation=cv2.INTER_AREA)
    colour = cv2.resize(np.ascontiguousarray(sprite[..., :3]), (box.width, box.height), interpolation=cv2.INTER_AREA)
    alpha = small[..., 3:]
    colour = np.where(alpha > 1e-3, small[..., :3] / np.maximum(alpha, 1e-3), colour)
    return np.ascontiguousarray(np.concatenate([colour, alpha], axis=-1), np.float32)


def _colours(image: Bytes, face: Anatomy, seam: Seam) -> tuple[Floats, Floats, Floats]:
    """Skin, lip and tooth colour, float32 (3,) in 0..255."""
    cheeks = face.landmarks[[50, 280, 205, 425, 101, 330], :2]
    skin = np.median(_sample(image, cheeks, 2), axis=0)
    red = face.landmarks[[15, 16, 85, 315, 86, 316], :2]
    lip = np.median(_sample(image, red, 1), axis=0)
    whites = np.concatenate([_sample(image, (face.landmarks[list(EYES[side][0]), :2] + face.landmarks[list(EYES[side][1]), :2]) / 2, 1) for side in EYES])
    luma = whites @ (0.299, 0.587, 0.114)
    sclera = whites[luma >= np.percentile(luma, 75)].mean(axis=0)
    bright = float(np.clip(sclera @ (0.299, 0.587, 0.114), 0.75 * skin.mean(), 1.12 * skin.mean()))
    tint = skin / skin.mean()
    white = bright * 0.95 * (0.72 + 0.28 * tint) * (1.0, 0.985, 0.93)
    return skin.astype(np.float32), lip.astype(np.float32), np.clip(white, 0, 245).astype(np.float32)


def _sample(image: Bytes, points: Floats, radius: int) -> Floats:
    """Colours around *points*, float32 (n, 3)."""
    height, width = image.shape[:2]
    found = []
    for x, y in points.round().astype(int):
        x0, y0 = max(x - radius, 0), max(y - radius, 0)
        patch = image[y0 : min(y + radius + 1, height), x0 : min(x + radius + 1, width)]
        found.append(patch.reshape(-1, 3))
    return np.concatenate(found).astype(np.float32)


def _linear(colour: Floats, factor: tuple[float, float, float]) -> Floats:
    """*colour* times *factor* in linear light."""
    light = (np.asarray(colour) / 255) ** 2.2 * factor
    return np.asarray(255 * np.power(light, 1 / 2.2), np.float32)


def _arch(x: Floats, y: Floats, widths: tuple[float, ...], white: Floats, *, edge: float, sag: float, up: bool) -> Floats:
    """A row of teeth: *edge* is the height of the biting edge below the lip line, cm; *up* where the roots are above it."""
    bounds = np.concatenate([[0.0], np.cumsum(widths)])
    index = np.clip(np.searchsorted(bounds, np.abs(x)) - 1, 0, len(widths) - 1)
    width = np.asarray(widths)[index]
    inside = (np.abs(x) - bounds[index]) / width * 2 - 1
    canine = np.where(index == 2, 0.06, np.where(index == 1, -0.05, 0.0))
    biting = edge - sag * (np.abs(x) / 2.2) ** 2 + (canine if up else -0.5 * canine) - (0.06 if up else -0.05) * np.abs(inside) ** 3
    depth = (biting - y) if up else (y - biting)
    shape = smoothstep(depth / 0.05) * smoothstep((bounds[-1] - np.abs(x)) / 0.5)
    between = 1 - 0.30 * np.exp(-(((1 - np.abs(inside)) * width / 2 / 0.035) ** 2))
    round_ = 1 - 0.10 * np.abs(inside) ** 2
    lateral = np.cos(np.clip(np.abs(x) / 3.6, 0, 1) * np.pi / 2) ** 1.1
    tip = 1 - 0.10 * np.exp(-((depth / 0.07) ** 2))
    light = between * round_ * (0.25 + 0.75 * lateral) * tip
    colour = white * light[..., None]
    gum = smoothstep((depth - 0.85) / 0.1)[..., None]
    colour = colour * (1 - gum) + white * (0.62, 0.36, 0.36) * gum
    return np.concatenate([colour, shape[..., None]], axis=-1).astype(np.float32)


def _photographed(image: Bytes, fine: Floats, where: Floats, seam: Seam, drawn: Floats) -> Floats:
    """The teeth of the photo; above them their own continuation, below them nothing."""
    x, y = where[..., 0], where[..., 1]
    top, bottom = seam.along(x, seam.upper), seam.along(x, seam.lower)
    tall = bottom - top
    inset = np.minimum(0.10, 0.25 * tall)
    lower = bottom - inset
    mirrored = np.where(y < top + inset, 2 * (top + inset) - y, y)
    held = np.clip(mirrored, top + inset, np.maximum(lower, top + inset))
    moved = fine + (held - y)[..., None] * np.float32(1) * _down(fine, where)
    photo = cv2.remap(image, moved.astype(np.float32), None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    alpha = smoothstep((lower - y) / 0.06) * smoothstep((tall - 0.08) / 0.15)
    return np.concatenate([photo, (alpha * np.ones_like(drawn[..., 3]))[..., None]], axis=-1).astype(np.float32)


def _down(fine: Floats, where: Floats) -> Floats:
    """Pixels per centimetre down the face, from two maps of the same grid."""
    matrix = np.linalg.lstsq(
        np.stack([where[::8, ::8, 0].ravel(), where[::8, ::8, 1].ravel(), np.ones(where[::8, ::8, 0].size)], axis=1),
        fine[::8, ::8].reshape(-1, 2),
        rcond=None,
    )[0]
    return np.asarray(matrix[1], np.float32)


def _tongue(x: Floats, y: Floats, lip: Floats) -> Floats:
    """Lies behind the lower teeth; its back fades into the dark."""
    top = 0.42 + 0.10 * (x / 1.6) ** 2
    shape = smoothstep((y - top) / 0.25) * smoothstep((2.3 - np.abs(x)) / 0.8)
    furrow = 1 - 0.16 * np.exp(-((x / 0.16) ** 2))
    light = (0.34 + 0.42 * smoothstep((y - top) / 0.9)) * furrow * np.cos(np.clip(np.abs(x) / 2.8, 0, 1) * np.pi / 2)
    colour = lip * (0.95, 0.75, 0.75) * light[..., None]
    return np.concatenate([colour, shape[..., None]], axis=-1).astype(np.float32)
