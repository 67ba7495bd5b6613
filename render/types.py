"""The values that pass between stages, in the order the data flows.

Arrays are C-contiguous. Colours are sRGB in RGB order. Times are seconds from the start of their own speech unless said otherwise;
image coordinates are pixels, x to the right, y down, the centre of the first pixel at (0, 0).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

Timing = Literal["exact", "aligned", "audio"]
"""Where phoneme times come from: the voice itself, an aligner, or the sound alone."""

CHANNELS: tuple[str, ...] = (
    "jaw",
    "width",
    "round",
    "upper",
    "lower",
    "close",
    "contact",
    "teeth",
    "tongue",
    "smile",
    "blink_left",
    "blink_right",
    "gaze_x",
    "gaze_y",
    "brow_inner",
    "brow_outer",
    "yaw",
    "pitch",
    "roll",
    "shift_x",
    "shift_y",
    "breath",
)
"""The articulators and the rest of the face, in the column order of ``Motion.weights``. "left" and "right" are the subject's own.

| channel       | unit and range | meaning |
|---|---|---|
| jaw           | 0..1      | 1 = a lip gap of 0.27 inner mouth widths, chin 0.9 cm lower on the canonical face |
| width         | -1..1     | mouth corners: -1 narrow, 1 wide |
| round         | 0..1      | lips rounded and pushed forward |
| upper, lower  | 0..1      | upper lip raised, lower lip lowered |
| close         | 0..1      | lips sealed, whatever the jaw does (p b m); 1 leaves no gap, 0.6 is at rest, more presses |
| contact       | 0..1      | lower lip against the upper teeth (f v) |
| teeth         | 0..1      | teeth together (s, sh) |
| tongue        | 0..1      | tongue tip raised and visible (th, l, t, d, n) |
| smile         | -1..1     | mouth corners up |
| blink_*       | 0..1      | 1 = lids shut |
| gaze_*        | degrees   | eye rotation, x to the viewer's right, y up |
| brow_*        | -1..1     | raised: 1 = 4 % of the distance between the pupils |
| yaw, pitch, roll | degrees | head: yaw to the viewer's right, pitch up, roll clockwise for the viewer |
| shift_*       | fraction of the face width | head moved right, down |
| breath        | 0..1      | 1 = shoulders raised by 0.6 % of the picture height |
"""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A piece of text to be spoken in one go."""

    text: str
    index: int = 0
    """Position within the reply, from 0."""
    language: str = "en-us"
    """A BCP 47 tag or espeak-ng language name, such as "en-us", "cmn", "ar"."""


@dataclass(frozen=True, slots=True)
class TimedPhoneme:
    """One phoneme of the voice's own phoneme set."""

    symbol: str
    """espeak-ng mnemonic without stress marks, such as "p", "A:", "tS;h". Pauses are "_" or "_:"."""
    start_s: float
    end_s: float
    stressed: bool = False
    language: str = "en-us"
    """Language the symbol belongs to; it may differ from the sentence's in mixed text."""


@dataclass(frozen=True, slots=True)
class TimedWord:
    """One word as it stands in the text, for captions and for what was heard."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Speech:
    """A spoken sentence."""

    samples: Floats
    """float32 (n,), mono, in [-1, 1]."""
    rate: int
    """Hertz."""
    sentence: Sentence
    phonemes: tuple[TimedPhoneme, ...] = ()
    """In time order, without gaps; empty where ``timing`` is "audio"."""
    words: tuple[TimedWord, ...] = ()
    timing: Timing = "exact"

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.rate


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a listener heard."""

    text: str
    language: str
    words: tuple[TimedWord, ...] = ()


@dataclass(frozen=True, slots=True)
class Motion:
    """Face controls over time; row k is the state at ``k / fps`` seconds."""

    weights: Floats
    """float32 (frames, channels); the unit of each column is given by ``CHANNELS``."""
    fps: float
    channels: tuple[str, ...] = CHANNELS
    start_frame: int = 0
    """Index of row 0 within the whole reply."""

    def channel(self, name: str) -> Floats:
        """The column called *name*, float32 (frames,). Raises ``ValueError`` for an unknown name."""
        column: Floats = self.weights[:, self.channels.index(name)]
        return column

    def __len__(self) -> int:
        return len(self.weights)


@dataclass(frozen=True, slots=True)
class Box:
    """A half-open rectangle of pixels: ``image[y0:y1, x0:x1]``."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class Findings:
    """What the portrait doctor saw. JSON-able."""

    faces: int
    face_box: Box | None = None
    """In pixels of the photo as given (after EXIF rotation)."""
    face_height_px: float = 0.0
    """Height of the face oval in the photo as given."""
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    """Degrees; yaw to the viewer's right, pitch up, roll clockwise for the viewer."""
    brightness: float = 0.0
    """Mean luma of the face, 0..1."""
    contrast: float = 0.0
    """Difference of mean luma between the two halves of the face, 0..1: side light."""
    sharpness: float = 0.0
    """Variance of the Laplacian over the face, in grey levels squared, at the framed size."""
    mouth_gap: float = 0.0
    """Mean inner lip gap over inner mouth width; above 0.035 the mouth is open."""
    eyes_open: float = 1.0
    """Mean eye aperture over eye width, relative to 0.25; near 0 the eyes are shut."""
    length_s: float = 0.0
    """Of the part of a video that is shown, in seconds; 0 for a photo."""
    cut_off: bool = False
    """The face touches the edge of the photo."""
    covered: bool = False
    """Part of the face is hidden, as by a mask, or cannot be made out."""
    matte: str = "none"
    """Name of the matte backend that was used, or "none"."""
    matte_reason: str = ""
    """Why a better step of the ladder was not used; empty when the first one was."""
    advice: tuple[str, ...] = ()
    """One line each: what will suffer and what would help."""


@dataclass(frozen=True, slots=True)
class Strip:
    """The pictures of a portrait that is a video: the person alone, coded one by one; ``portraits.strip`` writes and reads them."""

    data: Bytes
    """uint8 (bytes,): colours and alpha of each picture in turn; on disk until they are looked at."""
    offsets: NDArray[np.int64]
    """int64 (2 * pictures + 1,): where each part begins, and the end."""
    landmarks: Floats
    """float32 (pictures, 468, 3): as in ``Portrait``, for each picture, steadied over time."""
    order: NDArray[np.int64]
    """int64 (n,): the pictures in the order in which they are shown, over and over. The first is the portrait's own."""
    fps: float
    """Steps of ``order`` in a second."""

    def __len__(self) -> int:
        return len(self.landmarks)


@dataclass(frozen=True, slots=True)
class Portrait:
    """An analysed, framed photo: everything about the picture that does not change while it speaks.

    Of a video it is the picture with which the video begins, and ``strip`` holds them all.
    """

    key: str
    """Hex digest of the photo's bytes and of the settings that shaped this portrait."""
    image: Bytes
    """uint8 (h, w, 3): the photo, framed."""
    alpha: Floats
    """float32 (h, w) in [0, 1]: the person; all 1 where no person was found, so the whole picture stays sharp."""
    foreground: Bytes
    """uint8 (h, w, 3): colours of the person with the old background taken out of hair and edges."""
    plate: Bytes
    """uint8 (h, w, 3): the background with the person taken out."""
    landmarks: Floats | None
    """float32 (468, 3): MediaPipe face mesh in pixels of ``image``, z in the scale of x, smaller = nearer; None without a face."""
    findings: Findings
    strip: Strip | None = None
    """None for a photo."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.image.shape[1], self.image.shape[0]


@dataclass(frozen=True, slots=True)
class Backdrop:
    """The plate after blur."""

    image: Bytes
    """uint8 (h, w, 3)."""
    name: str
    """"off", "gaussian", …"""
    radius: float
    """In pixels of a 512-pixel-high picture: the same look at every size."""
    clear: bool = False
    """Nothing stands behind the person: frames keep the alpha of their layer, and ``image`` is not looked at."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The moving person, before the backdrop."""

    rgb: Bytes
    """uint8 (h, w, 3), straight (not premultiplied)."""
    alpha: Bytes
    """uint8 (h, w)."""
    box: Box
    """Where this layer may differ from the portrait at rest."""
    index: int
    """Frame number within the whole reply."""
    time_s: float
    """From the start of the whole reply."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A finished picture."""

    image: Bytes
    """uint8 (h, w, 3), straight (not premultiplied) where there is an alpha."""
    index: int
    time_s: float
    """From the start of the whole reply."""
    alpha: Bytes | None = None
    """uint8 (h, w); None where the picture is opaque."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Encoded media that can be sent as it is."""

    data: bytes
    mime: str
    index: int
    start_s: float
    duration_s: float
    """0 for an initialisation chunk."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A finished video."""

    path: str
    """The MP4 or WebM file, or the folder of pictures."""
    captions: str
    """The WebVTT file beside it."""
    text: str
    """What was said."""
    duration_s: float
    frames: int
    fps: float
    size: tuple[int, int]
    """(width, height) in pixels."""
    matte: str
    blur: str
    voice: str
    rtf: float
    """Seconds of work per second of video, from text to closed file, with the portrait at hand."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds of work per stage."""
    recalled: tuple[Mapping[str, Any], ...] = ()
    """What an agent was reminded of before it answered; see ``events.Recalled``."""
    matte_reason: str = ""
    """Why a better matte was not used; empty when the one asked for was."""
    advice: tuple[str, ...] = ()
    """What suffers with this portrait, and what would help."""

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, with the keys of the command line's ``--json``."""
        return {
            "reply": self.text,
            "out": self.path,
            "captions": self.captions,
            "duration_s": self.duration_s,
            "frames": self.frames,
            "fps": self.fps,
            "size": list(self.size),
            "timings": self.timings,
            "rtf": self.rtf,
            "matte": self.matte,
            "blur": self.blur,
            "voice": self.voice,
            "recalled": [dict(item) for item in self.recalled],
            "matte_reason": self.matte_reason,
            "advice": list(self.advice),
        }
