"""Backends are found by their file, without importing it."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from visavis.errors import BackendError
from visavis.render import backends


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("voice", {"espeak", "tone"}),
        ("animator", {"warp", "still"}),
        ("matte", {"selfie"}),
        ("output", {"mp4", "fmp4"}),
    ],
)
def test_a_backend_is_its_file(kind, names):
    assert names <= set(backends.available(kind))


def test_an_unknown_name_lists_the_choices():
    with pytest.raises(BackendError, match=r"no voice called 'nobody'. Choose one of: .*espeak"):
        backends.load("voice", "nobody")


def test_many_threads_may_look_at_once():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for _ in range(5):
            backends._requires.cache_clear()
            with ThreadPoolExecutor(8) as pool:
                found = list(pool.map(backends.available, ["output", "voice", "animator", "matte"] * 4))
            assert all(found)
    finally:
        sys.setswitchinterval(before)
