"""The keyword ``rng``, the same everywhere: None, an int or a numpy Generator; and what is drawn from it."""

import secrets

import numpy as np

from latticepol.arrays import read_integer

#: A file can hold no larger seed.
LARGEST_SEED = 2**63 - 1
Rng = int | np.random.Generator | None


def seeded(rng: Rng) -> tuple[np.random.Generator, int]:
    """Return a generator and its seed, which repeats it: given, drawn from a Generator, or drawn where rng is None.

    Raises
    ------
    TypeError, ValueError
        It is neither None, a Generator nor an integer from 0 to 2**63 - 1.
    """
    if rng is None:
        seed = secrets.randbits(63)
    elif isinstance(rng, np.random.Generator):
        seed = int(rng.integers(2**63))
    else:
        try:
            seed = read_integer("rng", rng, least=0, most=LARGEST_SEED)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{error}; or None, or a numpy.random.Generator") from None
    return np.random.default_rng(seed), seed


def complex_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return complex normal numbers with <|xi|^2> = 1."""
    xi: np.ndarray = np.sqrt(0.5) * rng.standard_normal((*shape, 2)).view(complex)[..., 0]
    return xi
