"""Conversations in PostgreSQL. The server is the one VISAVIS_TEST_POSTGRES names, such as postgresql://postgres@localhost/test."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from visavis.agent import Who, build_agent
from visavis.agent.forgetting import conversations_of, forget_everything
from visavis.errors import BackendError, InputError, StorageError
from visavis.memory import Memory

SERVER = os.environ.get("VISAVIS_TEST_POSTGRES", "")
needs_package = pytest.mark.skipif(
    importlib.util.find_spec("psycopg_pool") is None, reason="pip install 'visavis[postgres]'"
)
needs_server = pytest.mark.skipif(not SERVER, reason="start PostgreSQL and set VISAVIS_TEST_POSTGRES to its address")


@pytest.fixture
def url():
    import psycopg

    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return SERVER


def on(thread):
    return {"configurable": {"thread_id": thread}}


def asked(text):
    return {"messages": [("user", text)]}


def test_without_the_package_the_fix_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "langgraph.checkpoint.postgres", None)
    monkeypatch.delitem(sys.modules, "visavis.agent.postgres", raising=False)
    with pytest.raises(BackendError, match=r"pip install 'visavis\[postgres\]'"):
        build_agent(checkpointer="postgresql://localhost/none")


@needs_package
def test_a_server_that_is_down_is_one_line(monkeypatch):
    monkeypatch.setattr("visavis.agent.postgres._PATIENCE_S", 0.3)
    with pytest.raises(StorageError, match=r"localhost/none.*server is up") as caught:
        build_agent(checkpointer="postgresql://user:secret@localhost:1/none")
    assert "secret" not in str(caught.value)


@needs_package
@needs_server
def test_a_conversation_goes_on_in_another_agent(url):
    first = build_agent(checkpointer=url)
    first.invoke(asked("My order number is A-1043."), on("t"))
    second = build_agent(checkpointer=url)
    out = asyncio.run(second.ainvoke(asked("What was my order number?"), on("t")))
    assert "A-1043" in out["messages"][-1].text
    assert len(out["messages"]) == 4
    for agent in (first, second):
        agent.checkpointer.close()


@needs_package
@needs_server
def test_messages_at_once_in_two_agents_all_stay(url):
    agents = [build_agent(checkpointer=url) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: agents[n % 2].invoke(asked(f"message {n}"), on("t")), range(24)))
    kept = [message.text for message in agents[0].get_state(on("t")).values["messages"]]
    assert {f"message {n}" for n in range(24)} <= set(kept)
    assert len(kept) == 48
    for agent in agents:
        agent.checkpointer.close()


@needs_package
@needs_server
def test_owners_are_told_apart_and_forgotten(url, tmp_path):
    agent = build_agent(checkpointer=url)
    ada, bob = Who("shop", "ada"), Who("shop", "bob")
    agent.invoke(asked("Hello"), on("a"), context=ada)
    agent.invoke(asked("Hello"), on("b"), context=bob)
    with pytest.raises(InputError, match="somebody else"):
        agent.invoke(asked("Hello"), on("a"), context=bob)
    with Memory.open(tmp_path) as memory:
        forget_everything(ada, memory=memory, saver=agent.checkpointer, turns=agent.turns, media=tmp_path / "none")
    assert conversations_of(ada, agent.checkpointer) == []
    assert conversations_of(bob, agent.checkpointer) == ["b"]
    agent.checkpointer.close()
