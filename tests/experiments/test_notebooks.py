"""The notebooks as they are committed: executed, in order, without errors, small, and the same on every machine.

They are executed by ``pytest --nbmake experiments/notebooks``, with the extra "notebooks".
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "experiments" / "notebooks").glob("*.ipynb"))
#: What a clone may cost (bytes), cells of code, and lines of text and of code in a cell that can be read at a glance.
LARGEST, CELLS, LINES = 300_000, range(9, 17), 25
#: Absolute paths, addresses of objects, dates with times: what differs from one execution to the next.
PLACES = re.compile(r"(?<![\w.:/)}])/\w+/\w+|\b[A-Z]:\\\\|0x[0-9a-f]{6,}")
TIMES = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d|iopub|execution\.")


def cells(path: Path, kind: str) -> list[dict[str, Any]]:
    """The cells of one kind."""
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


def told(notebook: dict[str, Any]) -> str:
    """A notebook as text, without its pictures."""

    def without_pictures(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without_pictures(one) for key, one in value.items() if not key.startswith("image/")}
        return [without_pictures(one) for one in value] if isinstance(value, list) else value

    return json.dumps(without_pictures(notebook))


def test_there_are_five() -> None:
    assert [path.name[:2] for path in NOTEBOOKS] == ["1_", "2_", "3_", "4_", "5_"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_executed_from_its_first_cell_on_without_errors(path: Path) -> None:
    code = cells(path, "code")
    assert len(code) in CELLS
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_first_what_its_reader_will_have(path: Path) -> None:
    first = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]).splitlines()
    assert first[0].startswith(f"# {path.name[0]}. ")
    assert first[2].startswith("At the end you have ")
    assert max(len(cell["source"]) for kind in ("code", "markdown") for cell in cells(path, kind)) <= LINES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_small_and_says_nothing_of_the_machine_that_ran_it(path: Path) -> None:
    assert path.stat().st_size < LARGEST
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    text = told(notebook)
    assert PLACES.findall(text) == []
    assert TIMES.findall(text) == []


@pytest.mark.parametrize(
    "text", ["/tmp/ipykernel_12/3.py", "at 0x7f12ab34cd", "/home/someone/x", "2026-01-02T03:04", '"iopub.execute"']
)
def test_what_a_machine_leaves_behind_is_seen(text: str) -> None:
    assert PLACES.search(text) or TIMES.search(text)
