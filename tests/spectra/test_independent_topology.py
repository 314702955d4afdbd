"""Gaps and Chern numbers of magnetised condensates against a program that shares nothing with the package but the
equation of a network, the lattice and the state."""

import numpy as np
import pytest

import latticepol as lp

#: A mesh is off a refined gap by this part of J.
MESH_ERROR = 0.05
MESH = 48


def energies(net, psi, k):
    """What Bogoliubov's matrix has on its diagonal (points, 2N, 2N), without mu, and off it (2N, 2N): derivatives of
    the equation in the docstring of lp.Network by psi and psi^*."""
    lat, site, N = net.lattice, net.site, len(net.lattice.basis)
    hopping, own, mixing = np.zeros((len(k), 2 * N, 2 * N), complex), *np.zeros((2, 2 * N, 2 * N), complex)
    for strength, (i, j, *cells) in zip(lat.strengths, lat.bonds, strict=True):
        shift = np.array(cells) @ lat.vectors
        x, y = lat.basis[j] + shift - lat.basis[i]
        turn = net.dJ * ((x + 1j * y) / np.hypot(x, y)) ** 2
        block = -strength * np.array([[net.J, turn.conj()], [turn, net.J]]) * np.exp(1j * k @ shift)[:, None, None]
        hopping[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2] += block
        hopping[:, 2 * j : 2 * j + 2, 2 * i : 2 * i + 2] += block.conj().swapaxes(1, 2)
    force = 0.5 * np.array([[site.a + site.a2, site.a2], [site.a2, site.a + site.a2]]) - 0.25j
    splitting = 0.5 * net.epsilon * (1 + 1j * site.g)
    for n in range(N):
        here, own_psi = slice(2 * n, 2 * n + 2), psi[n]
        linear = 0.5j * site.p + force @ abs(own_psi) ** 2 + 0.5 * site.delta * np.array([1, -1])
        own[here, here] = np.diag(linear) - splitting * np.array([[0, 1], [1, 0]])
        own[here, here] += force * np.outer(own_psi, own_psi.conj())
        mixing[here, here] = force * np.outer(own_psi, own_psi)
    return own + hopping, mixing


def modes(net, state):
    """Frequencies (MESH, MESH, 4N) in ascending order and right vectors as columns, periodic in k."""
    psi, mu = state.psi.values, float(state.mu)
    along = np.arange(MESH) / MESH
    k = (np.stack(np.meshgrid(along, along, indexing="ij"), axis=-1) @ net.lattice.reciprocal).reshape(-1, 2)
    here, mixing = energies(net, psi, k)
    there = energies(net, psi, -k)[0].conj()
    mixing = np.broadcast_to(mixing, here.shape)
    one = mu * np.eye(here.shape[-1])
    w, right = np.linalg.eig(np.block([[here - one, mixing], [-mixing.conj(), one - there]]))
    order = np.argsort(w.real, axis=-1)
    shape = (MESH, MESH, w.shape[-1])
    w, right = np.take_along_axis(w, order, -1), np.take_along_axis(right, order[:, None], -1)
    return w.reshape(shape), right.reshape(*shape, shape[-1])


def number(right, some):
    """Chern number of some of the modes."""
    dual = np.linalg.inv(right)[..., some, :]
    one, two = (np.linalg.det(dual @ np.roll(right, -1, axis)[..., some]) for axis in (0, 1))
    loop = one * np.roll(two, -1, 0) / (np.roll(one, -1, 1) * two)
    return -np.angle(loop).sum() / (2 * np.pi)


def particles(right, some):
    """Positive eigenvalues of the norm on the space of some modes, the same at every k, or None."""
    basis = np.linalg.qr(right[..., some])[0]
    u = basis[..., : right.shape[-1] // 2, :]
    positive = (np.linalg.eigvalsh(u.conj().swapaxes(-1, -2) @ u) > 0.5).sum(axis=-1)
    return int(positive.max()) if positive.max() == positive.min() else None


def widest(w, right, below):
    """The widest gap with ``below`` particle bands under it, and the Chern number of all under it."""
    m = w.shape[-1]
    found = [(0.0, np.nan)]
    for cut in range(1, m):
        above = cut >= m // 2
        some = slice(cut, m) if above else slice(0, cut)
        if particles(right, some) == (m // 2 - below if above else below):
            gap = (w[..., cut] - w[..., cut - 1]).real.min()
            found.append((gap, (-1 if above else 1) * number(right, some)))
    return max(found)


def network(lattice, **changes):
    site = lp.Site(p=0.1, a=3.0, g=0.6, a2=-0.3, delta=0.3)
    return lp.Network(lattice, site, J=3.0, dJ=1.5).replace(**changes)


def valence_bonds(counts, strengths):
    """A staggered pattern of bonds on a supercell of the honeycomb."""
    return lp.lattice.honeycomb().supercell(counts).replace(strengths=np.array(strengths))


KEKULE = [1.3] * 3 + [0.85] * 6
CASES = {
    "kagome": (network(lp.lattice.kagome()), {2: -2, 3: 0, 4: 2, 5: -1}),
    "kagome in a strong field": (network(lp.lattice.kagome(), delta=-10.0), {1: -2, 2: -2, 3: 0, 5: 1}),
    "columns": (network(valence_bonds((1, 2), [1.25, 1, 1, 0.75, 1, 1]), delta=1.0), {4: 1, 6: 1, 7: 0}),
    "three cells": (network(valence_bonds([[1, 1], [-1, 2]], KEKULE), delta=0.05), {4: 1, 8: 1, 11: 0}),
    "honeycomb in a strong field": (network(lp.lattice.honeycomb(), delta=10.0), {1: 2, 2: 2, 3: 1}),
    "honeycomb in a stronger one": (network(lp.lattice.honeycomb(), delta=50.0), {1: 1, 2: 0, 3: 1}),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name == "three cells")) for name in CASES]
)
def test_gap_and_chern_number_are_those_of_an_independent_program(name):
    net, numbers = CASES[name]
    state = lp.steady_state(net, stability=False)
    assert (abs(state.pseudospin.values[:, 2]) > 0.1).all()
    w, right = modes(net, state)
    for below in numbers if len(net.lattice.basis) > 4 else range(1, 2 * len(net.lattice.basis)):
        found = lp.chern(net, state, below=below, closed="nan")
        gap, C = widest(w, right, below)
        if np.isnan(found.chern):
            assert below not in numbers
            assert found.message
            continue
        assert float(found.chern) == pytest.approx(C, abs=1e-6)
        assert numbers.get(below, C) == pytest.approx(C, abs=1e-6)
        assert gap - MESH_ERROR * net.J < float(found.direct_gap) < gap + 1e-6


@pytest.mark.parametrize("name", ["kagome", "honeycomb in a strong field"])
def test_partners_have_the_opposite_number_and_the_sum_is_0(name):
    """The lowest n modes are the partners of the highest n, and what lies between has 0."""
    net, numbers = CASES[name]
    state = lp.steady_state(net, stability=False)
    w, right = modes(net, state)
    m = w.shape[-1]
    assert number(right, slice(0, m)) == pytest.approx(0, abs=1e-6)
    for below in (below for below in numbers if particles(right, slice(m // 2 + below, m)) == m // 2 - below):
        n = m // 2 - below
        highest, lowest, between = (number(right, s) for s in (slice(m - n, m), slice(0, n), slice(n, m - n)))
        assert particles(right, slice(0, n)) == 0
        assert lowest == pytest.approx(-highest, abs=1e-6)
        assert between == pytest.approx(0, abs=1e-6)
        assert float(lp.chern(net, state, below=below).chern) == pytest.approx(-highest, abs=1e-6)


@pytest.mark.parametrize("condensed", [False, True])
def test_sites_without_hopping_have_the_number_0(condensed):
    """Every plaquette is a minimum of a gap that is flat; none needs to be divided."""
    net = network(lp.lattice.honeycomb(), J=0.0, dJ=0.0, p=0.3)
    state = lp.steady_state(net, stability=False) if condensed else None
    assert float(lp.chern(net, state, below=2).chern) == 0
