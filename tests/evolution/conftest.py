"""A run that several files of tests lose and find again."""

import pytest
from resume_case import run


@pytest.fixture(scope="module")
def whole():
    """Planned before another process does (tests/conftest.py)."""
    return run("noise", t_end=1.2).load()
