"""The keyword ``rng``, the same everywhere: None, an int or a numpy Generator."""

import secrets

import numpy as np

Rng = int | np.random.Generator | None


def seeded(rng: Rng) -> tuple[np.random.Generator, int]:
    """A generator and its seed, which repeats it: given, drawn from a Generator, or drawn where rng is None."""
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer | np.random.Generator | None):
        raise TypeError(f"rng = {rng!r} is not a seed; give None, a non-negative int or a numpy.random.Generator")
    if isinstance(rng, np.random.Generator):
        rng = int(rng.integers(2**63))
    if rng is not None and not 0 <= rng < 2**63:
        raise ValueError(f"rng = {rng} is out of range; give a seed from 0 to 2**63 - 1, which a file can hold")
    seed = secrets.randbits(63) if rng is None else int(rng)
    return np.random.default_rng(seed), seed
