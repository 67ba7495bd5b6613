"""One MP4 file: H.264 and AAC, index in front so that it plays while it loads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import av

from .partial import Partial
from .timeline import Timeline
from .tracks import Tracks, quality, set_up_picture, set_up_sound
from .videofile import VideoFile

REQUIRES: Final = {"av": "pip install av"}

_KEY_EVERY_S: Final = 4.0
_GRAIN: Final = {"tune": "grain", "bf": "0", "mbtree": "0", "trellis": "0", "deblock": "3:2"}
"""Of libx264. What usually makes files small (pictures between pictures, more error where little refers to it, detail rounded
away) wipes the grain off a face that moves. Strong deblocking removes the noise that rounding adds to a smooth one."""


class Mp4(VideoFile):
    """H.264 and AAC in an MP4 file whose index comes first."""

    name = "mp4"

    def __init__(self, path: Path, timeline: Timeline, options: dict[str, str]) -> None:
        file = Partial(path)
        container = av.open(
            str(file.part), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}
        )
        picture = container.add_stream("libx264", rate=timeline.fps)
        picture.codec_context.thread_type = "FRAME"
        picture.codec_context.gop_size = round(_KEY_EVERY_S * timeline.fps)
        set_up_picture(picture.codec_context, timeline, options)
        sound = container.add_stream("aac")
        set_up_sound(sound.codec_context, timeline)
        super().__init__(file, container, Tracks(picture, sound, timeline))


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
    tuned to keep grain, without which skin and canvas look like wax, at 1 to 2.4 Mbit/s for a face of 512x512 at 25 frames/s.
    A file that is already there is replaced when the video is complete, not before.

    Raises ``InputError`` for values no video can have and for a folder that is not there, ``OutputError`` when nothing can be
    written into it.
    """
    return Mp4(Path(path), Timeline.checked(size, fps, rate), {**quality(crf, preset), **_GRAIN})
