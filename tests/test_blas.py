"""One BLAS thread inside, those of the caller outside: nested, from several threads, and after an error."""

import threading

import numpy as np
import pytest
import scipy.linalg
import threadpoolctl

from latticepol.blas import on_one_thread, one_thread


def threads():
    """The numbers of threads of the BLAS libraries."""
    np.linalg.eigvals(np.eye(2)), scipy.linalg.eigvals(np.eye(2))
    return {found["num_threads"] for found in threadpoolctl.threadpool_info() if found["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def two():
    """Two threads, on a machine with one too."""
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        yield


def test_one_inside_and_two_again_outside():
    with one_thread():
        assert threads() == {1}
        with one_thread():
            assert threads() == {1}
        assert threads() == {1}
    assert threads() == {2}


def test_after_an_error():
    @on_one_thread
    def fails():
        assert threads() == {1}
        raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert threads() == {2}


def test_two_that_overlap():
    """The first leaves while the second is inside: the limit stays, and ends with the second."""
    first_in, first_out = threading.Event(), threading.Event()

    def first():
        with one_thread():
            first_in.set()
            second_in.wait(10)
        first_out.set()

    second_in = threading.Event()
    thread = threading.Thread(target=first)
    thread.start()
    first_in.wait(10)
    with one_thread():
        second_in.set()
        first_out.wait(10)
        assert threads() == {1}
    thread.join()
    assert threads() == {2}
