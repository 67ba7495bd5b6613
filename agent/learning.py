"""Facts that no rule finds: one model call in the background when a conversation has gone quiet."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from langchain.agents.middleware import AgentMiddleware, AgentState
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from langgraph.runtime import Runtime

from .. import prompts
from ..errors import VisavisError
from ..memory.words import terms
from .middleware import USER
from .who import Who, thread, who

if TYPE_CHECKING:
    from ..memory import Memory, Turn

_QUIET_S: Final = 120.0
_MOST: Final = 60
"""Messages looked at in one call, the latest."""
_LONGEST: Final = 60
"""Characters of an attribute or value."""
_LINE: Final = re.compile(r"\{[^{}\n]*\}")

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Waiting:
    """A conversation that has not been looked at since it went on."""

    owner: Who
    thread: str
    timer: threading.Timer
    answers: int = 0


@dataclass(frozen=True, slots=True)
class Learned:
    """A fact a model read in a message."""

    message: int
    """Place of the message, from 1."""
    attribute: str
    value: str
    lasting: bool
    """Whether it replaces what was known before."""


@dataclass(slots=True)
class _Desk:
    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: dict[tuple[Who, str], _Waiting] = field(default_factory=dict)


class LearnMiddleware(AgentMiddleware[AgentState[Any], Any, Any]):
    """Adds what users say about themselves to memory's facts, with at most one call of *model* per quiet conversation.

    Nothing of it is on the way of an answer. A value that the user's message does not hold is not believed. When the model fails
    the facts are not learned, and the log says so.
    """

    def __init__(self, memory: Memory, model: BaseChatModel, *, quiet_s: float = _QUIET_S) -> None:
        """*quiet_s*: a conversation without a message for so long is over for now."""
        super().__init__()
        self._memory, self._model, self._quiet_s = memory, model, quiet_s
        self._desk = _Desk()

    def after_agent(self, state: AgentState[Any], runtime: Runtime[Any]) -> None:  # noqa: ARG002
        self._note(who(runtime.context), thread())

    async def aafter_agent(self, state: AgentState[Any], runtime: Runtime[Any]) -> None:  # noqa: ARG002
        self._note(who(runtime.context), thread())

    def finish(self) -> None:
        """Look at every conversation that is waiting, now."""
        with self._desk.lock:
            waiting = list(self._desk.waiting)
        for key in waiting:
            self._look(key)

    def _note(self, owner: Who, conversation: str) -> None:
        key = (owner, conversation)
        timer = threading.Timer(self._quiet_s, self._look, [key])
        timer.daemon = True
        with self._desk.lock:
            before = self._desk.waiting.get(key)
            if before:
                before.timer.cancel()
            self._desk.waiting[key] = _Waiting(owner, conversation, timer, 1 + (before.answers if before else 0))
        timer.start()

    def _look(self, key: tuple[Who, str]) -> None:
        with self._desk.lock:
            waiting = self._desk.waiting.pop(key, None)
        if waiting is None:
            return
        waiting.timer.cancel()
        try:
            self._learn(waiting)
        except Exception as error:  # noqa: BLE001 - the boundary of a background thread; clients raise what they like
            _log.warning("No facts were learned from a conversation: %s", type(error).__name__)

    def _learn(self, waiting: _Waiting) -> None:
        mine = self._memory.of(waiting.owner.tenant, waiting.owner.user)
        said = [turn for turn in mine.turns(4 * waiting.answers, waiting.thread) if turn.speaker == USER][-_MOST:]
        if not said:
            return
        known = {(fact.attribute, fact.value.casefold()) for fact in mine.facts()}
        for fact in read(self._ask(said), said):
            if (fact.attribute, fact.value.casefold()) in known:
                continue
            known.add((fact.attribute, fact.value.casefold()))
            try:
                mine.learn(fact.attribute, fact.value, turn=said[fact.message - 1].id, lasting=fact.lasting)
            except VisavisError as error:
                _log.info("A fact was not kept: %s", error)

    def _ask(self, said: Sequence[Turn]) -> str:
        messages = "\n".join(f"{number}. {' '.join(turn.text.split())}" for number, turn in enumerate(said, 1))
        return str(self._model.invoke([HumanMessage(prompts.load("facts", messages=messages))]).text)


def read(answer: str, said: Sequence[Turn]) -> list[Learned]:
    """The facts in a model's *answer* that the messages *said* bear out; whatever else it holds is passed over."""
    return [fact for fact in _parsed(_LINE.findall(answer)) if _borne_out(fact, said)]


def _parsed(lines: Iterable[str]) -> Iterator[Learned]:
    for line in lines:
        try:
            entry = json.loads(line)
            fact = Learned(
                int(entry["message"]),
                " ".join(str(entry["attribute"]).lower().split()),
                " ".join(str(entry["value"]).split()),
                entry.get("replaces") is True,
            )
        except (ValueError, KeyError, TypeError):
            continue
        yield fact


def _borne_out(fact: Learned, said: Sequence[Turn]) -> bool:
    if not (1 <= fact.message <= len(said) and 0 < len(fact.attribute) <= _LONGEST and 0 < len(fact.value) <= _LONGEST):
        return False
    text = said[fact.message - 1].text
    value = set(terms(fact.value))
    return not text.rstrip().endswith(("?", "？")) and bool(value) and value <= set(terms(text))
