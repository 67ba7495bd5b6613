"""Bytes of an untrusted photo -> pixels. The size is judged from the header, before anything is decoded."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from ...errors import PortraitError
from ..types import Bytes

MAX_BYTES: Final = 100_000_000
MAX_PIXELS: Final = 64_000_000
MIN_SIDE: Final = 64
"""Pixels."""

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_CONVERT: Final = "Convert the picture to PNG or JPEG."
_BROKEN: Final = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError, MemoryError, struct.error, zlib.error,
)  # fmt: skip
"""What Pillow's decoders raise on damaged files."""


def read_bytes(photo: str | Path) -> bytes:
    """The file's content. Raises ``PortraitError`` when it is no readable file, empty or too large."""
    file, name = Path(photo), shown(photo)
    try:
        if file.is_dir():
            raise PortraitError(f"{name} is a folder.", "Name a picture in it.")
        if not file.is_file():
            raise PortraitError(f"There is no picture {name}.", "Check the path.")
        if file.stat().st_size > MAX_BYTES:
            raise PortraitError(f"{name} is larger than {MAX_BYTES // 1_000_000} MB.", "Save the picture as JPEG.")
        data = file.read_bytes()
    except OSError as exc:
        raise PortraitError(f"{name} cannot be read ({exc.strerror}).", "Check its name and permissions.") from exc
    if not data:
        raise PortraitError(f"{name} is empty.", "Save or download the picture again.")
    return data


def shown(photo: str | Path) -> str:
    """The path as it can stand in a one-line message."""
    name = str(photo)
    return name if name.isprintable() else repr(name)


def decode(data: bytes, name: str) -> Bytes:
    """The first picture in *data*, uint8 (h, w, 3) sRGB, turned upright; what is transparent becomes white.

    *name* is used in messages. Raises ``PortraitError``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                _check_size(image, name)
                return _pixels(image)
    except Image.DecompressionBombError as exc:
        raise _too_large(name) from exc
    except UnidentifiedImageError as exc:
        raise PortraitError(f"{name} is not a picture this program can read.", _CONVERT) from exc
    except _BROKEN as exc:
        raise PortraitError(f"{name} is damaged or cut short.", "Save or download the picture again.") from exc


def _too_large(name: str) -> PortraitError:
    return PortraitError(f"{name} has more than {MAX_PIXELS // 1_000_000} megapixels.", "Scale the picture down.")


def _check_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _too_large(name)
    if min(width, height) < MIN_SIDE:
        raise PortraitError(
            f"{name} has only {width}x{height} pixels.", f"Use a picture of at least {MIN_SIDE}x{MIN_SIDE}."
        )


def _pixels(image: Image.Image) -> Bytes:
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith(("I", "F")):
        upright = _to_eight_bits(upright)
    if upright.has_transparency_data:
        clear = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return np.array(_to_srgb(upright))


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Grey pictures of 16 bits, 32 bits or floats, which Pillow would clip at 255 instead of scaling."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float64))
    peak = float(values.max(initial=0.0))
    full = next((limit for limit in (1.0, 255.0, 65535.0) if peak <= limit), peak)
    if image.mode.startswith("I;16"):
        full = 65535.0
    return Image.fromarray(np.rint(np.clip(values / full, 0, 1) * 255).astype(np.uint8))


def _to_srgb(image: Image.Image) -> Image.Image:
    """Through the embedded colour profile where there is one that fits."""
    profile = image.info.get("icc_profile")
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB")
