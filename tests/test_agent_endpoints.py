"""A model's endpoint that is down, slow, answers garbage or breaks off: one clear error, nothing lost, the conversation goes on."""

from __future__ import annotations

import gc
import json
import threading
import time
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from visavis.agent import Who, build_agent
from visavis.agent.models import chat_model
from visavis.errors import ModelError
from visavis.memory import Memory

pytest.importorskip("langchain_openai", reason="pip install langchain-openai")

WHO = Who("shop", "maria")
ON: Any = {"configurable": {"thread_id": "t"}}


def piece(text: str, *, last: bool = False) -> bytes:
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": "stop" if last else None}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


class Endpoint(BaseHTTPRequestHandler):
    """Speaks the OpenAI protocol as badly as ``server.mood`` says."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)  # type: ignore[attr-defined]
        mood = self.server.mood  # type: ignore[attr-defined]
        if mood == "slow":
            time.sleep(1.5)
        if mood == "failing":
            return self._whole(500, b'{"error": {"message": "out of memory"}}')
        if mood == "denying":
            return self._whole(401, b'{"error": {"message": "bad key"}}')
        if mood == "garbage":
            return self._whole(200, b"<html>Welcome to the login page of the hotel</html>", "text/html")
        if mood == "nothing":
            return self._whole(200, b"{}")
        self._answer(half=mood == "half", stream=bool(asked.get("stream")))
        return None

    def _answer(self, *, half: bool, stream: bool) -> None:
        if not stream:
            message = {"role": "assistant", "content": "Two weeks."}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            body = json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})
            return self._whole(200, body.encode()[: len(body) // 2] if half else body.encode())
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        parts = [piece("Two "), piece("weeks.", last=True), b"data: [DONE]\n\n"]
        for part in parts[:1] if half else parts:
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        if not half:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True
        return None

    def _whole(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = False  # closing waits for the answers under way


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setattr("visavis.agent.graph.resilience", _impatient)
    clients: list[httpx.Client] = []
    begin = httpx.Client.__init__

    def noted(self: httpx.Client, *args: Any, **options: Any) -> None:
        clients.append(self)
        begin(self, *args, **options)

    monkeypatch.setattr(httpx.Client, "__init__", noted)
    with Server(("127.0.0.1", 0), Endpoint) as server:
        server.mood, server.asked = "well", []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        for client in clients:
            client.close()
        server.shutdown()
    # The client leaves the sockets of broken streams to the garbage collector, which would warn in some later test.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def _impatient(fallbacks: Any) -> Any:
    from visavis.agent.resilience import resilience

    return resilience(fallbacks, retries=0)


def model(server: ThreadingHTTPServer, *, timeout_s: float = 5.0) -> Any:
    return chat_model(f"openai:m@http://127.0.0.1:{server.server_address[1]}/v1", timeout_s=timeout_s)


def asked(text: str) -> dict[str, Any]:
    return {"messages": [("user", text)]}


def test_an_endpoint_that_is_well(server: ThreadingHTTPServer) -> None:
    agent = build_agent(model(server))
    assert agent.invoke(asked("How long?"))["messages"][-1].text == "Two weeks."
    said = [message.text for message, _ in agent.stream(asked("How long?"), stream_mode="messages")]
    assert "".join(said) == "Two weeks."


@pytest.mark.parametrize("mood", ["slow", "failing", "denying", "garbage", "nothing", "half", "down"])
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_what_is_bad_is_one_error_and_loses_nothing(
    server: ThreadingHTTPServer, tmp_path: Path, mood: str, streamed: bool
) -> None:
    server.mood = mood  # type: ignore[attr-defined]
    chat = model(server, timeout_s=0.5)
    if mood == "down":
        chat = chat_model("openai:m@http://127.0.0.1:9/v1", timeout_s=0.5)
    with Memory.open(tmp_path / "memory", vectors="off") as memory:
        agent = build_agent(chat, memory=memory, checkpointer=tmp_path / "conversations.db")

        def ask(text: str) -> Any:
            if streamed:
                list(agent.stream(asked(text), ON, context=WHO, stream_mode=["messages", "custom"]))
                return agent.get_state(ON).values["messages"][-1].text
            return agent.invoke(asked(text), ON, context=WHO)["messages"][-1].text

        with pytest.raises(ModelError) as caught:
            ask("My name is Maria.")
        assert "\n" not in str(caught.value)
        if mood != "down":
            server.mood = "well"  # type: ignore[attr-defined]
            again = build_agent(model(server), memory=memory, checkpointer=agent.checkpointer)
            assert again.invoke(asked("How long?"), ON, context=WHO)["messages"][-1].text == "Two weeks."
            assert [turn.text for turn in memory.of("shop", "maria").turns()][:2] == ["My name is Maria.", "How long?"]
        kept = [message.text for message in agent.get_state(ON).values["messages"]]
        assert "My name is Maria." in kept
        agent.checkpointer.close()


@pytest.mark.parametrize("mood", ["failing", "garbage", "half", "nothing"])
def test_the_next_model_goes_on(server: ThreadingHTTPServer, mood: str) -> None:
    server.mood = mood  # type: ignore[attr-defined]
    agent = build_agent(f"openai:m@http://127.0.0.1:{server.server_address[1]}/v1,offline")
    assert "help" in agent.invoke(asked("Hello!"))["messages"][-1].text


def test_a_long_conversation_goes_on(tmp_path: Path) -> None:
    """A thousand turns in one thread: the answer still knows the first message."""
    with Memory.open(tmp_path / "memory", vectors="off") as memory:
        agent = build_agent(memory=memory, checkpointer=tmp_path / "conversations.db")
        mine = memory.of("shop", "maria")
        agent.invoke(asked("My order number is A-1043."), ON, context=WHO)
        filler = [("user", "Thanks!"), ("ai", "You're welcome.")] * 1000
        agent.update_state(ON, {"messages": filler})
        for number in range(1000):
            mine.remember(f"Message number {number}.", speaker="user", thread="t")
        out = agent.invoke(asked("What was my order number?"), ON, context=WHO)
        assert "A-1043" in out["messages"][-1].text
        assert len(out["messages"]) == 2 + 2000 + 2
        agent.checkpointer.close()
