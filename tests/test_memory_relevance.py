"""What words mean to each other, and which entry answers."""

from __future__ import annotations

import numpy as np
import pytest

from visavis.memory.relevance import Entries, Entry, spoken_of
from visavis.memory.vocabulary import tokens, vocabulary

HOTEL = [
    Entry("When is check-out?", "Please leave the room by eleven in the morning.", "Your stay"),
    Entry("When can I check in?", "Rooms are ready from three in the afternoon.", "Your stay"),
    Entry("Is there parking?", "The garage below the house costs 18 dollars a day.", "Around the house"),
    Entry("May I bring my dog?", "Dogs are welcome for 20 dollars a night.", "Around the house"),
    Entry("可以退房晚一点吗？", "下午两点以前退房，加收三十美元。", "住宿"),
]
ENTRIES = Entries(HOTEL)


def first(question: str, *context: str) -> str:
    return HOTEL[ENTRIES.fits(question, context=context)[0].place].heading


def test_tokens() -> None:
    assert tokens("I bought 2 e-tickets, but can't find them!") == [
        "i", "buy", "2", "eticket", "but", "can", "not", "find", "them",
    ]  # fmt: skip
    assert tokens("退钱 now") == ["退", "退钱", "钱", "now"]
    assert tokens("colour") == tokens("color")


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        ("refund", "money back", "poodle"),
        ("vacate", "leave", "garage"),
        ("dog", "poodle", "refund"),
        ("refnud", "refund", "poodle"),
        ("退钱", "退款", "停车"),
    ],
)
def test_words_of_one_meaning_point_in_one_direction(one: str, same: str, other: str) -> None:
    first, second, third = (vocabulary().look_up(tokens(text)).vectors.sum(0) for text in (one, same, other))
    assert np.dot(first, second) / np.linalg.norm(second) > 0.2 * np.linalg.norm(first)
    assert np.dot(first, second) / np.linalg.norm(second) > np.dot(first, third) / np.linalg.norm(third)


def test_small_words_weigh_less() -> None:
    weights = vocabulary().look_up(["the", "refund"]).weights
    assert 0 < weights[0] < weights[1]


@pytest.mark.parametrize(
    ("question", "heading"),
    [
        ("By when do we have to vacate?", "When is check-out?"),
        ("At what hour can we arrive?", "When can I check in?"),
        ("Where do I leave the car?", "Is there parking?"),
        ("What does a poodle cost?", "May I bring my dog?"),
        ("May I bring my animel?", "May I bring my dog?"),
        ("离店可以晚点吗", "可以退房晚一点吗？"),
    ],
)
def test_the_entry_that_answers_comes_first(question: str, heading: str) -> None:
    assert first(question) == heading


def test_what_was_asked_before_decides_where_the_question_does_not() -> None:
    assert first("How much is it?", "May I bring my dog?") == "May I bring my dog?"
    assert first("How much is it?", "Is there parking?") == "Is there parking?"


def test_a_word_that_no_entry_speaks_of_leaves_a_gap() -> None:
    known, unknown = (ENTRIES.fits(question)[0] for question in ("Is there parking?", "Is there a sauna?"))
    assert unknown.gap > 2 * known.gap
    assert unknown.score < known.score


def test_a_name_that_no_entry_speaks_of_makes_unsure() -> None:
    known, unknown = (ENTRIES.fits(question)[0] for question in ("Is there parking?", "Is there parking in Venice?"))
    assert unknown.log_odds < known.log_odds - 1


def test_spoken_of() -> None:
    same, near, other = spoken_of(
        "refund", ["Refunds take five days.", "You get your money back.", "Dogs are welcome."]
    )
    assert same == pytest.approx(1, abs=1e-3)
    assert 0.3 < near < 1
    assert other < near
    assert spoken_of(
        "What did I say about refunds?", ["Refunds take five days."], but={"say", "did", "what", "i", "about"}
    ) == [same]
    assert spoken_of("", ["Refunds"]) == [0.0]
    assert spoken_of("refund", [""]) == [0.0]


def test_a_long_story_ends_in_the_question() -> None:
    assert first("we drove all night " * 50_000 + "x" * 100_000 + " where can I park?") == "Is there parking?"


def test_nothing_to_rank() -> None:
    assert Entries([]).fits("Is there parking?") == []
    assert ENTRIES.fits("") == []
    assert ENTRIES.fits("What is 2 + 2?") == []
