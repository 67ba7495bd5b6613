"""Damaged, locked, full and read-only databases; and nothing left of what was forgotten."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from visavis.errors import StorageError
from visavis.memory import Knowledge, Memory
from visavis.memory import database as database_module
from visavis.memory.database import Database


def bytes_in(folder: Path, mark: bytes) -> int:
    return sum(file.read_bytes().count(mark) for file in folder.rglob("*") if file.is_file())


def test_a_newer_format_is_refused_and_kept(tmp_path):
    Memory.open(tmp_path).close()
    with sqlite3.connect(tmp_path / "memory.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StorageError, match=r"newer visavis.*Upgrade"):
        Memory.open(tmp_path)


@pytest.mark.parametrize("content", [b"no database at all, just words " * 50, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_named_and_left_alone(tmp_path, content):
    (tmp_path / "memory.db").write_bytes(content)
    with pytest.raises(StorageError, match=r"damaged|cannot be used") as caught:
        Memory.open(tmp_path)
    assert "memory.db" in str(caught.value)
    assert (tmp_path / "memory.db").read_bytes() == content


def test_a_damaged_page_is_reported_by_the_call_that_meets_it(tmp_path):
    with Memory.open(tmp_path, vectors="off") as memory:
        for number in range(200):
            memory.of("a", "b").remember(f"turn {number} " * 20, speaker="user")
    file = tmp_path / "memory.db"
    content = bytearray(file.read_bytes())
    content[4096 * 12 : 4096 * 40] = b"\x5a" * (4096 * 28)
    file.write_bytes(content)

    def look() -> None:
        with Memory.open(tmp_path, vectors="off") as memory:
            memory.of("a", "b").recall("turn")

    with pytest.raises(StorageError, match="damaged"):
        look()


def test_a_locked_database_is_waited_for_then_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(database_module, "BUSY_S", 0.05)
    with Memory.open(tmp_path, vectors="off") as memory:
        mine = memory.of("a", "b")
        other = sqlite3.connect(tmp_path / "memory.db")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked"):
            mine.remember("hello", speaker="user")
        other.rollback()
        other.close()
        assert mine.remember("hello", speaker="user")


def test_a_full_disk_keeps_what_was_there(tmp_path):
    with Memory.open(tmp_path, vectors="off") as memory:
        mine = memory.of("a", "b")
        mine.remember("kept", speaker="user")
        memory._record._db._connection.execute("PRAGMA max_page_count = 30")
        with pytest.raises(StorageError, match="full"):
            [mine.remember(f"turn {number} " * 100, speaker="user") for number in range(400)]
        count = len(mine.turns(1000))
        assert count >= 1
        memory._record._db._connection.execute("PRAGMA max_page_count = 1000000")
        mine.remember("goes on", speaker="user")
        assert len(mine.turns(1000)) == count + 1


def test_read_only_is_reported(tmp_path):
    with Memory.open(tmp_path, vectors="off") as memory:
        memory.of("a", "b").remember("kept", speaker="user")
        memory._record._db._connection.execute("PRAGMA query_only = ON")
        with pytest.raises(StorageError, match=r"read-only.*permission"):
            memory.of("a", "b").remember("more", speaker="user")


def test_a_folder_that_is_a_file_is_reported(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot be used"):
        Memory.open(tmp_path / "file")


def test_a_failed_transaction_leaves_nothing(tmp_path):
    database = Database(tmp_path / "x.db", schema="CREATE TABLE t (a UNIQUE)", version=1)

    def write(*values: int, then: type[Exception] | None = None) -> None:
        with database.write() as connection:
            connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
            if then:
                raise then

    with pytest.raises(StorageError):
        write(1, 1)
    assert database.read("SELECT * FROM t") == []
    with pytest.raises(KeyError):
        write(2, then=KeyError)
    assert database.read("SELECT * FROM t") == []
    database.close()


@pytest.mark.parametrize("seed", [0, 8])
def test_no_byte_of_a_forgotten_user_is_left(tmp_path, seed):
    rng = random.Random(seed)
    with Memory.open(tmp_path) as memory:
        victim, others = memory.of("acme", "CANARYuser"), [memory.of("acme", f"user {number}") for number in range(3)]
        for number in range(300):
            mine = rng.choice([victim, *others])
            mark = "CANARY" if mine is victim else "plain"
            padding = "x" * rng.randrange(rng.choice([20, 200, 3000]))
            mine.remember(f"{mark}{number} {padding}. My name is {mark.title()}. {mark}", speaker=mark, thread=mark)
        kept = {mine.user: mine.export() for mine in others}
        victim.recall("CANARY")
        memory.reindex()
        assert bytes_in(tmp_path, b"CANARY") > 0
        key = victim.export()["turns"][0]["id"].encode()
        assert bytes_in(tmp_path / "index", key) > 0
        victim.forget(everything=True)
        assert bytes_in(tmp_path, b"CANARY") == 0 == bytes_in(tmp_path, b"Canary")
        assert bytes_in(tmp_path, key) == 0
        assert {mine.user: mine.export() for mine in others} == kept


def test_no_byte_of_a_forgotten_turn_is_left(tmp_path):
    with Memory.open(tmp_path) as memory:
        mine = memory.of("acme", "ada")
        keys = [mine.remember(f"CANARY{number} " * 30, speaker="user") for number in range(20)]
        memory.reindex()
        for number in (3, 11):
            mine.forget(keys[number])
            assert bytes_in(tmp_path, f"CANARY{number} ".encode()) == 0 == bytes_in(tmp_path, keys[number].encode())
        assert bytes_in(tmp_path, b"CANARY12 ") > 0


def test_no_byte_of_a_removed_document_is_left(tmp_path):
    (tmp_path / "faq.md").write_text("# CANARY\nThe CANARY sings.\n" * 40)
    with Knowledge.open(tmp_path / "store") as knowledge:
        library = knowledge.of("acme")
        library.add(tmp_path / "faq.md")
        assert bytes_in(tmp_path / "store", b"CANARY") > 0
        library.remove("faq.md")
        assert bytes_in(tmp_path / "store", b"CANARY") == 0
