"""Docstrings are plain text with ``literals``, roles and numpy sections; what else looks like markup is a formula."""

import re
from collections.abc import Iterator

KEPT = re.compile(r"(``.+?``|:\w+:`[^`]+`|`[^`]+ <[^`]+>`_)", re.S)
PHYSICS = "docs/physics.md"


def escaped(lines: list[str]) -> list[str]:
    """The lines with ``*``, ``|`` and a ``_`` at the end of a word escaped outside of literals."""
    text = "\n".join(lines)
    return "\n".join(_paragraph(part) if plain else part for part, plain in _parts(text)).split("\n")


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """(lines, whether they are text) in turn: what is indented after a line that ends in ``::`` is not."""
    block: list[str] = []
    indent: int | None = None  # of the line that announced a literal block
    for line in text.split("\n"):
        width = len(line) - len(line.lstrip())
        literal = indent is not None and (not line.strip() or width > indent)
        if not literal and indent is not None:
            yield "\n".join(block), False
            block, indent = [], None
        block.append(line)
        if indent is None and line.rstrip().endswith("::"):
            yield "\n".join(block), True
            block, indent = [], width
    if block:
        yield "\n".join(block), indent is None


def _paragraph(text: str) -> str:
    parts = KEPT.split(text)
    parts[::2] = [_marks(part) for part in parts[::2]]
    return "".join(parts)


def _marks(text: str) -> str:
    text = re.sub(r"([*|])", r"\\\1", text)
    text = re.sub(r"(?<=\w)_(?!\w)", r"\\_", text)
    return text.replace(PHYSICS, f":doc:`{PHYSICS} </physics>`")
