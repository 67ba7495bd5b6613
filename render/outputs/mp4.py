"""One MP4 file: H.264 and AAC, index in front so that it plays while it loads."""

from __future__ import annotations

import os
import secrets
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final

import av
from av.error import FFmpegError

from ...errors import InputError, OutputError
from ..types import Frame, Speech
from .timeline import Timeline
from .tracks import Tracks, quality, set_up_picture, set_up_sound

REQUIRES: Final = {"av": "pip install av"}

_KEY_EVERY_S: Final = 4.0


class Mp4:
    """Written under another name beside *path* and moved there by ``close``: at *path* there is a whole video or none."""

    name = "mp4"

    def __init__(self, path: Path, timeline: Timeline, options: dict[str, str]) -> None:
        self._path = path
        self._part = _new_file_beside(path)
        self._drop = weakref.finalize(self, self._part.unlink, missing_ok=True)
        self._container = av.open(
            str(self._part), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}
        )
        picture = self._container.add_stream("libx264", rate=timeline.fps)
        picture.codec_context.thread_type = "FRAME"
        picture.codec_context.gop_size = round(_KEY_EVERY_S * timeline.fps)
        set_up_picture(picture.codec_context, timeline, options)
        sound = self._container.add_stream("aac")
        set_up_sound(sound.codec_context, timeline)
        self._tracks = Tracks(picture, sound, timeline)

    def write(self, frames: Iterable[Frame], speech: Speech) -> None:
        """Append one sentence, taking its frames one at a time. If it fails, whatever the reason, the whole video is dropped.

        Raises ``OutputError`` when the file cannot be written, ``InputError`` for frames or speech of another size or rate.
        """
        if not self._drop.alive:
            raise OutputError(f"The video {self._path} is closed.", "Make another output for another video.")
        with self._whole_or_nothing():
            for coded in self._tracks.encode(frames, speech):
                with self._told():
                    self._container.mux(coded.packet)

    def close(self) -> None:
        """Put the video in its place; without any frame there is none. Idempotent. Raises ``OutputError``."""
        if not self._drop.alive:
            return
        if not self._tracks.frames:
            self.discard()
            return
        with self._whole_or_nothing(), self._told():
            for coded in self._tracks.finish():
                self._container.mux(coded.packet)
            self._container.close()
            self._part.replace(self._path)
        self._drop.detach()

    def discard(self) -> None:
        """Close without leaving a video. Idempotent; does nothing after ``close``."""
        self._drop()
        with suppress(FFmpegError):  # the index of a video that is not wanted cannot be written
            self._container.close()

    def __enter__(self) -> Mp4:
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
                f"The video {self._path} could not be written: {exc.strerror or exc}.",
                "Free some space, or choose another place.",
            ) from exc


def _new_file_beside(path: Path) -> Path:
    """An empty, unused file in the folder of *path*, with the permissions a new file gets."""
    if path.is_dir():
        raise InputError(f"{path} is a folder.", "Name a file for the video.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent}.", "Create it, or choose another place for the video.")
    part = path.with_name(f".visavis-{secrets.token_hex(8)}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as exc:
        raise OutputError(
            f"Nothing can be written into {path.parent}: {exc.strerror}.", "Choose another place for the video."
        ) from exc
    return part


def backend(
    path: str | os.PathLike[str],
    *,
    size: tuple[int, int],
    fps: float,
    rate: int,
    crf: int = 18,
    preset: str = "veryfast",
) -> Mp4:
    """Make the file *path* from frames of *size* (width, height) at *fps* and speech of *rate* Hertz.

    *crf*: quality from 0 (lossless) to 51, 18 to 23 being usual. *preset*: of ``tracks.PRESETS``, slower is smaller. The encoder is
    tuned to keep grain, without which skin and canvas look like wax.
    A file that is already there is replaced when the video is complete, not before.

    Raises ``InputError`` for values no video can have and for a folder that is not there, ``OutputError`` when nothing can be
    written into it.
    """
    return Mp4(Path(path), Timeline.checked(size, fps, rate), {**quality(crf, preset), "tune": "grain"})
