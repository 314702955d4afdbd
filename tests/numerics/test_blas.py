"""One BLAS thread inside, those of the caller outside: nested, with other threads, and after an error."""

import threading

import numpy as np
import pytest
import scipy.linalg
import threadpoolctl

import latticepol as lp
from latticepol.numerics.blas import on_one_thread, one_thread


def threads():
    """The numbers of threads of the BLAS libraries."""
    np.linalg.eigvals(np.eye(2)), scipy.linalg.eigvals(np.eye(2))
    return {found["num_threads"] for found in threadpoolctl.threadpool_info() if found["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def two():
    """Two threads of the caller."""
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


def test_steps_run_on_one_and_callbacks_on_those_of_the_caller():
    def drive(x, y, t):
        within.append(threads())
        return 0 * x

    within, between = [], []
    grid = lp.Grid.rectangle((4.0, 4.0), (8, 8))
    model = lp.SpinorGPE(grid, [lp.Kinetic(1.0), lp.Drive(drive)])
    looks = [(lp.every(0.1), lambda frame: between.append(threads()))]
    lp.evolve(model, np.ones((2, 8, 8)), 0.2, dt=0.1, callbacks=looks, progress=False)
    assert {1} in within
    assert between == 3 * [{2}]


def test_other_threads_of_the_caller():
    """One that comes and goes while another is inside leaves the limit, and the end of all takes it back."""

    def visit():
        with one_thread():
            seen.append(threads())

    seen = []
    with one_thread():
        thread = threading.Thread(target=visit)
        thread.start()
        thread.join()
        assert threads() == {1}
    assert seen == [{1}]
    assert threads() == {2}
