"""A video file, written anew: other pictures at the same times, with the same sound."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from av.video.stream import VideoStream

from ..errors import InputError
from .footage import Footage, Picture
from .outputs.partial import Partial
from .outputs.whole import WholeVideo

FORMATS: Final = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
"""Ending to container."""

_VP9: Final = {"crf": "28", "b": "0", "deadline": "realtime", "cpu-used": "5", "row-mt": "1"}
_H264: Final = {"crf": "18", "preset": "veryfast", "profile": "high"}
_OPUS_RATE: Final = 48_000
_MOST_CHANNELS: Final = 2
_SCALING: Final = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP


class Rewritten(WholeVideo):
    """A new file beside *path* that takes its place when it is closed: at *path* there is a whole video or what was there before.

    Sound is copied as it is coded, and coded anew only where the container cannot hold it.
    """

    def __init__(self, path: Path, footage: Footage) -> None:
        """Raises ``InputError`` for an ending that is no video's, ``OutputError`` when nothing can be written there."""
        self._form = form_of(path)
        self._footage = footage
        file = Partial(path)
        options = {"movflags": "+faststart", "fflags": "+bitexact"} if self._form in {"mp4", "mov"} else {}
        super().__init__(file, av.open(str(file.part), "w", format=self._form, options=options))
        self._video = self._picture_stream()
        self._sounds: dict[int, tuple[AudioStream, bool]] = {}
        with self._whole_or_nothing(), self._told():
            for source in footage.sounds:
                self._sounds[source.index] = self._sound_stream(source)
        self._colours = VideoReformatter()
        self._waiting: list[Packet[AudioStream]] | None = []
        """Sound before the first picture, which tells the size; None from then on."""

    def add(self, item: Picture | Packet[AudioStream]) -> None:
        """The next picture, all of one size, or packet of sound. If it fails the whole file is dropped. Raises ``OutputError``."""
        with self._whole_or_nothing(), self._told():
            if isinstance(item, Picture):
                self._add_picture(item)
            elif self._waiting is not None:
                self._waiting.append(item)
            else:
                self._add_sound(item)

    def close(self) -> None:
        """Put the file in its place. Raises ``OutputError``."""
        with self._whole_or_nothing(), self._told():
            self._mux(self._video.encode(None))
            for stream, copied in self._sounds.values():
                if not copied:
                    self._mux(stream.encode(None))
            self._finish()

    def _start(self, height: int, width: int) -> None:
        context, source = self._video.codec_context, self._footage.picture_stream.codec_context
        context.width, context.height = width, height
        context.pix_fmt = "yuv420p"
        context.time_base = self._video.time_base = self._footage.time_base
        context.color_range = ColorRange.MPEG
        context.colorspace = self._footage.matrix
        context.color_primaries = source.color_primaries
        context.color_trc = source.color_trc
        context.thread_count = 2

    def _add_picture(self, picture: Picture) -> None:
        height, width = (side - side % 2 for side in picture.image.shape[:2])
        if self._waiting is not None:
            self._start(height, width)
            waiting, self._waiting = self._waiting, None
            for packet in waiting:
                self._add_sound(packet)
        frame = self._colours.reformat(
            av.VideoFrame.from_ndarray(picture.image[:height, :width], format="rgb24"),
            format="yuv420p",
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            dst_colorspace=self._footage.matrix,
            interpolation=_SCALING,
            threads=1,
        )
        frame.pts = picture.pts
        frame.time_base = self._footage.time_base
        self._mux(self._video.encode(frame))

    def _picture_stream(self) -> VideoStream:
        if self._form == "webm":
            return self._container.add_stream("libvpx-vp9", rate=self._footage.rate, options=_VP9)
        return self._container.add_stream("libx264", rate=self._footage.rate, options=_H264)

    def _sound_stream(self, source: AudioStream) -> tuple[AudioStream, bool]:
        """The stream that takes the packets of *source*, and whether it takes them as they are."""
        if source.codec_context.name in self._container.supported_codecs:
            return self._container.add_stream_from_template(source), True
        if self._form == "webm":
            stream = self._container.add_stream("libopus", rate=_OPUS_RATE)
        else:
            stream = self._container.add_stream("aac", rate=source.codec_context.sample_rate)
        stream.codec_context.layout = "mono" if source.codec_context.channels < _MOST_CHANNELS else "stereo"
        stream.codec_context.time_base = Fraction(1, stream.codec_context.sample_rate)
        return stream, False

    def _add_sound(self, packet: Packet[AudioStream]) -> None:
        stream, copied = self._sounds[packet.stream.index]
        if copied:
            packet.stream = stream
            self._mux([packet])
            return
        for frame in packet.decode():
            self._mux(stream.encode(frame))

    def _mux(self, packets: Sequence[Packet[Any]]) -> None:
        for packet in packets:
            self._container.mux(packet)


def form_of(path: Path) -> str:
    """The container that the ending of *path* stands for. Raises ``InputError``."""
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise InputError(f"{path.name} is no kind of video.", f"End it in {', '.join(FORMATS)}.")
    return form
