"""What is raised when a solve fails."""

from typing import Any


class ConvergenceError(RuntimeError):
    """A solve failed. ``result`` is the Dataset of what was reached before, None if nothing was."""

    def __init__(self, message: str, result: Any = None) -> None:
        super().__init__(message)
        self.result = result
