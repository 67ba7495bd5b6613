"""Whose memory: the mandatory (tenant, user) of a call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from langgraph.config import get_config

from ..errors import InputError

OWNER: Final = "visavis_owner"
"""Where the metadata of a checkpoint says who began the conversation."""


@dataclass(frozen=True, slots=True)
class Who:
    """Names a namespace of memory. Give it as ``context=Who(...)`` or as ``configurable={"tenant": ..., "user": ...}``."""

    tenant: str
    user: str


def who(context: Any) -> Who:
    """The owner of the memory in the present run: from *context* (object or mapping), else from ``configurable``.

    Raises ``InputError`` when neither names both, so that no call ever falls into somebody else's memory.
    """
    owner = named_in(context) or named_in(configurable())
    if owner:
        return owner
    raise InputError(
        "The call does not say whose memory to use.",
        'Pass context=Who("tenant", "user") or config={"configurable": {"tenant": "…", "user": "…", "thread_id": "…"}}.',
    )


def named_in(place: Any) -> Who | None:
    """The owner that *place*, an object or a mapping, names; None unless it names both."""
    tenant, user = _field(place, "tenant"), _field(place, "user")
    return Who(tenant, user) if tenant and user else None


def owner_mark(owner: Who | None) -> str:
    """What stands in the metadata under ``OWNER``; "" for nobody."""
    return json.dumps([owner.tenant, owner.user]) if owner else ""


def configurable() -> Mapping[str, Any]:
    """``configurable`` of the present run; empty outside of one."""
    try:
        return get_config().get("configurable", {})
    except RuntimeError:
        return {}


def thread() -> str:
    """The conversation of the present run; "" when it has none."""
    return str(configurable().get("thread_id", ""))


def _field(place: Any, name: str) -> str:
    value = place.get(name) if isinstance(place, Mapping) else getattr(place, name, None)
    return str(value) if value else ""
