"""Conversations face to face: an agent with memory answers, a portrait speaks the answer.

    from visavis import Avatar

    chain = prompt | model | StrOutputParser() | Avatar("me.png")
    clip = chain.invoke({"question": "Where is my parcel?"})
    clip.path                                   # an MP4 file

Names are imported when first used, so ``import visavis`` is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .agent import build_agent
    from .agent.chain import AvatarAgent
    from .memory import Memory
    from .render.avatar import Avatar
    from .settings import Settings

__version__ = "0.1.0"

_HOME = {
    "Avatar": ".render.avatar",
    "AvatarAgent": ".agent.chain",
    "Memory": ".memory",
    "Settings": ".settings",
    "build_agent": ".agent",
}

__all__ = ["Avatar", "AvatarAgent", "Memory", "Settings", "__version__", "build_agent"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
