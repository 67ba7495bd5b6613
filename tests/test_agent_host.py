"""The real agent and avatar behind the page: what belongs to one visitor stays with that visitor."""

from __future__ import annotations

import shutil
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visavis.errors import PortraitError, UnavailableError
from visavis.render.events import ChunkReady, Delta, Done, Interrupted, Recalled
from visavis.render.mattes import ladder
from visavis.settings import Settings
from visavis.ui.agent_host import AgentHost
from visavis.ui.host import Options, Visitor

ADA, BOB = Visitor("shop", "web-ada", "thread-a"), Visitor("shop", "web-bob", "thread-b")


@pytest.fixture
def host(models):
    with AgentHost.open(Settings(size=128, fps=10)) as host:
        yield host


@pytest.fixture
def own_cache(models, tmp_path):
    """Settings whose cache holds no portrait yet."""
    return Settings(size=128, fps=10, cache=tmp_path / "cache", assets=models["astronaut"].parent)


def ask(host, text, visitor):
    with closing(host.reply(text, visitor, Options())) as events:
        return list(events)


def said(events):
    return "".join(event.text for event in events if isinstance(event, Delta))


def test_an_answer_has_words_media_and_a_file(host):
    events = ask(host, "Hello!", ADA)
    assert said(events)
    assert sum(isinstance(event, ChunkReady) for event in events) >= 2
    assert isinstance(events[-1], Done)
    assert events[-1].clip.size == (128, 128)


def test_visitors_do_not_share_memories(host):
    ask(host, "My name is Ada and I live in Anchorage.", ADA)
    again = Visitor(ADA.tenant, ADA.user, "another thread")
    mine, others = ask(host, "Where do I live?", again), ask(host, "Where do I live?", BOB)
    recalled = [item for event in mine if isinstance(event, Recalled) for item in event.items]
    assert "Anchorage" in said(mine)
    assert any("Anchorage" in item["text"] for item in recalled)
    assert "Anchorage" not in str([event for event in others if isinstance(event, Recalled | Delta)])


def test_what_is_forgotten_is_gone_and_only_ones_own_can_be(host):
    ask(host, "My name is Ada and I live in Anchorage.", ADA)
    memory = host._session.memory
    mine = next(turn for turn in memory.of(ADA.tenant, ADA.user).turns() if "Anchorage" in turn.text)
    try:
        host.forget(mine.id, BOB)
    except UnavailableError:
        pytest.fail("an id of somebody else must not be told from one that does not exist")
    assert any(turn.id == mine.id for turn in memory.of(ADA.tenant, ADA.user).turns())
    host.forget(mine.id, ADA)
    assert not any(turn.id == mine.id for turn in memory.of(ADA.tenant, ADA.user).turns())


def test_the_still_follows_the_blur(host):
    sharp, blurred = host.still(Options(blur="off")), host.still(Options(blur="gaussian", radius=30))
    assert sharp.shape == blurred.shape == (128, 128, 3)
    assert sharp.dtype == np.uint8
    assert (sharp != blurred).any()


def test_manner_and_blur_change_without_analysing_the_photo_again(host, monkeypatch):
    ask(host, "Hello!", ADA)
    monkeypatch.setattr(ladder, "cut_out", lambda *args, **options: pytest.fail("the person is cut out again"))
    clips = [
        next(event.clip for event in host.reply("Hello!", ADA, options) if isinstance(event, Done))
        for options in (Options(), Options(head=0, mood="friendly"), Options(blur="guided", radius=20))
    ]
    pictures = [Path(clip.path).read_bytes() for clip in clips]
    assert len(set(pictures)) == 3


# Stopping


def test_a_reply_that_is_stopped_keeps_what_was_played(host):
    events = []
    for event in host.reply("My name is Ada. How are you?", ADA, Options()):
        events.append(event)
        if isinstance(event, ChunkReady) and event.chunk.duration_s:
            assert host.interrupt(ADA, 0.0)
    assert events[-1] == Interrupted("", 0.0)
    assert not host.interrupt(ADA, None)
    assert [turn["text"] for turn in host.export(ADA)["turns"]] == ["My name is Ada. How are you?", " —"]


def test_a_reply_that_is_complete_is_shortened_to_what_was_played(host):
    said_whole = said(ask(host, "My name is Ada.", ADA))
    host.shorten(ADA, "My name is Ada.", said_whole.split()[0])
    assert host.export(ADA)["turns"][-1]["text"] == f"{said_whole.split()[0]} —"


# What is held


def test_what_is_held_is_told_and_exported(host):
    assert host.held(ADA).turns == 0
    ask(host, "My name is Ada and I live in Anchorage.", ADA)
    held = host.held(ADA)
    assert held.turns == 2
    assert {(one.what, one.value) for one in held.known} == {("name", "Ada"), ("city", "Anchorage")}
    assert "Anchorage" in str(host.export(ADA))
    assert host.held(BOB).turns == 0


def test_nothing_is_left_of_a_visitor_who_is_forgotten(own_cache, astronaut, tmp_path):
    with AgentHost.open(own_cache) as host:
        everything_is_forgotten(host, astronaut, tmp_path)
    assert not list((own_cache.cache / "portraits").iterdir())


def everything_is_forgotten(host, astronaut, tmp_path):
    ask(host, "My name is Zanzibarquokka.", replace(ADA, thread="earlier"))
    ask(host, "Hello!", BOB)
    photo, _ = host.adopt(copied(astronaut, tmp_path), ADA)
    host.still(Options(portrait=photo))
    reply = host.reply("I am Zanzibarquokka. What is my name?", ADA, Options())
    next(reply)
    events = []
    rest = threading.Thread(target=events.extend, args=(reply,))
    rest.start()
    host.forget_everything(ADA)
    rest.join(20)
    assert isinstance(events[-1], Interrupted)
    data = Settings().data
    assert [file for file in data.rglob("*") if file.is_file() and b"Zanzibarquokka" in file.read_bytes()] == []
    assert not photo.exists()
    assert host.held(ADA).turns == 0


# Portraits


def copied(photo, folder):
    return Path(shutil.copy(photo, folder / "me.png"))


def test_a_photo_moves_to_its_owner_and_goes_with_its_analysis(own_cache, astronaut, tmp_path):
    given = copied(astronaut, tmp_path)
    with AgentHost.open(own_cache) as host:
        photo, findings = host.adopt(given, ADA)
        assert findings.faces == 1
        assert not given.exists()
        assert photo.is_relative_to(Settings(tenant=ADA.tenant, user=ADA.user).media)
        host.still(Options(portrait=photo))
        assert list((own_cache.cache / "portraits").iterdir())
        host.drop(photo)
        host.drop(photo)
    assert not photo.exists()
    assert not list((own_cache.cache / "portraits").iterdir())


@pytest.mark.parametrize("content", ["no picture", "no face"])
def test_a_photo_without_a_face_is_refused(host, tmp_path, content):
    file = tmp_path / "me.png"
    if content == "no face":
        Image.effect_noise((200, 200), 80).convert("RGB").save(file)
    else:
        file.write_text("hello")
    with pytest.raises(PortraitError, match=r"me\.png"):
        host.adopt(file, ADA)
