"""Experiments: folders with a run.py, found and run."""

import ast
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

#: Of the source tree that latticepol runs from, if it does.
SOURCE = Path(__file__).parents[2] / "experiments"
#: What a run returns where all went well.
EXIT_FINE = 0
#: What it returns where it failed.
EXIT_FAILED = 1
#: What it returns where it was called in a wrong way, as argparse has it.
EXIT_USAGE = 2
PASSED_ON = (signal.SIGINT, signal.SIGTERM)


class Experiment(NamedTuple):
    """A folder with a run.py; title, claim and run time as its README or the docstring of run.py state them."""

    name: str
    folder: Path
    title: str
    claim: str
    run_time: str


def found() -> dict[str, Experiment]:
    """Return the experiments by name: of the source tree, then ./experiments/NAME and ./NAME, of which the last one
    counts."""
    places = (SOURCE, Path("experiments"), Path())
    folders = {run.parent.name: run.parent for place in places for run in sorted(place.glob("*/run.py"))}
    return {name: described(folders[name]) for name in sorted(folders)}


def described(folder: Path) -> Experiment:
    """Return the experiment in ``folder``: of its README or docstring the first heading, the first sentence of the
    paragraph "**Claim.** ..." and the line "Run time: ..."."""
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.exists() else _docstring(folder / "run.py")
    title = next((line.lstrip("# ").rstrip(".") for line in text.splitlines() if line.strip()), "")
    run_time = re.search(r"^Run time: (.+?)\.?$", text, re.M)
    claim = re.search(r"^\*\*Claim\.\*\* (.+?)(?:\.\s+[A-Z]|\n\s*\n|\Z)", text, re.M | re.S)
    return Experiment(
        folder.name,
        folder,
        title or "(says nothing of itself; a README.md with a title would)",
        _plain(claim.group(1)) if claim else "",
        run_time.group(1) if run_time else "not stated",
    )


def _plain(words: str) -> str:
    """Return a sentence of a page on one line, without links and emphasis."""
    shown = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", words)
    return " ".join(shown.replace("*", "").split()).rstrip(".") + "."


def _docstring(script: Path) -> str:
    try:
        return ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""
    except SyntaxError:
        return ""


def run(experiment: Experiment, options: Sequence[str]) -> int:
    """Run it in a process of its own with the same latticepol; Ctrl-C and SIGTERM are passed on.

    Returns EXIT_FINE, EXIT_FAILED or EXIT_USAGE, or 128 + the number of a signal that was passed on and ended it.
    """
    command = [sys.executable, str(experiment.folder / "run.py"), *options]
    if {"-h", "--help"} & set(options):
        return _help(experiment.name, command)
    # a group of its own: the terminal would send it Ctrl-C a second time
    group: dict[str, Any] = {"process_group": 0} if os.name == "posix" else {}
    with subprocess.Popen(command, env=_environment(), **group) as running, _passing_on(running):
        status = running.wait()
    if -status in PASSED_ON:
        return 128 - status
    return status if status in (EXIT_FINE, EXIT_USAGE) else EXIT_FAILED


def _help(name: str, command: Sequence[str]) -> int:
    """Return the help of a run.py, which knows itself by that name only, under the name by which it was called."""
    said = subprocess.run(command, env=_environment(), stdout=subprocess.PIPE, text=True)
    print(said.stdout.replace("usage: run.py", f"usage: latticepol run {name}", 1), end="", flush=True)
    return said.returncode if said.returncode in (EXIT_FINE, EXIT_USAGE) else EXIT_FAILED


def _environment() -> dict[str, str]:
    if not SOURCE.is_dir():
        return dict(os.environ)
    paths = [str(SOURCE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}


@contextmanager
def _passing_on(running: subprocess.Popen[bytes]) -> Iterator[None]:
    """Pass signals on to the experiment and its workers, which end as they see fit."""

    def pass_on(number: int, _: object) -> None:
        with suppress(ProcessLookupError):  # it has just ended
            os.killpg(running.pid, number)

    if os.name != "posix":  # the console tells everybody
        yield
        return
    before = {number: signal.signal(number, pass_on) for number in PASSED_ON}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
