"""Words, stems, dates and redaction."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.memory import redact
from visavis.memory.dates import spans
from visavis.memory.redact import luhn
from visavis.memory.words import count_tokens, stem, terms

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("word", "expected"),
    # From the published vocabulary of the algorithm, https://snowballstem.org/algorithms/english/stemmer.html
    [("consign", "consign"), ("consigned", "consign"), ("consistency", "consist"), ("consolation", "consol"),
     ("knightly", "knight"),
     ("knots", "knot"), ("skies", "sky"), ("dying", "die"), ("generously", "generous"), ("hopping", "hop"), ("hoped", "hope"),
     ("deliveries", "deliveri"), ("delivery", "deliveri"), ("happily", "happili"), ("relational", "relat"), ("news", "news"),
     ("adding", "add"), ("university", "universiti"), ("yellow", "yellow"), ("is", "is"), ("日本", "日本"), ("a1b2", "a1b2")],
)  # fmt: skip
def test_stems(word, expected):
    assert stem(word) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't you think it's Anna's?", ["think", "anna"]),
        ("我住在上海", ["我住", "住在", "在上", "上海"]),
        ("Order #A-12 from ABC", ["order", "12", "abc"]),
        ("the of and", []),
        ("", []),
    ],
)
def test_terms(text, expected):
    assert terms(text) == expected


@given(st.text())
def test_any_text_has_terms(text):
    assert all(terms(text))
    assert count_tokens(text) >= 1


@pytest.mark.parametrize(
    ("query", "start", "days"),
    [
        ("in May", (2024, 5, 1), 31),
        ("in September", (2023, 9, 1), 31),
        ("in May 2022", (2022, 5, 1), 31),
        ("on 7 May", (2024, 5, 7), 1),
        ("May 7th, 2023", (2023, 5, 7), 1),
        ("2023-02-01", (2023, 2, 1), 1),
        ("yesterday", (2024, 5, 14), 1),
        ("the day before yesterday", (2024, 5, 13), 1),
        ("last week", (2024, 5, 6), 7),
        ("last month", (2024, 4, 1), 30),
        ("last Tuesday", (2024, 5, 14), 1),
        ("three days ago", (2024, 5, 12), 1),
        ("in 2023", (2023, 1, 1), 366),
        ("昨天", (2024, 5, 14), 1),
        ("5月3日", (2024, 5, 3), 1),
        ("三天前", (2024, 5, 12), 1),
    ],
)
def test_dates_in_questions(query, start, days):
    found = spans(f"What did I say {query}?", NOW)
    assert [(one.timetuple()[:3], (end - one).days) for one, end in found] == [(start, days)]


@pytest.mark.parametrize("query", ["What may I do?", "2023-13-45", "the march of time", "room 2024", ""])
def test_no_dates(query):
    assert spans(query, NOW) == []


@given(st.text(max_size=60))
def test_any_query_has_spans(query):
    assert all(start < end for start, end in spans(query, NOW))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail a.b+c@d-e.co.uk now", "mail [e-mail] now"),
        ("card 4111 1111 1111 1111.", "card [card]."),
        ("card 4111-1111-1111-1112", "card 4111-1111-1111-1112"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [IBAN] please"),
        ("call +49 170 1234567 today", "call [phone] today"),
        ("call (555) 123-4567", "call [phone]"),
        ("手机13800138000。", "手机[phone]。"),
        ("order 12345678 on 2024-05-01 for 3-5 days", "order 12345678 on 2024-05-01 for 3-5 days"),
        ("it costs 1,299.00", "it costs 1,299.00"),
    ],
)
def test_redaction(text, expected):
    assert redact(text) == expected


@given(st.text(alphabet="ab 0123456789+-().@DE", max_size=60))
def test_redaction_is_done_once(text):
    once = redact(text)
    assert redact(once) == once


@given(st.integers(0, 10**15))
def test_one_check_digit_in_ten_is_right(number):
    assert sum(luhn(f"{number}{digit}") for digit in range(10)) == 1
