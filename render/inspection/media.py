"""A video file -> pictures and sound, one pass, in the order of the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.error import FFmpegError
from av.video.frame import VideoFrame

from ...errors import InputError
from ..types import Bytes, Floats
from .hearing import Ear


@dataclass(frozen=True, slots=True)
class Played:
    """What came out of a file."""

    size: tuple[int, int]
    """(width, height) in pixels."""
    fps: float
    """As the file declares it."""
    frames: int
    picture_s: float
    """From the first picture to the end of the last one."""
    declared_s: float | None
    """Length of the pictures according to the file's index; None where it does not say."""
    broken: str
    """Why decoding stopped early; empty when it did not."""


def play(path: Path, look: Callable[[Bytes, float], None]) -> tuple[Played, Ear | None]:
    """Decode *path*: each picture, uint8 (h, w, 3) RGB, goes to *look* with its time in seconds; the sound to the ``Ear``, None
    where there is none.

    A file that ends in the middle is played as far as it goes. Raises ``InputError`` when the file is missing, is no video, or
    gives no picture.
    """
    if not path.is_file():
        raise InputError(f"There is no file {path}.", "Check the path.")
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise InputError(f"{path} holds no pictures.", "Give a video file such as MP4.")
            return _play(container, look)
    except FFmpegError as exc:
        raise InputError(f"{path} cannot be decoded as a video.", "Give a whole video file such as MP4.") from exc


def _play(container: av.container.InputContainer, look: Callable[[Bytes, float], None]) -> tuple[Played, Ear | None]:
    video = container.streams.video[0]
    audio = container.streams.audio[0] if container.streams.audio else None
    fps = float(video.average_rate or video.base_rate or 25)
    ear = Ear(audio.rate) if audio else None
    mono = AudioResampler(format="fltp", layout="mono")
    frames, first_s, last_s, broken = 0, 0.0, 0.0, ""
    streams = [video, audio] if audio else [video]
    try:
        for frame in container.decode(streams):
            if isinstance(frame, VideoFrame):
                last_s = frames / fps if frame.time is None else float(frame.time)
                first_s = first_s if frames else last_s
                look(np.ascontiguousarray(frame.to_ndarray(format="rgb24")), last_s)
                frames += 1
            elif isinstance(frame, AudioFrame) and ear:
                start_s = frame.time
                for block in mono.resample(frame):
                    ear.take(_samples(block), start_s)
                    start_s = None
    except FFmpegError as exc:
        broken = exc.strerror or str(exc)
    if not frames:
        raise InputError("The file gives no picture.", "Give a whole video file such as MP4.")
    declared = float(video.duration * video.time_base) if video.duration and video.time_base else None
    size = video.codec_context.width, video.codec_context.height
    return Played(size, fps, frames, last_s - first_s + 1 / fps, declared, broken), ear


def _samples(block: AudioFrame) -> Floats:
    return np.ascontiguousarray(block.to_ndarray()[0], np.float32)
