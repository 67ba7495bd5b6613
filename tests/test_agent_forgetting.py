"""A user who is forgotten leaves no byte in any file: record, index, conversations, videos."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from visavis.agent import Who, build_agent
from visavis.agent.chain import AvatarAgent
from visavis.agent.conversations import Conversations
from visavis.agent.forgetting import conversations_of
from visavis.agent.session import Session
from visavis.cli import app
from visavis.errors import InputError, StorageError
from visavis.memory import Memory
from visavis.render.avatar import Avatar
from visavis.settings import Settings

CANARY = "Zanzibarquokka"
LOOK = {"voice": "tone", "animator": "still", "blur": "off", "size": 128, "fps": 10}


def files_with(folder: Path, mark: str) -> list[str]:
    return [
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and (mark.encode() in file.read_bytes() or mark in file.name)
    ]


def talk(speaker, thread: str, user: str, mark: str) -> None:
    config = {"configurable": {"thread_id": thread, "tenant": "shop", "user": user}}
    for text in (
        f"My name is {mark}.",
        "What's my name?",
        f"My order number is {mark}-1043.",
        "What do you know about me?",
    ):
        speaker.invoke(text, config)


def test_no_byte_of_a_forgotten_user_is_left_below_the_data_folder(models, tmp_path):
    settings = Settings(data=tmp_path, tenant="shop", user=CANARY)
    (tmp_path / "faq.md").write_text("# Shipping\nTo Alaska it takes a week.")
    with Session.open(settings, knowledge=tmp_path / "faq.md") as session:
        speaker = AvatarAgent(session.agent, Avatar(settings=settings, **LOOK))
        for thread in ("one", "two"):
            talk(speaker, thread, CANARY, CANARY)
        talk(speaker, "three", "Ada", "Wombatalia")
        session.memory.reindex()
        places = {Path(name).parts[0] for name in files_with(tmp_path, CANARY)}
        assert {"memory", "conversations.db", "media"} <= places | {part.partition("-")[0] for part in places}
        session.forget_everything()
        assert files_with(tmp_path, CANARY) == []
        assert not settings.media.exists()
        assert session.knowledge.of("shop").search("Alaska")
        others = settings.model_copy(update={"user": "Ada"})
        assert list(others.media.glob("*.mp4"))
        assert any("Wombatalia" in turn.text for turn in session.memory.of("shop", "Ada").turns())
        assert session.agent.get_state({"configurable": {"thread_id": "three"}}).values["messages"]
    assert files_with(tmp_path, CANARY) == []


def test_no_byte_of_a_forgotten_fact_is_left_below_the_data_folder(models, tmp_path):
    settings = Settings(data=tmp_path, tenant="shop", user="Ada")
    with Session.open(settings) as session:
        speaker = AvatarAgent(session.agent, Avatar(settings=settings, **LOOK))
        for thread, text in (
            ("one", "Hello!"),
            ("one", f"My name is {CANARY}."),
            ("one", "My order number is A-1043."),
            ("two", "What is my name?"),
            ("two", "What is my order number?"),
        ):
            speaker.invoke(text, {"configurable": {"thread_id": thread, "tenant": "shop", "user": "Ada"}})
        session.memory.reindex()
        mine = session.memory.of("shop", "Ada")
        fact = next(fact for fact in mine.facts() if fact.value == CANARY)
        videos = len(list(settings.media.glob("*.mp4")))
        assert files_with(tmp_path, CANARY)
        assert session.forget(fact.id)
        assert files_with(tmp_path, CANARY) == []
        assert [fact.value for fact in mine.facts()] == ["A-1043"]
        assert len(list(settings.media.glob("*.mp4"))) < videos
        left = {
            thread: [
                message.text
                for message in session.agent.get_state({"configurable": {"thread_id": thread}}).values["messages"]
            ]
            for thread in ("one", "two")
        }
        assert left["one"][0] == "Hello!"
        assert "My order number is A-1043." in left["one"]
        assert left["two"][0] == "What is my order number?"
        again = {"configurable": {"thread_id": "one", "tenant": "shop", "user": "Ada"}}
        assert (
            "A-1043"
            in session.agent.invoke({"messages": [("user", "What is my order number?")]}, again)["messages"][-1].text
        )
        assert not session.forget(fact.id)
    assert files_with(tmp_path, CANARY) == []


def test_a_shortened_conversation_stays_its_owners(tmp_path):
    settings = Settings(data=tmp_path, tenant="shop", user="Ada")
    with Session.open(settings, thread="one") as session:
        for text in ("Hello!", "I live in Lyon."):
            list(session.words(text))
        session.forget(session.memory.of("shop", "Ada").facts()[0].id)
        with pytest.raises(InputError, match="belongs to somebody else"):
            session.agent.invoke(
                {"messages": [("user", "Hi")]}, {"configurable": {"thread_id": "one", "tenant": "shop", "user": "Ben"}}
            )


def test_forgetting_somebody_unknown_is_no_error(tmp_path):
    with Session.open(Settings(data=tmp_path)) as session:
        session.forget_everything(Who("shop", 'no\' one/../"here"'))


def test_videos_belong_to_whom_the_call_names(models, tmp_path):
    settings = Settings(data=tmp_path)
    avatar = Avatar(settings=settings, **LOOK)
    clip = avatar.invoke("Hello.", {"configurable": {"tenant": "shop", "user": "ada"}})
    assert Path(clip.path).parent == settings.model_copy(update={"tenant": "shop", "user": "ada"}).media
    assert Path(avatar.invoke("Hello.").path).parent == settings.media
    last = list(AvatarAgent(build_agent(), avatar).stream("Hello", {}, context=Who("shop", "bob")))[-1]
    assert Path(last.clip.path).parent == settings.model_copy(update={"tenant": "shop", "user": "bob"}).media


def test_a_reply_under_way_is_waited_for(tmp_path):
    with Session.open(Settings(data=tmp_path, tenant="shop", user=CANARY)) as session:
        answer = session.words(f"My name is {CANARY}.")
        next(answer)
        list(answer)
        answer = session.words("What's my name?")
        next(answer)
        forgetting = threading.Thread(target=session.forget_everything)
        forgetting.start()
        forgetting.join(0.2)
        assert forgetting.is_alive()
        list(answer)
        forgetting.join(20)
        assert not forgetting.is_alive()
    assert files_with(tmp_path, CANARY) == []


def test_conversations_are_found_by_their_owner(tmp_path):
    saver = Conversations(tmp_path / "conversations.db")
    agent = build_agent(checkpointer=saver)
    for thread, user in (("a", "ada"), ("b", "bob"), ("c", "ada")):
        agent.invoke(
            {"messages": [("user", "Hello")]}, {"configurable": {"thread_id": thread}}, context=Who("shop", user)
        )
    assert conversations_of(Who("shop", "ada"), saver) == ["a", "c"]
    assert conversations_of(Who("other", "ada"), saver) == []
    saver.close()


def test_a_reader_of_the_conversations_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr("visavis.agent.conversations._WIPE_S", 0.05)
    with Session.open(Settings(data=tmp_path)) as session:
        list(session.words("Hello"))
        other = sqlite3.connect(tmp_path / "conversations.db", isolation_level=None)
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM checkpoints").fetchall()
        with pytest.raises(StorageError, match=r"reading|locked"):
            session.forget_everything()
        other.execute("COMMIT")
        other.close()
        session.forget_everything()


def test_memory_of_another_folder_is_untouched(tmp_path):
    with Memory.open(tmp_path / "elsewhere") as memory:
        memory.of("shop", CANARY).remember("kept", speaker="user")
        with Session.open(Settings(data=tmp_path / "data", tenant="shop", user=CANARY)) as session:
            session.forget_everything()
        assert memory.of("shop", CANARY).turns()


def test_the_command_forgets_everything_without_the_users_model(monkeypatch):
    monkeypatch.setenv("VISAVIS_USER", CANARY)
    settings = Settings()
    with Session.open(settings) as session:
        list(session.words(f"My name is {CANARY}."))
    monkeypatch.setenv("VISAVIS_MODEL", "no-such-model")
    assert files_with(settings.data, CANARY)
    done = CliRunner().invoke(app, ["memory", "forget", "--everything"])
    assert done.exit_code == 0, done.output
    assert files_with(settings.data, CANARY) == []


def test_the_command_rebuilds_memory_and_knowledge(tmp_path):
    (tmp_path / "faq.md").write_text("# Shipping\nTo Alaska it takes a week.")
    with Session.open(Settings(), knowledge=tmp_path / "faq.md") as session:
        list(session.words("Hello"))
    done = CliRunner().invoke(app, ["memory", "reindex"])
    assert done.output.strip() == "Rebuilt: 2 turns, 1 passages."
