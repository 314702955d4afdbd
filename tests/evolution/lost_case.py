"""One run with a file and checkpoints, what it leaves on the disk, and what a refusal leaves untouched."""

import hashlib
import os

import numpy as np
import pytest
from resume_case import run

import latticepol as lp

root = hasattr(os, "geteuid") and os.geteuid() == 0


def case(folder, t_end=1.2, name="noise", **options):
    return run(name, t_end=t_end, **({"out": folder / "run.nc", "checkpoint": folder / "checkpoint"} | options))


def same(first, second):
    assert np.array_equal(first.time, second.time)
    assert np.array_equal(first.psi.values, second.psi.values)


def contents(folder):
    """A checksum of each file, by name."""
    names = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in names}


def checkpoints(folder):
    """The older and the newer."""
    return sorted((folder / "checkpoint").glob("*.nc"), key=lambda path: lp.load(path).attrs["number"])


def refused(folder, error, match, **options):
    before = contents(folder)
    with pytest.raises(error, match=match):
        case(folder, **options)
    assert contents(folder) == before
