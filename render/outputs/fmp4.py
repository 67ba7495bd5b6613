"""Fragmented MP4: media that plays while it is being made, in a browser (MSE) or as HLS segments."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final, TypeVar

from av.audio.codeccontext import AudioCodecContext
from av.codec.context import Flags
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext

from ...errors import InputError, OutputError
from ..types import Chunk, Frame, Speech
from .boxes import PictureTrack, Sample, SoundTrack, codecs, fragment, header, with_lengths
from .timeline import Timeline
from .tracks import PRIMING, Coded, Tracks, quality, set_up_picture, set_up_sound

REQUIRES: Final = {"av": "pip install av"}

_FINEST: Final = 10_000
"""Units of a second that the picture's times have at least, as some players want it."""
_NEVER: Final = 1_000_000
"""Frames to an unforced key frame."""

_Context = TypeVar("_Context", VideoCodecContext, AudioCodecContext)


class Fmp4:
    """Chunks that play when joined: a header first, then fragments that each start with a key frame.

    ``drain`` hands over what is ready and may be called from another thread while ``write`` runs.
    """

    name = "fmp4"

    def __init__(self, timeline: Timeline, options: dict[str, str], *, fragment_s: float) -> None:
        self._timeline = timeline
        self._frames_each = max(1, round(fragment_s * timeline.fps))
        picture = VideoCodecContext.create("libx264", "w")
        set_up_picture(picture, timeline, options)
        picture.gop_size = _NEVER
        sound = AudioCodecContext.create("aac", "w")
        set_up_sound(sound, timeline)
        self._tracks = Tracks(_opened(picture), _opened(sound), timeline, key_every=self._frames_each)

        scale = -(-_FINEST // timeline.fps.numerator)
        self._frame_units = scale * timeline.fps.denominator
        seen = PictureTrack(timeline.size, scale * timeline.fps.numerator, picture.extradata or b"")
        heard = SoundTrack(sound.sample_rate, sound.bit_rate or 0, PRIMING, sound.extradata or b"")
        self.mime = f'video/mp4; codecs="{codecs(seen)}"'
        self._sound_rate = sound.sample_rate
        self._ready = deque([Chunk(header(seen, heard), self.mime, 0, 0.0, 0.0)])
        self._made = 1
        self._pictures: list[Sample] = []
        self._sounds: list[Sample] = []
        self._closed = False

    def write(self, frames: Iterable[Frame], speech: Speech) -> None:
        """Append one sentence; its chunks are ready to be drained as soon as each is complete.

        Raises ``OutputError`` after ``close`` or when a frame cannot be encoded, ``InputError`` for frames or speech of another
        size or rate. When *frames* fails or is closed half-way, what was taken stays, and the next sentence goes on from there.
        """
        if self._closed:
            raise OutputError("The stream is closed.", "Make another output for another stream.")
        try:
            for coded in self._tracks.encode(frames, speech):
                self._take(coded)
                if len(self._pictures) == self._frames_each:
                    self._cut()
        finally:
            if self._pictures:
                self._cut()

    def drain(self) -> list[Chunk]:
        """The chunks that have become ready since the last call, in order; the header is the first of all."""
        return [self._ready.popleft() for _ in range(len(self._ready))]

    def close(self) -> None:
        """Make the rest ready: the end of the sound. Idempotent. Raises ``OutputError``."""
        if self._closed:
            return
        self._closed = True
        for coded in self._tracks.finish():
            self._take(coded)
        if self._pictures or self._sounds:
            self._cut()

    def discard(self) -> None:
        """Drop what has not been drained. Idempotent; does nothing after ``close``."""
        if not self._closed:
            self._closed = True
            self._ready.clear()

    def _take(self, coded: Coded) -> None:
        data, packet = bytes(coded.packet), coded.packet
        if packet.pts is None or packet.duration is None:
            raise OutputError("The encoder gave a packet without a time.", "Choose another size, rate or preset.")
        if coded.track == "picture":
            start = packet.pts * self._frame_units
            self._pictures.append(Sample(with_lengths(data), start, self._frame_units, key=packet.is_keyframe))
        else:
            self._sounds.append(Sample(data, packet.pts + PRIMING, packet.duration))

    def _cut(self) -> None:
        """Make a fragment of what has been taken."""
        if self._pictures:
            start_s = self._timeline.seconds(self._pictures[0].start // self._frame_units)
            duration_s = self._timeline.seconds(len(self._pictures))
        else:
            start_s = (self._sounds[0].start - PRIMING) / self._sound_rate
            duration_s = sum(sample.duration for sample in self._sounds) / self._sound_rate
        data = fragment(self._made, self._pictures, self._sounds)
        self._ready.append(Chunk(data, self.mime, self._made, start_s, duration_s))
        self._made += 1
        self._pictures, self._sounds = [], []


def _opened(context: _Context) -> _Context:
    context.flags |= Flags.global_header
    try:
        context.open()
    except FFmpegError as exc:
        raise OutputError(
            f"The encoder {context.name} does not start: {exc.strerror}.", "Choose another size or rate."
        ) from exc
    return context


def backend(
    *,
    size: tuple[int, int],
    fps: float,
    rate: int,
    fragment_s: float = 0.5,
    crf: int = 23,
    preset: str = "veryfast",
) -> Fmp4:
    """Make a stream from frames of *size* (width, height) at *fps* and speech of *rate* Hertz.

    *fragment_s*: seconds of a fragment, so about how much later than its frames it can play; shorter costs more bits.
    *crf* and *preset* as for the MP4 file; without look-ahead the same crf looks better and costs more.

    Raises ``InputError`` for values no video can have.
    """
    if not 0.1 <= fragment_s <= 10:
        raise InputError(f"A fragment cannot last {fragment_s:g} s.", "Choose from 0.1 to 10.")
    options = {**quality(crf, preset), "tune": "grain,zerolatency"}
    return Fmp4(Timeline.checked(size, fps, rate), options, fragment_s=fragment_s)
