"""A folder of numbered PNG pictures, with alpha where the frames have one, and a WAV file: for editors and compositors."""

from __future__ import annotations

import os
import wave
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from ...errors import OutputError
from ..types import Bytes, Floats, Frame, Speech
from .partial import Partial
from .timeline import Timeline

REQUIRES: Final = {"cv2": "pip install opencv-python-headless"}

SOUND: Final = "sound.wav"
_COMPRESSION: Final = [cv2.IMWRITE_PNG_COMPRESSION, 1]
_FULL_SCALE: Final = np.float32(32767)


class Pictures:
    """Written under another name beside *path* and moved there by ``close``: at *path* there is a whole folder or none.

    Frame k is ``00000k.png``; ``sound.wav`` (mono, 16 bits) starts with frame 0.
    """

    name = "png"

    def __init__(self, path: Path, timeline: Timeline) -> None:
        self._folder = Partial(path, folder=True)
        self._timeline = timeline
        self._frames = 0
        self._samples = 0
        sound: wave.Wave_write = wave.open(str(self._folder.part / SOUND), "wb")  # noqa: SIM115 - open until ``close``
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(timeline.rate)
        self._sound = sound

    def write(self, frames: Iterable[Frame], speech: Speech) -> None:
        """Append one sentence, taking its frames one at a time. If it fails, whatever the reason, the folder is dropped.

        Raises ``OutputError`` when a file cannot be written, ``InputError`` for frames or speech of another size or rate.
        """
        if not self._folder.open:
            raise OutputError(f"The folder {self._folder.path} is closed.", "Make another output for another video.")
        with self._whole_or_nothing():
            sound = self._timeline.sound(speech)
            start = self._samples
            for frame in frames:
                picture = _encoded(self._timeline.image(frame), self._timeline.alpha(frame))
                (self._folder.part / f"{self._frames:06}.png").write_bytes(picture)
                self._frames += 1
            self._samples = self._timeline.samples(self._frames)
            self._sound.writeframes(self._under_frames(sound, self._samples - start))

    def close(self) -> None:
        """Put the folder in its place; without any frame there is none. Idempotent. Raises ``OutputError``."""
        if not self._folder.open:
            return
        if not self._frames:
            self.discard()
            return
        with self._whole_or_nothing():
            self._sound.close()
            self._folder.keep()

    def discard(self) -> None:
        """Close without leaving a folder. Idempotent; does nothing after ``close``."""
        self._sound.close()
        self._folder.drop()

    def _under_frames(self, sound: Floats, length: int) -> bytes:
        """*length* samples as 16-bit codes: silence after the end of *sound*, which is faded out if it is longer."""
        piece = np.zeros(length, np.float32)
        known = sound[:length]
        piece[: len(known)] = self._timeline.faded(known) if len(sound) > length + 1 else known
        return bytes(np.rint(piece * _FULL_SCALE).astype("<i2"))

    @contextmanager
    def _whole_or_nothing(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            self.discard()
            raise OutputError(
                f"The folder {self._folder.path} could not be written: {exc.strerror}.",
                "Free some space, or choose another place.",
            ) from exc
        except BaseException:
            self.discard()
            raise


def _encoded(image: Bytes, alpha: Bytes | None) -> bytes:
    if alpha is None:
        codes = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    else:
        codes = cv2.cvtColor(np.dstack([image, alpha]), cv2.COLOR_RGBA2BGRA)
    return bytes(cv2.imencode(".png", codes, _COMPRESSION)[1])


def backend(path: str | os.PathLike[str], *, size: tuple[int, int], fps: float, rate: int) -> Pictures:
    """Make the folder *path*, new or empty, from frames of *size* (width, height) at *fps* and speech of *rate* Hertz.

    Raises ``InputError`` for values no video can have and for a folder that holds something, ``OutputError`` when nothing can be
    written beside it.
    """
    return Pictures(Path(path), Timeline.checked(size, fps, rate))
