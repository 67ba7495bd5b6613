"""photo -> Portrait: read it, find the face, frame it, take the person out of the background, and keep the result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ...settings import Settings
from ..media import is_clip
from ..types import Bytes, Findings, Portrait

__all__ = ["analyse", "examine", "forget"]


def analyse(photo: str | Path, *, size: int = 512, matte: str = "selfie", settings: Settings | None = None) -> Portrait:
    """The portrait of *photo*, *size* pixels wide and high, with the person cut out by the backend *matte* or a simpler one.

    *photo* may be a short video: then the person is cut out of every picture of it. Kept in the cache by content: a second call
    for the same file, size and matte runs no network. Raises ``PortraitError`` when the photo cannot be used, ``InputError``
    when the video cannot be read, ``AssetError`` when a network cannot be had, and ``BackendError`` for an unknown matte.
    """
    from . import cache, reading

    settings = settings or Settings()
    if is_clip(Path(photo)):
        return _analyse_video(Path(photo), size=size, matte=matte, settings=settings)
    data = reading.read_bytes(photo)
    file = _file(data, size=size, matte=matte, settings=settings)
    kept = cache.load(file)
    if kept is not None:
        return kept
    portrait, lasting = _analyse(reading.decode(data, reading.shown(photo)), size=size, matte=matte, settings=settings)
    portrait = replace(portrait, key=file.stem)
    if lasting or cache.lacks_weights(portrait.findings, matte, settings):
        cache.store(file, portrait)
    return portrait


def forget(photo: str | Path, *, size: int = 512, matte: str = "selfie", settings: Settings | None = None) -> None:
    """Delete what ``analyse`` kept of *photo*, if anything. Raises ``PortraitError`` when the photo cannot be read."""
    from . import cache, reading

    content = cache.digest(Path(photo)) if is_clip(Path(photo)) else reading.read_bytes(photo)
    file = _file(content, size=size, matte=matte, settings=settings or Settings())
    for each in (file, cache.pictures(file)):
        each.unlink(missing_ok=True)


def _file(content: bytes, *, size: int, matte: str, settings: Settings) -> Path:
    from . import cache

    key = cache.key(content, size=size, matte=matte, weights=cache.weights(matte, settings))
    return settings.cache / "portraits" / f"{key}.npz"


def examine(photo: str | Path, *, settings: Settings | None = None) -> Findings:
    """The doctor's report on *photo*, without cutting out the person unless it is a video. Raises like ``analyse``."""
    from . import doctor, reading
    from .landmarks import Landmarker

    if is_clip(Path(photo)):
        settings = settings or Settings()
        return analyse(photo, size=settings.size, matte=settings.matte, settings=settings).findings
    image = reading.decode(reading.read_bytes(photo), reading.shown(photo))
    return doctor.examine(image, Landmarker(settings).detect(image))


def _analyse(photo: Bytes, *, size: int, matte: str, settings: Settings) -> tuple[Portrait, bool]:
    """The portrait, without a key, and whether another run would give the same."""
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
        key="",
        image=image,
        alpha=alpha,
        foreground=refine.foreground(image, alpha) if cut.found else image,
        plate=refine.plate(image, alpha) if cut.found else image,
        landmarks=landmarks,
        findings=replace(doctor.examine(photo, faces), matte=cut.name, matte_reason=cut.reason),
    )
    return portrait, cut.lasting


def _analyse_video(video: Path, *, size: int, matte: str, settings: Settings) -> Portrait:
    from . import cache, moving

    file = _file(cache.digest(video), size=size, matte=matte, settings=settings)
    kept = cache.load(file)
    if kept is not None:
        return kept
    with cache.making(file) as stream:
        kept = cache.load(file)  # by another process, while this one waited
        if kept is not None:
            return kept
        shown = moving.plan(video, settings)
        if len(shown.pictures) == 1:
            portrait, lasting = _analyse(moving.still(video, shown), size=size, matte=matte, settings=settings)
        else:
            portrait, lasting = moving.analyse(video, shown, stream, size=size, matte=matte, settings=settings)
        portrait = replace(portrait, key=file.stem)
        if lasting or cache.lacks_weights(portrait.findings, matte, settings):
            cache.store(file, portrait, stream)
        return portrait
