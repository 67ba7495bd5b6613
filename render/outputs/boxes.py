"""The boxes of a fragmented MP4 (ISO/IEC 14496-12, -14 and -15): one H.264 and one AAC track, no reordering.

FFmpeg's own fragmenter ends a fragment only when the next key frame arrives; here a fragment is complete with its last frame, which
is what lets a player start one fragment earlier.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_PICTURE, _SOUND = 1, 2
_UNITY: Final = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_UNDETERMINED: Final = 0x55C4
"""The language "und", packed."""
_SYNC, _DEPENDENT = 0x02000000, 0x01010000
"""Sample flags: decodable on its own; needs the samples before it."""
_START_CODE: Final = re.compile(rb"\x00?\x00\x00\x01")


@dataclass(frozen=True, slots=True)
class PictureTrack:
    """What the header says of the picture."""

    size: tuple[int, int]
    """(width, height) in pixels."""
    timescale: int
    """Units of a second in which its times are given."""
    parameters: bytes
    """The encoder's sequence and picture parameter sets, each after a start code."""


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """What the header says of the sound: AAC, mono, timed in samples."""

    rate: int
    """Hertz."""
    bits: int
    """Per second."""
    priming: int
    """Samples at the beginning that are to be decoded but not heard."""
    configuration: bytes
    """AudioSpecificConfig (ISO/IEC 14496-3)."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A coded picture or block of sound."""

    data: bytes
    start: int
    """In units of its track's timescale."""
    duration: int
    key: bool = True


def header(picture: PictureTrack, sound: SoundTrack) -> bytes:
    """The initialisation segment."""
    movie = _full(
        b"mvhd", struct.pack(">4I", 0, 0, 1000, 0), struct.pack(">IH10x", 0x10000, 0x100), _UNITY, bytes(24), _u32(3)
    )
    extends = _box(b"mvex", *(_full(b"trex", struct.pack(">5I", track, 1, 0, 0, 0)) for track in (_PICTURE, _SOUND)))
    tracks = _picture_track(picture), _sound_track(sound)
    return _box(b"ftyp", b"iso6", _u32(0), b"iso6cmfcmp41") + _box(b"moov", movie, *tracks, extends)


def fragment(number: int, pictures: Sequence[Sample], sounds: Sequence[Sample]) -> bytes:
    """Media segment *number*, counted from 1; either sequence may be empty."""
    tracks = [(track, samples) for track, samples in ((_PICTURE, pictures), (_SOUND, sounds)) if samples]
    payload = [b"".join(sample.data for sample in samples) for _, samples in tracks]
    size = len(_movie_fragment(number, tracks, [0] * len(tracks)))
    offsets = [size + 8 + sum(map(len, payload[:index])) for index in range(len(tracks))]
    styp = _box(b"styp", b"msdh", _u32(0), b"msdhiso6cmfc")
    return styp + _movie_fragment(number, tracks, offsets) + _box(b"mdat", *payload)


def with_lengths(data: bytes) -> bytes:
    """A coded picture whose units are separated by start codes, with their lengths in front instead, as MP4 wants them."""
    return b"".join(_u32(len(unit)) + unit for unit in units(data))


def units(data: bytes) -> list[bytes]:
    """The NAL units between start codes (ITU-T H.264, annex B)."""
    return [unit for unit in _START_CODE.split(data) if unit]


def codecs(picture: PictureTrack) -> str:
    """The ``codecs`` parameter of the media type (RFC 6381): the H.264 profile and level as the encoder wrote them, and AAC-LC."""
    return f"avc1.{_of_type(picture.parameters, 7)[1:4].hex().upper()},mp4a.40.2"


def _movie_fragment(number: int, tracks: list[tuple[int, Sequence[Sample]]], offsets: list[int]) -> bytes:
    runs = (_run(track, samples, offset) for (track, samples), offset in zip(tracks, offsets, strict=True))
    return _box(b"moof", _full(b"mfhd", _u32(number)), *runs)


def _run(track: int, samples: Sequence[Sample], offset: int) -> bytes:
    rows = b"".join(
        struct.pack(">3I", sample.duration, len(sample.data), _SYNC if sample.key else _DEPENDENT) for sample in samples
    )
    return _box(
        b"traf",
        _full(b"tfhd", _u32(track), flags=0x020000),  # offsets count from the moof
        _full(b"tfdt", struct.pack(">Q", samples[0].start), version=1),
        _full(b"trun", _u32(len(samples)), _u32(offset), rows, flags=0x000701),  # offset, durations, sizes, flags
    )


def _picture_track(picture: PictureTrack) -> bytes:
    width, height = picture.size
    sequence, parameters = _of_type(picture.parameters, 7), _of_type(picture.parameters, 8)
    configuration = _box(
        b"avcC",
        bytes([1, *sequence[1:4], 0xFF, 0xE1]),
        struct.pack(">H", len(sequence)) + sequence,
        bytes([1]) + struct.pack(">H", len(parameters)) + parameters,
        bytes([0xFD, 0xF8, 0xF8, 0]),  # High profile: 4:2:0, 8 bits
    )
    entry = _box(
        b"avc1",
        struct.pack(">6xH16x2H2II H32xHh", 1, width, height, 0x480000, 0x480000, 0, 1, 24, -1),
        configuration,
        _box(b"colr", b"nclx", struct.pack(">3HB", 1, 1, 1, 0)),  # BT.709, limited range
        _box(b"pasp", struct.pack(">2I", 1, 1)),
    )
    head = _full(
        b"tkhd",
        struct.pack(">5I8x4H", 0, 0, _PICTURE, 0, 0, 0, 0, 0, 0),
        _UNITY,
        struct.pack(">2I", width << 16, height << 16),
        flags=3,
    )
    return _box(b"trak", head, _media(b"vide", picture.timescale, _full(b"vmhd", bytes(8), flags=1), entry))


def _sound_track(sound: SoundTrack) -> bytes:
    specific = _descriptor(5, sound.configuration)
    rates = struct.pack(">2I", sound.bits, sound.bits)
    decoder = _descriptor(4, bytes([0x40, 0x15, 0, 0, 0]) + rates + specific)
    stream = _descriptor(3, struct.pack(">HB", _SOUND, 0) + decoder + _descriptor(6, b"\x02"))
    entry = _box(b"mp4a", struct.pack(">6xH8x2H4xI", 1, 1, 16, sound.rate << 16), _full(b"esds", stream))
    head = _full(b"tkhd", struct.pack(">5I8x4H", 0, 0, _SOUND, 0, 0, 0, 0, 0x100, 0), _UNITY, bytes(8), flags=3)
    skip = _box(b"edts", _full(b"elst", struct.pack(">2IiI", 1, 0, sound.priming, 0x10000)))
    return _box(b"trak", head, skip, _media(b"soun", sound.rate, _full(b"smhd", bytes(4)), entry))


def _media(handler: bytes, timescale: int, media_header: bytes, entry: bytes) -> bytes:
    here = _box(b"dinf", _full(b"dref", _u32(1), _full(b"url ", flags=1)))
    empty = (_full(kind, bytes(length)) for kind, length in ((b"stts", 4), (b"stsc", 4), (b"stsz", 8), (b"stco", 4)))
    table = _box(b"stbl", _full(b"stsd", _u32(1), entry), *empty)
    return _box(
        b"mdia",
        _full(b"mdhd", struct.pack(">4I2H", 0, 0, timescale, 0, _UNDETERMINED, 0)),
        _full(b"hdlr", bytes(4), handler, bytes(12), b"\x00"),
        _box(b"minf", media_header, here, table),
    )


def _of_type(parameters: bytes, kind: int) -> bytes:
    return next(unit for unit in units(parameters) if unit[0] & 0x1F == kind)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return _u32(8 + len(body)) + kind + body


def _full(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return _box(kind, _u32(version << 24 | flags), *parts)


def _descriptor(tag: int, body: bytes) -> bytes:
    return bytes([tag, len(body)]) + body


def _u32(value: int) -> bytes:
    return struct.pack(">I", value)
