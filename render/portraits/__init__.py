"""photo -> Portrait: read it, find the face, frame it, take the person out of the background, and keep the result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ...settings import Settings
from ..types import Bytes, Findings, Portrait

__all__ = ["analyse", "examine"]


def analyse(photo: str | Path, *, size: int = 512, matte: str = "selfie", settings: Settings | None = None) -> Portrait:
    """The portrait of *photo*, *size* pixels wide and high, with the person cut out by the backend *matte* or a simpler one.

    Kept in the cache by content: a second call for the same picture, size and matte runs no network.
    Raises ``PortraitError`` when the photo cannot be used, ``AssetError`` when a network cannot be had, and
    ``BackendError`` for an unknown matte.
    """
    from . import cache, reading

    settings = settings or Settings()
    data = reading.read_bytes(photo)
    key = cache.key(data, size=size, matte=matte)
    file = settings.cache / "portraits" / f"{key}.npz"
    kept = cache.load(file)
    if kept is not None:
        return kept
    portrait, lasting = _analyse(
        reading.decode(data, reading.shown(photo)), key=key, size=size, matte=matte, settings=settings
    )
    if lasting:
        cache.store(file, portrait)
    return portrait


def examine(photo: str | Path, *, settings: Settings | None = None) -> Findings:
    """The doctor's report on *photo*, without cutting out the person. Raises like ``analyse``."""
    from . import doctor, reading
    from .landmarks import Landmarker

    image = reading.decode(reading.read_bytes(photo), reading.shown(photo))
    return doctor.examine(image, Landmarker(settings).detect(image))


def _analyse(photo: Bytes, *, key: str, size: int, matte: str, settings: Settings) -> tuple[Portrait, bool]:
    """The portrait, and whether another run would give the same."""
    from ..mattes import ladder, refine
    from . import doctor
    from .landmarks import Landmarker

    faces = Landmarker(settings).detect(photo)
    square, face = doctor.frame_of(photo, faces)
    image = square.picture(photo, size)
    landmarks = square.points(face.landmarks, size) if face else None
    cut = ladder.cut_out(image, landmarks, surroundings=square.surroundings(photo), matte=matte, settings=settings)
    alpha = refine.refine(image, cut.alpha, probability=cut.probability) if cut.found else cut.alpha
    portrait = Portrait(
        key=key,
        image=image,
        alpha=alpha,
        foreground=refine.foreground(image, alpha) if cut.found else image,
        plate=refine.plate(image, alpha) if cut.found else image,
        landmarks=landmarks,
        findings=replace(doctor.examine(photo, faces), matte=cut.name, matte_reason=cut.reason),
    )
    return portrait, cut.lasting
