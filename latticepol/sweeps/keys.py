"""What a stored point is known by: texts that change with the function, the model, the arguments and the results."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from latticepol._version import RESULTS_VERSION
from latticepol.results.content import Memory, combined, content, of_model

__all__ = ["DIGITS", "Memory", "combined", "content", "of_call", "of_model", "rounded"]

#: Significant digits of a value that count: the others are rounding errors, of np.linspace for instance.
DIGITS = 12


def rounded(value: object) -> Any:
    """Return a real or complex number with ``DIGITS`` digits; anything else as it is."""
    if not isinstance(value, float | complex | np.inexact):
        return value
    kind = complex if np.iscomplexobj(value) else float
    return kind(f"{value:.{DIGITS}g}") + 0.0  # no -0


def of_call(
    function: object, args: tuple[object, ...], options: Mapping[str, object], memory: Memory | None = None
) -> str:
    """Return the key of everything but the model and the random numbers.

    Raises
    ------
    TypeError
        Something that the function uses, or an argument, has no content that can be read.
    """
    memory = {} if memory is None else memory
    texts = [content(function, memory), content(args, memory), content(dict(sorted(options.items())), memory)]
    return combined(*texts, str(RESULTS_VERSION))
