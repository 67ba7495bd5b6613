"""video -> Portrait: follow the face, choose what is shown and in which order, cut the person out of every picture, once.

The frame and the background stand still: what the person hides in one picture is taken from those in which it is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import PortraitError
from ...settings import Settings
from ..clips import found_by, loaded
from ..footage import Footage
from ..mattes import ladder, refine, temporal, unmix
from ..mattes.views import joined
from ..plate import seen, without
from ..prefetch import prefetch
from ..types import Box, Bytes, Findings, Floats, Portrait, Strip
from . import doctor, playing
from .framing import Square, around
from .landmarks import OVAL, Face, Landmarker
from .strip import Spool
from .tracking import MOST_S, Track, track

_LEAST_S: Final = 0.5
"""A video with less of a face in one piece is taken as a photo."""
_MOSTLY: Final = 0.5
"""Share of the pictures in which the face must be found."""
_MOST_USED: Final = 0.65
"""Share of the video that is shown without a word about the rest."""
_TALKS: Final = 0.1
"""Share of open mouths in what is shown that is worth a word."""
_OFTEN_SEEN: Final = 0.03
"""Share of the pictures in which a part of the background must be seen to count."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What of a video is shown."""

    track: Track
    order: NDArray[np.int64]
    """int64 (n,): steps of ``track``."""
    square: Square

    @property
    def pictures(self) -> NDArray[np.int64]:
        """int64 (m,): pictures of the video that are needed, rising."""
        return np.unique(self.track.pictures[self.order])

    @property
    def best(self) -> int:
        """The picture that is the portrait at rest."""
        return int(self.track.pictures[self.order[0]])


def plan(path: Path, settings: Settings) -> Plan:
    """Raises ``InputError`` for a file that is no video or is damaged, ``PortraitError`` when it hardly shows a face."""
    with Footage(path) as footage:
        found = track(footage.pictures(MOST_S), float(footage.rate), Landmarker(settings))
        if found is None or found.seen < _MOSTLY:
            raise PortraitError(
                f"In most of {footage.name} there is no face.", "Use a video in which one face looks at the camera."
            )
    order = playing.order(found) if len(found.pictures) >= _LEAST_S * found.fps else np.zeros(1, np.int64)
    middle = np.median(found.landmarks[order], axis=0).astype(np.float32)
    return Plan(found, order, around(_face(middle), *found.size))


def still(path: Path, shown: Plan) -> Bytes:
    """The picture that is the portrait at rest, uint8 (h, w, 3), unframed."""
    with Footage(path) as footage:
        return next(image for number, (_, image) in enumerate(footage.pictures(MOST_S)) if number == shown.best)


def analyse(
    path: Path, shown: Plan, stream: IO[bytes], *, size: int, matte: str, settings: Settings
) -> tuple[Portrait, bool]:
    """The portrait, without a key, its pictures written to *stream*; and whether another run would give the same."""
    spool, background = Spool(stream), _Background(size)
    landmarks = _landmarks(shown, size)
    past: temporal.Past | None = None
    portrait: Portrait | None = None
    lasting = True
    with closing(
        prefetch(_cut(path, shown, landmarks, size=size, matte=matte, settings=settings), depth=4)
    ) as pictures:
        for index, picture in enumerate(pictures):
            alpha, colours = np.ones((size, size), np.float32), picture.image
            if picture.cut.found:
                alpha = refine.refine(picture.image, picture.cut.alpha, probability=picture.cut.probability)
                alpha, past = temporal.steadied(picture.image, alpha, past)
                colours = unmix.unmixed(picture.image, alpha)
            background.add(picture.image, alpha)
            spool.add(colours, np.rint(alpha * 255).astype(np.uint8))
            if picture.findings is not None:
                lasting = picture.cut.lasting
                findings = replace(picture.findings, matte=picture.cut.name, matte_reason=picture.cut.reason)
                portrait = Portrait("", picture.image, alpha, colours, picture.image, landmarks[index], findings)
    if portrait is None:
        raise PortraitError(f"{path.name} changed while it was read.", "Try again.")
    stream.flush()
    strip = Strip(
        data=np.memmap(stream, np.uint8, "r"),
        offsets=spool.offsets(),
        landmarks=landmarks,
        order=np.searchsorted(shown.pictures, shown.track.pictures[shown.order]),
        fps=shown.track.fps,
    )
    return replace(portrait, plate=background.plate(portrait.image, portrait.alpha), strip=strip), lasting


@dataclass(frozen=True, slots=True)
class _Picture:
    """One picture, framed."""

    image: Bytes
    cut: ladder.CutOut
    findings: Findings | None
    """Of the picture that is the portrait at rest."""


def _cut(
    path: Path, shown: Plan, landmarks: Floats, *, size: int, matte: str, settings: Settings
) -> Iterator[_Picture]:
    """The pictures that are needed, in order. The step of the ladder that works on the first of them serves all."""
    wanted = shown.pictures
    cut: ladder.CutOut | None = None
    state: Any = None
    with Footage(path) as footage, closing(footage.pictures(MOST_S)) as pictures:
        for number, (_, image) in enumerate(pictures):
            if number > wanted[-1]:
                return
            if number not in wanted:
                continue
            framed, surroundings = shown.square.picture(image, size), shown.square.surroundings(image)
            if cut is None:
                cut = ladder.cut_out(framed, landmarks[0], surroundings=surroundings, matte=matte, settings=settings)
                backend = loaded(cut.name, settings) if cut.found else None
            if backend is not None:
                alpha, state = found_by(backend, framed, state)
                if cut.name in ladder.NEAR_SIGHTED:
                    far, _ = backend.matte(surroundings.picture)
                    alpha = joined(alpha, surroundings.part(far, (alpha.shape[0], alpha.shape[1])))
                outline = landmarks[np.searchsorted(wanted, number), OVAL, :2] / np.float32(size)
                if not ladder.implausible(alpha, outline):  # else the one before is held
                    cut = replace(cut, alpha=alpha)
            yield _Picture(framed, cut, _findings(image, shown, settings) if number == shown.best else None)


def _landmarks(shown: Plan, size: int) -> Floats:
    """Of each picture that is needed, float32 (m, 468, 3) in pixels of the frame."""
    steps = np.searchsorted(shown.track.pictures, shown.pictures)
    return np.stack([shown.square.points(shown.track.landmarks[step], size) for step in steps])


def _findings(image: Bytes, shown: Plan, settings: Settings) -> Findings:
    found = shown.track
    faces = Landmarker(settings).detect(image) or [_face(found.landmarks[shown.order[0]])]
    report = doctor.examine(image, faces)
    advice = list(report.advice)
    length_s = len(np.unique(shown.order)) / found.fps
    if found.whole_s >= MOST_S - 1 / found.fps:
        advice.append(f"Only the first {MOST_S:.0f} seconds of the video are used.")
    if length_s < _MOST_USED * found.whole_s:
        advice.append(
            f"Only {length_s:.1f} of {found.whole_s:.1f} seconds are used: the rest has cuts, hides the face or speaks. "
            "Film one face in one piece, with the mouth shut."
        )
    if float(np.mean(found.gaps[shown.order] > playing.OPEN)) > _TALKS:
        advice.append("The mouth moves in the video; it is drawn shut. A video with a shut mouth looks better.")
    return replace(report, length_s=length_s, advice=tuple(advice))


class _Background:
    """What is seen behind the person in any picture."""

    def __init__(self, size: int) -> None:
        self._sum = np.zeros((size, size, 3), np.float32)
        self._weight = np.zeros((size, size), np.float32)
        self._pictures = 0

    def add(self, image: Bytes, alpha: Floats) -> None:
        known = seen(alpha)
        self._sum += image * known[..., None]
        self._weight += known
        self._pictures += 1

    def plate(self, image: Bytes, alpha: Floats) -> Bytes:
        """The background of *image*; what the person of *alpha* hides is the mean of what is seen elsewhere, or drawn in."""
        mean = self._sum / np.maximum(self._weight, np.float32(1e-3))[..., None]
        known = np.clip(self._weight / (_OFTEN_SEEN * self._pictures) - 1, 0, 1)
        here = seen(alpha)[..., None]
        plate = np.rint(here * image + (1 - here) * mean).astype(np.uint8)
        # ``without`` draws in where its alpha is a quarter or more, and around.
        return without(plate, np.where(np.maximum(known, here[..., 0]) > 0, 0, 1).astype(np.float32))


def _face(landmarks: Floats) -> Face:
    low, high = np.floor(landmarks[:, :2].min(axis=0)).astype(int), np.ceil(landmarks[:, :2].max(axis=0)).astype(int)
    return Face(landmarks, 1.0, Box(int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1))
