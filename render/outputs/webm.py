"""One WebM file: VP9 and Opus, with an alpha plane where that is wanted. Plays in browsers, editors and OBS.

Matroska keeps the alpha of a picture beside it (BlockAdditional), coded as a VP9 stream of its own, and says so by ``alpha_mode``.
"""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Final

import av

from ...errors import InputError
from .partial import Partial
from .timeline import Timeline
from .tracks import Tracks, set_up_picture
from .videofile import VideoFile

REQUIRES: Final = {"av": "pip install av"}

_KEY_EVERY_S: Final = 4.0
_SOUND_BITS: Final = 96_000
_SOUND_RATE: Final = 48_000
_SPEED: Final = {"deadline": "realtime", "cpu-used": "5", "row-mt": "1", "auto-alt-ref": "0", "b": "0"}
"""Of libvpx. Hidden reference pictures are off: colours and alpha are two streams, and must keep step."""


class WebM(VideoFile):
    """VP9, with alpha where it is wanted, and Opus in a WebM file."""

    name = "webm"

    def __init__(self, path: Path, timeline: Timeline, *, transparent: bool, crf: int) -> None:
        file = Partial(path)
        container = av.open(str(file.part), "w", format="webm", options={"fflags": "+bitexact"})
        picture = container.add_stream("libvpx-vp9", rate=timeline.fps)
        set_up_picture(picture.codec_context, timeline, {**_SPEED, "crf": str(crf)})
        picture.codec_context.gop_size = round(_KEY_EVERY_S * timeline.fps)
        if transparent:
            picture.codec_context.pix_fmt = "yuva420p"
        sound = container.add_stream("libopus", rate=_SOUND_RATE)
        sound.codec_context.layout = "mono"
        sound.codec_context.format = "flt"
        sound.codec_context.bit_rate = _SOUND_BITS
        sound.codec_context.time_base = Fraction(1, _SOUND_RATE)
        super().__init__(file, container, Tracks(picture, sound, timeline))


def backend(
    path: str | os.PathLike[str],
    *,
    size: tuple[int, int],
    fps: float,
    rate: int,
    transparent: bool = False,
    crf: int = 12,
) -> WebM:
    """Make the file *path* from frames of *size* (width, height) at *fps* and speech of *rate* Hertz.

    *transparent* keeps the alpha of the frames. *crf*: quality from 0 (lossless) to 63, 10 to 35 being usual. A file that is
    already there is replaced when the video is complete, not before.

    Raises ``InputError`` for values no video can have and for a folder that is not there, ``OutputError`` when nothing can be
    written into it.
    """
    if not 0 <= crf <= 63:
        raise InputError(f"The quality (crf) {crf} does not exist.", "Choose from 0 to 63; 12 is usual.")
    return WebM(Path(path), Timeline.checked(size, fps, rate), transparent=transparent, crf=crf)
