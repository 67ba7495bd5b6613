"""What words mean to each other, and which entry answers."""

from __future__ import annotations

import pytest

from visavis.memory import lexicon
from visavis.memory.meaning import SAME, Term, bag, base, meanings, question_terms
from visavis.memory.relevance import Entry, fits
from visavis.memory.slips import Speller

HOTEL = [
    Entry("When is check-out?", "Please leave the room by eleven in the morning.", "Your stay"),
    Entry("When can I check in?", "Rooms are ready from three in the afternoon.", "Your stay"),
    Entry("Is there parking?", "The garage below the house costs 18 dollars a day.", "Around the house"),
    Entry("May I bring my dog?", "Dogs are welcome for 20 dollars a night.", "Around the house"),
    Entry("可以退房晚一点吗？", "下午两点以前退房，加收三十美元。", "住宿"),
]


def term(text: str) -> Term:
    (only,) = question_terms(text)
    return only


def first(question: str, *context: str) -> str:
    return HOTEL[fits(question, HOTEL, context=context)[0].place].heading


def test_the_lexicon_is_well_formed() -> None:
    made = list(lexicon.groups())
    assert len(made) > 1000
    assert all(
        same and all(item == item.strip() for item in [*same, *kinds, *related]) for same, kinds, related in made
    )


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("vacate", "You check out at ten."),
        ("car park", "a garage"),
        ("call off", "You can cancel your booking."),
        ("misplaced", "Tell us about a lost parcel."),
        ("poodle", "Dogs are welcome."),
        ("退钱", "退款需要五天。"),
    ],
)
def test_words_of_one_meaning_match(question: str, text: str) -> None:
    assert 0.5 <= bag(text).match(term(question)) <= SAME


def test_the_very_word_matches_best_and_another_not_at_all() -> None:
    assert bag("Refunds take five days.").match(term("refund")) == 1.0
    assert bag("Refunds take five days.").match(term("poodle")) == 0.0


def test_an_expression_is_found_around_other_words() -> None:
    (sense,) = meanings("send_back")
    assert bag("Send the blue one back to us.").meanings[sense] == 1.0
    assert bag("Send us the blue one.").meanings[sense] < 1.0


def test_irregular_and_american_forms_have_one_base() -> None:
    assert base("sold") == base("sell")
    assert base("color") == base("colour")
    assert base("canceled") == base("cancelled")


@pytest.mark.parametrize(
    ("typed", "meant"), [("refnud", "refund"), ("parcl", "parcel"), ("tickets", "ticket"), ("blus", ""), ("xefund", "")]
)
def test_slips(typed: str, meant: str) -> None:
    assert Speller(["refund", "parcel", "ticket", "blue"]).meant(typed) == meant


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


def test_a_name_that_no_entry_has_is_told() -> None:
    best = fits("Is there parking in Venice?", HOTEL)[0]
    assert best.stranger
    assert not fits("Is there parking?", HOTEL)[0].stranger


def test_nothing_to_rank() -> None:
    assert fits("Is there parking?", []) == []
    assert fits("", HOTEL)[0].score == 0.0
