"""One BLAS thread while rendering."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_info

from visavis.render.threads import single_threaded_blas


def blas_threads():
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_blas_has_one_thread_inside_and_its_own_number_outside():
    np.ones((4, 4)) @ np.ones((4, 4))
    before = blas_threads()
    with single_threaded_blas():
        assert set(blas_threads()) <= {1}
    assert blas_threads() == before


def test_interleaved_blocks_restore_the_number_when_the_last_one_ends():
    before = blas_threads()
    one, other = single_threaded_blas(), single_threaded_blas()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    assert set(blas_threads()) <= {1}
    other.__exit__(None, None, None)
    assert blas_threads() == before
