"""The network that stands for a field on a honeycomb, from the linear bands alone: no gap is fitted.

``lp.to_network`` gives another one, with the J of neighbouring Wannier functions. In this shallow potential the hopping
to next-nearest neighbours is not small, and J differs from that of the width of the bands, which is compared here.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.optimize import minimize_scalar

import latticepol as lp

#: Scalar modes of the bands, wavevectors at which those split by TE-TM are compared, neighbours of a site.
BASIS, PATH, NEIGHBOURS = 16, 31, 3
#: Distance from K at which the slope of the cones is taken (1/distance of neighbours).
NEXT = 0.02


class Scalar(NamedTuple):
    """What the lowest two bands of a cell are without splitting, TE-TM and Zeeman field."""

    J: complex  # hopping to nearest neighbours; a pump that is stronger on the sites makes it complex
    J2: complex  # to next-nearest neighbours, which no network here has
    gain: float  # W - Gamma in the in-phase Bloch mode


def scalar(model: lp.SpinorGPE, lattice: lp.lattice.Lattice) -> Scalar:
    """From ``E(k) = E0 -+ J |f| - J2 (|f|^2 - 3)``: |f| is 3 at G and 0 at K."""
    bare = model.replace(epsilon=0.0, gamma=0.0, beta=0.0, Delta=0.0)
    G, K = lp.bands(bare, k=lattice.path("G K", 2), basis=BASIS).omega.values[:, :4]
    low, high = G[:2].mean(), G[2:].mean()
    return Scalar((high - low) / (2 * NEIGHBOURS), (K.mean() - (low + high) / 2) / 9, float(2 * low.imag))


def tetm_hopping(model: lp.SpinorGPE, lattice: lp.lattice.Lattice, J: float) -> float:
    """dJ for which the bands of a network are nearest to those of the field with TE-TM along G-K-M-G, both Hermitian.

    Least squares, without the mean of the four bands at every k, which next-nearest neighbours move.
    """
    k = lattice.path("G K M G", PATH)
    field = lp.bands(model.replace(epsilon=0.0, gamma=0.0, Delta=0.0), k=k, losses=False, basis=BASIS)
    wanted = field.omega.values[:, :4] - field.omega.values[:, :4].mean(axis=1, keepdims=True)
    tried = lp.Network(lattice, lp.Site(p=0.0, a=1.0, g=0.0), J=J, epsilon=0.0)

    def error(dJ: float) -> float:
        return float(((lp.bands(tried.replace(dJ=dJ), k=k, losses=False).omega.values - wanted) ** 2).sum())

    return float(minimize_scalar(error, bounds=(0.0, J), method="bounded").x)


def network(model: lp.SpinorGPE, lattice: lp.lattice.Lattice) -> lp.Network:
    """Hopping of the empty lattice; p is such that the in-phase mode has the gain it has in the field.

    The interaction enters by ``a1 = alpha1/eta`` and a2 alone: the overlap of a site multiplies all three alike.
    """
    given = model.parameters()
    epsilon, eta = given["Splitting.epsilon"], given["Gain.eta"]
    found = scalar(model, lattice)
    a2 = given["Interaction.alpha2"] / eta
    site = lp.Site(
        p=(found.gain + 2 * NEIGHBOURS * found.J.imag) / epsilon,
        a=given["Interaction.alpha1"] / eta - a2,
        a2=a2,
        g=given["Splitting.gamma"] / epsilon,
        delta=given["Zeeman.Delta"] / epsilon,
    )
    dJ = tetm_hopping(model, lattice, found.J.real)
    return lp.Network(lattice, site, J=found.J / epsilon, dJ=dJ / epsilon)


def network_at_K(model: lp.SpinorGPE, lattice: lp.lattice.Lattice) -> lp.Network:
    """The same with J from the slope of the Dirac cones, ``+-(3/2) J |k - K|``, and dJ from the splitting at K.

    With TE-TM the bands of a network at K are -3 dJ, 0, 0 and 3 dJ; the condensate does not see these numbers.
    """
    unsplit = model.replace(epsilon=0.0, gamma=0.0, Delta=0.0)
    K, step = lattice.path("K G", 2).values[0], np.array([NEXT, 0.0])
    cones = lp.bands(unsplit.replace(beta=0.0), k=[K + step, K - step], losses=False, basis=BASIS).omega
    split = lp.bands(unsplit, k=K[None], losses=False, basis=BASIS).omega.values[0]
    net, epsilon = network(model, lattice), model.parameters()["Splitting.epsilon"]
    J = float((cones[:, 3] - cones[:, 0]).mean()) / (2 * 1.5 * NEXT)
    dJ = float(split[3] - split[0]) / (2 * NEIGHBOURS)
    return net.replace(J=J / epsilon + 1j * net.J.imag, dJ=dJ / epsilon)


def overlap(model: lp.SpinorGPE, lattice: lp.lattice.Lattice) -> float:
    """``int |phi_K|^2 |phi_G|^2 / int |phi_G|^4``: how much of the condensate a mode at K sees; 1 in a network."""
    bare = model.replace(epsilon=0.0, gamma=0.0, beta=0.0, Delta=0.0)
    modes = lp.bands(bare, k=lattice.path("G K", 2), losses=False, basis=BASIS, vectors=True).right.values
    density = (np.abs(modes) ** 2).sum(axis=1)
    G, K = density[0, ..., :2].mean(axis=-1), density[1, ..., :4].mean(axis=-1)
    return float((G * K).mean() / (G**2).mean())


def dressed(model: lp.SpinorGPE, state: xr.Dataset, lattice: lp.lattice.Lattice) -> lp.Network:
    """The same with J and dJ of an excitation in the potential of the condensate too, ``(alpha1 + alpha2/2) S(r)``.

    It is the mean over both spins of the diagonal of A. What it does on the sites is in the network already, what it
    does to the hopping is not.
    """
    given = model.parameters()
    blueshift = given["Interaction.alpha1"] + given["Interaction.alpha2"] / 2
    raised = model.replace(V=model.equation.value("V", 0.0) + blueshift * lp.stokes(state).S.values.squeeze())
    net, epsilon = network(model, lattice), given["Splitting.epsilon"]
    J = scalar(raised, lattice).J.real
    return net.replace(J=J / epsilon + 1j * net.J.imag, dJ=tetm_hopping(raised, lattice, J) / epsilon)
