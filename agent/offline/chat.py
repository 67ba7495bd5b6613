"""The offline model as a LangChain chat model."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Final

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LangSmithParams, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolCall
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from ...memory.words import count_tokens
from .reply import Reply, reply
from .situation import HAND_OVER, situation

_PIECE: Final = re.compile(
    r"\s*(?:[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]|[^\s\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+)"
)


class OfflineChat(BaseChatModel):
    """Answers from what it is given, in English and Chinese, without weights, network or chance.

    It reads the ``<quoted>`` blocks of the system message (see ``visavis.agent.quotes``), results of tools and the conversation,
    and gives the sentences that answer. Of the tools it is given it calls one, ``hand_over_to_human``, when the user wants a
    person. The ids of the passages used are in ``response_metadata["cited"]``.
    """

    model: str = "offline"
    stop: list[str] | None = None

    @property
    def _llm_type(self) -> str:
        return "visavis-offline"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        return LangSmithParams(
            **{
                **super()._get_ls_params(stop=stop, **kwargs),
                "ls_provider": "visavis",
                "ls_model_name": kwargs.get("model", self.model),
            }
        )

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """This model; of *tools* it calls only ``hand_over_to_human``, and none when *tool_choice* is "none"."""
        names = {convert_to_openai_tool(tool)["function"]["name"] for tool in tools}
        return self.bind(may_hand_over=HAND_OVER in names and tool_choice != "none", **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        said, calls = self._answer(messages, stop, kwargs)
        message = AIMessage(
            said.text,
            tool_calls=calls,
            response_metadata=self._metadata(said, kwargs),
            usage_metadata=_usage(messages, said.text),
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in self._chunks(messages, stop, kwargs):
            if run_manager:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in self._chunks(messages, stop, kwargs):
            if run_manager:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    def _chunks(
        self, messages: list[BaseMessage], stop: list[str] | None, settings: dict[str, Any]
    ) -> Iterator[ChatGenerationChunk]:
        said, calls = self._answer(messages, stop, settings)
        for piece in pieces(said.text):
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
        yield ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
                tool_calls=calls,
                response_metadata=self._metadata(said, settings),
                usage_metadata=_usage(messages, said.text),
                chunk_position="last",
            )
        )

    def _answer(
        self, messages: list[BaseMessage], stop: list[str] | None, settings: dict[str, Any]
    ) -> tuple[Reply, list[ToolCall]]:
        """What to say, or the tool to call and nothing to say yet."""
        said = reply(situation(messages))
        if said.hand_over and settings.get("may_hand_over"):
            call = ToolCall(name=HAND_OVER, args={"reason": said.hand_over}, id=f"hand-over-{len(messages)}")
            return Reply(""), [call]
        ends = [place for word in stop or self.stop or [] if word and (place := said.text.find(word)) >= 0]
        return (Reply(said.text[: min(ends)], said.cited) if ends else said), []

    def _metadata(self, said: Reply, settings: dict[str, Any]) -> dict[str, Any]:
        return {"model_name": settings.get("model", self.model), "model_provider": "visavis", "cited": list(said.cited)}


def pieces(text: str) -> list[str]:
    """*text* cut into words, each with the space before it, and single Chinese characters; joined they are *text* again."""
    found = _PIECE.findall(text)
    rest = text[sum(map(len, found)) :]
    return [*found, rest] if rest else found


def _usage(messages: Sequence[BaseMessage], text: str) -> UsageMetadata:
    given, made = sum(count_tokens(message.text) for message in messages), count_tokens(text)
    return UsageMetadata(input_tokens=given, output_tokens=made, total_tokens=given + made)
