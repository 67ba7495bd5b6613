"""Closing a video so that at its path there is a whole one or what was there before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from av.container import OutputContainer
from av.error import FFmpegError

from ...errors import OutputError
from .partial import Partial


class WholeVideo:
    """A container that is written under another name beside its path and moved there when it is complete."""

    def __init__(self, file: Partial, container: OutputContainer) -> None:
        """*container* is open on ``file.part``."""
        self._file = file
        self._container = container

    def close(self) -> None:
        """Complete the video and put it in its place. Raises ``OutputError``."""
        raise NotImplementedError

    def discard(self) -> None:
        """Close without leaving a video. Idempotent; does nothing after ``close``."""
        self._file.drop()
        with suppress(FFmpegError):  # the index of a video that is not wanted cannot be written
            self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def _finish(self) -> None:
        self._container.close()
        self._file.keep()

    @contextmanager
    def _whole_or_nothing(self) -> Iterator[None]:
        """Whatever goes wrong inside, the whole video is dropped."""
        try:
            yield
        except BaseException:
            self.discard()
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the container raises, as an ``OutputError``."""
        try:
            yield
        except (FFmpegError, OSError) as exc:
            raise OutputError(
                f"The video {self._file.path} could not be written: {exc.strerror or exc}.",
                "Free some space, or choose another place with --out.",
            ) from exc
