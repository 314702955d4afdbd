"""An experiment as its reader sees it: run by its script, and the numbers of its README."""

import re
import subprocess
import sys

import numpy as np


def run(here, folder, *arguments):
    """The folder that ``run.py`` of the experiment wrote into, and the finished process."""
    command = [sys.executable, here / "run.py", "--out", folder, *arguments]
    return folder, subprocess.run(command, capture_output=True, text=True, timeout=900, check=True)


def readme_numbers(here):
    """First column of the README's table -> its number; "none" is NaN."""
    table = re.search(r"\| \| \|\n\|---\|---\|\n((?:\|.*\n)+)", (here / "README.md").read_text()).group(1)
    cells = [[cell.strip() for cell in line.strip("|\n").rsplit("|", 1)] for line in table.splitlines()]
    return {name: np.nan if value == "none" else float(value) for name, value in cells}
