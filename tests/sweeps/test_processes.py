"""Sweeps inside processes: those that may start no others, those that were started anew, and workers of a sweep."""

import multiprocessing
import subprocess
import sys
import textwrap
import types
from concurrent.futures import ProcessPoolExecutor

import cloudpickle
import pytest

import latticepol as lp
from latticepol.disk import processes
from latticepol.sweeps import tasks

SITE = lp.Site(p=0.4, a=2.28, g=0.1, delta=0.01)
P = [0.1, 0.2]


def pump(site):
    """A point that costs nothing."""
    return {"value": 2 * site.p}


@pytest.fixture
def daemonic(monkeypatch):
    """This process may start no others, as the workers of multiprocessing.Pool and of dask."""
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)


@pytest.mark.usefixtures("daemonic")
def test_in_a_daemonic_process_points_are_computed_there():
    assert lp.sweep(pump, SITE, p=P).value.values.tolist() == [0.2, 0.4]
    assert lp.sweep(pump, SITE, p=P, executor="serial").value.values.tolist() == [0.2, 0.4]
    assert lp.sweep(lp.g_eff, SITE, p=P).g_eff.size == 2


@pytest.mark.usefixtures("daemonic")
@pytest.mark.parametrize("function", [pump, lp.g_eff])
def test_in_a_daemonic_process_a_number_of_processes_is_refused(function):
    with pytest.raises(ValueError, match=r"executor = 2 starts processes.*Pool or of dask, give executor=None or"):
        lp.sweep(function, SITE, p=P, executor=2)


@pytest.mark.usefixtures("daemonic")
def test_in_a_daemonic_process_an_executor_of_processes_is_refused():
    with (
        ProcessPoolExecutor(1) as executor,
        pytest.raises(ValueError, match=r"ProcessPoolExecutor, takes no tasks: daemonic .* give executor=None or"),
    ):
        lp.sweep(pump, SITE, p=P, executor=executor)


def test_functions_of_a_script_that_multiprocessing_runs_again(monkeypatch):
    """In a spawned process the script of the user is a module of another name, which no worker finds."""
    script = types.ModuleType(tasks.SCRIPT)
    exec("def twice(site):\n    return FACTOR * site.p\nFACTOR = 2.0", vars(script))
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, tasks.SCRIPT, script)
        pickled = tasks.Job(script.twice, SITE, (), {}, "").pickled()
        assert not cloudpickle.list_registry_pickle_by_value()
    assert cloudpickle.loads(pickled).function(SITE) == 0.8


@pytest.mark.slow
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_in_processes_of_each_kind(method, tmp_path):
    """From a script: in a process, where a sweep may start others, and in a worker of a pool, where it may not."""
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""\
        import multiprocessing
        import latticepol as lp

        def twice(site):
            return {{"value": 2 * site.p}}

        def run(executor=None):
            print(lp.sweep(twice, lp.Site(p=0.4, a=2.28, g=0.1), p=[0.1, 0.2], executor=executor).value.values.tolist())

        if __name__ == "__main__":
            context = multiprocessing.get_context({method!r})
            process = context.Process(target=run, args=(2,))
            process.start()
            process.join()
            with context.Pool(1) as pool:
                pool.map(run, [None])
        """)
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert done.stdout == 2 * "[0.2, 0.4]\n", done.stderr


def test_a_worker_of_a_sweep_uses_one_processor(monkeypatch):
    """One thread for each: wavevectors and ensembles, too, not only BLAS."""
    monkeypatch.setattr(processes, "_shared_out", False)
    monkeypatch.setattr(tasks.threadpoolctl, "threadpool_limits", lambda limits: None)
    tasks._one_thread.cache_clear()
    here = processes.processors()
    assert here >= 1
    task = tasks.Task([0], {}, None, False)
    tasks.remote(tasks.Job(pump, SITE, (), {}, "of another process").pickled(), task)
    assert processes.processors() == 1
    tasks._one_thread.cache_clear()
