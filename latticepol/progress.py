"""The keyword ``progress``, the same everywhere: a bar whose unit is physics (simulated time, points)."""

import sys
from typing import Any, Self

from latticepol.arrays import read_flag


def watched() -> bool:
    """Return whether someone watches: in a terminal or a notebook."""
    return sys.stderr.isatty() or "IPython" in sys.modules


class Progress:
    """A bar from ``start`` to ``end``: shown when ``show`` is True, or None and someone is watching.

    With ``after`` the bar appears only when so many seconds have passed,
    and goes away at the end.
    """

    def __init__(self, start: float, end: float, unit: str, show: bool | None, after: float = 0.0) -> None:
        show = None if show is None else read_flag("progress", show)
        self.bar: Any = None
        self.now = start
        if show or (show is None and watched()):
            from tqdm.auto import tqdm

            form = "{l_bar}{bar}| {n:.4g}/{total:.4g} {unit}"
            self.bar = tqdm(total=end - start, unit=unit, bar_format=form, delay=after, leave=not after)

    def to(self, now: float) -> None:
        """Advance to ``now``."""
        self.advance(now - self.now)

    def advance(self, amount: float) -> None:
        """Advance by ``amount``."""
        if self.bar is not None:
            self.bar.update(amount)
        self.now += amount

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()
