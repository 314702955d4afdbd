"""Every Python from 3.12 up that this machine has, besides the one that runs this: "version path", a line each."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FIRST = (3, 12)
ASK = "import sys, venv, ensurepip; print(*sys.version_info[:2])"


def places() -> Iterator[Path]:
    """Where they may be: in PATH, and in the folders of pyenv, uv, asdf and mise."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        yield from Path(folder or ".").glob("python3.[0-9]*")
    home = Path.home()
    managers = [Path(os.environ.get("PYENV_ROOT", home / ".pyenv")) / "versions", home / ".local/share/uv/python"]
    managers += [home / ".asdf/installs/python", home / ".local/share/mise/installs/python"]
    for folder in managers:
        yield from folder.glob("*/bin/python3.[0-9]*")


def found() -> dict[tuple[int, int], Path]:
    """Version -> one that runs and can make virtual environments."""
    there: dict[tuple[int, int], Path] = {}
    for path in sorted(places()):
        if path.name.count(".") != 1 or not shutil.which(str(path)):
            continue
        said = subprocess.run([path, "-c", ASK], capture_output=True, text=True)
        if said.returncode == 0:
            major, minor = map(int, said.stdout.split())
            there.setdefault((major, minor), path)
    return {version: path for version, path in there.items() if version >= FIRST and version != sys.version_info[:2]}


if __name__ == "__main__":
    for (major, minor), path in sorted(found().items()):
        print(f"{major}.{minor} {path}")
