"""Moving pictures: how steady the matte is, how true the edge, how still the background; beside a mean over time.

    python -m visavis.benchmarks.video [--json]

The videos are drawn here: a person sways in front of a camera that stands still and has a sensor's noise. The mattes are the true
ones with the errors of a network: a part that stays on the person, and a part that is new in every picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from time import perf_counter
from typing import Any

import cv2
import numpy as np

from visavis.render.compositor import compose
from visavis.render.mattes.temporal import steadied
from visavis.render.mattes.unmix import unmixed
from visavis.render.steady import behind
from visavis.render.types import Box, Bytes, Floats, Layer

from . import scores
from .scenes import Scene, scenes

FPS, FRAMES, SIGMA = 25, 40, 16.0
"""Pictures per second and per video; standard deviation of the blur in pixels."""
_SENSOR = 2.0
"""Standard deviation of the noise, in codes."""
_STAYS, _NEW = (2.6, 0.12), (0.8, 0.06)
"""Errors of the mattes that stay and that are new: displacement of the outline in pixels, and error of the opacity there."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture and the truth about it."""

    image: Bytes
    """uint8 (h, w, 3)."""
    alpha: Floats
    """float32 (h, w): the true matte."""
    found: Floats
    """float32 (h, w): what a network would give."""
    foreground: Floats
    """float32 (h, w, 3), sRGB codes."""


Smoother = Callable[[Bytes, Floats, Any], tuple[Floats, Any]]


def video(scene: Scene, *, seed: int = 0) -> Iterator[Shot]:
    """The person of *scene* swaying, up to 8 pixels a picture at 512 pixels."""
    rng = np.random.default_rng(seed)
    size = len(scene.image)
    y, x = np.mgrid[:size, :size].astype(np.float32)
    lasting = _STAYS[0] * _field(rng, size, 24, 2), _STAYS[1] * _field(rng, size, 10, 1)[..., 0]
    for index in range(FRAMES):
        place = _sway(index / FPS, size)

        def moved(values: Floats, place: Floats = place) -> Floats:
            return cv2.warpAffine(values, place, (size, size), borderMode=cv2.BORDER_REPLICATE)

        alpha, foreground = np.clip(moved(scene.alpha), 0, 1), moved(scene.foreground)
        clean = alpha[..., None] * foreground + (1 - alpha[..., None]) * scene.background
        image = np.clip(np.rint(clean + rng.normal(0, _SENSOR, clean.shape)), 0, 255).astype(np.uint8)
        off = moved(lasting[0]) + _NEW[0] * _field(rng, size, 24, 2)
        displaced = cv2.remap(
            alpha, x + off[..., 0], y + off[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        soft = ((alpha > 0.02) & (alpha < 0.98)).astype(np.float32)
        band = cv2.GaussianBlur(cv2.dilate(soft, np.ones((9, 9))), (0, 0), 4)
        error = moved(lasting[1]) + _NEW[1] * _field(rng, size, 10, 1)[..., 0]
        yield Shot(image, alpha, np.clip(displaced + band * error, 0, 1).astype(np.float32), foreground)


def kept(_image: Bytes, alpha: Floats, _past: Any) -> tuple[Floats, Any]:
    """No smoothing."""
    return alpha, None


def mean(_image: Bytes, alpha: Floats, past: Any) -> tuple[Floats, Any]:
    """An exponential mean with three quarters of the past, as meeting apps do it."""
    smooth = alpha if past is None else np.float32(0.75) * past + np.float32(0.25) * alpha
    return smooth, smooth


def steadiness(shots: Sequence[Shot], smoother: Smoother) -> tuple[float, float]:
    """Mean absolute error x1000, and dtSSD x100 (Erofeev et al., BMVC 2015), over the whole picture."""
    past, found = None, []
    for shot in shots:
        alpha, past = smoother(shot.image, shot.found, past)
        found.append(alpha)
    errors = [float(np.abs(alpha - shot.alpha).mean()) for alpha, shot in zip(found, shots, strict=True)]
    changes = [
        float(np.sqrt((((b - a) - (after.alpha - before.alpha)) ** 2).mean()))
        for (a, b), (before, after) in zip(pairwise(found), pairwise(shots), strict=True)
    ]
    return 1e3 * float(np.mean(errors)), 1e2 * float(np.mean(changes))


def edge(shots: Sequence[Shot], background: Bytes) -> float:
    """Mean colour difference where person and background mix; the mattes are true and made steady."""
    behind_all = scores.blurred(background, SIGMA)
    network, memory, found = None, None, []
    for shot in shots:
        alpha, network = steadied(shot.image, shot.alpha, network)
        over = shot.alpha[..., None]
        image, memory = _blurred(shot.image, alpha, memory)
        truth = over * shot.foreground + (1 - over) * behind_all
        difference = scores.difference(image.astype(np.float32), truth)
        found.append(float(difference[scores.edge(shot.alpha)].mean()))
    return float(np.mean(found))


def unrest(shots: Sequence[Shot], *, remembered: bool) -> tuple[float, float]:
    """Of the background farther than three standard deviations of the blur from the person: the share of its values that change
    between two pictures, and their mean change in codes."""
    memory, before, shares, codes = None, None, [], []
    for shot in shots:
        if remembered:
            image, memory = _blurred(shot.image, shot.alpha, memory)
        else:
            image, _ = _blurred(shot.image, shot.alpha, None)
        reach = 2 * round(3 * SIGMA) + 1
        far = cv2.dilate(shot.alpha, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))) == 0
        if before is not None:
            change = np.abs(image.astype(int) - before[0])[far & before[1]]
            shares.append(float((change > 0).mean()))
            codes.append(float(change.mean()))
        before = image, far
    return float(np.mean(shares)), float(np.mean(codes))


def milliseconds(size: tuple[int, int] = (1280, 720)) -> dict[str, float]:
    """Median time of each step for one picture of *size*, without the matte itself."""
    scene = next(iter(scenes(size[1], hair=False)))
    shots = [
        Shot(cv2.resize(shot.image, size), cv2.resize(shot.alpha, size), shot.found, shot.foreground)
        for shot in islice(video(scene), 6)
    ]
    spent: dict[str, list[float]] = {"steady": [], "colours": [], "backdrop": []}
    past, memory = None, None
    for shot in shots:
        start = perf_counter()
        alpha, past = steadied(shot.image, shot.alpha, past)
        steady = perf_counter()
        unmixed(shot.image, alpha)
        colours = perf_counter()
        _, memory = behind(shot.image, alpha, memory, blur="gaussian", radius=14)
        for name, seconds in zip(spent, (steady - start, colours - steady, perf_counter() - colours), strict=True):
            spent[name].append(1e3 * seconds)
    return {name: float(np.median(times[1:])) for name, times in spent.items()}


def measure() -> dict[str, dict[str, Any]]:
    """Every row of the table: without smoothing or memory, with a mean over time, ours, the goal, and whether it is met."""
    rows: dict[str, dict[str, Any]] = {}

    def row(name: str, raw: float | None, peer: float | None, own: float, goal: float | None) -> None:
        rows[name] = {"raw": raw, "mean": peer, "ours": own, "goal": goal, "met": goal is None or own <= goal}

    for kind, hair in (("smooth outline", False), ("loose hair", True)):
        films = [list(video(scene)) for scene in islice(scenes(512, hair=hair), 0, 6, 2)]
        raw, peer, own = (
            np.mean([steadiness(film, smoother) for film in films], axis=0) for smoother in (kept, mean, steadied)
        )
        row(f"{kind}: dtSSD x100", raw[1], peer[1], own[1], None if hair else 1.9)
        row(f"{kind}: MAD x1000", raw[0], peer[0], own[0], 1.05 * raw[0])
    stages = list(islice(scenes(512), 0, 8, 3))
    films = [list(islice(video(scene), 20)) for scene in stages]
    row("edge dE", None, None, float(np.mean([edge(f, s.background) for f, s in zip(films, stages, strict=True)])), 3.2)
    without, ours = (
        np.mean([unrest(film, remembered=remembered) for film in films], axis=0) for remembered in (False, True)
    )
    row("still background: values that change, %", 100 * without[0], None, 100 * ours[0], 0.01)
    row("still background: mean change, codes", without[1], None, ours[1], 0.001)
    for step, spent in milliseconds().items():
        row(f"{step}, 720p, ms", None, None, spent, None)
    return rows


def _sway(time_s: float, size: int) -> Floats:
    """Where the person is: an affine map (2, 3) of pixels."""
    turn = 1.5 * np.sin(2 * np.pi * 0.5 * time_s)
    place = cv2.getRotationMatrix2D((size / 2, 0.8 * size), turn, 1.0)
    place[:, 2] += (
        size / 512 * np.array((13 * np.sin(2 * np.pi * 0.6 * time_s), 4 * np.sin(2 * np.pi * 0.9 * time_s + 1)))
    )
    return place.astype(np.float32)


def _field(rng: np.random.Generator, size: int, grain: int, channels: int) -> Floats:
    """Smooth noise float32 (size, size, channels), standard deviation about 1, in spots of *grain* pixels."""
    coarse = rng.standard_normal((size // grain, size // grain, channels)).astype(np.float32)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC).reshape(size, size, channels)


def _blurred(image: Bytes, alpha: Floats, memory: Any) -> tuple[Bytes, Any]:
    height, width = alpha.shape
    backdrop, memory = behind(image, alpha, memory, blur="gaussian", radius=SIGMA * 512 / height)
    layer = Layer(unmixed(image, alpha), np.rint(alpha * 255).astype(np.uint8), Box(0, 0, width, height), 0, 0.0)
    return compose(layer, backdrop).image, memory


if __name__ == "__main__":
    scores.report(__doc__, measure, {"raw": "as found", "mean": "mean", "ours": "ours", "goal": "goal"})
