from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.render.prefetch import Pushed, prefetch, until


@given(st.lists(st.integers()), st.integers(min_value=1, max_value=5))
def test_same_items_in_the_same_order(items, depth):
    assert list(prefetch(iter(items), depth)) == items


def test_makes_items_ahead():
    made = []
    ahead = prefetch((made.append(n) or n for n in range(10)), depth=3)
    deadline = time.monotonic() + 5
    while len(made) < 4 and time.monotonic() < deadline:  # three waiting, one in hand
        time.sleep(0.005)
    assert len(made) == 4
    assert list(ahead) == list(range(10))


def test_an_error_arrives_where_the_items_are_used():
    def failing():
        yield 1
        raise ZeroDivisionError("two")

    items = prefetch(failing())
    assert next(items) == 1
    with pytest.raises(ZeroDivisionError, match="two"):
        next(items)


def test_closing_stops_the_source_and_runs_its_finally():
    closed = threading.Event()

    def endless():
        try:
            while True:
                yield 0
        finally:
            closed.set()

    items = prefetch(endless())
    next(items)
    items.close()
    assert closed.wait(2)
    assert list(items) == []


def test_letting_go_stops_the_source():
    closed = threading.Event()

    def endless():
        try:
            while True:
                yield 0
        finally:
            closed.set()

    next(prefetch(endless()))
    assert closed.wait(2)


def test_closing_does_not_wait_for_a_source_that_hangs():
    release = threading.Event()

    def hanging():
        yield 0
        release.wait(10)
        yield 1

    items = prefetch(hanging())
    next(items)
    started = time.monotonic()
    items.close()
    assert time.monotonic() - started < 5
    release.set()


def test_work_that_pushes_learns_that_it_was_stopped():
    stopped = threading.Event()

    def work(push, stop):
        try:
            while True:
                push(0)
        finally:
            if stop.is_set():
                stopped.set()

    items = Pushed(work, depth=1)
    assert next(items) == 0
    items.close()
    assert stopped.wait(2)


def test_until_ends_before_the_next_item():
    stop = threading.Event()
    items = until(stop, iter(range(10)))
    assert next(items) == 0
    stop.set()
    assert list(items) == []
