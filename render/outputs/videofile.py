"""A video as one file, whole or not there: what every container has in common."""

from __future__ import annotations

from collections.abc import Iterable

from av.container import OutputContainer

from ...errors import OutputError
from ..types import Frame, Speech
from .partial import Partial
from .tracks import Tracks
from .whole import WholeVideo


class VideoFile(WholeVideo):
    """Frames and speech, written sentence by sentence: at the path there is a whole video or none."""

    def __init__(self, file: Partial, container: OutputContainer, tracks: Tracks) -> None:
        """*container* is open on ``file.part`` and holds the streams of *tracks*."""
        super().__init__(file, container)
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
            self._finish()
