"""The LangChain agent: models by name, memory and knowledge as middleware, conversations on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .graph import Agent, build_agent
    from .learning import LearnMiddleware
    from .middleware import RecallMiddleware, RememberMiddleware
    from .models import chat_model
    from .offline import OfflineChat
    from .redaction import RedactMiddleware
    from .who import Who

_HOME = {
    "Agent": "graph",
    "LearnMiddleware": "learning",
    "OfflineChat": "offline",
    "RecallMiddleware": "middleware",
    "RedactMiddleware": "redaction",
    "RememberMiddleware": "middleware",
    "Who": "who",
    "build_agent": "graph",
    "chat_model": "models",
}

__all__ = [
    "Agent",
    "LearnMiddleware",
    "OfflineChat",
    "RecallMiddleware",
    "RedactMiddleware",
    "RememberMiddleware",
    "Who",
    "build_agent",
    "chat_model",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)
