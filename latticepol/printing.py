"""How models print: a tree with one row for each part of the equation, its parameters and its formula side by side."""

from collections.abc import Sequence

#: Formulas stand in one column, unless parameters are longer than this.
WIDEST_ROW = 64


def tree(head: str, rows: Sequence[tuple[str, str]], foot: str) -> str:
    """Return the tree of a model: ``rows`` are (parameters, what they add to i dpsi_s/dt); without a formula the
    parameters stand alone."""
    column = max((len(text) for text, formula in rows if formula and len(text) <= WIDEST_ROW), default=0)
    lines = [f"├── {text:<{column}}   {_signed(formula)}" if formula else f"├── {text}" for text, formula in rows]
    return "\n".join([f"{head}: i dpsi_s/dt =", *lines, f"└── {foot}"])


def _signed(formula: str) -> str:
    return f"- {formula[1:]}" if formula.startswith("-") else f"+ {formula}"
