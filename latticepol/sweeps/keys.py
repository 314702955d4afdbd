"""What a stored point is known by: texts that change with the function, the model, the arguments and the results."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from latticepol import timing
from latticepol._version import RESULTS_VERSION
from latticepol.results.content import Memory, combined, content, of_model
from latticepol.timing import DIGITS

__all__ = ["DIGITS", "Memory", "combined", "content", "of_call", "of_model", "rounded"]


def rounded(value: object) -> Any:
    """Return a real or complex number with ``DIGITS`` digits; anything else as it is."""
    if isinstance(value, complex | np.complexfloating):
        return complex(timing.rounded(float(value.real)), timing.rounded(float(value.imag)))
    return timing.rounded(float(value)) if isinstance(value, float | np.floating) else value


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
