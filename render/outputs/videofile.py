"""A video as one file, whole or not there: what every container has in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from av.container import OutputContainer
from av.error import FFmpegError

from ...errors import OutputError
from ..types import Frame, Speech
from .partial import Partial
from .tracks import Tracks


class VideoFile:
    """Written under another name beside its path and moved there by ``close``: at the path there is a whole video or none."""

    def __init__(self, file: Partial, container: OutputContainer, tracks: Tracks) -> None:
        """*container* is open on ``file.part`` and holds the streams of *tracks*."""
        self._file = file
        self._container = container
        self._tracks = tracks

    def write(self, frames: Iterable[Frame], speech: Speech) -> None:
        """Append one sentence, taking its frames one at a time. If it fails, whatever the reason, the whole video is dropped.

        Raises ``OutputError`` when the file cannot be written, ``InputError`` for frames or speech of another size or rate.
        """
        if not self._file.open:
            raise OutputError(f"The video {self._file.path} is closed.", "Make another output for another video.")
        with self._whole_or_nothing():
            for coded in self._tracks.encode(frames, speech):
                with self._told():
                    self._container.mux(coded.packet)

    def close(self) -> None:
        """Put the video in its place; without any frame there is none. Idempotent. Raises ``OutputError``."""
        if not self._file.open:
            return
        if not self._tracks.frames:
            self.discard()
            return
        with self._whole_or_nothing(), self._told():
            for coded in self._tracks.finish():
                self._container.mux(coded.packet)
            self._container.close()
            self._file.keep()

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

    @contextmanager
    def _whole_or_nothing(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.discard()
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (FFmpegError, OSError) as exc:
            raise OutputError(
                f"The video {self._file.path} could not be written: {exc.strerror or exc}.",
                "Free some space, or choose another place.",
            ) from exc
