"""H.264 and AAC from frames and speech, packet by packet, for every output that encodes with FFmpeg."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, Final, Literal, NamedTuple, Protocol, TypeVar

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter

from ...errors import InputError, OutputError
from ..types import Floats, Frame, Speech
from .timeline import Timeline

T = TypeVar("T", bound=av.VideoFrame | av.AudioFrame, contravariant=True)
Track = Literal["picture", "sound"]

PRIMING: Final = 1024
"""Samples by which FFmpeg's AAC encoder delays the sound: its first packet is that much before 0."""

PRESETS: Final = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow")
"""Of libx264, from fast to small."""

_SOUND_BITS: Final = 128_000
_SCALING: Final = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP


class Encoder(Protocol[T]):
    """A codec context, or a stream of a container, which also stamps its packets with its own number."""

    def encode(self, frame: T | None = None) -> list[Packet[Any]]: ...


class Coded(NamedTuple):
    """A packet and the track it belongs to."""

    track: Track
    packet: Packet[Any]


def quality(crf: int, preset: str) -> dict[str, str]:
    """The options of libx264 for *crf*, 0 (lossless) to 51, and *preset*, of ``PRESETS``. Raises ``InputError`` for others."""
    if not 0 <= crf <= 51:
        raise InputError(f"The quality (crf) {crf} does not exist.", "Choose from 0 to 51; 20 is usual.")
    if preset not in PRESETS:
        raise InputError(f"There is no preset {preset!r}.", f"Choose one of: {', '.join(PRESETS)}.")
    return {"profile": "high", "crf": str(crf), "preset": preset}


def set_up_picture(context: VideoCodecContext, timeline: Timeline, options: dict[str, str]) -> None:
    """Prepare libx264 with *options*: 4:2:0 BT.709 in limited range, and tagged so; two threads, as x264 is deterministic only for
    a fixed number of them.
    """
    context.width, context.height = timeline.size
    context.pix_fmt = "yuv420p"
    context.framerate = timeline.fps
    context.time_base = 1 / timeline.fps
    context.color_range = ColorRange.MPEG
    context.colorspace = Colorspace.ITU709
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    context.thread_count = 2
    context.options = options


def set_up_sound(context: AudioCodecContext, timeline: Timeline) -> None:
    """Prepare AAC, mono, 128 kbit/s, at a sample rate that every player knows; the context resamples what it is given."""
    context.sample_rate = 44_100 if 44_100 % timeline.rate == 0 else 48_000
    context.layout = "mono"
    context.format = "fltp"
    context.bit_rate = _SOUND_BITS
    context.time_base = Fraction(1, context.sample_rate)


class Tracks:
    """Picture and sound of one video, encoded side by side; holds a fraction of a second of either, never a sentence."""

    def __init__(
        self, picture: Encoder[av.VideoFrame], sound: Encoder[av.AudioFrame], timeline: Timeline, *, key_every: int = 0
    ) -> None:
        """*key_every*: frames between forced key frames, counted from the first of each sentence; 0 forces none."""
        self.frames = 0
        """Frames taken so far."""
        self._picture = picture
        self._sound = sound
        self._timeline = timeline
        self._key_every = key_every
        self._colours = VideoReformatter()
        self._samples = 0

    def encode(self, frames: Iterable[Frame], speech: Speech) -> Iterator[Coded]:
        """One sentence. Its frames are the clock: the sound starts with the first of them, silence fills what the sound leaves
        open, and sound beyond the last is faded out within it. May be broken off; the next sentence still starts on time.

        Raises ``InputError`` for frames or speech that do not fit the timeline, ``OutputError`` when they cannot be encoded.
        """
        sound = self._timeline.sound(speech)
        start = self._timeline.samples(self.frames)
        yield from self._encode_sound(np.zeros(start - self._samples, dtype=np.float32))
        waiting: Floats | None = None
        for number, frame in enumerate(frames):
            if waiting is not None:
                yield from self._encode_sound(waiting)
            key = self._key_every > 0 and number % self._key_every == 0
            yield from self._encode_picture(frame, key=key)
            waiting = self._under_last_frame(sound, start)
        if waiting is not None:
            cut = start + len(sound) > self._timeline.samples(self.frames) + 1
            yield from self._encode_sound(self._timeline.faded(waiting) if cut else waiting)

    def finish(self) -> Iterator[Coded]:
        """What the encoders still hold. Nothing may be encoded afterwards. Raises ``OutputError``."""
        if self.frames:
            yield from _coded("picture", self._picture, None)
            yield from _coded("sound", self._sound, None)

    def _under_last_frame(self, sound: Floats, start: int) -> Floats:
        """The piece of *sound*, which begins at sample *start*, that belongs under the frame taken last; silence after its end."""
        begin, end = self._timeline.samples(self.frames - 1), self._timeline.samples(self.frames)
        piece = np.zeros(end - begin, dtype=np.float32)
        known = sound[begin - start : end - start]
        piece[: len(known)] = known
        return piece

    def _encode_picture(self, frame: Frame, *, key: bool) -> Iterator[Coded]:
        image, alpha = self._timeline.image(frame), self._timeline.alpha(frame)
        picture = self._colours.reformat(
            av.VideoFrame.from_ndarray(image, format="rgb24")
            if alpha is None
            else av.VideoFrame.from_ndarray(np.dstack([image, alpha]), format="rgba"),
            format="yuv420p" if alpha is None else "yuva420p",
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            dst_colorspace=Colorspace.ITU709,
            dst_color_primaries=ColorPrimaries.BT709,
            dst_color_trc=ColorTrc.BT709,
            interpolation=_SCALING,
            threads=1,
        )
        picture.pts = self.frames
        picture.time_base = 1 / self._timeline.fps
        picture.pict_type = PictureType.I if key else PictureType.NONE
        self.frames += 1
        yield from _coded("picture", self._picture, picture)

    def _encode_sound(self, piece: Floats) -> Iterator[Coded]:
        if not len(piece):
            return
        frame = av.AudioFrame.from_ndarray(piece[None], format="fltp", layout="mono")
        frame.sample_rate = self._timeline.rate
        frame.time_base = Fraction(1, self._timeline.rate)
        frame.pts = self._samples
        self._samples += len(piece)
        yield from _coded("sound", self._sound, frame)


def _coded(track: Track, encoder: Encoder[T], frame: T | None) -> Iterator[Coded]:
    try:
        packets = encoder.encode(frame)
    except FFmpegError as exc:
        raise OutputError(
            f"The {track} could not be encoded: {exc.strerror}.", "Choose another size, rate or preset."
        ) from exc
    for packet in packets:
        yield Coded(track, packet)
