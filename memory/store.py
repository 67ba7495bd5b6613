"""Memory, and one user's part of it."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ..errors import InputError, StorageError
from . import embeddings as encoders
from .claims import AGENTS, claims
from .embeddings import Embeddings, Encoder, Vectors
from .facts import USER, Claim, holding, timeline
from .indexing import Indexer, packed
from .recall import Hit, rank
from .record import Record, new_id, utc
from .shard import GENERIC, Shard
from .types import Fact, Recollection, Turn
from .vectors import SHELVES, EmbeddedIndex, Index, ServerIndex, shelf_of
from .words import count_tokens, terms

_KEPT_TURNS: Final = 200_000
"""Turns held in RAM over all users, about 2 kB each; the users not asked for longest are let go."""
_LONGEST: Final = 1_000_000
"""Characters of a turn."""
_NEAREST: Final = 200
"""Turns taken from the dense index for one query."""

_log = logging.getLogger(__name__)


class Memory:
    """Everything remembered, in one folder. Safe from any thread, and shared by any number of processes.

    ``of(tenant, user)`` gives one user's part; there is no other way in.
    """

    def __init__(self, record: Record, encoder: Encoder, index: Index | None, exact_up_to: int) -> None:
        self._record = record
        self._encoder = encoder
        self._index = index
        self._indexer = Indexer(record, encoder, index)
        self._exact_up_to = exact_up_to
        self._shards: OrderedDict[int, Shard] = OrderedDict()
        self._lock = threading.RLock()

    @classmethod
    def open(
        cls,
        path: str | Path,
        embeddings: str | Path | Embeddings | Encoder | None = None,
        *,
        vectors: str = "embedded",
        exact_up_to: int = 20_000,
    ) -> Memory:
        """Open the memory in the folder *path*, or begin one there.

        *embeddings*: None or "hashing" for the built-in hashing, "minilm", "multilingual" or the folder of an ONNX sentence
        encoder, a LangChain ``Embeddings``, or what ``embeddings.load`` gave.
        *vectors*: where Chroma keeps the dense index: "embedded", the URL of a server, or "off" for none.
        *exact_up_to*: users with more turns than this are searched through the index instead of vector by vector.
        Raises ``StorageError`` and, for *embeddings* and *vectors*, ``InputError`` and ``BackendError``.
        """
        encoder = encoders.load(embeddings)
        record = Record(Path(path) / "memory.db")
        index: Index | None = None
        if vectors == "embedded":
            index = EmbeddedIndex(Path(path) / "index")
        elif vectors != "off":
            index = ServerIndex(vectors, record.name())
        return cls(record, encoder, index, exact_up_to)

    def of(self, tenant: str, user: str) -> Mine:
        """The memory of one user. Raises ``InputError`` without a tenant and a user, ``StorageError`` for another embedding's
        index."""
        for name, value in (("tenant", tenant), ("user", user)):
            if not isinstance(value, str) or not value.strip():
                raise InputError(
                    f"Memory needs a {name}: {value!r} is none.", f"Give the {name} as a non-empty string."
                )
            _check_text(value, name)
        self._record.check_embedding(self._encoder.name)
        return Mine(self, tenant, user)

    def forget_tenant(self, tenant: str) -> None:
        """Forget every user of *tenant*. Raises ``StorageError``."""
        self._forget_spaces(self._record.spaces_of(tenant))

    def reindex(self) -> int:
        """Embed every turn again with the present embedding and fill the index anew; how many turns that were.

        Raises ``StorageError`` and ``BackendError``.
        """
        with self._lock:
            self._shards.clear()
            self._record.drop_vectors()
            self._record.set_embedding(self._encoder.name)
            self._indexer.forgot(self._record.renew_shelves(range(SHELVES)))
        count = self._indexer.embed()
        self._indexer.catch_up()
        return count

    def close(self) -> None:
        self._indexer.close()
        self._shards.clear()
        self._record.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _shard(self, namespace: tuple[str, str], space: int) -> Iterator[Shard]:
        """The user's memories, up to date with what any process has stored or forgotten."""
        with self._lock:
            shard = self._shards.pop(space, None)
            epoch = self._record.epoch(space)
            if shard is None or shard.epoch != epoch or shard.shelf[1] != self._record.shelf(shard.shelf[0])[0]:
                shard = self._new_shard(namespace, space, epoch)
            rows = self._record.rows_after(space, shard.last_seq, vectors_after=shard.indexed)
            if any(row.vector is None and row.seq > shard.indexed for row in rows):
                self._indexer.embed(space)
                rows = self._record.rows_after(space, shard.last_seq, vectors_after=shard.indexed)
            if rows:
                shard.extend(rows, self._record.statements(space, shard.last_seq))
            self._shards[space] = shard
            self._let_go()
            yield shard

    def _new_shard(self, namespace: tuple[str, str], space: int, epoch: int) -> Shard:
        number = shelf_of(*namespace)
        generation, indexed = self._record.shelf(number)
        through_index = (
            indexed
            and self._record.count(space) > self._exact_up_to
            and self._index is not None
            and self._index.usable()
        )
        return Shard(namespace[1], epoch, (number, generation), indexed if through_index else 0)

    def _ranked(
        self, namespace: tuple[str, str], space: int, query: str, as_of: datetime | None
    ) -> Iterator[tuple[int, Hit]]:
        """Places in the record of the turns that answer, best first."""
        with self._shard(namespace, space) as shard:
            hits = rank(
                shard, query, self._encoder, nearest=lambda vector: self._nearest(shard, space, vector), as_of=as_of
            )
            seqs = shard.seqs
            return ((int(seqs[hit.place]), hit) for hit in hits)

    def _nearest(self, shard: Shard, space: int, vector: Vectors) -> list[tuple[str, float]]:
        if self._index is None:
            return []
        try:
            return self._index.nearest(shard.shelf, space, vector, _NEAREST)
        except StorageError as error:
            _log.warning("Recall goes on without the dense index: %s", error)
            return []

    def _let_go(self) -> None:
        held = sum(len(shard) for shard in self._shards.values())
        while held > _KEPT_TURNS and len(self._shards) > 1:
            held -= len(self._shards.popitem(last=False)[1])

    def _forget_spaces(self, spaces: list[int]) -> None:
        with self._lock:
            for space in spaces:
                self._shards.pop(space, None)
            if spaces:
                self._indexer.forgot(self._record.forget_spaces(spaces))


class Mine:
    """The memory of one user of one tenant."""

    def __init__(self, memory: Memory, tenant: str, user: str) -> None:
        self._memory = memory
        self.tenant = tenant
        self.user = user

    def remember(self, text: str, *, speaker: str, at: datetime | None = None, thread: str = "") -> str:
        """Store a turn, durably, and give its id. *at* is when it was said: now by default, UTC when it is naive.

        Raises ``InputError`` for a text or speaker that is empty, ``StorageError`` when it could not be stored.
        """
        for name, value in (("text", text), ("speaker", speaker)):
            if not isinstance(value, str) or not value.strip():
                raise InputError(
                    f"A turn needs a {name}: {value!r} is none.", f"Give the {name} as a non-empty string."
                )
        for name, value in (("text", text), ("speaker", speaker), ("thread", thread)):
            _check_text(value, name)
        if at is not None and not isinstance(at, datetime):
            raise InputError(f"{at!r} is no time.", "Give `at` as a datetime.")
        memory, turn = self._memory, Turn(new_id(), text, speaker, utc(at), thread)
        vector = packed(memory._encoder.encode([text])[0]) if memory._encoder.local else None
        memory._record.add((self.tenant, self.user), turn, vector=vector, claims=self._claims(turn))
        memory._indexer.noticed()
        return turn.id

    def recall(
        self, query: str, k: int = 10, *, as_of: datetime | None = None, budget_tokens: int | None = None
    ) -> list[Recollection]:
        """At most *k* turns that have to do with *query*, best first; only what was said by *as_of*, when it is given.

        Values that no longer held then are left out unless the query asks for the past. Of turns that say the same, the best
        one is given.
        *budget_tokens* bounds the sum of their texts. Raises ``InputError``, ``StorageError``, and ``BackendError`` from the
        embedding.
        """
        if not isinstance(query, str) or k < 1:
            raise InputError("A recall needs a query and k of at least 1.", "Give the query as a string.")
        space = self._space()
        if space is None or not query.strip():
            return []
        self._memory._indexer.in_use()
        hits = self._memory._ranked((self.tenant, self.user), space, query, utc(as_of) if as_of else None)
        return list(self._chosen(hits, k, budget_tokens))

    def _chosen(self, hits: Iterator[tuple[int, Hit]], k: int, budget: int | None) -> Iterator[Recollection]:
        """The first *k* hits that differ from those before them and fit the budget."""
        seen: set[tuple[str, ...]] = set()
        while batch := list(islice(hits, 2 * k)):
            turns = self._memory._record.turns_at([seq for seq, _ in batch])
            for seq, hit in batch:
                turn = turns.get(seq)
                if turn is None:
                    continue
                same = tuple(sorted(set(terms(turn.text)))) or (turn.text,)
                cost = count_tokens(turn.text)
                if same in seen or (budget is not None and cost > budget):
                    continue
                seen.add(same)
                budget = None if budget is None else budget - cost
                yield Recollection(turn.id, turn.text, turn.speaker, turn.at, turn.thread, round(hit.score, 4), hit.why)
                if len(seen) == k:
                    return

    def turns(self, limit: int = 100, thread: str | None = None) -> list[Turn]:
        """The last *limit* turns, oldest first; of one thread when it is given."""
        space = self._space()
        return [] if space is None else self._memory._record.latest(space, limit, thread)

    def count(self) -> int:
        """How many turns are kept."""
        space = self._space()
        return 0 if space is None else self._memory._record.count(space)

    def facts(self, as_of: datetime | None = None) -> list[Fact]:
        """What is known about the user, and what other speakers said of themselves, as it held at *as_of* (now by default)."""
        space = self._space()
        if space is None:
            return []
        return holding(
            timeline(self._memory._record.statements(space)), utc(as_of) if as_of else datetime.max.replace(tzinfo=UTC)
        )

    def learn(self, attribute: str, value: str, *, turn: str, lasting: bool = True) -> str:
        """Add a fact about the user that the turn of id *turn* implies; its id.

        *lasting*: it replaces earlier values of the attribute; otherwise it stands beside them. Raises ``InputError`` for an
        unknown turn.
        """
        if not attribute.strip() or not value.strip():
            raise InputError("A fact needs an attribute and a value.", "Give both as non-empty strings.")
        space = self._space()
        claim = Claim(USER, attribute.strip().lower(), value.strip(), "is" if lasting else "has")
        added = None if space is None else self._memory._record.add_claim(space, turn, claim)
        if added is None:
            raise InputError(f"No turn {turn!r} is remembered.", "Give the id that `remember` returned.")
        return added

    def forget(self, id: str | None = None, *, everything: bool = False) -> bool:  # noqa: A002 - the natural name
        """Forget a turn, a fact together with the turn that states it, or everything of this user; whether there was anything.

        When it returns, no file of the memory holds the text any more. Raises ``InputError`` without either, ``StorageError``.
        """
        if everything == (id is not None):
            raise InputError("Say what to forget.", "Give an id, or everything=True.")
        space = self._space()
        if space is None:
            return False
        if everything:
            self._memory._forget_spaces([space])
            return True
        with self._memory._lock:
            self._memory._shards.pop(space, None)
            shelves = self._memory._record.forget_turn(space, str(id))
            self._memory._indexer.forgot(shelves)
            return bool(shelves)

    def export(self) -> dict[str, Any]:
        """Everything held about the user, as JSON types: turns in order, and every fact with the time it held."""
        space = self._space()
        record = self._memory._record
        turns = [] if space is None else [row.turn for row in record.rows_after(space, 0)]
        facts = [] if space is None else timeline(record.statements(space))
        return {
            "tenant": self.tenant,
            "user": self.user,
            "turns": [
                {
                    "id": turn.id,
                    "at": turn.at.isoformat(),
                    "thread": turn.thread,
                    "speaker": turn.speaker,
                    "text": turn.text,
                }
                for turn in turns
            ],
            "facts": [
                {
                    "id": fact.id,
                    "subject": fact.subject,
                    "attribute": fact.attribute,
                    "value": fact.value,
                    "valid_from": fact.valid_from.isoformat(),
                    "valid_to": fact.valid_to and fact.valid_to.isoformat(),
                    "turn": fact.turn,
                }
                for fact in facts
            ],
        }

    def _space(self) -> int | None:
        return self._memory._record.find_space(self.tenant, self.user)

    def _claims(self, turn: Turn) -> list[Claim]:
        speaker = turn.speaker.casefold()
        if speaker in AGENTS:
            return []
        return claims(turn.text, USER if speaker in GENERIC or speaker == self.user.casefold() else turn.speaker)


def _check_text(value: str, name: str) -> None:
    if not isinstance(value, str):
        raise InputError(f"The {name} {value!r} is no string.", f"Give the {name} as a string.")
    if len(value) > _LONGEST:
        raise InputError(
            f"The {name} has {len(value)} characters; at most {_LONGEST} are remembered.",
            "Split it, or add it as knowledge.",
        )
    try:
        value.encode()
    except UnicodeEncodeError as exc:
        raise InputError(
            f"The {name} holds half a character (a lone surrogate).", "Decode it with errors='replace'."
        ) from exc
