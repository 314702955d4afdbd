"""One call of evolve in a process of its own, and what goes wrong in it.

The server from which the processes are forked imports this file once, which computes a little of each case.
"""

import contextlib
import errno
import hashlib
import os
import signal
import sys
import tempfile
import warnings
from functools import cache, partial
from pathlib import Path

import numpy as np
import xarray as xr

import latticepol as lp
from latticepol.evolution import api
from latticepol.evolution.frame_writer import FileSink, PartLimits
from latticepol.evolution.run import Run

GRID = lp.Grid.rectangle((8.0, 8.0), (8, 8))
X, _ = GRID.points
TERMS = [lp.Kinetic(1.0), lp.TETM(0.1), lp.Splitting(1.0, 0.1), lp.Interaction(2.0, 0.1)]
GAIN = lp.Gain(1.6 + 0.4 * np.cos(2 * np.pi * X / 8), 1.0, 1.0)
PATCH = lp.lattice.honeycomb().patch((2, 2))
NETWORK = lp.Network(PATCH, lp.Site(p=0.5, a=2.28, g=0.1, delta=0.01), J=0.3, dJ=0.09, noise=0.01)
FIELD = 0.3 * np.stack([1 + 0.3 * np.exp(1j * np.pi * X / 4), 1 - 0.2 * np.cos(2 * np.pi * X / 8)])
#: A field with noise, one with adaptive steps, a reservoir, a network.
CASES = {
    "noise": (lp.SpinorGPE(GRID, [*TERMS, GAIN, lp.WignerNoise()]), FIELD, {"dt": 0.05, "rng": 7}),
    "adaptive": (lp.SpinorGPE(GRID, [*TERMS, GAIN]), FIELD, {"tol": 1e-8}),
    "reservoir": (
        lp.SpinorGPE(GRID, [*TERMS, lp.Reservoir(2.0, 1.0, 1.5, 1.0)]),
        FIELD,
        {"dt": 0.05, "integrator": lp.ETDRK4()},
    ),
    "network": (NETWORK, NETWORK.start("noise", rng=3), {"dt": 0.05, "rng": 7}),
}
#: What Python does to a disk.
DISK = {"open", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.scandir", "os.listdir", "shutil.copyfile"}
#: The time at which the callback fails.
mishap = [None]


class Seen:
    """What a callback saw so far, which is saved with each frame: what is forgotten, or counted twice, shows there."""

    def __init__(self):
        self.calls, self.frames, self.field = 0, 0, None

    def __call__(self, frame):
        self.calls += 1
        self.field = frame.psi.values + (0 if self.field is None else self.field / 2)

    def saved(self, frame):
        self.frames += 1
        number = self.frames + 1000 * self.calls + (0.0 if self.field is None else abs(self.field).sum())
        return xr.Dataset({"seen": ("time", [number])})

    def state(self):
        return vars(self)

    def restore(self, state):
        vars(self).update(state)


def callback(frame):
    if mishap[0] is not None and frame.time[0] >= mishap[0]:
        raise ZeroDivisionError("of a callback")


def evolve(case, t_end, folder=None, *, every=0.0, other=False):
    """``other``: another run that writes to the same file."""
    model, psi, options = CASES[case]
    seen = Seen()
    options = {"save": lp.every(0.3), "callbacks": [(lp.every(0.3), seen), (lp.every(0.3), callback)], **options}
    options |= {"variables": ["psi", seen.saved], "progress": False}
    if folder is not None:
        options |= {"out": folder / "run.nc", "checkpoint": folder / "checkpoint", "checkpoint_every": every}
    if other:
        options |= {"checkpoint": None, "t0": 1.0}
    return lp.evolve(model, psi, 1.0 + t_end if other else t_end, **options)


def digest(data):
    return hashlib.sha256(b"".join(data[name].values.tobytes() for name in ("time", "psi", "seen"))).hexdigest()


def perform(answer, folder, case, t_end, *, every=0.0, parts=0.0, trip=None, limit=None, user=False, other=False):
    """Evolve and send what came of it: ("finished", digest, whether from a checkpoint) or ("raised", type, text).

    ("paused",) before a pause.
    """
    api.FileSink = partial(FileSink, limits=PartLimits(seconds=parts))
    folder = Path(folder)
    if trip:
        _set(folder, answer, *trip)
    if limit is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    if user and os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    resumed, resume = [], Run.resume
    Run.resume = lambda self, *found: (resumed.append(True), resume(self, *found))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = evolve(case, t_end, folder, every=every, other=other)
        found = digest(result)
        result.close()
        assert found == digest(lp.load(folder / "run.nc"))
        answer.send(("finished", found, bool(resumed)))
    except BaseException as error:
        answer.send(("raised", type(error).__name__, str(error)))
    finally:
        sys.stdout.flush()
        os._exit(0)


def _set(folder, answer, where, n, deed):
    """Do the deed in the n-th step, before the n-th event of the disk, or in the callback at the time n."""

    def do():
        if deed == "exception":  # as of a disk that does not answer, a handler of a signal
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if deed == "pause":
            answer.send(("paused",))
            os.kill(os.getpid(), signal.SIGSTOP)
        else:
            os.kill(os.getpid(), getattr(signal, deed))

    left = n

    def count():
        nonlocal left
        left -= 1
        if left == 0:
            do()

    if where == "callback":
        mishap[0] = n
    elif where == "step":
        between = Run._between
        Run._between = lambda self, t: (count(), between(self, t))
    else:
        here = str(folder)
        sys.addaudithook(lambda event, args: event in DISK and any(here in str(arg) for arg in args[:2]) and count())


@cache
def reference(case, t_end):
    """The digest of an uninterrupted run."""
    return digest(evolve(case, t_end))


def references(answer, times):
    answer.send({(case, t): reference(case, t) for case in CASES for t in times})


def _warm():
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder, contextlib.suppress(ZeroDivisionError):
            for _ in range(2):
                evolve(case, 0.1, Path(folder)).close()


_warm()
