"""The keyword ``rng``, the same everywhere: None, an int or a numpy Generator."""

import secrets

import numpy as np

Rng = int | np.random.Generator | None


def seeded(rng: Rng) -> tuple[np.random.Generator, str]:
    """A generator and the text that repeats it: the seed, drawn where ``rng`` is None, or the state of a Generator."""
    if isinstance(rng, np.random.Generator):
        return rng, repr(rng.bit_generator.state)
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer | None):
        raise TypeError(f"rng = {rng!r} is not a seed; give None, a non-negative int or a numpy.random.Generator")
    if rng is not None and rng < 0:
        raise ValueError(f"rng = {rng} is negative; give a seed >= 0")
    seed = secrets.randbits(63) if rng is None else int(rng)
    return np.random.default_rng(seed), str(seed)
