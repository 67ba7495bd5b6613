"""Files that are whole or not there."""

from __future__ import annotations

import os
import secrets
import shutil
import weakref
from pathlib import Path

from ...errors import InputError, OutputError


class Partial:
    """A new file or folder under another name beside *path*, until it is complete. Deleted if it is given up or forgotten."""

    def __init__(self, path: Path, *, folder: bool = False) -> None:
        """Raises ``InputError`` when *path* cannot be such a thing, ``OutputError`` when nothing can be written beside it."""
        _check(path, folder=folder)
        self.path = path
        self.part = path.with_name(f".visavis-{secrets.token_hex(8)}.part")
        """Where to write."""
        try:
            if folder:
                self.part.mkdir()
            else:
                os.close(os.open(self.part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except OSError as exc:
            raise OutputError(
                f"Nothing can be written into {path.parent}: {exc.strerror}.", "Choose another place with --out."
            ) from exc
        self._drop = weakref.finalize(self, _remove, self.part)

    @property
    def open(self) -> bool:
        """Whether it has been neither kept nor dropped."""
        return self._drop.alive

    def keep(self) -> None:
        """Move it into its place; a file that is there is replaced. Raises ``OSError``."""
        self.part.replace(self.path)
        self._drop.detach()

    def drop(self) -> None:
        """Leave nothing behind. Idempotent; does nothing after ``keep``."""
        self._drop()


def _check(path: Path, *, folder: bool) -> None:
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent}.", "Create it, or choose another place with --out.")
    if not folder and path.is_dir():
        raise InputError(f"{path} is a folder.", "Name a file for the video.")
    if folder and path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise InputError(f"{path} is there already.", "Name a new or empty folder for the pictures.")


def _remove(part: Path) -> None:
    if part.is_dir():
        shutil.rmtree(part, ignore_errors=True)
    else:
        part.unlink(missing_ok=True)
