"""Spectra along wavevectors: closed forms, vectors, dimensions, arguments."""

import sys

import numpy as np
import pytest
from spectra_cases import hermitian, honeycomb

import latticepol as lp
from latticepol.spectra import batches

#: Eigenvalues of matrices of order eight with entries of order ten, where modes do not meet: 80 eps times a condition
#: of 100 at most. Their vectors are off by that over the distance of two modes.
ROUNDING, VECTORS = 1e-11, 1e-10


def adjacency(lat, k):
    """|f_k| of the honeycomb."""
    return abs(np.exp(1j * k @ lat.bond_vectors.T).sum(axis=-1))


@pytest.mark.parametrize("losses", [False, True])
def test_empty_honeycomb_without_tetm(losses):
    """-+ J |f_k| -+ sqrt(delta^2 + epsilon^2 (1 + i g)^2)/2 + i p/2."""
    net = honeycomb(dJ=0.0, p=0.3, g=0.4, delta=0.7, epsilon=1.3, J=2 + 0.1j)
    k = net.lattice.mesh(7).values
    f = adjacency(net.lattice, k)[..., None] * (net.J if losses else net.J.real)
    root = np.sqrt(0.7**2 + 1.3**2 * (1 + 0.4j * losses) ** 2 + 0j) / 2
    expected = np.concatenate([-f - root, -f + root, f - root, f + root], axis=-1) + 0.15j * losses
    found = lp.bands(net, k=k, losses=losses).omega.values
    assert np.iscomplexobj(found) == losses
    assert abs(np.sort(found, axis=-1) - np.sort(expected, axis=-1)).max() < 1e-7  # roots of rounding where bands meet


def test_tetm_turns_with_the_bond():
    """Square lattice: H_k = -2 J (cos kx + cos ky) - 2 dJ (cos kx - cos ky) sx, splitting and field."""
    site = lp.Site(p=0.0, a=1.0, g=0.0, delta=0.4)
    net = lp.Network(lp.lattice.square(), site, J=1.1, dJ=0.3, epsilon=0.7)
    k = np.random.default_rng(0).uniform(-np.pi, np.pi, (20, 2))
    cx, cy = np.cos(k).T
    x = -0.6 * (cx - cy) - 0.35
    expected = -2.2 * (cx + cy)[:, None] + np.sqrt(x * x + 0.2**2)[:, None] * [-1, 1]
    assert abs(lp.bands(net, k=k).omega.values.real - expected).max() < ROUNDING


def test_sign_of_the_field_and_of_the_tetm_phase():
    """Index 0 is spin +: delta > 0 raises it. The element <+|H|-> of a bond at angle phi is -dJ e^{-2 i phi}."""
    net = hermitian(delta=0.4, J=0.0)
    H = net.bloch_hamiltonian(False)(np.array([0.3, 0.2]))
    assert H[0, 0] == pytest.approx(0.2)
    assert H[1, 1] == pytest.approx(-0.2)
    phase = np.exp(1j * net.lattice.bond_vectors @ [0.3, 0.2])
    assert H[0, 3] == pytest.approx(-0.2 * (phase * np.exp(-2j * net.lattice.angles)).sum())


def test_supercell_folds_the_bands():
    net = honeycomb()
    state = lp.steady_state(net)
    large = net.on(net.lattice.supercell(2))
    at = lp.steady_state(large)
    k = np.array([0.21, -0.4])
    folded = [k + (np.array(n) / 2) @ net.lattice.reciprocal for n in np.ndindex(2, 2)]
    for small, big in (
        (lp.bands(net, k=folded), lp.bands(large, k=k)),
        (lp.bogoliubov(net, state, k=folded), lp.bogoliubov(large, at, k=k)),
    ):
        one, two = (np.sort_complex(spec.omega.values.ravel()) for spec in (small, big))
        assert abs(one[:, None] - two).min(axis=0).max() < 1e-8


@pytest.mark.parametrize("case", ["hermitian", "losses", "condensate"])
def test_vectors(case):
    """M R = R w, L^+ M = w L^+, L^+ R = 1."""
    net = honeycomb(dJ=0.9 + 0.1j, delta=[0.3, 0.2])
    k = net.lattice.mesh(5, offset=0.31)
    if case == "condensate":
        state = lp.steady_state(net)
        spec = lp.bogoliubov(net, state, k=k, vectors=True)
        matrix, inner = (
            net.bogoliubov_matrix(state.psi.values, float(state.mu))(k.values),
            ("nambu", "site", "spin", "mode"),
        )
        assert spec.nambu.values.tolist() == ["u", "v"]
        assert float(spec.growth_rate) == float(state.growth_rate)
    else:
        spec = lp.bands(net, k=k, losses=case == "losses", vectors=True)
        matrix, inner = net.bloch_hamiltonian(case == "losses")(k.values), ("site", "spin", "mode")
    assert spec.right.dims == spec.left.dims == ("k1", "k2", *inner)
    right, left = (spec[name].values.reshape(5, 5, matrix.shape[-1], -1) for name in ("right", "left"))
    w, dagger = spec.omega.values[..., None, :], left.conj().swapaxes(-1, -2)
    assert abs(matrix @ right - right * w).max() < VECTORS
    assert abs(dagger @ matrix - w.swapaxes(-1, -2) * dagger).max() < 1e-9
    assert abs(dagger @ right - np.eye(matrix.shape[-1])).max() < VECTORS
    plain = lp.bogoliubov(net, state, k=k) if case == "condensate" else lp.bands(net, k=k, losses=case == "losses")
    assert abs(plain.omega - spec.omega).max() < 1e-8
    assert (np.diff(spec.omega.values.real, axis=-1) >= 0).all()


def test_what_goes_in_as_a_path_or_mesh_comes_out_as_one(tmp_path):
    net = honeycomb()
    state, lat = lp.steady_state(net), net.lattice
    for k, dims in (
        (lat.path("G K M G", 20), ("k",)),
        (lat.mesh((3, 4), offset=0.5), ("k1", "k2")),
        (lat.path("G K", 5).isel(k=2), ()),
        (np.zeros(2), ()),
        (np.zeros((5, 2)), ("k",)),
        ([[0.0, 0.0]], ("k",)),
        (np.zeros((2, 3, 2)), ("k1", "k2")),
    ):
        for spec, modes in ((lp.bands(net, k=k), 4), (lp.bogoliubov(net, state, k=k), 8)):
            assert spec.omega.dims == (*dims, "mode")
            assert spec.sizes["mode"] == modes
            assert spec.kx.dims == dims
            loaded = lp.load(lp.save(spec, tmp_path / "spectrum.nc"))
            assert loaded.drop_attrs().equals(spec.drop_attrs())
    path = lp.bands(net, k=lat.path("G K M G", 20))
    assert path.distance.dims == path.point.dims == ("k",)
    assert path.point.values[0] == "G"


def test_many_batches_are_one():
    """Wavevectors of three batches, and those of one by one; matrices are of order eight."""
    net = honeycomb()
    state = lp.steady_state(net)
    most = batches.BATCH // 8**2
    k = net.lattice.path("K M", 3 * most)  # away from G, where modes with Re w = 0 are sorted by rounding
    whole = lp.bogoliubov(net, state, k=k, vectors=True)
    for some in np.split(np.arange(len(k)), 3):
        part = lp.bogoliubov(net, state, k=k.values[some], vectors=True)
        assert abs(part.omega.values - whole.omega.values[some]).max() < ROUNDING
        assert abs(part.right.values - whole.right.values[some]).max() < VECTORS


def test_bad_arguments_are_refused():
    net = honeycomb()
    for k, message in (
        ("G K M", r"k = 'G K M' is a text; give wavevectors, for example net\.lattice\.path\('G K M', 200\)"),
        (np.zeros((4, 3)), r"k has shape \(4, 3\); give Cartesian kx, ky: \(2,\) for one, \(n, 2\)"),
        ([np.nan, 0.0], r"k holds nan; give finite"),
        (np.zeros((0, 2)), r"k has shape \(0, 2\)"),
    ):
        with pytest.raises(ValueError, match=message):
            lp.bands(net, k=k)
    for state in (np.ones((2, 2)), lp.steady_state(net)[["psi"]]):
        with pytest.raises(
            TypeError, match=r"state must be a Dataset with psi, mu and growth_rate, as lp\.steady_state"
        ):
            lp.bogoliubov(net, state, k=[0.0, 0.0])
    other = lp.steady_state(honeycomb(lattice=net.lattice.supercell(2)))
    with pytest.raises(ValueError, match=r"psi has shape \(8, 2\), need \(\.\.\., 2, 2\)"):
        lp.bogoliubov(net, other, k=[0.0, 0.0])


def test_pythtb_agrees():
    """The empty honeycomb in another program: energies, and the Chern number of the lower two bands."""
    pythtb = pytest.importorskip("pythtb")
    net = hermitian(epsilon=0.3)
    lat, J, dJ = net.lattice, 1.0, 0.2
    fractions = lat.basis @ np.linalg.inv(lat.vectors)
    if hasattr(pythtb, "tb_model"):
        model = pythtb.tb_model(2, 2, lat.vectors.tolist(), fractions.tolist(), nspin=2)
    else:
        lattice = pythtb.Lattice(lat.vectors.tolist(), fractions.tolist(), periodic_dirs=[0, 1])
        model = pythtb.TBModel(lattice, spinful=True)
    # in Pauli components (1, x, y, z)
    model.set_onsite([[0, -0.15, 0, 0.15]] * 2)
    for (i, j, *cell), phi in zip(lat.bonds.tolist(), lat.angles, strict=True):
        model.set_hop([-J, -dJ * np.cos(2 * phi), -dJ * np.sin(2 * phi), 0], i, j, cell)
    k = lat.mesh(6, offset=0.2)
    reduced = np.stack(np.meshgrid(k.k1, k.k2, indexing="ij"), axis=-1).reshape(-1, 2)
    energies = model.solve_all(reduced).T if hasattr(model, "solve_all") else model.solve_ham(reduced)
    assert abs(lp.bands(net, k=k, losses=False).omega.values.reshape(-1, 4) - np.asarray(energies)).max() < ROUNDING
    if hasattr(pythtb, "wf_array"):
        array = pythtb.wf_array(model, [31, 31])
        array.solve_on_grid([0.0, 0.0])
        flux = array.berry_flux([0, 1])
        assert round(flux / (2 * np.pi)) == int(lp.chern(net, below=2).chern)


@pytest.mark.parametrize("wait", [0.0, 60.0])
def test_what_takes_long_shows_how_far_it_is(wait, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    k = np.zeros((40, 2))
    assert len(batches.in_batches(lambda some: some, k, 8, numbers=64, wait=wait)) == 40
    assert ("wavevectors" in capsys.readouterr().err) == (wait == 0)
