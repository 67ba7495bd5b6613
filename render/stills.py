"""Whole photos, unframed: cut the person out, blur what is behind."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..errors import InputError, OutputError, PortraitError
from . import depth
from .backdrop import make
from .compositor import compose
from .mattes import ladder, refine
from .portraits import doctor, reading
from .portraits.landmarks import Landmarker
from .types import Box, Bytes, Floats, Layer

if TYPE_CHECKING:
    from ..settings import Settings

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


def matte_file(photo: Path, out: Path, *, settings: Settings) -> str:
    """Write the person's alpha as a grey picture; the name of the matte that was used.

    Raises ``PortraitError``, ``AssetError``, ``BackendError`` or ``OutputError``.
    """
    _check(out)
    image = _read(photo)
    cut = _cut(image, settings)
    alpha = (
        refine.refine(image, cut.alpha, probability=cut.probability)
        if cut.found
        else np.ones(image.shape[:2], np.float32)
    )
    write_picture(_to_bytes(alpha), out)
    return _named(cut)


def blur_file(photo: Path, out: Path, *, alpha: Path | None = None, settings: Settings) -> str:
    """Write *photo* with its background blurred; *alpha* is a matte of one's own, else one is made. Returns its name.

    A photo in which no person is found stays sharp. Raises as ``matte_file``, and ``InputError`` for an *alpha* of another size.
    """
    _check(out)
    image = _read(photo)
    if alpha is None:
        cut = _cut(image, settings)
        person = (
            refine.refine(image, cut.alpha, probability=cut.probability)
            if cut.found
            else np.ones(image.shape[:2], np.float32)
        )
        name = _named(cut)
    else:
        person, name = _given(alpha, image), "given"
    backdrop = make(
        refine.plate(image, person),
        blur=settings.blur,
        radius=settings.radius,
        alpha=person,
        depth=depth.estimate(image, settings=settings).disparity if settings.blur == "depth" else None,
        bokeh=settings.bokeh,
    )
    height, width = image.shape[:2]
    layer = Layer(refine.foreground(image, person), _to_bytes(person), Box(0, 0, width, height), 0, 0.0)
    write_picture(compose(layer, backdrop).image, out)
    return name


def write_picture(picture: Bytes, out: Path) -> None:
    """Write RGB (h, w, 3) or grey (h, w) uint8 pixels, whole or not at all. Raises ``OutputError``."""
    _check(out)
    pixels = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    encoded = cv2.imencode(out.suffix, pixels)[1].tobytes()
    try:
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.stem}-", suffix=".part", delete=False) as file:
            partial = Path(file.name)
            try:
                file.write(encoded)
            except OSError:
                partial.unlink()
                raise
        os.chmod(partial, 0o666 & ~_umask())  # noqa: PTH101
        partial.replace(out)
    except OSError as error:
        raise OutputError(f"Cannot write {out}: {error.strerror}.", "Choose another file with --out.") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _check(out: Path) -> None:
    if out.suffix.lower() not in _SUFFIXES:
        raise InputError(f"Cannot tell the kind of picture from {out.name!r}.", f"End it in {', '.join(_SUFFIXES)}.")
    if not out.parent.is_dir():
        raise OutputError(f"There is no folder {out.parent}.", "Make it first, or choose another file with --out.")


def _read(photo: Path) -> Bytes:
    return reading.decode(reading.read_bytes(photo), reading.shown(photo))


def _cut(image: Bytes, settings: Settings) -> ladder.CutOut:
    face = doctor.choose(Landmarker(settings).detect(image), image.shape[1], image.shape[0])
    return ladder.cut_out(image, face.landmarks if face else None, matte=settings.matte, settings=settings)


def _given(alpha: Path, image: Bytes) -> Floats:
    grey = cv2.cvtColor(_read(alpha), cv2.COLOR_RGB2GRAY)
    if grey.shape != image.shape[:2]:
        sizes = f"{grey.shape[1]}x{grey.shape[0]}, the photo {image.shape[1]}x{image.shape[0]}"
        raise PortraitError(f"The matte {alpha} is {sizes}.", "Give a matte of the photo's size.")
    return np.ascontiguousarray(grey, np.float32) / np.float32(255)


def _to_bytes(alpha: Floats) -> Bytes:
    rounded: Bytes = np.rint(alpha * 255).astype(np.uint8)
    return rounded


def _named(cut: ladder.CutOut) -> str:
    return f"{cut.name} ({cut.reason})" if cut.reason else cut.name
