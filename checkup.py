"""``visavis doctor``: what works on this machine, what is missing, how to mend it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import VisavisError

if TYPE_CHECKING:
    from .settings import Settings


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. ``needed``: nothing works without it."""

    name: str
    ok: bool
    needed: bool
    detail: str
    """What was found, or what to do."""


def checkup(settings: Settings) -> list[Check]:
    """Every check, in the order a problem would stop a user. Fetches nothing."""
    return [
        Check("python", sys.version_info >= (3, 11), True, platform.python_version()),
        Check("cores", True, False, str(os.cpu_count())),
        _folder("cache", settings.cache),
        _folder("data", settings.data),
        _works("speech", _voice),
        *_assets(settings),
        *_backends(),
        _works("memory", _memory),
        _onnxruntime(),
        _ffmpeg(),
    ]


def _folder(name: str, folder: Path) -> Check:
    existing = next(parent for parent in [folder, *folder.parents] if parent.exists())
    ok = os.access(existing, os.W_OK)
    fix = "" if ok else f" cannot be written; set VISAVIS_{name.upper()} to a folder that can"
    return Check(f"{name} folder", ok, True, f"{folder}{fix}")


def _works(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, True, True, check())
    except VisavisError as error:
        return Check(name, False, True, str(error))


def _voice() -> str:
    from .render.backends import load
    from .render.types import Sentence

    speech = load("voice", "espeak").speak(Sentence("Hello."))
    return f"speaks at {speech.rate} Hz"


def _memory() -> str:
    import sqlite3

    return f"SQLite {sqlite3.sqlite_version}, Chroma {version('chromadb')}"


def _assets(settings: Settings) -> Iterator[Check]:
    from .render.assets import status

    for each in status(settings):
        found = each.path is not None
        yield Check(
            each.asset.name,
            found,
            False,
            str(each.path) if found else "not fetched yet; `visavis assets pull` fetches it",
        )


def _backends() -> Iterator[Check]:
    from .render.backends import KINDS, available

    for kind in KINDS:
        for name, missing in available(kind).items():
            yield Check(f"{kind} {name}", not missing, False, missing or "ready")


def _onnxruntime() -> Check:
    """onnxruntime and onnxruntime-gpu own the same folder: with both, whichever was installed last is the one that runs."""
    from onnxruntime import get_available_providers

    found = get_available_providers()
    fix = "run: pip uninstall -y onnxruntime onnxruntime-gpu && pip install 'onnxruntime-gpu[cuda,cudnn]'"
    if _version("onnxruntime-gpu") and _version("onnxruntime"):
        return Check("onnxruntime", False, False, f"both onnxruntime and onnxruntime-gpu are installed; {fix}")
    if shutil.which("nvidia-smi") and "CUDAExecutionProvider" not in found:
        return Check("onnxruntime", False, False, f"there is an NVIDIA card, and networks run on the CPU; {fix}")
    return Check("onnxruntime", True, False, ", ".join(found))


def _ffmpeg() -> Check:
    path = shutil.which("ffmpeg")
    return Check("ffmpeg binary", bool(path), False, path or "not on PATH; nothing here needs it")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
