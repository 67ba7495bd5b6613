"""Every error visavis raises on purpose.

    VisavisError
    ├── InputError             what the user gave cannot be used                 exit 2
    │   ├── PortraitError      the photo
    │   └── TextError          the text to be spoken or asked
    └── UnavailableError       a backend, file or service is missing or down     exit 3
        ├── AssetError         weights or photos that could not be had
        ├── BackendError       a backend that is unknown, not installed or failing
        ├── ModelError         the chat model
        ├── StorageError       disk full, read-only, locked or damaged
        └── OutputError        a video that could not be written or sent

A message is one line: what is wrong, then what to do. Errors of other libraries are mapped
once, where they enter, with ``from exc``.
"""

from __future__ import annotations

__all__ = [
    "AssetError",
    "BackendError",
    "InputError",
    "ModelError",
    "OutputError",
    "PortraitError",
    "StorageError",
    "TextError",
    "UnavailableError",
    "VisavisError",
]


class VisavisError(Exception):
    """Base of the tree. ``fix`` says what to do next and is part of the message."""

    exit_code = 1

    def __init__(self, problem: str, fix: str = "") -> None:
        self.problem = problem
        self.fix = fix
        super().__init__(" ".join(part for part in (problem, fix) if part))


class InputError(VisavisError):
    """What the user gave cannot be used."""

    exit_code = 2


class PortraitError(InputError):
    """The photo cannot be read or used."""


class TextError(InputError):
    """The text is empty, too long or holds nothing that can be spoken."""


class UnavailableError(VisavisError):
    """A backend, file or service is missing or down."""

    exit_code = 3


class AssetError(UnavailableError):
    """A model file or photo could not be fetched, or is not the file that was published."""


class BackendError(UnavailableError):
    """A backend is unknown, lacks its library, or failed."""


class ModelError(UnavailableError):
    """The chat model is unknown, lacks its key, or did not answer."""


class StorageError(UnavailableError):
    """The disk is full or read-only, or a database is locked, damaged or newer than this program."""


class OutputError(UnavailableError):
    """A video could not be written or sent."""
