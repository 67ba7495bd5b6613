"""Conversations on disk: every way of calling, two messages at once, other processes, failures."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from visavis.agent import Agent, build_agent
from visavis.agent.conversations import Conversations
from visavis.agent.turns import Turns
from visavis.errors import ModelError, StorageError


class Scripted(BaseChatModel):
    """Answers with its script, one entry a call; an exception in the script is raised."""

    script: list[Any]

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self

    def _next(self) -> str:
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        return step

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self._next()))])

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        for word in self._next().split(" "):
            yield ChatGenerationChunk(message=AIMessageChunk(word + " "))


def turn(text: str) -> dict[str, Any]:
    return {"messages": [HumanMessage(text)]}


def on(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}}


def texts(agent: Agent, thread: str) -> list[str]:
    return [message.text for message in agent.get_state(on(thread)).values.get("messages", [])]


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    made = build_agent(checkpointer=tmp_path / "conversations.sqlite")
    yield made
    made.checkpointer.close()


def test_one_conversation_through_all_four_ways_of_calling(agent: Agent) -> None:
    agent.invoke(turn("My order number is A-1043."), on("t"))
    list(agent.stream(turn("Thanks"), on("t")))
    asyncio.run(agent.ainvoke(turn("Hello"), on("t")))

    async def last() -> str:
        said = ""
        async for chunk, _ in agent.astream(turn("What is my order number?"), on("t"), stream_mode="messages"):
            said += chunk.text
        return said

    assert asyncio.run(last()) == "Your order number is A-1043."
    assert len(texts(agent, "t")) == 8


def test_tokens_stream_word_by_word(agent: Agent) -> None:
    parts = [chunk.text for chunk, _ in agent.stream(turn("Hello"), on("t"), stream_mode="messages")]
    assert len(parts) > 3
    assert "".join(parts) == "Hello! How can I help you?"


def test_another_process_goes_on_where_this_one_stopped(agent: Agent, tmp_path: Path) -> None:
    agent.invoke(turn("My order number is A-1043."), on("t"))
    script = (
        "import sys; from visavis.agent import build_agent;"
        "agent = build_agent(checkpointer=sys.argv[1]);"
        "out = agent.invoke({'messages': [('user', 'What was my order number?')]}, {'configurable': {'thread_id': 't'}});"
        "print(out['messages'][-1].text); agent.checkpointer.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "conversations.sqlite")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "Your order number is A-1043."


def test_conversations_do_not_see_each_other(agent: Agent) -> None:
    agent.invoke(turn("My order number is A-1043."), on("one"))
    out = agent.invoke(turn("What is my order number?"), on("two"))
    assert "A-1043" not in out["messages"][-1].text


@pytest.mark.parametrize("shared", [True, False])
def test_messages_at_once_all_stay(tmp_path: Path, shared: bool) -> None:
    file = tmp_path / "conversations.sqlite"
    agents = [build_agent(checkpointer=file)] * 4 if shared else [build_agent(checkpointer=file) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: agents[n % 4].invoke(turn(f"My order number is B-{n:04}."), on("t")), range(16)))
    kept = texts(agents[0], "t")
    assert len(kept) == 32
    assert {f"My order number is B-{n:04}." for n in range(16)} <= set(kept)
    for agent in set(agents):
        agent.checkpointer.close()


def test_messages_at_once_in_one_event_loop_all_stay_in_order(agent: Agent) -> None:
    async def talk() -> None:
        await asyncio.gather(*(agent.ainvoke(turn(f"My order number is B-{n:04}."), on("t")) for n in range(12)))

    asyncio.run(talk())
    assert texts(agent, "t")[::2] == [f"My order number is B-{n:04}." for n in range(12)]


def test_one_checkpoint_a_turn(agent: Agent) -> None:
    for _ in range(3):
        agent.invoke(turn("Hello"), on("t"))
    assert len(list(agent.checkpointer.list(on("t")))) == 3


def test_a_long_conversation_keeps_its_last_checkpoints_only(agent: Agent) -> None:
    for _ in range(12):
        agent.invoke(turn("Hello"), on("t"))
    agent.invoke(turn("Hello"), on("other"))
    assert len(list(agent.checkpointer.list(on("t")))) == 4
    assert len(texts(agent, "t")) == 24
    assert len(texts(agent, "other")) == 2


def test_a_model_that_is_down_loses_no_user_message(tmp_path: Path) -> None:
    model = Scripted(script=[*[ConnectionError("connection refused")] * 3, "Fine again."])
    agent = build_agent(model, checkpointer=tmp_path / "c.sqlite")
    with pytest.raises(ModelError, match="connection refused"):
        agent.invoke(turn("first"), on("t"))
    agent.invoke(turn("second"), on("t"))
    assert texts(agent, "t") == ["first", "second", "Fine again."]
    agent.checkpointer.close()


def test_a_closed_stream_frees_the_conversation_and_keeps_the_message(agent: Agent) -> None:
    stream = agent.stream(turn("Hello"), on("t"), stream_mode="messages")
    next(stream)
    stream.close()
    agent.invoke(turn("Hello again"), on("t"))
    assert texts(agent, "t")[:2] == ["Hello", "Hello again"]


def test_a_deleted_conversation_leaves_no_bytes(agent: Agent, tmp_path: Path) -> None:
    agent.invoke(turn("My order number is CANARY-77."), on("t"))
    agent.checkpointer.delete_thread("t")
    assert texts(agent, "t") == []
    assert not any(b"CANARY" in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_asynchronous_listing_and_deleting(agent: Agent) -> None:
    async def work() -> int:
        await agent.ainvoke(turn("Hello"), on("t"))
        found = [item async for item in agent.checkpointer.alist(on("t"))]
        await agent.checkpointer.adelete_thread("t")
        return len(found)

    assert asyncio.run(work()) == 1
    assert texts(agent, "t") == []


@pytest.mark.parametrize("content", [b"this is no database, it only has the name of one" * 30, None])
def test_a_file_that_cannot_be_used_is_a_clear_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "c.sqlite"
    path.write_bytes(content) if content else path.mkdir()
    with pytest.raises(StorageError, match="cannot be opened"):
        Conversations(path)


def test_a_busy_conversation_is_an_error_after_a_while() -> None:
    turns = Turns(patience_s=0.05)
    with turns.hold("t"), pytest.raises(StorageError, match="busy"), turns.hold("t"):
        pass
    with turns.hold("t"):
        pass


def test_a_lock_waits_for_the_file_of_another_process(tmp_path: Path) -> None:
    one, other = Turns(tmp_path), Turns(tmp_path)
    order: list[str] = []
    taken = threading.Event()

    def second() -> None:
        taken.wait()
        with other.hold("t"):
            order.append("second")

    waiting = threading.Thread(target=second)
    waiting.start()
    with one.hold("t"):
        taken.set()
        waiting.join(0.05)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
