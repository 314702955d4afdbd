"""Compile and run an XMDS2 input file, with some of its numbers changed, and read what it wrote."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple
from xml.dom import minidom

import netCDF4
import numpy as np


class Result(NamedTuple):
    """Fields at the end of a run."""

    psi: np.ndarray  # (2, y, x), spin + first
    reservoir: np.ndarray | None  # (2, y, x)
    x: np.ndarray
    y: np.ndarray
    seconds: float  # of the integration, without compilation


def version() -> str | None:
    """The version of the installed XMDS2, None where there is none."""
    if shutil.which("xmds2") is None:
        return None
    banner = subprocess.run(["xmds2"], capture_output=True, text=True)
    found = re.search(r"xmds2 version (\S+)", banner.stdout + banner.stderr)
    return found.group(1) if found else "unknown"


def changed(
    text: str,
    *,
    points: int | None = None,
    steps: int | None = None,
    algorithm: str | None = None,
    plan: str | None = None,
) -> str:
    """The input with another number of points along x and y, of steps, another algorithm or planning of FFTW."""
    document = minidom.parseString(text)
    for dimension in document.getElementsByTagName("dimension"):
        if points is not None:
            dimension.setAttribute("lattice", str(points))
    (integrate,) = document.getElementsByTagName("integrate")
    if steps is not None:
        integrate.setAttribute("steps", str(steps))
    if algorithm is not None:
        integrate.setAttribute("algorithm", algorithm)
    if plan is not None:
        (fftw,) = document.getElementsByTagName("fftw")
        fftw.setAttribute("plan", plan)
    return document.toxml()


def steps(text: str) -> int:
    """The number of steps in the input."""
    return int(re.search(r'steps="(\d+)"', text).group(1))


def run(text: str, *, repeat: int = 1) -> Result:
    """Compile the input and run it on one thread; of ``repeat`` runs the shortest time is reported.

    Raises
    ------
    RuntimeError
        XMDS2 or the program it made failed; the message ends with what it said.
    """
    name = re.search(r"<name>\s*(\w+)\s*</name>", text).group(1)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"{name}.xmds").write_text(text)
        _call(["xmds2", f"{name}.xmds"], folder)
        said = [_call([f"./{name}"], folder) for _ in range(repeat)]
        seconds = min(float(re.search(r"Time elapsed for simulation is: (\S+)", text).group(1)) for text in said)
        return Result(*_fields(Path(folder) / f"{name}.h5"), seconds)


def _call(command: list[str], folder: str) -> str:
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if finished.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{finished.stdout[-2000:]}{finished.stderr[-2000:]}")
    return finished.stdout


def _fields(path: Path) -> tuple[np.ndarray, np.ndarray | None, np.ndarray, np.ndarray]:
    with netCDF4.Dataset(path) as file:
        values = {name: np.array(variable[:]) for name, variable in file["1"].variables.items()}
    psi = np.stack([values[f"{s}_re"] + 1j * values[f"{s}_im"] for s in ("plus", "minus")])
    reservoir = None
    if "n_plus_final" in values:
        reservoir = np.stack([values["n_plus_final"], values["n_minus_final"]])
    return psi, reservoir, values["x"], values["y"]
