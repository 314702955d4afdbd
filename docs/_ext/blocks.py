"""The python blocks of a page, executed in order in one namespace; what they print and draw is shown below them.

A block that cannot run everywhere says so and why: three backquotes, then ``python no-run needs a GPU``. One that is a
file, ``python file experiments/mine/run.py``, is written into the folder in which the others run.
"""

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

BLOCK = re.compile(r"^```python([^\n]*)\n(.*?)^```$", re.M | re.S)
WAIVER, FILE = "no-run", "file"


class Block(NamedTuple):
    """One block: its code, where it begins and ends; why it is not run, or which file it is ("": neither)."""

    code: str
    line: int
    end: int
    reason: str = ""
    file: str = ""


def found(text: str) -> list[Block]:
    """The blocks of a page.

    Raises
    ------
    ValueError
        A block has an option other than no-run with a reason and file with a name.
    """
    result = []
    for match in BLOCK.finditer(text):
        option, _, rest = match[1].strip().partition(" ")
        line = text.count("\n", 0, match.start()) + 2
        if option and (option not in (WAIVER, FILE) or not rest):
            known = f"write 'python {WAIVER} REASON' or 'python {FILE} NAME'"
            raise ValueError(f"line {line - 1}: 'python {option}' is not known; {known}")
        what = {WAIVER: "reason", FILE: "file"}
        result.append(Block(match[2], line, match.end(), **({what[option]: rest} if option else {})))
    return result


def executed(text: str, name: str, folder: Path, figures: Path | None = None) -> str:
    """The page with the output of its blocks, which are run in ``folder``; figures go to a folder of that name."""
    namespace: dict[str, Any] = {"__name__": name}
    parts, last = [], 0
    for number, block in enumerate(found(text)):
        parts.append(text[last : block.end])
        last = block.end
        if block.file:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.code)
        if block.file or block.reason:
            continue
        printed = io.StringIO()
        with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
            code = "\n" * (block.line - 1) + block.code  # so that a traceback tells the line of the page
            exec(compile(code, f"{name}.md", "exec"), namespace)
        if printed.getvalue():
            parts.append(f"\n\n```{{code-block}} none\n:class: output\n\n{printed.getvalue().rstrip()}\n```")
        parts += [f"\n\n![figure]({path})" for path in _drawn(figures, f"{name.replace('/', '-')}-{number}")]
    return "".join([*parts, text[last:]])


def _drawn(figures: Path | None, name: str) -> Iterator[str]:
    """Save the open figures and close them; their addresses on the site."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    for number in pyplot.get_fignums() if pyplot else []:
        if figures is not None:
            figures.mkdir(exist_ok=True)
            pyplot.figure(number).savefig(figures / f"{name}-{number}.png", dpi=150, bbox_inches="tight")
            yield f"/figures/{name}-{number}.png"
        pyplot.close(number)
