"""Memory as LangGraph's ``BaseStore``: their graphs keep items in our record, found by our recall, forgotten with the user."""

from __future__ import annotations

import asyncio
import json
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from langgraph.store.base import (
    BaseStore,
    GetOp,
    ListNamespacesOp,
    MatchCondition,
    Op,
    PutOp,
    Result,
    SearchItem,
    SearchOp,
)

from ..errors import InputError
from .store import Memory, Mine
from .types import Recollection, Turn

_SPEAKER: Final = "tool"
"""Items are no statements of the user, so nothing in them becomes a fact."""
_MARK: Final = "store:"
"""Begins the thread of a turn that holds an item; the rest of it is the namespace below the user, and the key, as JSON."""
_ALL: Final = 1_000_000
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "$eq": operator.eq,
    "$ne": operator.ne,
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}


class MemoryStore(BaseStore):
    """Items under namespaces ``(tenant, user, …)``; whoever leaves out tenant or user gets an ``InputError``, never another's.

    An item is a turn of the record, so it survives crashes and is shared by processes, and ``Mine.forget(everything=True)``
    takes it along. A new value replaces the old one for readers at once; ``delete`` removes all its versions from the files.
    """

    supports_ttl = False

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """The results of *ops*, done in order. Raises ``InputError`` and ``StorageError``."""
        return [self._do(op) for op in ops]

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """As ``batch``, in a worker thread."""
        return await asyncio.to_thread(self.batch, list(ops))

    def _do(self, op: Op) -> Result:
        match op:
            case GetOp():
                kept = self._versions(self._mine(op.namespace), op.namespace[2:], op.key)
                return kept[-1].item() if kept else None
            case PutOp():
                self._put(op)
                return None
            case SearchOp():
                return self._search(op)
            case ListNamespacesOp():
                return self._namespaces(op)
        raise InputError(
            f"{type(op).__name__} is no operation of a store.", "Use get, put, search, delete or list_namespaces."
        )

    def _mine(self, namespace: tuple[str, ...]) -> Mine:
        if len(namespace) < 2:
            raise InputError(
                f"The namespace {namespace!r} does not say whose it is.",
                'Begin it with tenant and user: ("shop", "maria", …).',
            )
        return self._memory.of(namespace[0], namespace[1])

    def _versions(self, mine: Mine, place: tuple[str, ...], key: str) -> list[_Kept]:
        """What the record holds of one item, oldest first."""
        return [kept for turn in mine.turns(_ALL, _thread(place, key)) if (kept := _kept(mine, turn))]

    def _put(self, op: PutOp) -> None:
        mine, place = self._mine(op.namespace), op.namespace[2:]
        before = self._versions(mine, place, op.key)
        if op.value is None:
            for kept in before:
                mine.forget(kept.turn)
            return
        now = datetime.now(UTC)
        created = before[-1].created if before else now
        try:
            text = json.dumps(
                {"value": op.value, "created": created.isoformat(), "found": op.index is not False}, ensure_ascii=False
            )
        except (TypeError, ValueError) as exc:
            raise InputError(
                f"The value of {op.key!r} is no JSON: {exc}.", "Store strings, numbers, lists and mappings."
            ) from exc
        mine.remember(text, speaker=_SPEAKER, at=now, thread=_thread(place, op.key))

    def _latest(self, mine: Mine) -> dict[str, _Kept]:
        """The present version of every item, by its thread."""
        return {turn.thread: kept for turn in mine.turns(_ALL) if (kept := _kept(mine, turn))}

    def _search(self, op: SearchOp) -> list[SearchItem]:
        mine, below = self._mine(op.namespace_prefix), op.namespace_prefix[2:]
        latest = {
            kept.turn: kept
            for kept in self._latest(mine).values()
            if kept.namespace[2:][: len(below)] == below and _passes(kept.value, op.filter)
        }
        if op.query and latest:
            hits = mine.recall(op.query, _ALL)
            found = [latest[hit.id].item(hit.score) for hit in hits if hit.id in latest and latest[hit.id].found]
        else:
            found = [kept.item() for kept in reversed(latest.values())]
        return found[op.offset : op.offset + op.limit]

    def _namespaces(self, op: ListNamespacesOp) -> list[tuple[str, ...]]:
        conditions = op.match_conditions or ()
        whose = next((one.path for one in conditions if one.match_type == "prefix"), ())
        if len(whose) < 2 or "*" in whose[:2]:
            raise InputError("Whose namespaces to list is not said.", 'Give prefix=("tenant", "user").')
        found = dict.fromkeys(
            kept.namespace[: op.max_depth]
            for kept in self._latest(self._mine(whose)).values()
            if all(_matches(kept.namespace, condition) for condition in conditions)
        )
        return sorted(found)[op.offset : op.offset + op.limit]


@dataclass(frozen=True, slots=True)
class _Kept:
    """One version of an item."""

    turn: str
    namespace: tuple[str, ...]
    key: str
    value: dict[str, Any]
    created: datetime
    updated: datetime
    found: bool
    """Whether a query may find it."""

    def item(self, score: float | None = None) -> SearchItem:
        return SearchItem(self.namespace, self.key, self.value, self.created, self.updated, score)


def _thread(place: tuple[str, ...], key: str) -> str:
    return _MARK + json.dumps([*place, key], ensure_ascii=False)


def _kept(mine: Mine, turn: Turn | Recollection) -> _Kept | None:
    if not turn.thread.startswith(_MARK):
        return None
    *place, key = json.loads(turn.thread.removeprefix(_MARK))
    held = json.loads(turn.text)
    namespace = (mine.tenant, mine.user, *place)
    return _Kept(
        turn.id, namespace, key, held["value"], datetime.fromisoformat(held["created"]), turn.at, held["found"]
    )


def _passes(value: dict[str, Any], wanted: dict[str, Any] | None) -> bool:
    return all(_compares(value.get(field), test) for field, test in (wanted or {}).items())


def _compares(held: Any, test: Any) -> bool:
    if not (isinstance(test, dict) and any(str(name).startswith("$") for name in test)):
        return bool(held == test)
    for name, bound in test.items():
        if name not in _COMPARE:
            raise InputError(f"{name!r} is no comparison.", f"Use one of {', '.join(_COMPARE)}.")
        try:
            if not _COMPARE[name](held, bound):
                return False
        except TypeError:
            return False
    return True


def _matches(namespace: tuple[str, ...], condition: MatchCondition) -> bool:
    path = condition.path
    part = namespace[: len(path)] if condition.match_type == "prefix" else namespace[len(namespace) - len(path) :]
    return len(part) == len(path) and all(want in ("*", have) for want, have in zip(path, part, strict=True))
