"""Laws of the initial conditions of an ensemble: ``law(rng, n)`` gives n pseudospins, (n, 3)."""

import hashlib
from collections.abc import Callable

import numpy as np

from latticepol.arrays import read_array

Law = Callable[[np.random.Generator, int], np.ndarray]


def gaussian(mean_s: float) -> Law:
    """Draw the pseudospins of isotropic complex Gaussian spinors: s = (|psi_+|^2 + |psi_-|^2)/2 has the mean
    ``mean_s``, as each |psi|^2 has."""

    def law(rng: np.random.Generator, n: int) -> np.ndarray:
        parts = rng.normal(scale=np.sqrt(0.5 * mean_s), size=(4, n))
        return pseudospin(parts[0] + 1j * parts[1], parts[2] + 1j * parts[3])

    return law


def sphere(mean_s: float) -> Law:
    """Draw pseudospins that are uniform on the sphere of radius s = ``mean_s``."""

    def law(rng: np.random.Generator, n: int) -> np.ndarray:
        direction = rng.normal(size=(n, 3))
        directed: np.ndarray = mean_s * direction / np.linalg.norm(direction, axis=1, keepdims=True)
        return directed

    return law


def fixed(s: np.ndarray) -> Law:
    """Return the same pseudospins (n, 3) always."""
    return lambda rng, n: s


LAWS: dict[str, Callable[[float], Law]] = {"gaussian": gaussian, "sphere": sphere}


def pseudospin(plus: np.ndarray, minus: np.ndarray) -> np.ndarray:
    """Return the pseudospin of spinors: s_x + i s_y = psi_+^* psi_-, s_z = (|psi_+|^2 - |psi_-|^2)/2; (..., 3)."""
    transverse = plus.conj() * minus
    return np.stack([transverse.real, transverse.imag, 0.5 * (np.abs(plus) ** 2 - np.abs(minus) ** 2)], axis=-1)


def generator(secret: bytes, point: np.ndarray) -> np.random.Generator:
    """Return the random numbers of one parameter point: they depend on ``secret`` and its values, not on other
    points."""
    bits = (point + 0.0).astype("<f8").tobytes()  # -0.0 + 0.0 is 0.0
    key = hashlib.blake2b(bits, key=secret, digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))


def draw(law: Law, rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw ``n`` pseudospins of a law, checked.

    Raises
    ------
    TypeError, ValueError
        The law does not return (n, 3) finite real numbers.
    """
    s = read_array("initial(rng, n)", law(rng, n), dims=("axis",), labels={"axis": "xyz"}, need=f"pseudospins ({n}, 3)")
    if s.shape != (n, 3):
        raise ValueError(f"initial(rng, n) returned the shape {s.shape} for n = {n}; it must return ({n}, 3)")
    return s
