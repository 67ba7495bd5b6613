"""Chat models by name, and what happens when one fails."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.exceptions import ModelAuthenticationError
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from visavis.agent import OfflineChat, build_agent, models
from visavis.agent.models import chat_model, chat_models
from visavis.agent.resilience import resilience
from visavis.errors import ModelError


class Failing(BaseChatModel):
    """Raises its errors one after the other, then answers; a string in place of an error is given as the answer."""

    steps: list[Any]
    model_name: str = "failing-1"

    @property
    def _llm_type(self) -> str:
        return "failing"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self

    def _next(self) -> str:
        step = self.steps.pop(0) if self.steps else "It works."
        if isinstance(step, Exception):
            raise step
        return step

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self._next()))])


class HalfAStream(Failing):
    """Breaks off in the middle of its answer."""

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=AIMessageChunk(content="It wo"))
        raise ConnectionResetError("connection reset by peer")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("langchain.agents.middleware.model_retry.time.sleep", lambda seconds: None)


def ask(model: Any, text: str = "Hello") -> str:
    return str(build_agent(model).invoke({"messages": [("user", text)]})["messages"][-1].text)


def test_offline_is_a_name() -> None:
    assert isinstance(chat_model("offline"), OfflineChat)


@pytest.mark.parametrize("name", ["", "gpt-5", "openai:", ":x", "nonsense:model", "offline,", "openai:a,gpt"])
def test_unknown_names_are_one_line_with_the_fix(name: str) -> None:
    with pytest.raises(ModelError) as caught:
        chat_models(name)
    assert "\n" not in str(caught.value)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("name", "module", "package"),
    [
        ("mistralai:small", "langchain_mistralai", "langchain-mistralai"),
        ("anthropic:claude", "langchain_anthropic", "langchain-anthropic"),
        ("ollama:llama3", "langchain_ollama", "langchain-ollama"),
        ("hf:tiny/model", "langchain_huggingface", "langchain-huggingface"),
    ],
)
def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, name: str, module: str, package: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModelError, match=f"pip install .*{package}"):
        chat_model(name)


def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_key(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("The api_key client option must be set.\nMore lines.")

    monkeypatch.setattr("langchain.chat_models.init_chat_model", without_key)
    with pytest.raises(ModelError, match=r"api_key client option must be set\. Set OPENAI_API_KEY"):
        chat_model("openai:gpt-5")


def test_an_endpoint_and_a_timeout_reach_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    def init(model: str, **options: Any) -> OfflineChat:
        given.update(options, model=model)
        return OfflineChat()

    monkeypatch.setattr("langchain.chat_models.init_chat_model", init)
    chat_model("openai:qwen3@http://localhost:8000/v1", timeout_s=7)
    assert given == {
        "model": "qwen3", "model_provider": "openai", "base_url": "http://localhost:8000/v1", "timeout": 7, "max_retries": 0,
    }  # fmt: skip
    chat_model("ollama:llama3:8b", timeout_s=7)
    assert given["model"] == "llama3:8b"
    assert given["client_kwargs"] == {"timeout": 7}


def test_a_passing_failure_is_tried_again() -> None:
    assert ask(Failing(steps=[TimeoutError("slow"), ConnectionError("down")])) == "It works."


def test_what_stays_down_is_one_clear_error() -> None:
    with pytest.raises(ModelError, match='"failing-1" did not answer: connection refused') as caught:
        ask(Failing(steps=[ConnectionError("connection refused\nand a long trace")] * 9))
    assert isinstance(caught.value.__cause__, ConnectionError)
    assert "\n" not in str(caught.value)


def test_what_is_permanent_is_not_tried_again() -> None:
    model = Failing(steps=[ModelAuthenticationError("bad key"), "never reached"])
    with pytest.raises(ModelError, match="bad key"):
        ask(model)
    assert model.steps == ["never reached"]


@pytest.mark.parametrize("nothing", ["", "  \n "])
def test_an_empty_answer_is_a_failure(nothing: str) -> None:
    assert ask(Failing(steps=[nothing])) == "It works."
    with pytest.raises(ModelError, match="empty answer"):
        ask(Failing(steps=[nothing] * 9))


def test_half_a_stream_is_a_failure() -> None:
    agent = build_agent(HalfAStream(steps=[]))
    with pytest.raises(ModelError, match="connection reset"):
        list(agent.stream({"messages": [("user", "Hello")]}, stream_mode="messages"))


def test_the_next_model_answers_when_the_first_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {
        "one:x": Failing(steps=[ConnectionError("down")] * 9),
        "two:x": Failing(steps=[ConnectionError("down")] * 9),
    }
    monkeypatch.setattr(models, "chat_model", lambda name, **options: made.get(name) or OfflineChat())
    assert ask("one:x, two:x ,offline") == "Hello! How can I help you?"


def test_asynchronous_calls_fail_and_recover_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    async def instantly(seconds: float) -> None:
        return None

    monkeypatch.setattr("langchain.agents.middleware.model_retry.asyncio.sleep", instantly)

    async def ask_async(model: Any) -> str:
        out = await build_agent(model).ainvoke({"messages": [("user", "Hello")]})
        return str(out["messages"][-1].text)

    assert asyncio.run(ask_async(Failing(steps=[TimeoutError("slow")]))) == "It works."
    with pytest.raises(ModelError, match="down"):
        asyncio.run(ask_async(Failing(steps=[ConnectionError("down")] * 9)))


def test_no_fallbacks_no_fallback_middleware() -> None:
    assert [part.name for part in resilience([])] == ["ModelRetryMiddleware", "ModelErrors"]
