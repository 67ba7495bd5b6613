"""Which turn comes first, and that each rung of the benchmark's ladder is worth its place."""

from __future__ import annotations

import importlib
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.memory import Memory
from visavis.memory.bm25 import Postings, match

MAY = datetime(2024, 5, 7, 12, tzinfo=UTC)


@pytest.fixture
def mine(tmp_path):
    with Memory.open(tmp_path, vectors="off") as memory:
        yield memory.of("acme", "ada")


@pytest.fixture(scope="module")
def bench():
    """The benchmark's modules, from the checkout."""
    folder = str(Path(__file__).parent.parent / "benchmarks")
    sys.path.insert(0, folder)
    try:
        name = "memory"
        spec = importlib.util.spec_from_file_location("memory_benchmark", Path(folder, f"{name}.py"))
        module = importlib.util.module_from_spec(spec)
        sys.modules["memory_benchmark"] = module
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(folder)


def test_a_turn_is_found_by_its_neighbours(mine):
    for text in (
        "Have you been to the dentist?",
        "Yes, it took two hours.",
        "Nice weather.",
        "It took two weeks to paint the wall.",
    ):
        mine.remember(text, speaker="user", at=MAY, thread="t")
    assert mine.recall("How long was the dentist?")[1].text == "Yes, it took two hours."


def test_neighbours_do_not_cross_threads_or_long_pauses(mine):
    mine.remember("the dentist called", speaker="user", at=MAY, thread="t")
    mine.remember("other thread", speaker="user", at=MAY, thread="u")
    mine.remember("next day", speaker="user", at=MAY + timedelta(days=1), thread="t")
    assert [hit.text for hit in mine.recall("dentist")] == ["the dentist called"]


def test_a_date_in_the_question_counts(mine):
    for month in range(1, 7):
        mine.remember("We went to the lake.", speaker="Ben", at=datetime(2024, month, 3, tzinfo=UTC))
        mine.remember(f"It was nice number {month}.", speaker="Ben", at=datetime(2024, month, 3, 0, 1, tzinfo=UTC))
    hits = mine.recall("What was nice in April?", as_of=datetime(2024, 8, 1, tzinfo=UTC))
    assert hits[0].text == "It was nice number 4."
    assert "of the time asked about" in hits[0].why


def test_names_and_roles_count(mine):
    for speaker in ("Anna", "Ben"):
        mine.remember("The best soup is onion soup.", speaker=speaker)
        mine.remember(f"{speaker} likes carrot soup.", speaker="agent")
    mine.remember("The onion soup, please", speaker="Anna")
    assert mine.recall("Which soup does Anna talk about?")[0].speaker == "Anna"
    assert mine.recall("Did you say anything about soup?")[0].speaker == "agent"


def test_chinese_is_found_by_its_characters(mine):
    for text in ("我昨天买了一台咖啡机", "今天天气很好", "我的猫喜欢睡觉"):
        mine.remember(text, speaker="user")
    assert mine.recall("咖啡机怎么样")[0].text == "我昨天买了一台咖啡机"


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=6), min_size=1, max_size=8), st.sampled_from("abcd"))
def test_bm25_scores_exactly_the_documents_that_hold_a_term(texts, term):
    postings = Postings()
    for text in texts:
        postings.add(text)
    count = len(texts)
    nobody = np.full(count, -1, np.intp)
    found = match(postings, [term], before=nobody, after=nobody, session=np.arange(count))
    holding = np.array([term in text for text in texts])
    np.testing.assert_array_equal(found.turn > 0, holding)
    np.testing.assert_allclose(found.window, found.turn)
    np.testing.assert_allclose(found.session, found.turn)


def test_the_ladder_rises_to_ours(bench, tmp_path):
    talks = bench.dialogues.make(3, users=3, sessions=12)
    result = bench.ladder(tmp_path, talks, None)
    recall = {name: values["@10"] for name, values in result["recall"].items()}
    assert recall["dense, raw turn"] < recall["dense, names out of the query"]
    assert (
        recall["BM25, raw words"]
        < recall["BM25, stemmed"]
        < recall["BM25, date + speaker + window of 3"]
        < recall["ours"]
    )
    assert recall["ours"] > 0.85
    assert result["value at rank 1"]["current"]["share"] >= 0.95
    assert result["value at rank 1"]["as of"]["share"] >= 0.9


def test_the_other_measures_run(bench, tmp_path):
    talks = bench.dialogues.make(3, users=1, sessions=4)
    assert bench.forgetting(tmp_path / "a", talks)["canaries_left"] == 0
    assert bench.isolation(tmp_path / "b", 200, 0)["leaks"] == 0
    assert bench.processes(tmp_path / "c", 5) == {"written": 20, "lost": 0, "stale": 0}
    assert bench.kills(tmp_path / "d", 1, 0)["lost"] == 0
    speed = bench.speed(tmp_path / "e", bench.Sizes(own=50, others=10, kills=0, fuzz=0, per_process=0), 0)
    assert speed["recall_ms_p95"] > 0 < speed["first_query_cold_s"]


def test_dialogues_are_the_same_for_a_seed(bench):
    assert bench.dialogues.make(5, users=1, sessions=3) == bench.dialogues.make(5, users=1, sessions=3)
    (talk,) = bench.dialogues.make(5, users=1, sessions=6)
    for question in talk.questions:
        assert question.evidence
        assert all(talk.turns[key].key == key for key in question.evidence)
