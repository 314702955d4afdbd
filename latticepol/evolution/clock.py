"""A wall clock that says when it is time again."""

import time


class WallClock:
    """Due every ``period`` seconds of wall time."""

    def __init__(self, period: float) -> None:
        self.period, self.last = period, time.monotonic()

    def due(self) -> bool:
        """Return whether the period has passed since the last time it was due."""
        if time.monotonic() - self.last < self.period:
            return False
        self.last = time.monotonic()
        return True
