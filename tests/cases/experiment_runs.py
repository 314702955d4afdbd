"""An experiment as its reader sees it: run by its script, its modules, and the numbers of its README."""

import importlib
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np

#: The folder of all experiments, with what they share.
EXPERIMENTS = Path(__file__).parents[2] / "experiments"


def run(here, folder, *arguments):
    """The folder that ``run.py`` of the experiment wrote into, and the finished process."""
    command = [sys.executable, here / "run.py", "--out", folder, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=True)
    assert "Warning" not in done.stderr, done.stderr
    return folder, done


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
