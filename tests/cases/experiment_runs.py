"""An experiment as its reader sees it: run by its script, its modules, and the numbers of its README."""

import contextlib
import importlib
import io
import re
import runpy
import subprocess
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

#: The folder of all experiments, with what they share.
EXPERIMENTS = Path(__file__).parents[2] / "experiments"


class Done(NamedTuple):
    """What a finished script printed."""

    stdout: str


def run(here, folder, *arguments):
    """The folder that ``run.py`` of the experiment wrote into, and what it printed; a warning fails.

    A quick run shares this process, what it has imported and what it has compiled; a full one starts its own.
    """
    arguments = ["--out", str(folder), *arguments]
    if "--quick" in arguments:
        return folder, Done(_in_this_process(here / "run.py", arguments))
    command = [sys.executable, here / "run.py", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=True)
    assert "Warning" not in done.stderr, done.stderr
    return folder, Done(done.stdout)


def _in_this_process(script, arguments):
    argv, path = sys.argv, sys.path.copy()
    with modules(script.parent), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()) as printed:
        warnings.simplefilter("error")
        for kind in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", kind)  # as in a process of its own
        sys.argv = [str(script), *arguments]
        try:
            with pytest.raises(SystemExit, match="0"):
                runpy.run_path(str(script), run_name="__main__")
        finally:
            sys.argv = argv
    sys.path[:] = path  # to which the script added
    return printed.getvalue()


@contextmanager
def modules(*folders):
    """A function of a name that gives the module in these folders, or one that all experiments share.

    They are forgotten afterwards: others have the same names.
    """
    folders = (*folders, EXPERIMENTS)
    names = {path.stem for folder in folders for path in folder.glob("*.py")}
    before = {name: sys.modules.pop(name) for name in names & set(sys.modules)}
    sys.path[:0] = map(str, folders)
    try:
        yield importlib.import_module
    finally:
        for folder in folders:
            sys.path.remove(str(folder))
        for name in names & set(sys.modules):
            del sys.modules[name]
        sys.modules.update(before)


def readme_numbers(here):
    """First column of the README's table -> its number; "none" is NaN."""
    table = re.search(r"\| \| \|\n\|---\|---\|\n((?:\|.*\n)+)", (here / "README.md").read_text()).group(1)
    cells = [[cell.strip() for cell in line.strip("|\n").rsplit("|", 1)] for line in table.splitlines()]
    return {name: np.nan if value == "none" else float(value) for name, value in cells}
