"""A run that several files of tests lose and find again, and one whose frames are at once on the disk."""

from functools import partial

import pytest
from resume_case import run

from latticepol.evolution import api
from latticepol.evolution.frame_writer import FileSink, PartLimits


@pytest.fixture(scope="module")
def whole():
    """Planned before another process does (tests/conftest.py)."""
    return run("noise", t_end=1.2).load()


@pytest.fixture
def written_at_once(monkeypatch):
    """No frame of a run waits for others before it is written."""
    monkeypatch.setattr(api, "FileSink", partial(FileSink, limits=PartLimits(bytes=0)))
