"""People and places with exact answers: alpha, the person's colours and the whole background are known because they are drawn
here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from visavis.render.types import Bytes, Floats

_FINER = 3
"""The outline is drawn this much larger and averaged down, so that strands thinner than a pixel have the right alpha."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A photo and the truth about it."""

    name: str
    image: Bytes
    """uint8 (h, w, 3): ``rint(alpha * foreground + (1 - alpha) * background)``."""
    alpha: Floats
    """float32 (h, w) in [0, 1]."""
    foreground: Floats
    """float32 (h, w, 3), sRGB codes, defined everywhere."""
    background: Bytes
    """uint8 (h, w, 3), with what the person hides."""


def scenes(size: int, *, seed: int = 7, hair: bool = True) -> Iterator[Scene]:
    """Every place with two people in front of it, *size* pixels square."""
    rng = np.random.default_rng(seed)
    for place, draw in _PLACES.items():
        background = np.clip(draw(size, rng), 0, 255).astype(np.uint8)
        for person, tones in _PEOPLE.items():
            alpha = _outline(size, rng, hair=hair)
            colours = _colours(size, rng, tones)
            image = np.rint(alpha[..., None] * colours + (1 - alpha[..., None]) * background).astype(np.uint8)
            yield Scene(f"{person}, {place}", image, alpha, colours, background)


def noise(size: int, rng: np.random.Generator, *, slope: float = 1.5, channels: int = 3) -> Floats:
    """Natural-looking texture float32 (size, size, channels), mean 0, standard deviation 1: amplitude falls as 1 /
    frequency**slope."""
    fy = np.fft.fftfreq(size)[:, None]
    fx = np.fft.rfftfreq(size)[None, :]
    shape = 1 / np.maximum(np.hypot(fx, fy), 1 / size) ** slope
    shape[0, 0] = 0
    planes = [
        np.fft.irfft2(np.fft.rfft2(rng.standard_normal((size, size))) * shape, (size, size)) for _ in range(channels)
    ]
    light, *_ = planes = [plane / plane.std() for plane in planes]
    return np.stack([light, *(0.95 * light + 0.31 * plane for plane in planes[1:])], axis=2).astype(np.float32)


def _studio(size: int, rng: np.random.Generator) -> Floats:
    """A mottled grey wall with a flag and a dark table."""
    wall = 172 + 14 * noise(size, rng, slope=2.0)
    stripes = (np.arange(size) * 26 // size) % 2
    flag = np.where(stripes[:, None, None] == 1, (178, 30, 48), (236, 232, 226))
    wall[:, : size // 5] = flag[:, : size // 5] + 6 * noise(size, rng)[:, : size // 5]
    wall[int(size * 0.62) :, int(size * 0.72) :] = 18
    return wall


def _leaves(size: int, rng: np.random.Generator) -> Floats:
    """Foliage with the sky through it: contrast at every scale."""
    sky = np.array((205, 222, 240), np.float32)
    green = np.array((58, 84, 40), np.float32) + 22 * noise(size, rng, slope=1.0)
    gap = noise(size, rng, slope=1.2, channels=1) > 0.9
    return np.where(gap, sky, green).astype(np.float32)


def _lights(size: int, rng: np.random.Generator) -> Floats:
    """A street at night: points at the limit of the sensor on near black."""
    street = 16 + 6 * noise(size, rng, slope=1.8)
    for _ in range(60):
        centre = tuple(int(v) for v in rng.integers(0, size, 2))
        colour = tuple(float(v) for v in np.clip(rng.normal((255, 210, 150), 50), 0, 255))
        cv2.circle(street, centre, int(rng.integers(2, max(3, size // 60))), colour, -1, cv2.LINE_AA)
    return street


def _wall(size: int, rng: np.random.Generator) -> Floats:
    """A bright plain wall, hardly lighter than a light person."""
    return (
        np.array((226, 219, 208), np.float32)
        + np.linspace(10, -24, size, dtype=np.float32)[None, :, None]
        + noise(size, rng)
    )


_PLACES = {"studio": _studio, "leaves": _leaves, "lights": _lights, "wall": _wall}
_PEOPLE = {
    "light": ((214, 178, 132), (226, 188, 164), (222, 216, 206)),
    "dark": ((44, 32, 27), (150, 104, 82), (38, 46, 78)),
}
"""Colours of hair, skin and clothes."""


def _colours(size: int, rng: np.random.Generator, tones: tuple[tuple[int, int, int], ...]) -> Floats:
    """The person's colours, everywhere: clothes below, skin in the face, hair around it."""
    hair, skin, clothes = (np.array(tone, np.float32) for tone in tones)
    y, x = np.mgrid[:size, :size].astype(np.float32) / size
    hair_map = hair * (1 + 0.16 * noise(size, rng, slope=1.3, channels=1))
    face = np.clip((1 - np.hypot((x - 0.5) / 0.13, (y - 0.4) / 0.18)) * 12 + 0.5, 0, 1)[..., None]
    body = np.clip((y - 0.64) * 40 + 0.5, 0, 1)[..., None]
    colours = hair_map + face * (skin * (1 + 0.04 * noise(size, rng)) - hair_map)
    colours += body * (clothes * (1 + 0.06 * noise(size, rng)) - colours)
    return np.asarray(np.clip(colours, 0, 255), np.float32)


def _outline(size: int, rng: np.random.Generator, *, hair: bool) -> Floats:
    """Alpha of head and shoulders; shoulders touch the frame; with loose strands, or with edges as soft as out of focus."""
    big = size * _FINER
    mask = np.zeros((big, big), np.uint8)
    cv2.ellipse(mask, (big // 2, int(big * 0.38)), (int(big * 0.18), int(big * 0.24)), 0, 0, 360, 255, -1, cv2.LINE_AA)
    cv2.ellipse(mask, (big // 2, int(big * 1.02)), (int(big * 0.44), int(big * 0.36)), 0, 0, 360, 255, -1, cv2.LINE_AA)
    cv2.rectangle(mask, (int(big * 0.43), int(big * 0.5)), (int(big * 0.57), int(big * 0.8)), 255, -1)
    if hair:
        for _ in range(420):
            _strand(mask, big, rng)
    alpha = cv2.resize(mask, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    soft = size / 512 * (0.6 if hair else 3.0)
    return np.clip(cv2.GaussianBlur(alpha, (0, 0), soft), 0, 1).astype(np.float32)


def _strand(mask: Bytes, big: int, rng: np.random.Generator) -> None:
    """One hair: from the head outwards, bending down, 0.3 to 1.5 pixels of the final picture thick."""
    angle = rng.uniform(np.pi * 0.85, np.pi * 2.15)
    start = np.array((0.5 + 0.175 * np.cos(angle), 0.38 + 0.235 * np.sin(angle)))
    t = np.linspace(0, 1, 24)[:, None]
    way = np.array((np.cos(angle + rng.normal(0, 0.5)), np.sin(angle + rng.normal(0, 0.5))))
    path = start + t * way * rng.uniform(0.02, 0.09) + t**2 * np.array((rng.normal(0, 0.02), rng.uniform(0, 0.05)))
    thickness = max(1, round(rng.uniform(0.3, 1.5) * _FINER * big / _FINER / 720))
    cv2.polylines(mask, [np.rint(path * big * 16).astype(np.int32)], False, 255, thickness, cv2.LINE_AA, shift=4)
