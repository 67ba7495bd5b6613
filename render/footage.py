"""A video file, read: upright RGB pictures with their times, and the sound as it is coded."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Final, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream

from ..errors import InputError
from .portraits.reading import shown
from .types import Bytes

_SMALLEST, _LARGEST = 16, 4096
_HD_ROWS: Final = 720
"""From this height on colours without a tag are BT.709, below BT.601."""
_UNTAGGED: Final = 2
_NEVER: Final = -(1 << 62)
_AGAIN: Final = "Save or download it again."
_SCALING: Final = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a video."""

    image: Bytes
    """uint8 (h, w, 3) sRGB codes, upright."""
    pts: int
    """When it is shown, in units of the video's ``time_base``; grows from picture to picture."""


class Footage:
    """A video file that has been opened. Reading it takes the memory of a few pictures, however long it is."""

    def __init__(self, path: str | Path) -> None:
        """Raises ``InputError`` when there is no such file, or none with pictures of a size that can be worked on."""
        self.path = Path(path)
        self.name = shown(path)
        self._container = _opened(self.path, self.name)
        try:
            self._video = self._picture_stream()
            self._check_size()
        except InputError:
            self._container.close()
            raise
        self._video.thread_type = "AUTO"
        self._colours = VideoReformatter()
        self._last = _NEVER
        self._shape: tuple[int, ...] | None = None

    @property
    def sounds(self) -> list[AudioStream]:
        """The streams that the sound packets belong to."""
        return list(self._container.streams.audio)

    @property
    def picture_stream(self) -> VideoStream:
        """What the container says of the pictures."""
        return self._video

    @property
    def time_base(self) -> Fraction:
        """Unit of ``Picture.pts``, in seconds."""
        return self._video.time_base or Fraction(1, 90_000)

    @property
    def rate(self) -> Fraction:
        """Mean pictures per second."""
        return self._video.average_rate or self._video.guessed_rate or Fraction(25)

    @property
    def duration_s(self) -> float:
        """As the file says, in seconds; 0 where it does not."""
        return (self._container.duration or 0) / av.time_base

    @property
    def matrix(self) -> int:
        """How its colours are coded, ITU-T H.273; where the file does not say, as such files are."""
        tagged = int(self._video.codec_context.colorspace)
        if tagged not in {0, _UNTAGGED}:
            return tagged
        return int(Colorspace.ITU709 if self._video.codec_context.height >= _HD_ROWS else Colorspace.ITU601)

    def read(self) -> Iterator[Picture | Packet[AudioStream]]:
        """Pictures and packets of sound, in the order of the file. Raises ``InputError`` when it is damaged, cut short or empty."""
        end_s, pictures = 0.0, 0
        try:
            for packet in self._container.demux(self._video, *self.sounds):
                end_s = max(end_s, _end_s(packet))
                if isinstance(packet.stream, AudioStream):
                    if packet.dts is not None:
                        yield cast("Packet[AudioStream]", packet)
                    continue
                for frame in self._video.decode(cast("Packet[VideoStream]", packet)):
                    pictures += 1
                    yield self._picture(frame)
        except FFmpegError as exc:
            raise InputError(f"{self.name} is damaged ({exc.strerror}).", _AGAIN) from exc
        if not pictures:
            raise InputError(f"{self.name} holds no pictures.", "Give a video, or a photo.")
        start_s = (self._container.start_time or 0) / av.time_base
        if end_s - start_s < 0.95 * self.duration_s - 0.5:
            raise InputError(
                f"{self.name} ends after {end_s - start_s:.1f} of {self.duration_s:.1f} seconds: it is cut short.",
                _AGAIN,
            )

    def pictures(self, until_s: float) -> Generator[tuple[float, Bytes], None, None]:
        """Seconds from the first picture, and the picture, for those before *until_s*. Raises as ``read``."""
        first: int | None = None
        for item in self.read():
            if isinstance(item, Picture):
                first = item.pts if first is None else first
                time_s = float((item.pts - first) * self.time_base)
                if time_s >= until_s:
                    return
                yield time_s, item.image

    def samples(self, count: int) -> Iterator[Bytes]:
        """Up to *count* pictures from all over the video, in order, for a first look; ``read`` is then no longer possible."""
        for k in range(count):
            try:
                self._container.seek(round(self.duration_s * k / count * av.time_base))
                frame = next(iter(self._decoded()), None)
            except FFmpegError:
                return
            if frame is not None:
                yield self._picture(frame).image

    def close(self) -> None:
        """Idempotent."""
        self._container.close()

    def __enter__(self) -> Footage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _picture_stream(self) -> VideoStream:
        for stream in self._container.streams.video:
            if not stream.disposition & Disposition.attached_pic:
                return stream
        raise InputError(f"{self.name} holds no moving pictures.", "Give a video, or a photo.")

    def _decoded(self) -> Iterator[av.VideoFrame]:
        for packet in self._container.demux(self._video):
            yield from self._video.decode(packet)

    def _check_size(self) -> None:
        width, height = self._video.codec_context.width, self._video.codec_context.height
        if not width or not height:
            raise InputError(f"{self.name} holds no pictures.", "Give a video, or a photo.")
        if min(width, height) < _SMALLEST or max(width, height) > _LARGEST:
            raise InputError(
                f"{self.name} is {width}x{height}.",
                f"Scale it to a width and height from {_SMALLEST} to {_LARGEST} pixels.",
            )

    def _picture(self, frame: av.VideoFrame) -> Picture:
        image = self._colours.reformat(
            frame,
            format="rgb24",
            src_colorspace=self.matrix,
            dst_color_range=ColorRange.JPEG,
            interpolation=_SCALING,
            threads=1,
        ).to_ndarray()
        upright = np.ascontiguousarray(np.rot90(image, round(frame.rotation / 90)))
        self._shape = self._shape or upright.shape
        if upright.shape != self._shape:
            raise InputError(f"{self.name} changes its size.", "Convert it to one size, or cut it where it changes.")
        step = max(1, round(1 / (self.rate * self.time_base)))
        pts = frame.pts if frame.pts is not None else max(0, self._last + step)
        self._last = max(pts, self._last + 1)
        return Picture(np.asarray(upright, np.uint8), self._last)


def _opened(path: Path, name: str) -> av.container.InputContainer:
    if path.is_dir():
        raise InputError(f"{name} is a folder.", "Name a video in it.")
    if not path.is_file():
        raise InputError(f"There is no file {name}.", "Check the path.")
    try:
        return av.open(str(path), metadata_errors="ignore")
    except (FFmpegError, OSError) as exc:
        raise InputError(f"{name} is no video that can be read ({exc.strerror}).", _AGAIN) from exc


def _end_s(packet: Packet[Any]) -> float:
    if packet.pts is None or packet.time_base is None:
        return 0.0
    return float((packet.pts + (packet.duration or 0)) * packet.time_base)
