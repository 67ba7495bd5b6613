"""Agent + avatar: any graph with messages in front, events behind."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from langchain.agents import create_agent
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver

from visavis import Avatar, AvatarAgent, Memory, build_agent
from visavis.render.events import ChunkReady, Delta, Done, Interrupted, Recalled, SpeechReady

ANSWER = "It left this morning. It arrives on Thursday. You can follow it on our page, under your orders."
CONFIG = {"configurable": {"thread_id": "one", "tenant": "shop", "user": "maria"}}


@pytest.fixture(scope="module")
def avatar(models, astronaut, tmp_path_factory):
    return Avatar(astronaut, voice="tone", animator="still", size=128, data=tmp_path_factory.mktemp("data"))


@pytest.fixture
def foreign():
    """Somebody else's agent."""
    model = GenericFakeChatModel(messages=iter([AIMessage(ANSWER)] * 4))
    return create_agent(model, checkpointer=InMemorySaver())


@pytest.fixture
def remembering(tmp_path):
    with Memory.open(tmp_path / "memory") as memory:
        yield build_agent("offline", memory=memory, checkpointer=InMemorySaver()), memory


@pytest.mark.parametrize(
    "question", ["Where is it?", HumanMessage("Where is it?"), {"messages": [("user", "Where is it?")]}], ids=type
)
def test_speaks_for_any_agent(foreign, avatar, question):
    assert AvatarAgent(foreign, avatar).invoke(question, CONFIG).text == ANSWER


async def test_speaks_for_any_agent_asynchronously(foreign, avatar):
    assert (await AvatarAgent(foreign, avatar).ainvoke("Where is it?", CONFIG)).text == ANSWER


def test_stream_begins_with_what_was_recalled_and_ends_with_the_clip(remembering, avatar):
    agent, _memory = remembering
    speaker = AvatarAgent(agent, avatar)
    speaker.invoke("My order number is A-1043.", CONFIG)
    elsewhere = {"configurable": {**CONFIG["configurable"], "thread_id": "two"}}
    events = list(speaker.stream("What was my order number?", elsewhere))
    assert isinstance(events[0], Recalled)
    assert any("A-1043" in item["text"] for item in events[0].items)
    assert isinstance(events[-1], Done)
    assert "A-1043" in events[-1].clip.text
    assert Path(events[-1].clip.path).exists()


async def test_streams_asynchronously(foreign, avatar):
    events = [event async for event in AvatarAgent(foreign, avatar).astream("Where is it?", CONFIG)]
    assert "".join(event.text for event in events if isinstance(event, Delta)) == ANSWER
    assert isinstance(events[-1], Done)


def test_clip_says_what_was_recalled(remembering, avatar):
    speaker = AvatarAgent(remembering[0], avatar)
    speaker.invoke("My order number is A-1043.", CONFIG)
    clip = speaker.invoke("What was my order number?", CONFIG)
    assert any("A-1043" in item["text"] for item in clip.recalled)
    assert clip.as_dict()["recalled"] == [dict(item) for item in clip.recalled]


def until_first_chunk(events):
    for event in events:
        if isinstance(event, ChunkReady) and event.chunk.duration_s:
            events.close()
            return


def test_a_conversation_keeps_only_what_was_heard(foreign, avatar):
    speaker = AvatarAgent(foreign, avatar)
    until_first_chunk(speaker.stream("Where is it?", CONFIG))
    asked, answered = foreign.get_state(CONFIG).values["messages"]
    assert asked.text == "Where is it?"
    assert ANSWER.startswith(answered.text.removesuffix(" —"))
    assert 0 < len(answered.text) < len(ANSWER)


def test_the_memory_keeps_only_what_was_heard(remembering, avatar, tmp_path):
    agent, memory = remembering
    mine = memory.of("shop", "maria")
    speaker = AvatarAgent(agent, avatar)
    until_first_chunk(speaker.stream("My order number is A-1043. My size is 42. My cat is called Tom.", CONFIG))
    said = {turn.speaker: turn.text for turn in mine.turns(10)}
    assert said["user"].startswith("My order number")
    assert said["agent"].endswith("—")


def test_interrupting_from_another_thread_ends_the_stream(foreign, avatar):
    speaker = AvatarAgent(foreign, avatar)
    events = []
    for event in speaker.stream("Where is it?", CONFIG):
        events.append(event)
        if isinstance(event, ChunkReady) and event.chunk.duration_s:
            threading.Thread(target=speaker.interrupt, args=("one",)).start()
    assert isinstance(events[-1], Interrupted)
    assert events[-1].at_s > 0
    assert ANSWER.startswith(events[-1].heard)
    assert foreign.get_state(CONFIG).values["messages"][-1].text == events[-1].heard + " —"
    assert not speaker.interrupt("one")


def test_what_was_delivered_but_not_played_is_not_kept(foreign, avatar):
    speaker = AvatarAgent(foreign, avatar)
    events = []
    for event in speaker.stream("Where is it?", CONFIG):
        events.append(event)
        if isinstance(event, SpeechReady):
            played_s = event.words[0].end_s + 0.01
        if isinstance(event, ChunkReady) and event.chunk.duration_s:
            assert speaker.interrupt("one", played_s=played_s)
    assert events[-1].at_s == played_s
    assert events[-1].heard == "It"
    assert foreign.get_state(CONFIG).values["messages"][-1].text == "It —"


def test_a_complete_answer_can_be_shortened_to_what_was_heard(remembering, avatar):
    agent, memory = remembering
    speaker = AvatarAgent(agent, avatar)
    speaker.invoke("My order number is A-1043.", CONFIG)
    list(speaker.stream("My size is 42.", CONFIG))
    before = agent.get_state(CONFIG).values["messages"]
    speaker.shorten("My size is 42.", "I", CONFIG)
    after = agent.get_state(CONFIG).values["messages"]
    assert [message.text for message in after] == [*(message.text for message in before[:-1]), "I —"]
    assert [turn.text for turn in memory.of("shop", "maria").turns(2)] == ["My size is 42.", "I —"]


async def test_leaving_an_asynchronous_stream_keeps_only_what_was_heard(foreign, avatar):
    events = AvatarAgent(foreign, avatar).astream("Where is it?", CONFIG)
    async for event in events:
        if isinstance(event, ChunkReady) and event.chunk.duration_s:
            break
    await events.aclose()
    answered = foreign.get_state(CONFIG).values["messages"][-1]
    assert answered.text.endswith(" —")
    assert len(answered.text) < len(ANSWER)
