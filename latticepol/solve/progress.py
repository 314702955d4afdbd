"""A progress bar in simulated time."""

import sys
from typing import Any


class Progress:
    """Shown when ``show`` is True, or None and someone is watching (a terminal or a notebook)."""

    def __init__(self, start: float, end: float, unit: str, show: bool | None) -> None:
        interactive = sys.stderr.isatty() or "IPython" in sys.modules
        self.bar: Any = None
        self.now = start
        if show or (show is None and interactive):
            from tqdm.auto import tqdm

            self.bar = tqdm(
                total=end - start, unit=unit, leave=False, bar_format="{l_bar}{bar}| {n:.4g}/{total:.4g} {unit}"
            )

    def to(self, t: float) -> None:
        """Advance to simulated time t."""
        if self.bar is not None:
            self.bar.update(t - self.now)
        self.now = t

    def close(self) -> None:
        """Remove the bar."""
        if self.bar is not None:
            self.bar.close()
