"""The Pythons from 3.11 up that this machine has: "version path", a line each, the oldest first.

What is skipped, and why, is said on stderr. Looked for are python3.11, python3.12 and so on (no free-threaded builds)
in PATH and in the folders of version managers.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FIRST = (3, 11)
NAME = re.compile(r"python3\.(\d+)$")
ASK = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
#: Seconds in which one answers.
LONGEST = 60


def places() -> Iterator[Path]:
    """Where they may be: in PATH, and in the folders of pyenv, uv, asdf and mise."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        yield from sorted(Path(folder or ".").glob("python3.[0-9]*"))
    home = Path.home()
    managers = [Path(os.environ.get("PYENV_ROOT", home / ".pyenv")) / "versions", home / ".local/share/uv/python"]
    managers += [home / ".asdf/installs/python", home / ".local/share/mise/installs/python"]
    for folder in managers:
        yield from sorted(folder.glob("*/bin/python3.[0-9]*"))


def answer(path: Path) -> tuple[str, str]:
    """What it says to ASK, and why it says nothing."""
    try:
        said = subprocess.run([path, "-c", ASK], capture_output=True, text=True, timeout=LONGEST)
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", str(error)
    reasons = said.stderr.strip().splitlines() or [f"exit code {said.returncode}"]
    return (said.stdout, "") if said.returncode == 0 else ("", reasons[-1])


def found() -> tuple[dict[tuple[int, int], Path], dict[tuple[int, int], list[str]]]:
    """Version -> one that runs and can make virtual environments; version -> what is wrong with the others."""
    there: dict[tuple[int, int], Path] = {}
    wrong: dict[tuple[int, int], list[str]] = {}
    for path in places():
        match = NAME.match(path.name)
        version = (3, int(match[1])) if match else FIRST
        if match is None or version < FIRST or version in there:
            continue
        said, reason = answer(path)
        if said.split() == [str(part) for part in version]:
            there[version] = path
        else:
            wrong.setdefault(version, []).append(f"{path}: {reason or f'it says that it is {said.strip()}'}")
    return there, wrong


def main() -> None:
    """Print them, and what is skipped."""
    there, wrong = found()
    for version in sorted(wrong.keys() - there.keys()):
        for text in wrong[version]:
            print(f"skipped {text}", file=sys.stderr)
    for (major, minor), path in sorted(there.items()):
        print(f"{major}.{minor} {path}")


if __name__ == "__main__":
    main()
