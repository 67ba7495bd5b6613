"""Fragmented MP4: each chunk read box by box, and all of them joined and decoded."""

from __future__ import annotations

import io
import struct

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.errors import InputError
from visavis.render.outputs import boxes, fmp4
from visavis.render.types import Frame, Sentence, Speech

SIZE, FPS, RATE = (64, 48), 25.0, 22_050
HEADS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf", b"edts", b"dinf"}


def sentence(frames, *, at=(), fps=FPS):
    samples = np.zeros(round(frames * RATE / fps), np.float32)
    for frame in at:
        first = round(frame * RATE / fps)
        samples[first : first + 440] = 0.8 * np.sin(2 * np.pi * 1000 * np.arange(440) / RATE)
    images = (np.full((SIZE[1], SIZE[0], 3), 255 if k in at else 0, np.uint8) for k in range(frames))
    return [Frame(image, k, k / fps) for k, image in enumerate(images)], Speech(samples, RATE, Sentence("Clap."))


def stream(*sentences, **options):
    output = fmp4.backend(**{"size": SIZE, "fps": FPS, "rate": RATE, **options})
    for frames, speech in sentences:
        output.write(frames, speech)
    output.close()
    return output.drain()


def read(data):
    """The tree of boxes: [(kind, body or children)]. Fails when sizes do not add up."""
    found, at = [], 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        assert 8 <= size <= len(data) - at, kind
        body = data[at + 8 : at + size]
        found.append((kind, read(body) if kind in HEADS else body))
        at += size
    return found


def find(tree, *path):
    (body,) = [body for kind, body in tree if kind == path[0]][:1]
    return find(body, *path[1:]) if path[1:] else body


def kinds(tree):
    return [kind for kind, _ in tree]


def joined(chunks):
    return io.BytesIO(b"".join(chunk.data for chunk in chunks))


def test_a_header_then_fragments_that_start_with_a_key_frame():
    first, *rest = stream(sentence(30), sentence(12))
    assert kinds(read(first.data)) == [b"ftyp", b"moov"]
    assert (first.index, first.duration_s) == (0, 0.0)
    *films, tail = rest
    assert [chunk.index for chunk in rest] == [1, 2, 3, 4, 5]
    assert [chunk.start_s for chunk in films] == pytest.approx([0, 0.48, 0.96, 1.2])
    assert [chunk.duration_s for chunk in films] == pytest.approx([0.48, 0.48, 0.24, 0.48])
    for number, chunk in enumerate(films, 1):
        tree = read(chunk.data)
        assert kinds(tree) == [b"styp", b"moof", b"mdat"]
        assert find(tree, b"moof", b"mfhd")[4:] == struct.pack(">I", number)
        run = find(tree, b"moof", b"traf", b"trun")
        assert struct.unpack_from(">I", run, 20)[0] == 0x02000000, "the first picture can be decoded on its own"
        offset, size = struct.unpack_from(">I", run, 8)[0], struct.unpack_from(">I", run, 16)[0]
        from_moof = chunk.data.index(b"moof") - 4 + offset
        picture = chunk.data[from_moof : from_moof + size]
        assert sum(4 + length for length in lengths(picture)) == size
    assert kinds(read(tail.data)) == [b"styp", b"moof", b"mdat"]
    assert 0 < tail.duration_s < 0.15


def lengths(picture):
    at = 0
    while at < len(picture):
        (length,) = struct.unpack_from(">I", picture, at)
        yield length
        at += 4 + length


def test_joined_chunks_play_with_every_frame_in_sync():
    chunks = stream(sentence(30, at=[5]), sentence(41, at=[0, 20]), sentence(3, at=[1]))
    with av.open(joined(chunks)) as container:
        frames = list(container.decode(video=0))
    assert [frame.time for frame in frames] == pytest.approx([k / FPS for k in range(74)], abs=1e-4)
    flashes = np.array([frame.time for frame in frames if frame.to_ndarray(format="gray").mean() > 128])
    with av.open(joined(chunks)) as container:
        blocks = list(container.decode(audio=0))
    assert blocks[0].pts == 0
    samples, rate = np.concatenate([block.to_ndarray()[0] for block in blocks]), blocks[0].sample_rate
    loud = np.flatnonzero(np.abs(samples) > 0.2) / rate
    assert loud[np.diff(loud, prepend=-1) > 0.2] == pytest.approx(flashes, abs=0.003)
    assert 74 / FPS <= len(samples) / rate < 74 / FPS + 1024 / rate


@pytest.mark.parametrize("fps", [12.5, 23.976, 29.97, 60.0])
def test_every_frame_rate_keeps_time(fps):
    chunks = stream(sentence(90, fps=fps), fps=fps)
    with av.open(joined(chunks)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert times == pytest.approx([k / fps for k in range(90)], abs=2e-4)


def test_chunks_are_ready_while_the_sentence_is_still_being_made():
    output = fmp4.backend(size=SIZE, fps=FPS, rate=RATE)
    ready = {}

    def watched(frames):
        for frame in frames:
            ready.setdefault(len(output._ready), frame.index)
            yield frame

    frames, speech = sentence(50)
    assert [chunk.index for chunk in output.drain()] == [0], "the header is there before any frame"
    output.write(watched(frames), speech)
    assert ready == {0: 0, 1: 12, 2: 24, 3: 36, 4: 48}, "a fragment is complete with its last frame"
    assert output.drain()[-1].duration_s == pytest.approx(0.08)


def test_it_goes_on_after_a_sentence_that_was_broken_off():
    output = fmp4.backend(size=SIZE, fps=FPS, rate=RATE)
    frames, speech = sentence(50, at=[30])

    def interrupted():
        yield from frames[:17]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        output.write(interrupted(), speech)
    output.write(*sentence(25, at=[0]))
    output.close()
    chunks = output.drain()
    with av.open(joined(chunks)) as container:
        bright = [frame.time for frame in container.decode(video=0) if frame.to_ndarray(format="gray").mean() > 128]
    with av.open(joined(chunks)) as container:
        samples = np.concatenate([block.to_ndarray()[0] for block in container.decode(audio=0)])
    assert bright == pytest.approx([17 / FPS])
    assert np.flatnonzero(np.abs(samples) > 0.2)[0] / 44_100 == pytest.approx(17 / FPS, abs=0.003)


def test_the_media_type_is_that_of_the_stream():
    small, large = (stream(sentence(3)), fmp4.backend(size=(1280, 720), fps=25, rate=RATE).drain())
    assert small[0].mime == 'video/mp4; codecs="avc1.64000A,mp4a.40.2"'
    assert large[0].mime == 'video/mp4; codecs="avc1.64001F,mp4a.40.2"'
    with av.open(joined(small)) as container:
        assert container.streams.video[0].codec_context.extradata[1:4].hex() == "64000a"


def test_same_input_same_bytes():
    first, second = (stream(sentence(30, at=[3])) for _ in range(2))
    assert [chunk.data for chunk in first] == [chunk.data for chunk in second]


def test_what_was_discarded_is_not_delivered():
    output = fmp4.backend(size=SIZE, fps=FPS, rate=RATE)
    output.write(*sentence(30))
    output.discard()
    assert output.drain() == []


@pytest.mark.parametrize("seconds", [0, 0.01, 60, float("nan")])
def test_fragments_of_no_use_are_refused(seconds):
    with pytest.raises(InputError, match="fragment"):
        fmp4.backend(size=SIZE, fps=FPS, rate=RATE, fragment_s=seconds)


@given(st.lists(st.binary(min_size=1, max_size=40).map(lambda unit: unit.replace(b"\0", b"\1")), min_size=1), st.data())
def test_units_survive_the_change_from_start_codes_to_lengths(units, data):
    codes = [data.draw(st.sampled_from([b"\0\0\1", b"\0\0\0\1"])) for _ in units]
    coded = b"".join(code + unit for code, unit in zip(codes, units, strict=True))
    assert boxes.units(coded) == units
    assert boxes.with_lengths(coded) == b"".join(struct.pack(">I", len(unit)) + unit for unit in units)
