"""Memory through its public interface."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from visavis.errors import InputError, StorageError
from visavis.memory import Memory, Mine

MAY = datetime(2024, 5, 7, 12, tzinfo=UTC)


@pytest.fixture
def memory(tmp_path):
    with Memory.open(tmp_path / "memory", vectors="off") as memory:
        yield memory


@pytest.fixture
def mine(memory) -> Mine:
    return memory.of("acme", "ada")


def test_a_turn_comes_back_as_it_was_said(mine):
    key = mine.remember("The blue kettle  leaks!\n", speaker="user", at=MAY, thread="t1")
    (hit,) = mine.recall("kettle")
    assert (hit.id, hit.text, hit.speaker, hit.at, hit.thread) == (key, "The blue kettle  leaks!\n", "user", MAY, "t1")
    assert "“kettl”" in hit.why


def test_facts_of_one_turn_always_come_in_one_order(tmp_path):
    said = "My name is Ada, my order number is A-1043 and I live in Nome."
    with Memory.open(tmp_path / "memory", vectors="off") as memory:
        for user in map(str, range(8)):
            memory.of("acme", user).remember(said, speaker="user", at=MAY)
    with Memory.open(tmp_path / "memory", vectors="off") as memory:
        told = [[fact.attribute for fact in memory.of("acme", user).facts()] for user in map(str, range(8))]
    assert told == [["city", "name", "order number"]] * 8


def test_naive_times_are_utc_and_zones_are_kept(mine):
    mine.remember("one", speaker="user", at=datetime(2024, 5, 7, 12))
    mine.remember("two", speaker="user", at=datetime.fromisoformat("2024-05-07T12:00+08:00"))
    assert [turn.at.isoformat() for turn in mine.turns()] == ["2024-05-07T12:00:00+00:00", "2024-05-07T12:00:00+08:00"]


@pytest.mark.parametrize("name", ["", "  ", None, 3, "\ud800"])
def test_no_namespace_no_memory(memory, name):
    with pytest.raises(InputError):
        memory.of("acme", name)
    with pytest.raises(InputError):
        memory.of(name, "ada")


@pytest.mark.parametrize(
    "what",
    [
        {"text": " "},
        {"speaker": ""},
        {"text": None},
        {"text": "\udfff"},
        {"at": "yesterday"},
        {"text": "x" * 1_000_001},
    ],
)
def test_what_is_no_turn_is_refused(mine, what):
    with pytest.raises(InputError):
        mine.remember(**{"text": "hello there", "speaker": "user"} | what)
    assert mine.turns() == []


def test_nobody_sees_what_another_said(memory):
    spaces = [
        ("a", "b/c"),
        ("a/b", "c"),
        ("a", "b"),
        ("a'--", "b"),
        ("A", "b"),
        ("a", "b%"),
        ("a", "李"),
        ('a"', "\n;"),
    ]
    for tenant, user in spaces:
        memory.of(tenant, user).remember(f"secret of {spaces.index((tenant, user))}", speaker="user")
    for number, (tenant, user) in enumerate(spaces):
        mine = memory.of(tenant, user)
        assert (
            [hit.text for hit in mine.recall("secret")]
            == [f"secret of {number}"]
            == [turn.text for turn in mine.turns()]
        )
    assert memory.of("a", "nobody").recall("secret") == []


def test_as_of_sees_only_what_had_been_said(mine):
    for day in range(5):
        mine.remember(f"Parcel number {day} left", speaker="agent", at=MAY + timedelta(days=day))
    assert {hit.text[14] for hit in mine.recall("parcel", as_of=MAY + timedelta(days=2))} == {"0", "1", "2"}


def test_budget_and_k_bound_the_answer(mine):
    for number in range(20):
        mine.remember(f"the weather report {number} " + "word " * number, speaker="user")
    assert len(mine.recall("weather report", 3)) == 3
    hits = mine.recall("weather report", 20, budget_tokens=40)
    assert 0 < sum(len(hit.text.split()) for hit in hits) <= 40
    assert mine.recall("weather", budget_tokens=0) == []
    with pytest.raises(InputError):
        mine.recall("weather", 0)


def test_the_same_said_twice_is_given_once(mine):
    for text in ("I like the red bike.", "i like the RED bike", "I like the blue bike."):
        mine.remember(text, speaker="user")
    assert sorted(hit.text.lower()[11:14] for hit in mine.recall("bike")) == ["blu", "red"]


def test_turns_by_thread_and_limit(mine):
    for number in range(6):
        mine.remember(f"turn {number}", speaker="user", thread=f"t{number % 2}")
    assert [turn.text for turn in mine.turns(2)] == ["turn 4", "turn 5"]
    assert [turn.text for turn in mine.turns(9, thread="t1")] == ["turn 1", "turn 3", "turn 5"]


def test_empty_queries_and_memories(mine):
    assert mine.recall("anything") == [] == mine.facts() == mine.turns()
    assert mine.forget(everything=True) is False
    mine.remember("hello there", speaker="user")
    assert mine.recall("  ") == []
    assert mine.recall("zebra crossing quantum") == []
    with pytest.raises(InputError):
        mine.recall(None)


def test_forgetting_one_turn_leaves_the_rest_and_revives_what_it_ended(mine):
    mine.remember("I live in Paris.", speaker="user", at=MAY)
    key = mine.remember("I moved to Rome.", speaker="user", at=MAY + timedelta(days=9))
    assert [fact.value for fact in mine.facts()] == ["Rome"]
    assert mine.forget(key) is True
    assert mine.forget(key) is False
    assert [fact.value for fact in mine.facts()] == ["Paris"]
    assert [hit.text for hit in mine.recall("where do I live?")] == ["I live in Paris."]


def test_a_fact_is_forgotten_with_its_turn(mine):
    mine.remember("My phone number is 555-0199-22.", speaker="user")
    (fact,) = mine.facts()
    assert mine.forget(fact.id)
    assert mine.export()["turns"] == [] == mine.export()["facts"]


@pytest.mark.parametrize("what", [{}, {"id": "x", "everything": True}])
def test_forget_wants_one_thing(mine, what):
    with pytest.raises(InputError):
        mine.forget(**what)


def test_another_users_turn_cannot_be_forgotten(memory, mine):
    key = mine.remember("stay", speaker="user")
    memory.of("acme", "eve").remember("mine", speaker="user")
    assert memory.of("acme", "eve").forget(key) is False
    assert [turn.text for turn in mine.turns()] == ["stay"]


def test_forget_tenant(memory, mine):
    for user in ("ada", "bob"):
        memory.of("acme", user).remember("hello moon", speaker="user")
    memory.of("other", "ada").remember("hello moon", speaker="user")
    memory.forget_tenant("acme")
    assert mine.recall("moon") == [] == memory.of("acme", "bob").turns()
    assert len(memory.of("other", "ada").recall("moon")) == 1


def test_learned_facts_replace_and_accompany(mine):
    first = mine.remember("We talked about trains", speaker="user", at=MAY)
    second = mine.remember("And about planes", speaker="user", at=MAY + timedelta(days=1))
    mine.learn("hobby", "trains", turn=first)
    mine.learn("hobby", "planes", turn=second)
    mine.learn("friend", "Eve", turn=first, lasting=False)
    assert {(fact.attribute, fact.value) for fact in mine.facts()} == {("hobby", "planes"), ("friend", "Eve")}
    assert mine.recall("what is my hobby?")[0].id == second
    with pytest.raises(InputError):
        mine.learn("hobby", "boats", turn="no such turn")


def test_export_is_everything_as_json(mine):
    import json

    mine.remember("My name is Ada.", speaker="user", at=MAY, thread="t")
    exported = json.loads(json.dumps(mine.export()))
    assert exported["turns"][0]["text"] == "My name is Ada."
    assert exported["facts"][0]["value"] == "Ada"
    assert exported["facts"][0]["valid_from"] == MAY.isoformat()


def test_threads_lose_nothing(mine):
    def write(name: int) -> None:
        for number in range(20):
            mine.remember(f"thread {name} turn {number}", speaker="user")
            mine.recall(f"turn {number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({turn.text for turn in mine.turns(1000)}) == 100


def test_another_process_is_seen_at_once(tmp_path):
    code = (
        "import sys; from visavis.memory import Memory; m = Memory.open(sys.argv[1], vectors='off').of('acme', 'ada')\n"
    )
    with Memory.open(tmp_path, vectors="off") as memory:
        mine = memory.of("acme", "ada")
        mine.remember("first the apple", speaker="user")
        assert mine.recall("apple")
        subprocess.run(
            [sys.executable, "-c", code + "m.remember('then the banana', speaker='user')", str(tmp_path)], check=True
        )
        assert mine.recall("banana")[0].text == "then the banana"
        subprocess.run([sys.executable, "-c", code + "m.forget(everything=True)", str(tmp_path)], check=True)
        assert mine.recall("apple") == []


def test_a_killed_writer_loses_nothing_it_was_told(tmp_path):
    code = (
        "import sys\nfrom visavis.memory import Memory\nmine = Memory.open(sys.argv[1]).of('acme', 'ada')\n"
        "for number in range(100000): mine.remember(f'turn {number}', speaker='user'); print(number, flush=True)"
    )
    for _ in range(2):
        writer = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        acknowledged = [writer.stdout.readline() for _ in range(20)]
        writer.kill()
        acknowledged += writer.stdout.read().splitlines()
        writer.wait()
        writer.stdout.close()
    with Memory.open(tmp_path, vectors="off") as memory:
        texts = {turn.text for turn in memory.of("acme", "ada").turns(1_000_000)}
    assert texts >= {f"turn {line.strip()}" for line in acknowledged}


def test_closed_memory_says_so(tmp_path):
    memory = Memory.open(tmp_path, vectors="off")
    mine = memory.of("a", "b")
    memory.close()
    with pytest.raises(StorageError, match="closed"):
        mine.remember("late", speaker="user")


def test_nothing_heavy_is_loaded_to_remember_and_recall(tmp_path):
    code = (
        f"import sys\nfrom visavis.memory import Memory\nwith Memory.open({str(tmp_path)!r}) as memory:\n"
        "    mine = memory.of('a', 'b'); mine.remember('hello moon', speaker='user'); assert mine.recall('moon')\n"
        "print([name for name in ('chromadb', 'onnxruntime', 'langchain_core', 'torch', 'pypdf', 'docx') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_many_users_do_not_pile_up_in_ram(memory, monkeypatch):
    monkeypatch.setattr("visavis.memory.store._KEPT_TURNS", 5)
    for number in range(6):
        memory.of("acme", f"user {number}").remember("hello moon", speaker="user")
        memory.of("acme", f"user {number}").remember("goodbye moon", speaker="user")
        assert len(memory.of("acme", f"user {number}").recall("moon")) == 2
    assert sum(map(len, memory._shards.values())) <= 5
    assert len(memory.of("acme", "user 0").recall("moon")) == 2


def test_the_folder_may_be_given_as_text(tmp_path):
    with Memory.open(str(tmp_path / "deep" / "er")) as memory:
        memory.of("a", "b").remember("hi moon", speaker="user")
    assert Path(tmp_path, "deep", "er", "memory.db").is_file()
