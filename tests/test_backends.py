"""Backends are found by their file, without importing it."""

from __future__ import annotations

import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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


class Cycle:
    """Garbage whose collection lets other threads run, in the middle of whatever the collector interrupted."""

    def __init__(self):
        self.me = self

    def __del__(self):
        sum(range(50))


def test_many_threads_may_look_at_once():
    file = Path(backends.__file__).parent / "outputs" / "fmp4.py"
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(5)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: (Cycle(), backends._requires.__wrapped__(file))[1], range(200)))
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*threshold)
    assert found == [{"av": "pip install av"}] * 200
