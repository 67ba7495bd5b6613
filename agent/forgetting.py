"""A user, or one thing a user said, gone from every file that is ours."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from langchain_core.messages import BaseMessage, HumanMessage
from langgraph.checkpoint.base import BaseCheckpointSaver

from ..errors import StorageError
from .middleware import AGENT
from .turns import Turns
from .who import OWNER, Who, owner_mark

if TYPE_CHECKING:
    from ..memory import Memory
    from .graph import Agent

_TELLING: Final = 4
"""Characters from which on a value is looked for in what the agent said; "42" stands in too much else."""
_QUOTED: Final = 20
"""Characters from which on a turn is looked for within other texts; "Yes." stands in too much else."""


def conversations_of(owner: Who, saver: BaseCheckpointSaver[Any]) -> list[str]:
    """The ids of the conversations that *owner* began."""
    kept = saver.list(None, filter={OWNER: owner_mark(owner)})
    return sorted({str(item.config["configurable"]["thread_id"]) for item in kept})


def forget_everything(
    owner: Who, *, memory: Memory, saver: BaseCheckpointSaver[Any], turns: Turns, media: Path
) -> None:
    """Delete what is remembered about *owner*, the conversations *owner* began, and the folder *media* of *owner*'s videos.

    Waits for answers that are under way. Raises ``StorageError``.
    """
    threads = conversations_of(owner, saver)
    with ExitStack() as held:
        for thread in threads:
            held.enter_context(turns.hold(thread))
        memory.of(owner.tenant, owner.user).forget(everything=True)
        for thread in threads:
            saver.delete_thread(thread)
    try:
        if media.exists():
            shutil.rmtree(media)
    except OSError as exc:
        raise StorageError(f"{media} cannot be deleted: {exc.strerror or exc}.", "Delete it by hand.") from exc


def forget_one(key: str, owner: Who, *, agent: Agent, memory: Memory, media: Path) -> bool:
    """Forget a turn of *owner*, or a fact with every turn that states it; whether there was such a thing.

    With it go the agent's answer to it and whatever else the agent said that repeats a value of its facts: from memory, from the
    conversations (a message with the answers up to the next message) and from the videos in *media*. Waits for answers that are
    under way in these conversations. Raises ``StorageError``.
    """
    mine = memory.of(owner.tenant, owner.user)
    gone = _traces(key, mine.export())
    if not gone.turns:
        return False
    with ExitStack() as held:
        for thread in gone.threads:
            held.enter_context(agent.turns.hold(thread))
        for turn in gone.turns:
            mine.forget(turn)
        for thread in gone.threads:
            _shorten(thread, owner, agent, gone)
    for captions in media.glob("*.vtt"):
        if gone.told(_words_of(captions)):
            for file in media.glob(f"{captions.stem}.*"):
                file.unlink(missing_ok=True)
    return True


@dataclass(frozen=True, slots=True)
class _Traces:
    turns: Sequence[str]
    threads: Sequence[str]
    texts: Sequence[str]
    values: re.Pattern[str]

    def told(self, text: str) -> bool:
        """Whether *text* says any of it."""
        flat = " ".join(text.split())
        return (
            self.values.search(flat) is not None
            or flat in self.texts
            or any(len(each) >= _QUOTED and each in flat for each in self.texts)
        )


def _traces(key: str, known: Mapping[str, Any]) -> _Traces:
    """What speaks of the turn or fact *key* in everything *known*, an export of memory."""
    facts, turns = known["facts"], known["turns"]
    meant = {(fact["subject"], fact["attribute"], fact["value"].casefold()) for fact in facts if fact["id"] == key}
    sources = {key} | {
        fact["turn"] for fact in facts if (fact["subject"], fact["attribute"], fact["value"].casefold()) in meant
    }
    values = {fact["value"] for fact in facts if fact["turn"] in sources and len(fact["value"]) >= _TELLING}
    pattern = re.compile("|".join(map(re.escape, sorted(values))) or r"(?!)", re.IGNORECASE)
    before: dict[str, Any] = {}
    gone = []
    for turn in turns:
        answered = before.get(turn["thread"])
        before[turn["thread"]] = turn
        repeats = turn["speaker"] == AGENT and (
            pattern.search(turn["text"]) is not None or (answered is not None and answered["id"] in sources)
        )
        if turn["id"] in sources or repeats:
            gone.append(turn)
    return _Traces(
        [turn["id"] for turn in gone],
        sorted({turn["thread"] for turn in gone if turn["thread"]}),
        [" ".join(turn["text"].split()) for turn in gone],
        pattern,
    )


def _shorten(thread: str, owner: Who, agent: Agent, gone: _Traces) -> None:
    """Write the conversation anew without the exchanges that tell what is *gone*: its earlier states hold them, too."""
    saver = agent.checkpointer
    if not isinstance(saver, BaseCheckpointSaver):
        return
    config: Any = {
        "configurable": {"thread_id": thread, "tenant": owner.tenant, "user": owner.user},
        "metadata": {OWNER: owner_mark(owner)},
    }
    saved = saver.get_tuple(config)
    if saved is None or saved.metadata.get(OWNER) != owner_mark(owner):
        return
    messages: list[BaseMessage] = agent.get_state(config).values.get("messages", [])
    kept = [
        message
        for exchange in _exchanges(messages)
        if not any(gone.told(each.text) or gone.told(str(getattr(each, "tool_calls", ""))) for each in exchange)
        for message in exchange
    ]
    saver.delete_thread(thread)
    if kept:
        agent.update_state(config, {"messages": kept})


def _exchanges(messages: Sequence[BaseMessage]) -> Iterator[list[BaseMessage]]:
    """Each message of the user with what was answered to it."""
    exchange: list[BaseMessage] = []
    for message in messages:
        if exchange and isinstance(message, HumanMessage):
            yield exchange
            exchange = []
        exchange.append(message)
    if exchange:
        yield exchange


def _words_of(captions: Path) -> str:
    """What a file of captions says."""
    lines = captions.read_text(encoding="utf-8").splitlines()
    return html.unescape(" ".join(line for line in lines if "-->" not in line))
