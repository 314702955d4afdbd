"""From matrix elements between Wannier functions to the parameters of a network, and how far its bands are off
(docs/physics.md, section 6)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from latticepol.lattice import Lattice
from latticepol.network.hopping import blocks, splitting

#: Terms below this part of the largest on the sites are rounding.
ROUNDING = 1e-9
#: Fields and gains, which are differences of nearly equal numbers, are rounding below this part.
DIFFERENCE_ROUNDING = 1e-11
#: In a network hoppings that agree to this part of J are one number, and terms on the sites that a Site does not have
#: are left out below it; so are dissipative hoppings below this part of the gain and losses of a site.
SAME_IN_A_NETWORK = 1e-3


@dataclass(frozen=True)
class FitSearch:
    """How bands are fitted by Gauss and Newton's method.

    Parameters
    ----------
    steps
        At most so many.
    difference
        Step of the difference quotients, relative to the scale.
    arrived
        Change, relative to the scale, at which the fit has arrived.
    flat
        Slopes below this part of the largest count as none.
    """

    steps: int = 30
    difference: float = 1e-5
    arrived: float = 1e-9
    flat: float = 1e-6


#: What is used where nothing else is said.
FIT_SEARCH = FitSearch()


class Sites(NamedTuple):
    """``T_nn = E + (i/2) p + (delta/2) sz - (epsilon/2)(1 + i g) sx + more`` of every site."""

    energy: np.ndarray  # (N,), as p, g and delta
    p: np.ndarray
    g: np.ndarray
    delta: np.ndarray
    epsilon: float
    more: np.ndarray  # (N, 2, 2)
    noise: float  # of p and delta

    @classmethod
    def of(cls, block: np.ndarray) -> Self:
        """Read the terms from T_nn (N, 2, 2)."""
        mean, flip = 0.5 * (block[:, 0, 0] + block[:, 1, 1]), 0.5 * (block[:, 0, 1] + block[:, 1, 0])
        noise = DIFFERENCE_ROUNDING * np.abs(block).max()
        p, delta = 2 * mean.imag, (block[:, 0, 0] - block[:, 1, 1]).real
        p, delta = (np.where(np.abs(x) <= noise, 0.0, x) for x in (p, delta))
        epsilon = float(-2 * flip.real.mean())
        if abs(epsilon) <= ROUNDING * np.abs(block).max():
            epsilon, g = 0.0, 0 * delta
        else:
            g = -2 * flip.imag / epsilon
        known = splitting(epsilon, g) + mean[:, None, None] * np.eye(2) + 0.5 * delta[:, None, None] * np.diag([1, -1])
        return cls(mean.real, p, g, delta, epsilon, block - known, noise)

    def onsite(self, J: float) -> np.ndarray:
        """Return what a network with the hopping J takes as ``onsite``: energies where they say all, otherwise
        matrices."""
        largest = max(abs(self.epsilon), np.abs(self.energy).max(), np.abs(self.p).max())
        if np.abs(self.more).max() <= max(ROUNDING * largest, SAME_IN_A_NETWORK * J):
            return self.energy
        return self.more + self.energy[:, None, None] * np.eye(2)


class Bonds(NamedTuple):
    """``T_ij = -[J + dJ (cos 2phi sx + sin 2phi sy)]`` of every bond, and what that does not hold."""

    J: np.ndarray  # (M,), complex where a gain couples the sites
    dJ: np.ndarray
    remainder: float  # largest element of the rest on the bonds
    left_out: float  # largest element of T between sites that no bond joins

    @classmethod
    def of(cls, elements: np.ndarray, lattice: Lattice) -> Self:
        """Read the bonds from T (M1, M2, N, 2, N, 2) between the cells 0 and n (modulo the mesh)."""
        i, j = lattice.bonds[:, 0], lattice.bonds[:, 1]
        n = np.zeros((len(i), 2), int)
        n[:, : lattice.dimension] = lattice.bonds[:, 2:]
        n1, n2 = n.T
        there, back = elements[n1, n2, i, :, j], elements[-n1, -n2, j, :, i]
        turn, block = np.exp(2j * lattice.angles), 0.5 * (there + back)
        J = -0.5 * (block[:, 0, 0] + block[:, 1, 1])
        dJ = -0.5 * (block[:, 0, 1] * turn + block[:, 1, 0] / turn)
        rest = elements.copy()
        rest[n1, n2, i, :, j] = rest[-n1, -n2, j, :, i] = 0
        sites = np.arange(elements.shape[2])
        rest[0, 0, sites, :, sites] = 0
        known = blocks(J, dJ, lattice.angles)
        remainder = max(np.abs(block - known).max(initial=0.0) for block in (there, back))
        return cls(J, dJ, float(remainder), float(np.abs(rest).max()))


def fit(
    bands: Callable[[np.ndarray], np.ndarray], wanted: np.ndarray, scale: float, search: FitSearch = FIT_SEARCH
) -> np.ndarray:
    """Return the numbers x that bring ``bands(x)``, from x = 0, nearest to ``wanted``, both (K, modes), in the mean
    square.

    Gauss-Newton; a number on which the bands do not depend stays 0.
    """
    x, size = np.zeros(3), search.difference * scale
    for _ in range(search.steps):
        slopes = np.stack([(bands(x + h) - bands(x - h)).ravel() for h in size * np.eye(3)], axis=1) / (2 * size)
        change = np.linalg.lstsq(slopes, (wanted - bands(x)).ravel(), rcond=search.flat)[0]
        x = x + change
        if np.abs(change).max() <= search.arrived * scale:
            break
    return x


def shortened(values: np.ndarray, scale: float, losses: float = 0.0) -> Any:
    """Return one number where all are the same next to the scale, real where the imaginary parts are small next to
    losses."""
    if values.size == 0:
        return 0.0
    if np.abs(values.imag).max() <= SAME_IN_A_NETWORK * losses:
        values = values.real
    same = np.abs(values - values.mean()).max() <= SAME_IN_A_NETWORK * scale
    return values.mean().item() if same else values
