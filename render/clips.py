"""Whole videos, unframed: the background of every picture blurred, the rest as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from av.audio.stream import AudioStream
from av.packet import Packet

from ..errors import OutputError
from . import backends
from .compositor import compose
from .contracts import Matte
from .footage import Footage, Picture
from .mattes import ladder, refine, temporal, unmix
from .portraits import doctor
from .portraits.landmarks import Landmarker
from .prefetch import prefetch
from .rewrite import Rewritten, form_of
from .steady import Seen, behind
from .types import Box, Bytes, Floats, Layer

if TYPE_CHECKING:
    from ..settings import Settings

_SAMPLES: Final = 8
"""Pictures in which a person is looked for before the work begins."""
_SIDES: Final = {"selfie": 256, "edges": 256, "vitmatte": 1024}
"""Pixels of the longer side at which a matte has all the detail it can give; others get ``_FULL_SIDE``."""
_FULL_SIDE: Final = 512


@dataclass(frozen=True, slots=True)
class Past:
    """What the work on one picture of a video remembers for the next."""

    network: Any = None
    """The matte's own state."""
    matte: temporal.Past | None = None
    background: Seen | None = None


def blur_clip(clip: Path, out: Path, *, settings: Settings, progress: Callable[[float], None] | None = None) -> str:
    """Write *clip* with the background of every picture blurred; its times, sound and turn are kept. The name of the matte used.

    Takes the memory of a few pictures, however long the video is. *progress* is told the share that is done, 0 to 1. A video in
    which no person is found stays sharp. Raises ``InputError`` for a file that is no video, is damaged or cut short, or is too
    large, ``AssetError``, ``BackendError`` or ``OutputError``; then no file is written.
    """
    form_of(out)
    if not out.parent.is_dir():
        raise OutputError(f"There is no folder {out.parent}.", "Make it first, or choose another file with --out.")
    with Footage(clip) as looked_at:
        cut = _found(looked_at.samples(_SAMPLES), settings)
    matte = loaded(cut.name, settings) if cut.found else None
    with Footage(clip) as footage, Rewritten(out, footage) as written:
        items = prefetch(footage.read(), depth=4)
        with closing(items), closing(prefetch(blurred(items, matte, settings=settings), depth=4)) as done:
            for item in done:
                written.add(item)
                if progress and isinstance(item, Picture) and footage.duration_s:
                    progress(min(1.0, float(item.pts * footage.time_base) / footage.duration_s))
    return f"{cut.name} ({cut.reason})" if cut.reason else cut.name


def blurred(
    items: Iterable[Picture | Packet[AudioStream]], matte: Matte | None, *, settings: Settings
) -> Iterator[Picture | Packet[AudioStream]]:
    """The same items, the pictures with a blurred background; without *matte* as they are."""
    past = Past()
    for item in items:
        if isinstance(item, Picture) and matte is not None:
            image, past = blur_picture(item.image, matte, past, settings=settings)
            yield Picture(image, item.pts)
        else:
            yield item


def blur_picture(image: Bytes, matte: Matte, past: Past, *, settings: Settings) -> tuple[Bytes, Past]:
    """*image*, uint8 (h, w, 3), with its background blurred, and the state for the next; ``Past()`` to start."""
    found, network = found_by(matte, image, past.network)
    alpha = refine.refine(image, found)
    alpha, steadied = temporal.steadied(image, alpha, past.matte)
    backdrop, background = behind(
        image, alpha, past.background, blur=settings.blur, radius=settings.radius, bokeh=settings.bokeh
    )
    layer = _layer(unmix.unmixed(image, alpha), alpha)
    return compose(layer, backdrop).image, Past(network, steadied, background)


def _found(pictures: Iterable[Bytes], settings: Settings) -> ladder.CutOut:
    """The step of the ladder that works on the first picture with a face in it."""
    landmarker = Landmarker(settings)
    cut = ladder.CutOut(np.ones((1, 1), np.float32), "none", "no face was found")
    for image in pictures:
        face = doctor.choose(landmarker.detect(image), image.shape[1], image.shape[0])
        if face is not None:
            cut = ladder.cut_out(image, face.landmarks, matte=settings.matte, settings=settings)
            if cut.found:
                break
    return cut


def loaded(name: str, settings: Settings) -> Matte:
    """The matte *name*. Raises ``AssetError`` or ``BackendError``."""
    made: Matte = backends.load("matte", name, **({} if name == "edges" else {"settings": settings}))
    return made


def found_by(matte: Matte, image: Bytes, state: Any) -> tuple[Floats, Any]:
    """The coarse alpha of *image*, uint8 (h, w, 3), at the size at which *matte* has all its detail, and its next *state*."""
    return matte.matte(_within(image, _SIDES.get(matte.name, _FULL_SIDE)), state)


def _within(image: Bytes, side: int) -> Bytes:
    scale = side / max(image.shape[:2])
    if scale >= 1:
        return image
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _layer(colours: Bytes, alpha: Floats) -> Layer:
    height, width = alpha.shape
    return Layer(colours, np.rint(alpha * 255).astype(np.uint8), Box(0, 0, width, height), 0, 0.0)
