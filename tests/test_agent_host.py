"""The real agent and avatar behind the page: what belongs to one visitor stays with that visitor."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest

from visavis.errors import PortraitError, UnavailableError
from visavis.render.events import ChunkReady, Delta, Done, Recalled
from visavis.settings import Settings
from visavis.ui.agent_host import AgentHost
from visavis.ui.host import Options, Visitor

ADA, BOB = Visitor("shop", "web-ada", "thread-a"), Visitor("shop", "web-bob", "thread-b")


@pytest.fixture
def host(models):
    with AgentHost.open(Settings(size=128, fps=10)) as host:
        yield host


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


def test_a_file_that_is_no_photo_is_refused(host, tmp_path):
    file = tmp_path / "me.png"
    file.write_text("hello")
    with pytest.raises(PortraitError):
        host.examine(file)
