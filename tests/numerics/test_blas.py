"""One BLAS thread inside, those of the caller outside: nested, with other threads, and after an error."""

import os
import sys
import threading

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse.linalg
import threadpoolctl

import latticepol as lp
from latticepol import topology
from latticepol.numerics import blas
from latticepol.numerics.blas import on_one_thread, one_thread
from latticepol.stationary.growth import growth_rate


def threads():
    """The numbers of threads of the BLAS libraries."""
    np.linalg.eigvals(np.eye(2)), scipy.linalg.eigvals(np.eye(2))
    return {found["num_threads"] for found in threadpoolctl.threadpool_info() if found["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def two():
    """Two threads, as a process begins with: nobody has set the number."""
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        threadpoolctl.OpenBLASController.clear_controlling_thread(force=True)
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


def another_inside(look=lambda: None):
    """Start a thread that enters the context; returns what makes it look there, leave, and look again."""

    def stay():
        with one_thread():
            inside.set()
            leave.wait(60)
            look()
        look()

    def end():
        leave.set()
        thread.join()

    inside, leave = threading.Event(), threading.Event()
    thread = threading.Thread(target=stay)
    thread.start()
    inside.wait(60)
    return end


def test_two_threads_of_the_caller_that_overlap():
    """The first to come leaves before the other: the limit stays until both are out, and goes then."""
    leave = another_inside()
    with one_thread():
        leave()
        within = threads()
    assert threads() == {2}
    assert within == {1}


def test_in_a_thread_while_another_has_set_its_own_number():
    """The caller's ``with threadpool_limits(2)`` in the main thread does not keep a worker from one."""

    def visit():
        with one_thread():
            seen.append(threads())

    seen = []
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        thread = threading.Thread(target=visit)
        thread.start()
        thread.join()
        assert threads() == {2}
    assert seen == [{1}]


def test_a_library_with_a_number_for_each_thread(monkeypatch):
    """As MKL, and OpenBLAS by OpenMP: each thread sets its own and takes it back."""

    class Library(threading.local):
        num_threads = 2

        def set_num_threads(self, number):
            self.num_threads = number

    def look():
        seen.append(library.num_threads)

    library, seen = Library(), []
    monkeypatch.setattr(blas, "_libraries", lambda: blas._Libraries([], [library]))
    leave = another_inside(look)
    with one_thread():
        leave()
        look()
    assert [*seen, library.num_threads] == [1, 2, 1, 2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_process_that_is_forked_while_another_thread_is_inside():
    """The other thread does not go on there, and can take nothing back."""
    leave = another_inside()
    child = os.fork()
    if not child:
        os._exit(int(threads() != {2}))
    leave()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert threads() == {2}


#: What LAPACK or a method of Krylov does with a matrix, wherever the package takes it from.
DENSE = {
    np.linalg: ("eig", "eigh", "eigvals", "eigvalsh", "solve", "inv", "pinv", "svd", "qr", "lstsq", "det", "cond"),
    scipy.linalg: ("eig", "eigh", "eigvals", "eigvalsh", "solve", "inv", "svd", "qr", "expm", "lu_factor", "lstsq"),
    scipy.sparse.linalg: ("eigs", "splu", "gcrotmk", "gmres"),
}
#: Matrices up to this size, as of lattice vectors and spins, are for no thread.
TINY = 4
SITE = lp.Site(p=0.5, a=2.25, g=1.0, delta=0.0625)
NET = lp.Network(lp.lattice.honeycomb(), SITE, J=3.0, dJ=0.875)
WEAK = NET.replace(J=0.1).on(NET.lattice.supercell((2, 2)))
PATCH = NET.on(NET.lattice.patch((3, 3)))
TERMS = [lp.Kinetic(1.0), lp.Splitting(1.0, 0.125), lp.Gain(1.5, 1.0, 0.5), lp.Interaction(1.0, -0.125)]
CELL = lp.SpinorGPE(lp.Grid.rectangle((4.0, 3.0), (8, 6)), TERMS)
FLAT = np.ones((2, 6, 8), complex)
LOW = CELL.replace(W=0.5)
CALLS = {
    "a start of a network": lambda: PATCH.start("noise", rng=0),
    "the growth of an empty network": PATCH.vacuum_growth,
    "the growth of a state": lambda: growth_rate(PATCH.linear_problem(np.ones(PATCH.state_shape), 0.0)),
    "a step of Newton's method": lambda: lp.steady_state(WEAK, "aligned"),
    "steps": lambda: lp.evolve(PATCH, "aligned", 0.1, dt=0.05, progress=False),
    "bands": lambda: lp.bands(PATCH, k=[[0.0, 0.0]]),
    "a ribbon": lambda: lp.ribbon(NET, lp.steady_state(NET), width=4, nk=5, edges="compensated"),
    "an empty cell": LOW.vacuum_growth,
    "a step of Newton's method of a cell": lambda: CELL.newton_step(FLAT, 0.5, 1e-3 * FLAT, []),
    "a start of a field": lambda: CELL.start("noise", rng=0),
    "a state of a cell": lambda: lp.steady_state(CELL, np.ones((2, 6, 8)), relax=1.0, progress=False),
    "bands of a cell": lambda: lp.bands(CELL, k=[[0.0, 0.0]]),
    "an ensemble": lambda: lp.alignment_probability(SITE, realizations=20, rng=0),
    "modes of somebody's matrices": lambda: topology.biorthogonal_modes(np.diag(np.arange(8.0))),
}


@pytest.fixture
def outside(monkeypatch):
    """(function, size) of every call on more than one thread, made within the package, of what DENSE names."""
    libraries = threadpoolctl.ThreadpoolController().select(user_api="blas").lib_controllers
    found = []

    def watched(name, function):
        def call(matrix, *args, **options):
            size = np.shape(matrix)[-1]
            if size > TINY and max(library.num_threads for library in libraries) > 1:
                found.append((name, size))
            return function(matrix, *args, **options)

        return call

    modules = [module for name, module in sys.modules.items() if name.startswith("latticepol.")]
    for library, names in DENSE.items():
        for name in names:
            function = getattr(library, name)
            for module in (library, *(module for module in modules if vars(module).get(name) is function)):
                monkeypatch.setattr(module, name, watched(name, function))
    return found


@pytest.mark.parametrize("what", CALLS)
def test_all_linear_algebra_is_on_one_thread(what, outside):
    CALLS[what]()
    assert outside == []


def test_the_watch_sees_what_is_outside(outside):
    np.linalg.eigvals(np.eye(5)), np.linalg.eigvals(np.eye(4)), scipy.linalg.expm(np.eye(6))
    assert ("eigvals", 5) in outside
    assert ("expm", 6) in outside
    assert ("eigvals", 4) not in outside
