"""One user's memories in RAM, in the form in which they are searched. Holds terms and vectors, no text."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from . import dates
from .bm25 import Places, Postings
from .claims import AGENTS
from .embeddings import Vectors
from .facts import Statement, timeline
from .record import Row
from .types import Fact
from .vectors import stacked
from .words import stem, terms

_PAUSE: Final = timedelta(hours=6)
"""A longer silence within a thread begins a new session."""
GENERIC: Final = AGENTS | {"user", "human", "customer", "me", "you", "i"}
"""Speakers that are roles, not names."""


class Shard:
    """Grows turn by turn; rebuilt from the record when something was forgotten."""

    def __init__(self, owner: str, epoch: int, shelf: tuple[int, int], indexed: int = 0) -> None:
        self.owner = owner
        """The user whose memories these are."""
        self.epoch = epoch
        """The record's epoch when this was built."""
        self.shelf = shelf
        """Where the dense index holds the turns up to *indexed*."""
        self.indexed = indexed
        """Turns up to this place in the record have no vector here; 0 when all have."""
        self.postings = Postings()
        self.facts: list[Fact] = []
        """Oldest first."""
        self._statements: list[Statement] = []
        self.speakers: list[str] = []
        self.place: dict[str, int] = {}
        """Turn id to its place here."""
        self._seqs = array("q")
        self._at = array("d")
        self._before = array("q")
        self._after = array("q")
        self._session = array("q")
        self._speaker = array("q")
        self._sessions = 0
        self._last: dict[str, int] = {}
        self._vectors: Vectors = np.zeros((0, 0), np.float32)
        self._held = 0

    def __len__(self) -> int:
        return len(self._seqs)

    @property
    def last_seq(self) -> int:
        return self._seqs[-1] if self._seqs else 0

    def extend(self, rows: Sequence[Row], statements: Sequence[Statement]) -> None:
        """Append turns in the order of the record, with what was claimed in them."""
        if statements:
            self._statements += statements
            self.facts = timeline(self._statements)
        for row in rows:
            self._append(row)
        blobs = [row.vector for row in rows if row.vector is not None]
        if blobs:
            self._store(stacked(blobs))

    def _append(self, row: Row) -> None:
        turn, here = row.turn, len(self._seqs)
        at = turn.at.timestamp()
        before = self._last.get(turn.thread, -1)
        if before < 0 or abs(at - self._at[before]) > _PAUSE.total_seconds():
            session, before = self._sessions, -1
            self._sessions += 1
        else:
            session = self._session[before]
            self._after[before] = here
        self._last[turn.thread] = here
        self._seqs.append(row.seq)
        self._at.append(at)
        self._before.append(before)
        self._after.append(-1)
        self._session.append(session)
        if turn.speaker not in self.speakers:
            self.speakers.append(turn.speaker)
        self._speaker.append(self.speakers.index(turn.speaker))
        self.place[turn.id] = here
        name = [] if turn.speaker.casefold() in GENERIC else terms(turn.speaker)
        self.postings.add(terms(turn.text) + name + [stem(word) for word in dates.index_terms(turn.at)])

    def _store(self, vectors: Vectors) -> None:
        held, count = self._held, self._held + len(vectors)
        if count > len(self._vectors):
            grown = np.zeros((max(count, 2 * len(self._vectors), 64), vectors.shape[1]), np.float32)
            if held:
                grown[:held] = self._vectors[:held]
            self._vectors = grown
        self._vectors[held:count] = vectors
        self._held = count

    @property
    def vectors(self) -> Vectors:
        """Unit rows of the last turns, those that the index does not hold, float32 (n, size)."""
        return self._vectors[: self._held]

    @property
    def seqs(self) -> NDArray[np.int64]:
        return np.array(self._seqs, np.int64)

    @property
    def at(self) -> NDArray[np.float64]:
        """Seconds since 1970, UTC."""
        return np.array(self._at)

    @property
    def before(self) -> Places:
        """Place of the turn before in the same session, -1 for none."""
        return np.array(self._before, np.intp)

    @property
    def after(self) -> Places:
        """Place of the turn after in the same session, -1 for none."""
        return np.array(self._after, np.intp)

    @property
    def session(self) -> Places:
        return np.array(self._session, np.intp)

    @property
    def speaker(self) -> Places:
        """Index into ``speakers``."""
        return np.array(self._speaker, np.intp)
