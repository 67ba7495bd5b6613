"""Personal data is neither spoken nor stored when the setting is on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.agent import build_agent
from visavis.agent.chain import AvatarAgent
from visavis.agent.redaction import RedactMiddleware, Redactor, aredacted, redacted
from visavis.agent.session import Session
from visavis.memory import Memory, redact
from visavis.render.avatar import Avatar
from visavis.render.events import ChunkReady, Delta, Done
from visavis.settings import Settings

SECRETS = ("maria@example.com", "4111 1111 1111 1111", "+49 30 901820")
LOOK = {"voice": "tone", "animator": "still", "blur": "off", "size": 128, "fps": 10}
TEXT = "Write to maria@example.com or ring +49 30 901820. Your card 4111 1111 1111 1111 is fine! Anything else?"


@given(st.lists(st.integers(1, 40), max_size=12))
def test_however_it_is_cut_the_same_is_said(cuts):
    pieces, rest = [], TEXT
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    assert "".join(redacted(iter([*pieces, rest]))) == redact(TEXT)


def test_a_sentence_is_said_when_it_is_complete():
    redactor = Redactor()
    assert redactor.take("Hello there. And") == "Hello there."
    assert redactor.take(" then maria@example") == ""
    assert redactor.take(".com said yes. ") == " And then [e-mail] said yes."
    assert redactor.rest() == " "


def test_an_endless_sentence_is_let_go_in_parts():
    said = "".join(redacted(iter("word " * 400)))
    assert said == "word " * 400
    redactor = Redactor()
    assert any(redactor.take("word ") for _ in range(200))


def test_other_items_pass_in_their_place():
    assert list(redacted(iter([{"recalled": 1}, "One. ", {"x": 2}, "Two."]))) == [
        {"recalled": 1}, "One.", {"x": 2}, " Two.",
    ]  # fmt: skip


async def test_asynchronously_too():
    async def deltas():
        for piece in (TEXT[:20], TEXT[20:50], 5, TEXT[50:]):
            yield piece

    said = [item async for item in aredacted(deltas())]
    assert 5 in said
    assert "".join(item for item in said if isinstance(item, str)) == redact(TEXT)


def files_with(folder: Path, mark: str) -> list[str]:
    return [str(file) for file in folder.rglob("*") if file.is_file() and mark.encode() in file.read_bytes()]


@pytest.mark.parametrize("stop", [False, True], ids=["heard to the end", "interrupted"])
def test_nothing_is_stored_or_spoken(models, tmp_path, stop):
    settings = Settings(data=tmp_path, tenant="shop", user="maria", redact=True)
    with Session.open(settings) as session:
        speaker = AvatarAgent(session.agent, Avatar(settings=settings, **LOOK))
        said = ""
        for question in (
            f"My e-mail is {SECRETS[0]} and my card {SECRETS[1]}.",
            f"Call me at {SECRETS[2]}. What is my e-mail?",
        ):
            events = speaker.stream(question, session.config)
            for event in events:
                said += event.text if isinstance(event, Delta) else ""
                if stop and isinstance(event, ChunkReady) and event.chunk.duration_s:
                    events.close()
            assert stop or isinstance(event, Done)
        assert said
        turns = session.memory.of("shop", "maria").turns()
        assert any("[e-mail]" in turn.text for turn in turns)
        messages = session.agent.get_state(session.config).values["messages"]
        assert any("[e-mail]" in message.text for message in messages)
    for secret in SECRETS:
        assert secret not in said
        assert files_with(tmp_path, secret) == []


def test_the_terminal_redacts_too(tmp_path):
    with Session.open(Settings(data=tmp_path, redact=True)) as session:
        said = "".join(session.words(f"Please note: my phone is {SECRETS[2]}."))
    assert SECRETS[2] not in said


def test_blocks_of_content_are_redacted(tmp_path):
    with Memory.open(tmp_path) as memory:
        agent = build_agent(memory=memory, middleware=[RedactMiddleware()])
        config = {"configurable": {"tenant": "a", "user": "b"}}
        asked = {"role": "user", "content": [{"type": "text", "text": f"I am {SECRETS[0]}"}]}
        out = agent.invoke({"messages": [asked]}, config)
        assert out["messages"][0].text == "I am [e-mail]"
        assert all(SECRETS[0] not in turn.text for turn in memory.of("a", "b").turns())


def test_off_by_default(tmp_path):
    settings = Settings(data=tmp_path)
    with Session.open(settings) as session:
        list(session.words(f"My e-mail is {SECRETS[0]}."))
        assert any(SECRETS[0] in turn.text for turn in session.memory.of("default", "guest").turns())
