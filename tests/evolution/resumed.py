"""What files of tests of resumed runs share."""

import numpy as np
from resume_case import run


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def same(first, second):
    assert np.array_equal(first.time, second.time)
    for name in first.data_vars:
        assert np.array_equal(first[name].values, second[name].values)


class Interrupted(Exception):
    pass


def interrupt_after(count):
    """A version of the method called after each step, with all frames on the disk, that writes a checkpoint in step
    ``count`` and gives up later."""
    calls = 0

    def between(self, t):
        nonlocal calls
        calls += 1
        self.sink.flush()
        if calls == count:
            self.write_checkpoint()
        if calls == count + 12:
            raise Interrupted

    return between


def case(folder, t_end=0.6, name="gain", **options):
    return run(name, t_end=t_end, **({"out": folder / "run.nc", "checkpoint": folder / "checkpoint"} | options))


class Unwritable(Exception):
    pass
