"""The extension of Sphinx that puts the pages together; what it calls knows nothing of Sphinx."""

import tempfile
from pathlib import Path
from typing import Any

import blocks
import docstrings
import gallery
import reference
import splices

DOCS = Path(__file__).parents[1]


def generate(app: Any, config: Any) -> None:
    """Pages that are written by no hand: the experiments and the reference."""
    gallery.write(DOCS / "experiments")
    reference.write(DOCS / "api")


def read(app: Any, docname: str, source: list[str]) -> None:
    """Results of the tree into a page, then the output of its code."""
    text, files = splices.spliced(source[0])
    for file in files:
        app.env.note_dependency(str(file))
    with tempfile.TemporaryDirectory() as folder:
        text = blocks.executed(text, docname, Path(folder), DOCS / "figures")
    source[0] = text


def docstring(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Docstrings are written for a terminal: their formulas are no markup."""
    # a comment first: of these napoleon takes "text: more" in the first line for a type
    first = ["..", ""] if what in ("property", "attribute", "data") else []
    lines[:] = [*first, *docstrings.escaped(lines)]


def setup(app: Any) -> dict[str, bool]:
    """Connect the three of them."""
    app.connect("config-inited", generate)
    app.connect("source-read", read)
    app.connect("autodoc-process-docstring", docstring, priority=100)  # before napoleon
    return {"parallel_read_safe": False, "parallel_write_safe": True}
