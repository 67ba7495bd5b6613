"""What happens when a chat model fails: another try, the next model, or one clear error."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from langchain.agents.middleware import (
    AgentMiddleware,
    AgentState,
    ModelFallbackMiddleware,
    ModelRequest,
    ModelResponse,
    ModelRetryMiddleware,
)
from langchain_core.exceptions import ModelError as ForeignModelError
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langgraph.errors import GraphBubbleUp

from ..errors import ModelError, VisavisError


def resilience(fallbacks: Sequence[BaseChatModel], *, retries: int = 2) -> list[AgentMiddleware[Any, Any, Any]]:
    """Middleware, outermost first: the next model after *retries* further tries of the one before, with growing pauses."""
    chain: list[AgentMiddleware[Any, Any, Any]] = [ModelFallbackMiddleware(*fallbacks)] if fallbacks else []
    retry = ModelRetryMiddleware(
        max_retries=retries, retry_on=_passing, on_failure="error", initial_delay=0.25, max_delay=2.0
    )
    return [*chain, retry, ModelErrors()]


class ModelErrors(AgentMiddleware[AgentState[Any], Any, Any]):
    """Turns whatever a client library raises, and an answer without content, into ``ModelError``."""

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        try:
            return _answered(handler(request))
        except (VisavisError, GraphBubbleUp):
            raise
        except Exception as exc:
            raise _mapped(request.model, exc) from exc

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelResponse[Any]:
        try:
            return _answered(await handler(request))
        except (VisavisError, GraphBubbleUp):
            raise
        except Exception as exc:
            raise _mapped(request.model, exc) from exc


def _answered(response: ModelResponse[Any]) -> ModelResponse[Any]:
    last = response.result[-1] if response.result else None
    if response.structured_response is None and not (
        isinstance(last, AIMessage) and (last.text.strip() or last.tool_calls)
    ):
        raise ModelError("The chat model gave an empty answer.", "Ask again, or choose another model.")
    return response


def _mapped(model: BaseChatModel, exc: Exception) -> ModelError:
    name = next(
        (str(value) for key in ("model_name", "model", "model_id") if (value := getattr(model, key, None))),
        type(model).__name__,
    )
    reason = (str(exc).strip().partition("\n")[0] or type(exc).__name__).rstrip(".")
    return ModelError(
        f'The chat model "{name}" did not answer: {reason}.',
        'Check that its service is up and its key is valid, or add a fallback such as ",offline" to the model\'s name.',
    )


def _passing(exc: Exception) -> bool:
    """Whether another try may help; what a provider calls permanent is not tried again."""
    cause = exc.__cause__
    return cause.is_retryable if isinstance(cause, ForeignModelError) else isinstance(exc, ModelError)
