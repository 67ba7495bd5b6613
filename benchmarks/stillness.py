"""What must not change while a face speaks: pixels outside it, its sharpness, a picture with steady controls."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np

from visavis.render.animators.warp import WarpAnimator
from visavis.render.backends import load
from visavis.render.compositor import compose
from visavis.render.inspection.watching import box_of
from visavis.render.motion import Gestures, plan
from visavis.render.pipeline import Cast
from visavis.render.types import CHANNELS, Bytes, Frame, Layer, Motion, Sentence, Speech

TEXT = "Bob's puppy popped up, and we all saw five fish."
HEAD = ("yaw", "pitch", "roll", "shift_x", "shift_y", "breath")
RATE = 16_000
QUIET = Speech(np.zeros(RATE, np.float32), RATE, Sentence(""))
STATIC = {"jaw": 0.35, "width": 0.2, "upper": 0.2, "lower": 0.3, "yaw": 0.7, "pitch": -0.4, "brow_inner": 0.3}
_STATIC_FRAMES = 60


def measure(cast: Cast, folder: Path) -> dict[str, float | None]:
    """Of one photo, by name of the goals."""
    if cast.portrait.landmarks is None:
        return {}
    return {
        "outside, still head, levels": outside(cast),
        "outside, un-warped, dB": unwarped(cast),
        **sharpness(cast, folder),
        "flicker, static, levels": flicker(cast, folder),
    }


def outside(cast: Cast) -> float:
    """Largest difference from the photo, in grey levels, outside the box of a face that speaks with a still head."""
    photo, worst = cast.portrait.foreground, 0
    for layer in _layers(cast, still_head=True):
        apart = np.abs(layer.rgb.astype(np.int16) - photo).max(axis=-1)
        apart[layer.box.y0 : layer.box.y1, layer.box.x0 : layer.box.x1] = 0
        worst = max(worst, int(apart.max()))
    return float(worst)


def unwarped(cast: Cast) -> float | None:
    """Peak signal to noise, dB, of a turned head that is turned back by the field that turned it; lips and eyes left out."""
    if not isinstance(cast.animator, WarpAnimator):
        return None
    from visavis.render.animators._controls import pose

    rig = cast.animator.prepare(cast.portrait)
    rows = [{"yaw": 1.5, "pitch": -1.0}, {"yaw": -2.0, "roll": 1.0}, {"pitch": 1.5, "shift_x": 0.005, "breath": 1.0}]
    rest, *turned = [layer.rgb for layer in cast.animator.animate(cast.portrait, motion([{}, *rows]), QUIET)]
    where = _skin(cast)
    height, width = where.shape
    squares = []
    for row, picture in zip(rows, turned, strict=True):
        forward = rig.frame.displacement(pose(row, rig.gap_cm, rig.limits).weights)
        forward = forward - rig.frame.displacement(pose({}, rig.gap_cm, rig.limits).weights)
        dense = cv2.resize(forward, (width, height), interpolation=cv2.INTER_LINEAR)
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        back = cv2.remap(picture, x + dense[..., 0], y + dense[..., 1], cv2.INTER_LANCZOS4)
        squares.append(np.square(back[where].astype(np.float64) - rest[where]).mean())
    return float(10 * np.log10(255**2 / max(float(np.mean(squares)), 1e-6)))


def sharpness(cast: Cast, folder: Path) -> dict[str, float | None]:
    """Median variance of the Laplacian inside the face while it speaks, relative to the photo: as rendered, and as coded.

    As coded, the brightness of the film is compared with that of the photo in the same 8-bit BT.709.
    """
    where, photo, images = inside(cast), cast.portrait.image, filmed(cast)
    shown = [detail(_grey(image), where) for image in images]
    _write(images, cast, folder / "sharpness.mp4")
    return {
        "sharpness, layers": float(np.median(shown)) / detail(_grey(photo), where),
        "sharpness, file": kept(cast, folder / "sharpness.mp4"),
    }


def kept(cast: Cast, path: Path) -> float:
    """Median variance of the Laplacian inside the face in the film *path*, relative to the photo."""
    where = inside(cast)
    shown = [detail(picture, where) for picture in _decoded(path)]
    return float(np.median(shown)) / detail(_brightness(cast.portrait.image), where)


def inside(cast: Cast) -> np.ndarray:
    """bool (h, w): the face without its outline."""
    return cv2.erode(_face(cast), np.ones((9, 9), np.uint8)).astype(bool)


def filmed(cast: Cast) -> list[Bytes]:
    """The pictures of a face that speaks and moves, uint8 (h, w, 3)."""
    return [compose(layer, cast.backdrop).image for layer in _layers(cast)]


def flicker(cast: Cast, folder: Path) -> float:
    """Mean difference of successive decoded pictures, in levels of brightness, when no control changes."""
    layers = cast.animator.animate(cast.portrait, motion([STATIC] * _STATIC_FRAMES), QUIET)
    images = [compose(layer, cast.backdrop).image for layer in layers]
    _write(images, cast, folder / "static.mp4")
    steps = [np.abs(b.astype(np.int16) - a).mean() for a, b in pairwise(_decoded(folder / "static.mp4"))]
    return float(np.mean(steps))


def motion(rows: list[dict[str, float]], fps: float = 25.0) -> Motion:
    """One frame per row of controls by channel name; the others are 0."""
    weights = np.zeros((len(rows), len(CHANNELS)), np.float32)
    for number, row in enumerate(rows):
        for name, value in row.items():
            weights[number, CHANNELS.index(name)] = value
    return Motion(weights, fps)


def detail(grey: Bytes, where: np.ndarray) -> float:
    """Variance of the Laplacian of *grey*, uint8 (h, w), in the pixels *where*, bool (h, w), levels squared."""
    return float(cv2.Laplacian(grey, cv2.CV_32F)[where].var())


def _grey(image: Bytes) -> Bytes:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def _brightness(image: Bytes) -> Bytes:
    """The brightness of *image*, uint8 (h, w, 3), as a film holds it: uint8 (h, w), 16 is black and 235 white (ITU-R BT.709)."""
    return np.rint(16 + 219 / 255 * (image @ np.array([0.2126, 0.7152, 0.0722]))).astype(np.uint8)


def _layers(cast: Cast, *, still_head: bool = False) -> Iterator[Layer]:
    speech = cast.voice.speak(Sentence(TEXT))
    planned, _ = plan(speech, cast.fps, Gestures.start(seed=0, head=0.0 if still_head else 1.0))
    if still_head:
        planned.weights[:, [CHANNELS.index(name) for name in HEAD]] = 0
    return cast.animator.animate(cast.portrait, planned, speech)


def _face(cast: Cast) -> Bytes:
    """uint8 (h, w): 1 inside the outline of the face."""
    landmarks = cast.portrait.landmarks
    assert landmarks is not None
    mask = np.zeros(cast.portrait.image.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(landmarks[:, :2].round().astype(np.int32)), 1)
    return mask


def _skin(cast: Cast) -> np.ndarray:
    """bool (h, w): the face without mouth and eyes, whose layers are not moved by one field."""
    landmarks, mask = cast.portrait.landmarks, _face(cast)
    assert landmarks is not None
    for ring in ((61, 291, 0, 17, 2, 152), (33, 133, 70, 55, 119), (362, 263, 285, 300, 348)):
        part = box_of(landmarks[list(ring)], mask.shape)
        mask[part] = 0
    return mask.astype(bool)


def _write(images: list[Bytes], cast: Cast, path: Path) -> None:
    """Code *images* at the quality of ``visavis say``."""
    output = load("output", "mp4", path=path, size=cast.portrait.size, fps=cast.fps, rate=RATE)
    output.write(*take(images, cast))
    output.close()


def take(images: list[Bytes], cast: Cast) -> tuple[Iterator[Frame], Speech]:
    """*images* as frames with silence, to be written to an output."""
    sound = np.zeros(round(len(images) / cast.fps * RATE), np.float32)
    return (Frame(image, k, k / cast.fps) for k, image in enumerate(images)), Speech(sound, RATE, Sentence(""))


def _decoded(path: Path) -> Iterator[Bytes]:
    """The brightness of each picture of the film *path*, as ``_brightness``."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="yuv420p")[: frame.height]
