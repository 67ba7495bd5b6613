"""The record: every turn, what was claimed in it, and its vector, in SQLite. The only place that holds text."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Final

from .database import Database
from .facts import Claim, Statement
from .types import Turn
from .vectors import shelf_of

_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE spaces (space INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, user TEXT NOT NULL, shelf INTEGER NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0, UNIQUE (tenant, user));
CREATE TABLE turns (seq INTEGER PRIMARY KEY AUTOINCREMENT, space INTEGER NOT NULL REFERENCES spaces, id TEXT NOT NULL UNIQUE,
    speaker TEXT NOT NULL, at TEXT NOT NULL, thread TEXT NOT NULL, text TEXT NOT NULL, vector BLOB);
CREATE INDEX turns_by_space ON turns (space, seq);
CREATE INDEX turns_without_vector ON turns (seq) WHERE vector IS NULL;
CREATE TABLE claims (id TEXT PRIMARY KEY, space INTEGER NOT NULL, turn TEXT NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    subject TEXT NOT NULL, attribute TEXT NOT NULL, value TEXT NOT NULL, kind TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX claims_by_space ON claims (space);
CREATE INDEX claims_by_turn ON claims (turn);
CREATE TABLE shelves (shelf INTEGER PRIMARY KEY, generation INTEGER NOT NULL, indexed INTEGER NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A turn with its place in the record."""

    seq: int
    turn: Turn
    vector: bytes | None
    """float16, little-endian; None until it is embedded."""


class Record:
    """Turns, claims and vectors by namespace. Every method raises ``StorageError``."""

    def __init__(self, path: Path) -> None:
        self._db = Database(path, schema=_SCHEMA, version=_VERSION)

    def name(self) -> str:
        """A random name of this record, the same for ever."""
        with self._db.write() as db:
            db.execute("INSERT OR IGNORE INTO meta VALUES ('name', ?)", (new_id()[:12],))
            return str(db.execute("SELECT value FROM meta WHERE key = 'name'").fetchone()[0])

    def check_embedding(self, name: str) -> None:
        """See ``Database.check_embedding``."""
        self._db.check_embedding(name, "memory")

    def set_embedding(self, name: str) -> None:
        self._db.set_embedding(name)

    def find_space(self, tenant: str, user: str) -> int | None:
        rows = self._db.read("SELECT space FROM spaces WHERE tenant = ? AND user = ?", (tenant, user))
        return rows[0][0] if rows else None

    def spaces_of(self, tenant: str) -> list[int]:
        return [row[0] for row in self._db.read("SELECT space FROM spaces WHERE tenant = ?", (tenant,))]

    def add(self, namespace: tuple[str, str], turn: Turn, *, vector: bytes | None, claims: Iterable[Claim]) -> int:
        """Store a turn, durably; its namespace."""
        with self._db.write() as db:
            db.execute(
                "INSERT OR IGNORE INTO spaces (tenant, user, shelf) VALUES (?, ?, ?)",
                (*namespace, shelf_of(*namespace)),
            )
            space: int = db.execute("SELECT space FROM spaces WHERE tenant = ? AND user = ?", namespace).fetchone()[0]
            db.execute(
                "INSERT INTO turns (space, id, speaker, at, thread, text, vector) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (space, turn.id, turn.speaker, turn.at.isoformat(), turn.thread, turn.text, vector),
            )
            db.executemany(
                "INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (new_id(), space, turn.id, claim.subject, claim.attribute, claim.value, claim.kind)
                    for claim in claims
                ],
            )
        return space

    def epoch(self, space: int) -> int:
        """Changes whenever something other than an appended turn happened in *space*; -1 when there is no such space any more."""
        rows = self._db.read("SELECT epoch FROM spaces WHERE space = ?", (space,))
        return rows[0][0] if rows else -1

    def count(self, space: int) -> int:
        return int(self._db.read("SELECT count(*) FROM turns WHERE space = ?", (space,))[0][0])

    def rows_after(self, space: int, seq: int, *, vectors_after: int = 0) -> list[Row]:
        """Turns of *space* later than *seq*, in order; those up to *vectors_after* come without their vectors."""
        found = self._db.read(
            "SELECT seq, id, text, speaker, at, thread, CASE WHEN seq > ? THEN vector END FROM turns"
            " WHERE space = ? AND seq > ? ORDER BY seq",
            (vectors_after, space, seq),
        )
        return [Row(row[0], _turn(row[1:6]), row[6]) for row in found]

    def turns_at(self, seqs: Sequence[int]) -> dict[int, Turn]:
        marks = ", ".join("?" * len(seqs))
        sql = f"SELECT seq, id, text, speaker, at, thread FROM turns WHERE seq IN ({marks})"  # noqa: S608 - only question marks go in
        found = self._db.read(sql, list(seqs))
        return {row[0]: _turn(row[1:]) for row in found}

    def latest(self, space: int, limit: int, thread: str | None) -> list[Turn]:
        """The last *limit* turns, oldest first; of one thread when it is given."""
        found = self._db.read(
            "SELECT id, text, speaker, at, thread FROM turns"
            " WHERE space = ? AND (? IS NULL OR thread = ?) ORDER BY seq DESC LIMIT ?",
            (space, thread, thread, limit),
        )
        return [_turn(row) for row in reversed(found)]

    def statements(self, space: int, seq: int = 0) -> list[Statement]:
        """The claims made in turns of *space* later than *seq*, in the order of the record, those of one turn by attribute."""
        found = self._db.read(
            "SELECT claims.id, subject, attribute, value, kind, turns.at, turns.id, seq"
            " FROM claims JOIN turns ON turns.id = claims.turn WHERE claims.space = ? AND seq > ? ORDER BY seq, attribute, value",
            (space, seq),
        )
        return [
            Statement(row[0], Claim(row[1], row[2], row[3], row[4]), datetime.fromisoformat(row[5]), row[6], row[7])
            for row in found
        ]

    def add_claim(self, space: int, turn: str, claim: Claim) -> str | None:
        """Attach *claim* to a turn of *space*; its id, or None when there is no such turn."""
        with self._db.write() as db:
            if not db.execute("SELECT 1 FROM turns WHERE space = ? AND id = ?", (space, turn)).fetchone():
                return None
            key = new_id()
            db.execute(
                "INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?)",
                (key, space, turn, claim.subject, claim.attribute, claim.value, claim.kind),
            )
            db.execute("UPDATE spaces SET epoch = epoch + 1 WHERE space = ?", (space,))
        return key

    def forget_turn(self, space: int, key: str) -> list[tuple[int, int]]:
        """Delete the turn *key*, or the turn that made the claim *key*; the shelf to throw away, none when there was no such
        turn."""
        with self._db.write() as db:
            source = db.execute("SELECT turn FROM claims WHERE space = ? AND id = ?", (space, key)).fetchone()
            gone = db.execute(
                "DELETE FROM turns WHERE space = ? AND id = ?", (space, source[0] if source else key)
            ).rowcount
            if not gone:
                return []
            db.execute("UPDATE spaces SET epoch = epoch + 1 WHERE space = ?", (space,))
            renewed = [_renew(db, shelf) for shelf in _shelves(db, [space])]
        self._db.wipe_deleted()
        return renewed

    def forget_spaces(self, spaces: Sequence[int]) -> list[tuple[int, int]]:
        """Delete everything in *spaces*, their names included; the shelves to throw away."""
        with self._db.write() as db:
            renewed = [_renew(db, shelf) for shelf in _shelves(db, spaces)]
            for space in spaces:
                db.execute("DELETE FROM claims WHERE space = ?", (space,))
                db.execute("DELETE FROM turns WHERE space = ?", (space,))
                db.execute("DELETE FROM spaces WHERE space = ?", (space,))
        self._db.wipe_deleted()
        return renewed

    def without_vector(self, limit: int, space: int | None = None) -> list[tuple[int, str]]:
        """Place and text of turns that are not embedded yet."""
        return self._db.read(
            "SELECT seq, text FROM turns WHERE vector IS NULL AND (? IS NULL OR space = ?) ORDER BY seq LIMIT ?",
            (space, space, limit),
        )

    def set_vectors(self, vectors: Iterable[tuple[int, bytes]]) -> None:
        with self._db.write() as db:
            db.executemany("UPDATE turns SET vector = ? WHERE seq = ?", [(vector, seq) for seq, vector in vectors])

    def drop_vectors(self) -> None:
        with self._db.write() as db:
            db.execute("UPDATE turns SET vector = NULL")

    def shelf(self, shelf: int) -> tuple[int, int]:
        """Generation of a shelf of the index, and the place up to which it holds the record."""
        rows = self._db.read("SELECT generation, indexed FROM shelves WHERE shelf = ?", (shelf,))
        return rows[0] if rows else (0, 0)

    def to_index(self, shelf: int, seq: int, limit: int) -> list[tuple[int, str, int, bytes]]:
        """Place, id, namespace and vector of turns later than *seq* that belong on *shelf*, up to the first that is not
        embedded."""
        found = self._db.read(
            "SELECT seq, id, space, vector FROM turns JOIN spaces USING (space) WHERE shelf = ? AND seq > ? ORDER BY seq LIMIT ?",
            (shelf, seq, limit),
        )
        return list(takewhile(lambda row: row[3] is not None, found))

    def set_indexed(self, shelf: int, generation: int, seq: int) -> None:
        """Say that *shelf* holds the record up to *seq*, unless it was thrown away meanwhile."""
        with self._db.write() as db:
            db.execute("INSERT OR IGNORE INTO shelves VALUES (?, 0, 0)", (shelf,))
            db.execute(
                "UPDATE shelves SET indexed = max(indexed, ?) WHERE shelf = ? AND generation = ?",
                (seq, shelf, generation),
            )

    def renew_shelves(self, shelves: Iterable[int]) -> list[tuple[int, int]]:
        """Begin a new, empty generation of each shelf; the shelves with their new generations."""
        with self._db.write() as db:
            return [_renew(db, shelf) for shelf in shelves]

    def behind(self) -> int:
        """About how many turns are not indexed yet."""
        rows = self._db.read(
            "SELECT (SELECT coalesce(max(seq), 0) FROM turns) - (SELECT coalesce(max(indexed), 0) FROM shelves)"
        )
        return int(rows[0][0])

    def close(self) -> None:
        self._db.close()


def new_id() -> str:
    return uuid.uuid4().hex


def utc(at: datetime | None) -> datetime:
    """*at* with a time zone; naive times are UTC, None is now."""
    if at is None:
        return datetime.now(UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _turn(row: Sequence[Any]) -> Turn:
    return Turn(row[0], row[1], row[2], datetime.fromisoformat(row[3]), row[4])


def _shelves(db: Connection, spaces: Iterable[int]) -> list[int]:
    found = [db.execute("SELECT shelf FROM spaces WHERE space = ?", (space,)).fetchone() for space in spaces]
    return sorted({row[0] for row in found if row})


def _renew(db: Connection, shelf: int) -> tuple[int, int]:
    db.execute("INSERT OR IGNORE INTO shelves VALUES (?, 0, 0)", (shelf,))
    db.execute("UPDATE shelves SET generation = generation + 1, indexed = 0 WHERE shelf = ?", (shelf,))
    return shelf, int(db.execute("SELECT generation FROM shelves WHERE shelf = ?", (shelf,)).fetchone()[0])
