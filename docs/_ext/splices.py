"""Results of the tree in a page, so that no number is typed by hand.

A fenced block ``{numbers} experiments/NAME`` holds the tables that the experiment wrote into its README (``:part:`` its
name where there are several, ``:rows:`` a pattern that selects rows), ``{measured} NAME`` a file of
experiments/performance/results, ``{printed} SCRIPT`` what a script prints, ``{tolerances}`` what the tests compare,
``{rooms}`` what the folders of the package say of themselves. Results come with the command that makes them.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
SPLICE = re.compile(r"^```\{(numbers|measured|printed|tolerances|rooms)\} *([^\n]*)\n(.*?)^```$", re.M | re.S)

PHYSICS = "[docs/physics.md](../physics.md)"


def spliced(text: str) -> tuple[str, list[Path]]:
    """The page with its results, and the files they come from."""
    files: list[Path] = []

    def splice(match: re.Match) -> str:
        options = dict(re.findall(r"^:(\w+): *(.*)$", match[3], re.M))
        result, used = KINDS[match[1]](match[2].strip(), **options)
        files.extend(used)
        return result

    return SPLICE.sub(splice, text), files


def numbers(experiment: str, part: str = "numbers", rows: str = "") -> tuple[str, list[Path]]:
    """What run.py --update-readme has written into a README, all or the rows of its tables that match.

    Raises
    ------
    ValueError
        There is no such part, or no row that matches.
    """
    readme = ROOT / experiment / "README.md"
    marked = re.search(
        rf"^<!-- {part}: written by .*? -->\n(.*?)^<!-- end of {part} -->", readme.read_text(), re.M | re.S
    )
    if not marked:
        raise ValueError(f"{experiment}/README.md has no part '{part}'")
    table = marked[1].strip() if not rows else _selected(marked[1], rows)
    if not table:
        raise ValueError(f"no row of '{part}' in {experiment}/README.md matches {rows!r}")
    return f"{table}\n\n{_command(f'python {experiment}/run.py --update-readme')}", [readme]


def _selected(text: str, rows: str) -> str:
    """The tables of a text, less the rows that do not match, less those without any."""
    tables = [table.splitlines() for table in re.findall(r"(?:^\|.*\n?)+", text, re.M)]
    kept = [(table[:2], [row for row in table[2:] if re.search(rows, row)]) for table in tables]
    return "\n\n".join("\n".join([*head, *body]) for head, body in kept if body)


def measured(name: str) -> tuple[str, list[Path]]:
    """A file of experiments/performance/results."""
    file = ROOT / "experiments" / "performance" / "results" / f"{name}.txt"
    command = _command(f"python experiments/performance/run.py --only {name}")
    return f"```text\n{file.read_text().rstrip()}\n```\n\n{command}", [file]


def printed(script: str) -> tuple[str, list[Path]]:
    """What a script prints when the site is built."""
    done = subprocess.run([sys.executable, ROOT / script], cwd=ROOT, capture_output=True, text=True, check=True)
    return f"{done.stdout.strip()}\n\n{_command(f'python {script}')}", [ROOT / script]


def tolerances(_: str = "") -> tuple[str, list[Path]]:
    """One row per file of tests: what it says it compares, to which tolerance and why, the command."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    lines = ["| compared | to | command |", "|---|---|---|"]
    for file in files:
        text = file.read_text()
        title = " ".join((ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0].split())
        limits = "<br>".join(f"{value}: {reason}" for value, reason in _limits(text))
        cells = " | ".join(cell.replace("|", "\\|") for cell in (title, limits, f"`pytest {file.relative_to(ROOT)}`"))
        lines.append(f"| {cells} |")
    return "\n".join(lines), files


def rooms(_: str = "") -> tuple[str, list[Path]]:
    """One row per room, from the top floor down: what its page says it is for, and the one idea."""
    import rooms as house  # tests/cases/rooms.py

    lines, files = ["| floor | room | what it is for |", "|---|---|---|"], []
    for room in sorted(house.FLOOR, key=lambda room: (-house.FLOOR[room], room)):
        file = next(path for path in house.MODULES if house.name_of(path) == room)
        first, *rest = (ast.get_docstring(ast.parse(file.read_text())) or "").split("\n\n")
        ideas = [part.removeprefix("The one idea: ") for part in rest if part.startswith("The one idea: ")]
        words = " ".join([first, *(f"*{idea[0].upper()}{idea[1:]}*" for idea in ideas)]).split()
        text = re.sub(r":\w+:(?=`)", "", " ".join(words).replace("``", "`"))
        lines.append(f"| {house.FLOOR[room]} | `{room}` | {text.replace('docs/physics.md', PHYSICS)} |")
        files.append(file)
    return "\n".join(lines), files


def _limits(text: str) -> list[tuple[str, str]]:
    """(number, reason) of the constants at the top of a file that have both: the reason in the line or above it."""
    lines, result = text.splitlines(), []
    for node in ast.parse(text).body:
        if not (
            isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and type(node.value.value) is float
        ):
            continue
        behind = re.search(r"#:? *(.*)", lines[node.lineno - 1])
        above = re.search(r"(?:^ *#:?.*\n?)+\Z", "\n".join(lines[: node.lineno - 1]), re.M)
        reason = behind[1] if behind else re.sub(r"\s*#:?\s*", " ", above[0]).strip() if above else ""
        if reason:
            result.append((f"{node.value.value:g}", reason))
    return result


def _command(command: str) -> str:
    return f"```bash\n{command}\n```"


KINDS: dict[str, Callable[..., tuple[str, list[Path]]]] = {
    "numbers": numbers,
    "measured": measured,
    "printed": printed,
    "tolerances": tolerances,
    "rooms": rooms,
}
