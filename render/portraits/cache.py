"""Analysed portraits on disk: uncompressed arrays in one file a portrait, written whole or not at all."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import zipfile
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np

from ..types import Box, Findings, Portrait

ANALYSIS: Final = 11
"""Raise it whenever an analysis would come out differently, so that older files are not used."""

_log = logging.getLogger(__name__)


def key(photo: bytes, *, size: int, matte: str) -> str:
    """Hex digest of everything that shapes a portrait."""
    return sha256(sha256(photo).digest() + f"{ANALYSIS} {size} {matte}".encode()).hexdigest()


def load(file: Path) -> Portrait | None:
    """The portrait in *file*; None where there is none or the file is damaged."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            report = json.loads(arrays["findings"].tobytes())
            box = report.pop("face_box")
            report["advice"] = tuple(report["advice"])
            return Portrait(
                key=file.stem,
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


def store(file: Path, portrait: Portrait) -> None:
    """Keep *portrait* as *file*. A cache that cannot be written costs time, not the portrait."""
    arrays = {name: getattr(portrait, name) for name in ("image", "alpha", "foreground", "plate")}
    if portrait.landmarks is not None:
        arrays["landmarks"] = portrait.landmarks
    arrays["findings"] = np.frombuffer(json.dumps(asdict(portrait.findings)).encode(), np.uint8)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem[:12]}-")
        try:
            with os.fdopen(handle, "wb") as stream:
                np.savez(stream, **arrays)
            Path(temporary).replace(file)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as exc:
        _log.warning("The analysed portrait could not be kept in %s (%s).", file.parent, exc)
