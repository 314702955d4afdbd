"""What the code of a user and a queue do to a run, one by one (tests/evolution/test_any_sequence.py: in any order).

The same call goes on bit for bit, or it refuses, says why and has touched nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from lost_case import case, checkpoints, same
from resume_case import CASES, PSI, run

import latticepol as lp

pytestmark = pytest.mark.usefixtures("whole")  # plans are made before another process makes them


class Mishap(Exception):
    pass


#: One with noise, and one with switches and adaptive steps; test_resume.py resumes the others, bit for bit.
FEW = {"noise", "pulsed"}


@pytest.mark.parametrize(
    ("name", "error"),
    [
        *(pytest.param(name, Mishap, marks=() if name in FEW else pytest.mark.slow) for name in CASES),
        ("noise", SystemExit),
        pytest.param("noise", MemoryError, marks=pytest.mark.slow),
    ],
)
def test_an_exception_in_a_callback_leaves_a_checkpoint(tmp_path, name, error):
    calls = []

    def callback(frame):
        calls.append(float(frame.time[0]))
        if calls == [0.0, 0.45, 0.9]:
            raise error("once")

    options = {"name": name, "t_end": 1.5, "callbacks": [(lp.every(0.45), callback)]}
    with pytest.raises(error, match="once") as said:
        case(tmp_path, **options)
    assert any("The run is kept up to t = 0.9" in note for note in said.value.__notes__)
    resumed = case(tmp_path, **options)
    same(resumed, run(name, t_end=1.5, callbacks=[(lp.every(0.45), lambda frame: None)]))
    assert calls == [0.0, 0.45, 0.9, 0.9, 1.35]  # again at the time that failed


#: An error is waiting to happen: of an event only its kind is part of the run.
MISHAP = threading.Event()


def fail():
    if MISHAP.is_set():
        MISHAP.clear()
        raise Mishap("once")


def number(frame):
    if frame.time[0] == 0.6:
        fail()
    return (abs(frame.psi) ** 2).sum(["spin", "y", "x"]).rename("mine")


def test_an_exception_in_what_is_saved_leaves_a_checkpoint(tmp_path):
    MISHAP.set()
    with pytest.raises(Mishap) as said:
        case(tmp_path, variables=["psi", number])
    assert "The run is kept up to t = 0.6" in said.value.__notes__[0]
    resumed, straight = case(tmp_path, variables=["psi", number]), run("noise", t_end=1.2, variables=["psi", number])
    same(resumed, straight)
    assert np.array_equal(resumed.mine, straight.mine)


def pump(t):
    if 0.77 < t < 0.9:
        fail()
    return 1.0 + 0.1 * np.sin(t)


def test_an_exception_in_a_step_goes_back_to_the_stop_before(tmp_path):
    """Of a pump that reads a table, of a signal handler that gives up: the state is torn, the last stop is not."""
    gain = lp.Gain(2.0 * lp.pumps.uniform(1.0) * lp.pumps.envelope(pump), 1.0, 1.0)
    model = lp.SpinorGPE(CASES["noise"][0].grid, [lp.Kinetic(1.0), gain, lp.WignerNoise()])
    options = {"dt": 0.01, "rng": 3, "save": lp.every(0.3), "progress": False}
    kept = {"out": tmp_path / "run.nc", "checkpoint": tmp_path / "checkpoint"}
    arm = [(lp.at_times([0.6]), lambda frame: MISHAP.set())]  # the pump is looked at before the run
    with pytest.raises(Mishap) as said:
        lp.evolve(model, PSI, 1.2, callbacks=arm, **options, **kept)
    assert "The run is kept up to t = 0.6" in said.value.__notes__[0]
    same(lp.evolve(model, PSI, 1.2, **options, **kept), lp.evolve(model, PSI, 1.2, **options))


def test_a_later_checkpoint_is_not_replaced_by_the_stop_before(tmp_path, whole, monkeypatch):
    """An exception soon after a checkpoint in the midst of a row of steps."""
    calls = []

    def between(self, t):
        calls.append(t)
        if len(calls) == 50:
            self.write_checkpoint()
        if len(calls) == 55:
            raise Mishap

    monkeypatch.setattr("latticepol.evolution.run.Run._between", between)
    with pytest.raises(Mishap):
        case(tmp_path)
    monkeypatch.undo()
    newest = json.loads(lp.load(checkpoints(tmp_path)[-1]).attrs["progress"])
    assert newest["steps"] == 49  # the start counts as well
    same(case(tmp_path), whole)


SIGTERM = """
import os, signal, sys
sys.path[:0] = [sys.argv[2]]
from resume_case import run
import latticepol as lp
def end(frame):
    if frame.time[0] == 0.6:
        os.kill(os.getpid(), signal.SIGTERM)
run("noise", t_end=1.2, out=sys.argv[1], callbacks=[(lp.every(0.3), end)])
"""


@pytest.mark.slow  # in this process: test_whatever_a_queue_sends
@pytest.mark.skipif(os.name != "posix", reason="Windows ends processes without a word")
def test_sigterm_keeps_what_is_saved_without_a_checkpoint(tmp_path, whole):
    command = [sys.executable, "-c", SIGTERM, str(tmp_path / "run.nc"), os.path.dirname(__file__)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 128 + signal.SIGTERM
    assert "SIGTERM: stopped at t = 0.6, 3 saved" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["run.nc"]
    same(lp.load(tmp_path / "run.nc"), whole.isel(time=slice(0, 3)))


@pytest.mark.skipif(os.name != "posix", reason="signals of Unix")
@pytest.mark.parametrize("checkpoint", [True, False])
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGXCPU", "SIGUSR1", "SIGUSR2"])
def test_whatever_a_queue_sends(tmp_path, whole, capsys, name, checkpoint):
    number, sent = getattr(signal, name), []
    before = signal.signal(number, signal.SIG_DFL)  # nohup ignores SIGHUP

    def send(frame):
        if frame.time[0] == 0.6 and not sent:
            sent.append(number)
            signal.raise_signal(number)

    options = {"callbacks": [(lp.every(0.3), send)]} | ({} if checkpoint else {"checkpoint": None})
    with pytest.raises(SystemExit) as said:
        case(tmp_path, **options)
    assert said.value.code == 128 + number
    assert f"{name}: stopped at t = 0.6, 3 saved" in capsys.readouterr().err
    assert signal.signal(number, before) == signal.SIG_DFL
    same(lp.load(tmp_path / "run.nc"), whole.isel(time=slice(0, 3)))
    if checkpoint:
        same(case(tmp_path, **options), whole)


def test_a_handler_of_the_user_stays_without_a_checkpoint(tmp_path):
    seen = []

    def look(frame):
        seen.append(signal.getsignal(signal.SIGTERM))

    def mine(number, frame):
        pass

    before = signal.signal(signal.SIGTERM, mine)
    try:
        case(tmp_path, 0.3, checkpoint=None, callbacks=[(lp.every(0.3), look)])
    finally:
        signal.signal(signal.SIGTERM, before)
    assert set(seen) == {mine}


def test_another_thread_may_run_too(tmp_path, whole):
    """Signals reach the main thread only; locks and files are the same."""
    results = []
    thread = threading.Thread(target=lambda: results.append(case(tmp_path)))
    thread.start()
    thread.join()
    same(results[0], whole)


def test_a_run_of_somebody_else_in_its_place_is_left_as_it_is(tmp_path):
    """What comes in the place of the file keeps its bytes; the own file, put back, goes on."""
    net = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.3, a=2.28, g=1.0, delta=0.01), J=3.0, dJ=0.9)
    psi = np.array([[1.0, 0.1], [0.5, 0.2]])
    foreign, out, aside = tmp_path / "foreign.nc", tmp_path / "run.nc", tmp_path / "aside.nc"
    lp.evolve(net.replace(p=0.2), psi, 0.1, dt=0.05, save=lp.every(0.1), out=foreign, progress=False)
    written = foreign.read_bytes()

    def exchange(frame):
        if frame.time[0] == 0.4 and not aside.exists():
            os.replace(out, aside)
            shutil.copy(foreign, out)

    options = {"dt": 0.05, "save": lp.every(0.2), "callbacks": [(lp.every(0.2), exchange)], "progress": False}
    files = {"out": out, "checkpoint": tmp_path / "checkpoint", "checkpoint_every": 1e-6}
    with pytest.raises(OSError, match="replaced by something else"):
        lp.evolve(net, psi, 1.0, **files, **options)
    assert out.read_bytes() == written
    os.replace(aside, out)
    aside.touch()
    there = lp.evolve(net, psi, 1.0, **files, **options)
    np.testing.assert_array_equal(there.psi.values, lp.evolve(net, psi, 1.0, **options).psi.values)
