"""Analysed portraits on disk: uncompressed arrays in one file a portrait, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from ...errors import AssetError, InputError
from ...settings import Settings
from .. import assets, backends
from ..mattes import ladder
from ..types import Box, Findings, Portrait, Strip
from .reading import shown

ANALYSIS: Final = 12
"""Raise it whenever an analysis would come out differently, so that older files are not used."""
_ABSENT: Final = "absent"
_LOCK_S: Final = 900.0
"""How long to wait for another process that analyses a video."""

_log = logging.getLogger(__name__)


def key(content: bytes, *, size: int, matte: str, weights: str = "") -> str:
    """Hex digest of everything that shapes a portrait: the file's *content* or its digest, the settings, ``weights``."""
    return sha256(sha256(content).digest() + f"{ANALYSIS} {size} {matte} {weights}".encode()).hexdigest()


def digest(file: Path) -> bytes:
    """SHA-256 of a file of any length. Raises ``InputError`` when it cannot be read."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError as exc:
        raise InputError(
            f"{shown(file)} cannot be read ({exc.strerror}).", "Check the path and its permissions."
        ) from exc


def weights(matte: str, settings: Settings) -> str:
    """Which copy of its network a *matte* would use, for those whose network the user brings; "" for the others."""
    if matte not in assets.BRING:
        return ""
    if backends.available("matte").get(matte):
        return _ABSENT
    copy = assets.found(matte, settings)
    if copy is None:
        return _ABSENT
    files = sorted(each for each in copy.rglob("*") if each.is_file()) if copy.is_dir() else [copy]
    marks = [(each, each.stat()) for each in files]
    return " ".join(f"{each.name} {mark.st_size} {mark.st_mtime_ns}" for each, mark in marks)


def lacks_weights(findings: Findings, matte: str, settings: Settings) -> bool:
    """Whether *findings* are those of the step below *matte*, whose network nobody has brought: so it will be until it is."""
    return findings.matte == ladder.STEPS[0] and weights(matte, settings) == _ABSENT


@contextmanager
def making(file: Path) -> Iterator[IO[bytes]]:
    """A new stream for the pictures of the video portrait *file*, deleted unless ``store`` keeps it.

    Of several processes one makes it and the others wait. Without a cache that can be written the stream is in no folder.
    Raises ``AssetError`` when there is no room for it.
    """
    part = file.with_name(f".{file.stem}.part")
    with ExitStack() as stack:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(FileLock(file.parent / ".videos.lock", timeout=_LOCK_S))
            stream: IO[bytes] = stack.enter_context(part.open("w+b"))
            stack.callback(part.unlink, missing_ok=True)
        except OSError:
            stream = stack.enter_context(tempfile.TemporaryFile())
        try:
            yield stream
        except OSError as exc:
            raise AssetError(
                f"The pictures of the video cannot be kept in {file.parent} ({exc.strerror or exc}).",
                "Make room, or set VISAVIS_CACHE to another folder.",
            ) from exc


def load(file: Path) -> Portrait | None:
    """The portrait in *file*; None where there is none or the file is damaged."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            report = json.loads(arrays["findings"].tobytes())
            box = report.pop("face_box")
            report["advice"] = tuple(report["advice"])
            return Portrait(
                key=file.stem,
                strip=_strip(arrays, pictures(file)) if "order" in arrays else None,
                image=arrays["image"],
                alpha=arrays["alpha"],
                foreground=arrays["foreground"],
                plate=arrays["plate"],
                landmarks=arrays.get("landmarks"),
                findings=Findings(face_box=Box(**box) if box else None, **report),
            )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as exc:
        _log.warning("The analysed portrait %s is damaged (%s) and is made again.", file, exc)
        return None


def pictures(file: Path) -> Path:
    """Where the coded pictures of the video portrait *file* are."""
    return file.with_suffix(".strip")


def store(file: Path, portrait: Portrait, stream: IO[bytes] | None = None) -> None:
    """Keep *portrait* as *file*, with the *stream* of ``making`` if it is a video. A cache that cannot be written costs time, not
    the portrait."""
    arrays = {name: getattr(portrait, name) for name in ("image", "alpha", "foreground", "plate")}
    if portrait.landmarks is not None:
        arrays["landmarks"] = portrait.landmarks
    if portrait.strip is not None:
        arrays |= {name: getattr(portrait.strip, name) for name in ("offsets", "order")}
        arrays["followed"], arrays["fps"] = portrait.strip.landmarks, np.array(portrait.strip.fps)
    arrays["findings"] = np.frombuffer(json.dumps(asdict(portrait.findings)).encode(), np.uint8)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if portrait.strip is not None:
            if stream is None or isinstance(stream.name, int):  # the stream is in no folder
                return
            Path(stream.name).replace(pictures(file))
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem[:12]}-")
        try:
            with os.fdopen(handle, "wb") as stream:
                np.savez(stream, **arrays)
            Path(temporary).replace(file)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as exc:
        _log.warning("The analysed portrait could not be kept in %s (%s).", file.parent, exc)


def _strip(arrays: Mapping[str, NDArray[Any]], file: Path) -> Strip:
    """Raises ``ValueError`` or ``OSError`` when the coded pictures are not all there."""
    data = np.memmap(file, np.uint8, "r")
    offsets = arrays["offsets"]
    if len(data) != offsets[-1]:
        raise ValueError(f"{file.name} has another length")
    return Strip(data, offsets, arrays["followed"], arrays["order"], float(arrays["fps"]))
