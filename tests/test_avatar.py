"""The avatar as a LangChain Runnable, with the voice "tone" and a small picture."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import av
import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate

from visavis import Avatar
from visavis.errors import InputError, TextError
from visavis.render.events import ChunkReady, Delta, Done, SentenceReady, SpeechReady, as_dict

TEXT = "Your parcel is on its way. It arrives on Thursday."


@pytest.fixture(scope="module")
def avatar(models, astronaut, tmp_path_factory):
    return Avatar(astronaut, voice="tone", animator="still", size=128, data=tmp_path_factory.mktemp("data"))


@pytest.fixture
def chain(avatar):
    prompt = ChatPromptTemplate.from_template("{question}")
    return prompt | GenericFakeChatModel(messages=iter([AIMessage(TEXT)] * 8)) | StrOutputParser() | avatar


def frames_in(path: str | Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_invoke_gives_a_clip(avatar, tmp_path):
    clip = avatar.invoke(TEXT, out=tmp_path / "a.mp4")
    assert Path(clip.path) == tmp_path / "a.mp4"
    assert clip.text == TEXT
    assert frames_in(clip.path) == clip.frames == round(clip.duration_s * clip.fps)
    assert Path(clip.captions).read_text(encoding="utf-8").startswith("WEBVTT")
    assert clip.size == (128, 128)
    assert set(clip.timings) >= {"speech", "motion", "animate", "compose", "encode"}


def test_works_at_the_end_of_a_chain(chain):
    assert chain.invoke({"question": "Where is it?"}).text == TEXT
    assert [clip.text for clip in chain.batch([{"question": "a"}, {"question": "b"}])] == [TEXT, TEXT]


async def test_works_at_the_end_of_an_asynchronous_chain(chain):
    assert (await chain.ainvoke({"question": "Where is it?"})).text == TEXT


def check(events):
    assert "".join(event.text for event in events if isinstance(event, Delta)) == TEXT
    sentences = [event.text for event in events if isinstance(event, SentenceReady)]
    assert sentences == ["Your parcel is on its way.", "It arrives on Thursday."]
    speeches = [event for event in events if isinstance(event, SpeechReady)]
    chunks = [event.chunk for event in events if isinstance(event, ChunkReady)]
    assert speeches[1].start_s == pytest.approx(speeches[0].duration_s)
    assert sum(chunk.duration_s for chunk in chunks) == pytest.approx(
        sum(each.duration_s for each in speeches), abs=0.1
    )
    assert isinstance(events[-1], Done)
    assert frames_in(events[-1].clip.path) == events[-1].clip.frames


def test_streams(chain):
    check(list(chain.stream({"question": "Where is it?"})))


async def test_streams_asynchronously(chain):
    check([event async for event in chain.astream({"question": "Where is it?"})])


def test_video_of_the_first_sentence_comes_before_the_second_is_written(avatar):
    written = threading.Event()
    wanted = threading.Event()

    def deltas():
        yield "The first sentence is here. And then "
        wanted.wait(20)
        written.set()
        yield "comes the second."

    events = avatar.transform(deltas())
    next(event for event in events if isinstance(event, ChunkReady) and event.chunk.duration_s)
    assert not written.is_set()
    wanted.set()
    assert isinstance(list(events)[-1], Done)


def test_closing_a_stream_stops_every_stage_and_keeps_no_file(avatar):
    media = avatar.settings.media
    before = set(media.iterdir())
    closed = threading.Event()

    def endless():
        try:
            while True:
                yield "And so it goes on. "
        finally:
            closed.set()

    events = avatar.transform(endless())
    next(event for event in events if isinstance(event, ChunkReady))
    started = time.monotonic()
    events.close()
    assert time.monotonic() - started < 5
    assert closed.wait(5)
    deadline = time.monotonic() + 5
    while set(media.iterdir()) != before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert set(media.iterdir()) == before


async def test_leaving_an_asynchronous_stream_closes_what_feeds_it(avatar):
    closed = threading.Event()

    async def endless():
        try:
            while True:
                yield "And so it goes on. "
        finally:
            closed.set()

    events = avatar.atransform(endless())
    async for event in events:
        if isinstance(event, ChunkReady):
            break
    await events.aclose()


def test_an_error_in_the_chain_reaches_the_caller(avatar):
    def failing():
        yield "One sentence. "
        raise ConnectionError("the model went away")

    with pytest.raises(ConnectionError, match="went away"):
        list(avatar.transform(failing()))


def test_stages_are_runnables_with_names(avatar):
    stages = [avatar.speak, avatar.animate, avatar.compose, avatar.encode]
    assert [stage.get_name() for stage in stages] == ["speak", "animate", "compose", "encode"]
    clip = (avatar.speak | avatar.animate | avatar.compose | avatar.encode).invoke(TEXT)
    assert frames_in(clip.path) == clip.frames


async def test_traces_name_the_avatar(avatar):
    named = [
        event["name"]
        async for event in avatar.astream_events("Hello.", version="v2")
        if event["event"] == "on_chain_start"
    ]
    assert named == ["avatar"]


def test_as_a_tool(avatar):
    tool = avatar.as_tool()
    assert tool.name == "make_video"
    message = tool.invoke({"type": "tool_call", "id": "1", "name": "make_video", "args": {"text": "Hello there."}})
    assert Path(message.artifact.path).exists()
    assert message.artifact.path in message.content


def test_events_are_plain_values(avatar):
    import json

    events = [as_dict(event) for event in avatar.stream("Hello.")]
    assert [event["event"] for event in json.loads(json.dumps(events))][-1] == "Done"


@pytest.mark.parametrize("text", ["", "   \n", "\x00\x01", "…"])
def test_nothing_to_say_is_an_error_and_leaves_no_file(avatar, tmp_path, text):
    with pytest.raises(TextError):
        avatar.say(text, out=tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("look", "name"), [({"radius": 31}, "radius"), ({"size": 7}, "size"), ({"blur": "x"}, "blur"), ({"fps": 0}, "fps")]
)
def test_a_value_out_of_range_is_named(look, name):
    with pytest.raises(InputError, match=name):
        Avatar(**look)


def test_nothing_is_fetched_or_read_before_the_first_call(tmp_path):
    Avatar(tmp_path / "missing.png", cache=tmp_path / "cache")
    assert list(tmp_path.iterdir()) == []


def test_same_seed_same_pictures(models, astronaut, tmp_path):
    def pixels(seed):
        clip = Avatar(astronaut, voice="tone", size=128, seed=seed).say(
            TEXT, out=tmp_path / f"{time.monotonic_ns()}.mp4"
        )
        with av.open(clip.path) as container:
            return b"".join(frame.to_ndarray().tobytes() for frame in container.decode(video=0))

    assert pixels(1) == pixels(1)
    assert pixels(1) != pixels(2)
