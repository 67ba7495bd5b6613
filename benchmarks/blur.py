"""The light against the recipe every tutorial has: ``alpha * image + (1 - alpha) * GaussianBlur(image)``.

    python -m benchmarks.blur [--json]

Every picture is drawn here, so alpha, the person's colours and the hidden background are known exactly. Times are of this
machine, the rest is the same on every one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter, process_time
from typing import Any

import cv2
import numpy as np

from visavis.render import assets, backends, clips
from visavis.render.backdrop import make
from visavis.render.blurs.kernels import disc
from visavis.render.compositor import compose
from visavis.render.mattes.refine import foreground, plate, refine
from visavis.render.portraits import reading
from visavis.render.types import Box, Bytes, Floats, Layer
from visavis.settings import Settings

from . import scores
from .scenes import Scene, scenes

Recipe = Callable[[Scene, float], Bytes]


def naive(scene: Scene, sigma: float) -> Bytes:
    """The recipe, with its two casts."""
    alpha = scene.alpha[:, :, None]
    behind = cv2.GaussianBlur(scene.image, (0, 0), sigma)
    return (alpha * scene.image).astype(np.uint8) + ((1 - alpha) * behind).astype(np.uint8)


def ours(scene: Scene, sigma: float) -> Bytes:
    """As a portrait goes through the renderer."""
    layer = _layer(foreground(scene.image, scene.alpha), scene.alpha)
    behind = plate(scene.image, scene.alpha)
    return compose(layer, make(behind, radius=sigma * 512 / len(behind), alpha=scene.alpha)).image


def halo(recipe: Recipe, sigma: float, pictures: list[Scene]) -> dict[str, float]:
    """Mean colour error in the ring around the person and on the edge, and how much of the person leaks into the ring.

    The leak is the least-squares share, in the error, of what blurring the person instead of the background would add.
    """
    ring_error, edge_error, leaked, possible = [], [], 0.0, 0.0
    for scene in pictures:
        alpha = scene.alpha[:, :, None]
        truth = alpha * scene.foreground + (1 - alpha) * scores.blurred(scene.background, sigma)
        found = recipe(scene, sigma).astype(np.float32)
        error = scores.difference(found, truth)
        ring = scores.ring(scene.alpha, sigma)
        ring_error.append(error[ring].mean())
        edge_error.append(error[scores.edge(scene.alpha)].mean())
        person = scores.blurred(np.rint(scene.foreground).astype(np.uint8), sigma) - truth
        leaked += float(((found - truth) * person)[ring].sum())
        possible += float((person[ring] ** 2).sum())
    return {"ring": float(np.mean(ring_error)), "edge": float(np.mean(edge_error)), "leak": leaked / possible}


def tone(blend: Callable[[Bytes, Floats, Bytes], Bytes]) -> float:
    """Mean error, in codes, where alpha is neither 0 nor 1."""
    rng = np.random.default_rng(3)
    over, under = rng.integers(0, 256, (2, 512, 512, 3), np.uint8)
    alpha = rng.integers(1, 255, (512, 512)).astype(np.float32) / np.float32(255)
    exact = alpha[:, :, None] * over + (1 - alpha[:, :, None]) * under
    return float((blend(over, alpha, under) - exact).mean())


def flat_change() -> int:
    """The largest change, in codes, of pictures of one colour."""
    worst = 0
    alpha = next(iter(scenes(256))).alpha
    for code in range(0, 256, 5):
        image = np.full((256, 256, 3), code, np.uint8)
        layer = _layer(foreground(image, alpha), alpha)
        for blur in ("gaussian", "guided", "depth"):
            found = compose(layer, make(plate(image, alpha), blur=blur, alpha=alpha)).image
            worst = max(worst, int(np.abs(found.astype(int) - code).max()))
    return worst


def refinement(size: int, *, hair: bool) -> dict[str, tuple[float, ...]]:
    """Matte errors at 1024 pixels from the true matte reduced to *size*: enlarged by each method."""
    found: dict[str, list[tuple[float, float, float]]] = {"bilinear": [], "cubic": [], "ours": []}
    for scene in scenes(1024, hair=hair):
        coarse = np.asarray(cv2.resize(scene.alpha, (size, size), interpolation=cv2.INTER_AREA), np.float32)
        for name, way in (("bilinear", cv2.INTER_LINEAR), ("cubic", cv2.INTER_CUBIC)):
            enlarged = np.asarray(cv2.resize(coarse, (1024, 1024), interpolation=way), np.float32).clip(0, 1)
            found[name].append(scores.matte_errors(enlarged, scene.alpha))
        found["ours"].append(scores.matte_errors(refine(scene.image, coarse, probability=False), scene.alpha))
    return {name: tuple(np.mean(errors, axis=0).tolist()) for name, errors in found.items()}


def milliseconds(work: Callable[[], Any], times: int = 40) -> tuple[float, float]:
    """Median and 95th percentile of one call."""
    spans = _spans(work, times, perf_counter)
    return float(np.median(spans)), float(np.percentile(spans, 95))


def processor_ms(work: Callable[[], Any], times: int = 20) -> float:
    """Median milliseconds of all cores together for one call: much less than the clock a matter of what else runs."""
    return float(np.median(_spans(work, times, process_time)))


def _spans(work: Callable[[], Any], times: int, clock: Callable[[], float]) -> list[float]:
    """Milliseconds of each of *times* calls after a first one."""
    work()
    spans = []
    for _ in range(times):
        start = clock()
        work()
        spans.append(1e3 * (clock() - start))
    return spans


def our_frame_ms(size: int = 512, frames: int = 40) -> float:
    """Median milliseconds to lay one layer over a cached backdrop, *size* pixels square."""
    scene = next(iter(scenes(size)))
    layer, backdrop = _layer(scene.image, scene.alpha), make(scene.image, alpha=scene.alpha)
    return milliseconds(lambda: compose(layer, backdrop), frames)[0]


def cost() -> dict[str, float]:
    """Milliseconds per frame of moving video (blur and blend), and of a talking portrait (blend alone)."""
    found: dict[str, float] = {}
    for name, (width, height) in {"720p": (1280, 720), "1080p": (1920, 1080)}.items():
        scene = next(iter(scenes(height)))
        left = (width - height) // 2
        sides = (0, 0, left, width - height - left)
        image = np.asarray(cv2.copyMakeBorder(scene.image, *sides, cv2.BORDER_REFLECT), np.uint8)
        alpha = np.asarray(cv2.copyMakeBorder(scene.alpha, *sides, cv2.BORDER_CONSTANT), np.float32)
        layer = _layer(image, alpha)
        backdrop = make(image, alpha=alpha)

        def both(sigma: float, image: Bytes = image, alpha: Floats = alpha, layer: Layer = layer) -> Bytes:
            return compose(layer, make(image, radius=sigma * 512 / len(image), alpha=alpha)).image

        def tutorial(image: Bytes = image, alpha: Floats = alpha) -> Bytes:
            over = alpha[:, :, None]
            return (over * image + (1 - over) * cv2.GaussianBlur(image, (0, 0), 16)).astype(np.uint8)

        found[f"{name}_both_ms"], found[f"{name}_both_p95_ms"] = milliseconds(lambda: both(16))
        found[f"{name}_blend_ms"], found[f"{name}_blend_p95_ms"] = milliseconds(partial(compose, layer, backdrop))
        if name == "720p":
            _, found["naive_720p_p95_ms"] = milliseconds(tutorial, 10)
            found["naive_720p_processor_ms"] = processor_ms(tutorial, 10)
            found["720p_both_processor_ms"] = processor_ms(lambda: both(16))
            found["radius_ratio"] = milliseconds(lambda: both(64))[0] / milliseconds(lambda: both(8))[0]
    found["resolution_ratio"] = found["1080p_both_ms"] / found["720p_both_ms"]
    return found


def video_ms(pictures: int = 20) -> tuple[float, float]:
    """Median milliseconds, by the clock and of the processor, for a picture of a 720p video: matte, colours, backdrop and blend."""
    settings = Settings()
    matte, past = backends.load("matte", "selfie", settings=settings), clips.Past()
    photo = reading.decode(assets.path("astronaut", settings).read_bytes(), "astronaut")
    square = cv2.resize(photo, (720, 720))
    wide = np.asarray(cv2.copyMakeBorder(square, 0, 0, 280, 280, cv2.BORDER_REFLECT), np.uint8)
    spans = []
    for index in range(pictures):
        image = np.roll(wide, round(8 * np.sin(index / 3)), axis=1)
        start = perf_counter(), process_time()
        _, past = clips.blur_picture(image, matte, past, settings=settings)
        spans.append((perf_counter() - start[0], process_time() - start[1]))
    clock, processor = np.median(spans[1:], axis=0)
    return 1e3 * float(clock), 1e3 * float(processor)


def lens() -> tuple[float, float]:
    """Unevenness (standard deviation over mean) of the disc within 0.8 of its radius, and its sum."""
    point = np.zeros((257, 257, 1), np.float32)
    point[128, 128] = 1
    spot = disc(point, 32.0)[:, :, 0]
    y, x = np.mgrid[:257, :257] - 128
    inside = spot[np.hypot(x, y) < 0.8 * 64]
    return float(inside.std() / inside.mean()), float(spot.sum(dtype=np.float64))


def measure() -> dict[str, dict[str, Any]]:
    """Every row of the table: the tutorial's figure (None where it has none), ours, the goal, and whether it is met."""
    rows: dict[str, dict[str, Any]] = {}

    def row(name: str, peer: float | None, own: float, goal: float | None) -> None:
        rows[name] = {"naive": peer, "ours": own, "goal": goal, "met": goal is None or abs(own) <= goal}

    pictures = list(scenes(720))
    for sigma, goal in ((6, 1.5), (16, 1.5), (32, 2.0)):
        peer, own = halo(naive, sigma, pictures), halo(ours, sigma, pictures)
        row(f"ring dE, sigma {sigma}", peer["ring"], own["ring"], goal)
        row(f"edge dE, sigma {sigma}", peer["edge"], own["edge"], 2.6)
        row(f"leak, sigma {sigma}", peer["leak"], own["leak"], 0.01)
    casts = tone(lambda f, a, b: (a[:, :, None] * f).astype(np.uint8) + ((1 - a[:, :, None]) * b).astype(np.uint8))
    row("tone bias, codes", casts, tone(_blend), 0.05)
    row("change of a flat picture, codes", None, flat_change(), 1)
    for size in (512, 256):
        found = refinement(size, hair=True)
        for place, (name, goal) in enumerate((("MAD", 12), ("MSE", 0.6), ("Grad", 0.9))):
            row(
                f"hair from {size}, {name} x1000",
                found["bilinear"][place],
                found["ours"][place],
                goal if size == 512 else None,
            )
    found = refinement(512, hair=False)
    row("smooth matte from 512, MAD x1000", found["cubic"][0], found["ours"][0], found["cubic"][0] * 1.001)
    spent = cost()
    row("blur and blend, 720p, p95 ms", spent["naive_720p_p95_ms"], spent["720p_both_p95_ms"], 15)
    row("the same, of the processor's time", spent["naive_720p_processor_ms"], spent["720p_both_processor_ms"], None)
    row("blend with cached backdrop, 720p, p95 ms", None, spent["720p_blend_p95_ms"], 8)
    row("time at sigma 64 / sigma 8", None, spent["radius_ratio"], 1.2)
    row("time at 1080p / 720p", None, spent["resolution_ratio"], 2.5)
    clock, processor = video_ms()
    row("a picture of a video, 720p, ms", None, clock, None)
    row("a picture of a video, of the processor's time", None, processor, None)
    uneven, total = lens()
    row("disc, unevenness", None, uneven, 0.06)
    row("disc, sum - 1", None, total - 1, 1e-4)
    return rows


def _layer(colours: Bytes, alpha: Floats) -> Layer:
    height, width = alpha.shape
    return Layer(colours, np.rint(alpha * 255).astype(np.uint8), Box(0, 0, width, height), 0, 0.0)


def _blend(over: Bytes, alpha: Floats, under: Bytes) -> Bytes:
    return compose(_layer(over, alpha), make(under, blur="off")).image


if __name__ == "__main__":
    scores.report(__doc__, measure, {"naive": "naive", "ours": "ours", "goal": "goal"})
