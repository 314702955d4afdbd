"""The ten lines of the README wherever latticepol may have to run: python tests/environments/run.py [NAME ...].

Each environment starts a Python of its own on a copy of the package and must print what the README promises. The copy,
with what has been compiled next to it, is one for all whose place does not matter. What this machine cannot make
(another user, a network of its own) is skipped, saying why; everything else must pass.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Somebody without rights.
NOBODY = 65534
#: Seconds that one environment may take: some compile everything anew.
LONGEST = 900
#: What the ten lines print: p_c, g_eff, the enhancement of the gap, C, stable.
PROMISED = re.compile(r"^-?0\.12\d+ \d+\.\d+\n\d+\.\d+\n-2 True\s*$", re.M)


def example() -> str:
    """The ten lines."""
    found = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert found
    return found.group(1)


class Skipped(Exception):
    """This machine cannot make the environment."""


def copied(library: Path) -> Path:
    """The folder with a copy of the package, of which nothing has been compiled."""
    shutil.copytree(ROOT / "latticepol", library / "latticepol", ignore=shutil.ignore_patterns("__pycache__"))
    return library


class Place:
    """A folder with a script of the ten lines, a working folder, and a copy of the package unless one is given."""

    def __init__(self, folder: Path, library: Path | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.library = copied(folder / "library") if library is None else library
        self.work, self.home = folder / "work", folder / "home"
        for made in (self.work, self.home):
            made.mkdir()
        self.script = folder / "ten_lines.py"
        self.write(example())

    def write(self, text: str) -> None:
        """Let the script be this text, which finds the copy of the package first."""
        first = f"import sys; sys.path.insert(0, {str(self.library)!r})\n"
        guard = 'if __name__ == "__main__":\n'
        self.script.write_text(first + guard + textwrap.indent(text, "    "))

    def environ(self, **more: str) -> dict[str, str]:
        """A bare environment with a home of its own."""
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
        return kept | {"HOME": str(self.home), "TMPDIR": str(self.folder)} | more

    def run(self, *options: str, before: tuple[str, ...] = (), **more: str) -> str:
        """What the script prints."""
        command = [*before, sys.executable, *options, str(self.script)]
        done = subprocess.run(
            command, cwd=self.work, env=self.environ(**more), capture_output=True, text=True, timeout=LONGEST
        )
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stderr[-3000:]}"
        return done.stdout


def plain(place: Place) -> str:
    """Nothing odd."""
    return place.run()


def blanks_and_umlauts(place: Place) -> str:
    """A path with blanks and umlauts."""
    return Place(place.folder / "Meine Gitter äöü").run()


def locale_c(place: Place) -> str:
    """The locale C, in which text is ASCII."""
    return place.run(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")


def isolated(place: Place) -> str:
    """python -I: neither the working folder nor the user's packages."""
    return place.run("-I")


def optimised(place: Place) -> str:
    """python -OO: no docstrings, no assertions."""
    return place.run("-OO")


def read_only(place: Place) -> str:
    """A read-only installation and no home that can be written, as in a container, for a user without rights."""
    own = Place(place.folder / "own")
    _refuse_writing(own.library)
    own.work.chmod(0o777)
    return own.run(before=_as_nobody(own), HOME="/nonexistent", TMPDIR=str(own.work), MPLCONFIGDIR=str(own.work))


def no_network(place: Place) -> str:
    """A network of its own, without any connection."""
    inside = ("unshare", "--net", "--map-root-user") if os.name == "posix" else ()
    if not inside or shutil.which(inside[0]) is None:
        raise Skipped("there is no unshare")
    if subprocess.run([*inside, "true"], capture_output=True).returncode:
        raise Skipped("unshare --net is not allowed here")
    return place.run(before=inside)


def interrupts_ignored(place: Place) -> str:
    """SIGINT ignored, as `command &` in a script does."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return place.run()
    finally:
        signal.signal(signal.SIGINT, before)


def forked(place: Place) -> str:
    """Inside a process of multiprocessing that was forked after latticepol had been used."""
    if not hasattr(os, "fork"):
        raise Skipped("there is no fork")
    return _in_a_process(place, "fork", "import latticepol as lp; lp.Grid.rectangle((1, 1), (8, 8))")


def spawned(place: Place) -> str:
    """Inside a process of multiprocessing that was started anew."""
    return _in_a_process(place, "spawn", "pass")


def notebook(place: Place) -> str:
    """In the kernel of a notebook."""
    try:
        import jupyter_client
    except ImportError:
        raise Skipped("no jupyter_client: pip install ipykernel") from None
    manager = jupyter_client.manager.KernelManager(kernel_name="python3")
    manager.kernel_spec.argv[0] = sys.executable
    manager.start_kernel(cwd=str(place.work), env=place.environ())
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        said: list[str] = []

        def hear(message: dict) -> None:
            content = message["content"]
            said.append(content.get("text", "") or "\n".join(content.get("traceback", [])))

        code = f"import sys; sys.path.insert(0, {str(place.library)!r})\n{example()}"
        client.execute_interactive(code, timeout=LONGEST, output_hook=hear)
        return "".join(text for text in said if text)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _in_a_process(place: Place, method: str, first: str) -> str:
    module = place.folder / "ten.py"
    module.write_text(f"def run():\n{textwrap.indent(example(), '    ')}")
    place.write(
        f"{first}\nimport multiprocessing, ten\n"
        f"process = multiprocessing.get_context({method!r}).Process(target=ten.run)\n"
        "process.start(); process.join(); sys.exit(process.exitcode)\n"
    )
    return place.run()


def _refuse_writing(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)


def _as_nobody(place: Place) -> tuple[str, ...]:
    """The words before a command that make a root user nobody; none for anybody else."""
    if not hasattr(os, "geteuid"):
        raise Skipped("rights work otherwise here")
    if os.geteuid() != 0:
        return ()
    become = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    if shutil.which(become[0]) is None:
        raise Skipped("root may write everywhere, and there is no setpriv to be somebody else")
    look = "import ctypes, decimal, ssl, sqlite3, numpy, scipy, xarray, netCDF4, subprocess"
    there = subprocess.run(
        [*become, sys.executable, "-c", look], cwd=place.work, env=place.environ(), capture_output=True, text=True
    )
    if there.returncode:
        raise Skipped(f"a user without rights cannot run {sys.executable}: {there.stderr.strip().splitlines()[-1]}")
    return become


ENVIRONMENTS: tuple[Callable[[Place], str], ...] = (
    plain, blanks_and_umlauts, locale_c, isolated, optimised, read_only, no_network, interrupts_ignored, forked,
    spawned, notebook,
)  # fmt: skip


def outcomes(names: list[str]) -> Iterator[tuple[str, str, str]]:
    """(environment, "passed", "skipped" or "FAILED", text)."""
    with tempfile.TemporaryDirectory() as shared:
        library = copied(Path(shared) / "library")
        for environment in ENVIRONMENTS:
            name = environment.__name__
            if not names or name in names:
                yield outcome(environment, library)


def outcome(environment: Callable[[Place], str], library: Path) -> tuple[str, str, str]:
    """Of one environment."""
    name = environment.__name__
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    folder.chmod(0o755)
    try:
        said = environment(Place(folder / "here", library))
        kept = PROMISED.search(said)
        return (name, "passed", "") if kept else (name, "FAILED", f"it printed {said!r}")
    except Skipped as reason:
        return name, "skipped", str(reason)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        return name, "FAILED", str(error)
    finally:
        for path in folder.rglob("*"):
            if path.is_dir():
                path.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run them all, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("name", nargs="*", choices=[*(e.__name__ for e in ENVIRONMENTS), []], help="all by default")
    failed = 0
    for name, verdict, text in outcomes(parser.parse_args().name):
        print(f"{name:20} {verdict}  {text}", flush=True)
        failed += verdict == "FAILED"
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
