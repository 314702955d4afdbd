"""Spectra of a honeycomb of pumped sites in the continuum: accuracy, symmetries, gap and topology."""

import numpy as np
import pytest
from field_cases import HONEYCOMB, cosines, ferromagnet, honeycomb, matrices_on_grid

import latticepol as lp
from latticepol import topology
from latticepol.spectra.gaps import _topology

#: The phase mode without truncation: Newton's residual, 1e-10, times the condition of an eigenvalue; what shift-and-
#: invert and the dense problem differ by.
PHASE, EXACT = 1e-8, 1e-8
#: The mean of some hundred eigenvalues is a trace: rounding of its terms over the mean.
TRACE = 1e-12
#: How much closer the lowest bands come when the basis doubles, at least.
FASTER = 4.0
K = np.array([[0.3, 0.2], [0.0, 0.0], [-0.5, 1.1]])


@pytest.fixture(scope="module")
def lattice():
    model = honeycomb(8)
    return model, lp.steady_state(model, ferromagnet(model), relax=30.0)


def particles(omega, count=4):
    """The lowest modes of positive frequency (..., count)."""
    ordered = np.sort(np.where(omega.real > 1e-6, omega, np.inf), axis=-1)
    return ordered[..., :count]


@pytest.fixture(scope="module")
def dense(lattice):
    model, state = lattice
    return lp.bogoliubov(model, state, k=K, basis=None)


def test_phase_mode_without_truncation(dense):
    assert abs(dense.omega.values[1]).min() < PHASE


def test_projections_converge_to_the_dense_spectrum(lattice, dense):
    model, state = lattice
    exact = particles(dense.omega.values[[0, 2]], 3)
    errors = []
    for basis in (6, 12, 24):
        found = lp.bogoliubov(model, state, k=K[[0, 2]], basis=basis)
        errors.append(abs(particles(found.omega.values, 3) - exact).max())
    assert errors[0] < 0.15
    assert errors[1] < errors[0] / FASTER
    assert errors[2] < errors[1] / FASTER
    assert errors[2] < 1e-3


def test_shift_and_invert_finds_dense_modes(lattice, dense):
    model, state = lattice
    found = lp.bogoliubov(model, state, k=K[[0]], near=16.0, modes=4, vectors=True)
    exact = dense.omega.values[0]
    closest = exact[np.argsort(abs(exact - 16.0))[:4]]
    assert abs(np.sort(found.omega.values[0]) - np.sort(closest)).max() < EXACT
    assert found.right.dims == ("k", "nambu", "spin", "y", "x", "mode")


def test_vectors_solve_the_equation_on_the_grid(lattice):
    """w u = (A + H(k) - mu) u + B v, left and right vectors biorthogonal."""
    model, state = lattice
    k = K[0]
    ds = lp.bogoliubov(model, state, k=k, basis=None, vectors=True)
    mode = int(np.argmin(abs(ds.omega.values - 16.0)))
    u, v = ds.right.values[..., mode]
    A, B = model.derivatives(state.psi.values)
    H = matrices_on_grid(model, k)
    Hu = np.fft.ifft2(np.einsum("yxst,tyx->syx", H, np.fft.fft2(u)))
    left = np.einsum("styx,tyx->syx", A, u) + np.einsum("styx,tyx->syx", B, v) + Hu - float(state.mu) * u
    assert abs(left - ds.omega.values[mode] * u).max() < 1e-9 * abs(u).max()
    product = (ds.left.values.conj() * ds.right.values).sum(axis=(0, 1)).mean(axis=(0, 1))
    assert abs(product - 1).max() < 1e-6


@pytest.mark.parametrize("terms", [{"epsilon": 0.0, "gamma": 0.0}, {"beta": 0.0}])
def test_bands_have_the_rotations_of_the_lattice(terms):
    """By 60 degrees about the centre of a hexagon; with the splitting, which marks the x axis, only without TE-TM."""
    model = honeycomb(12, **terms)
    angle = np.pi / 3
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    k = np.array([[0.31, 0.12], [-0.4, 0.9]])
    there, back = (lp.bands(model, k=some, basis=12).omega.values for some in (k, k @ turn.T))
    # the grid is cut off in a rhomb, which has not all rotations: rounding of high bands only
    assert abs(there[:, :8] - back[:, :8]).max() < 1e-6


def test_the_sign_of_k_matters():
    """With the splitting and TE-TM a rotation by 60 degrees is no symmetry."""
    model = honeycomb(12)
    k = np.array([[0.31, 0.12]])
    turned = k @ np.array([[0.5, 0.75**0.5], [-(0.75**0.5), 0.5]])
    there, back = (lp.bands(model, k=some, basis=6).omega.values for some in (k, turned))
    assert abs(there - back).max() > 1e-3


def test_gap_and_chern_number(lattice):
    model, state = lattice
    gap = lp.gap(model, state, below=2, basis=6, mesh=9)
    assert float(gap.direct_gap) == pytest.approx(0.754, abs=2e-3)
    assert float(gap.line_gap) > 0.3
    # 0.75095 and 0.34025 with 24 modes
    wrong = max(abs(float(gap.direct_gap) - 0.75095), abs(float(gap.line_gap) - 0.34025))
    assert wrong / 2 < float(gap.basis_error) < 2 * wrong
    assert gap.neighbour == "particle"
    assert float(gap.resolved) < float(gap.direct_gap) / float(gap.linewidth) < 1
    raised = lp.gap(model, state, below=2, basis=3, mesh=6, basis_tol=0.01)
    assert raised.basis == 6
    assert float(raised.basis_error) == pytest.approx(float(gap.basis_error), rel=0.1)
    empty = lp.gap(model, below=2, basis=6, mesh=9)
    assert float(gap.direct_gap) > 50 * float(empty.direct_gap) > 0.3
    chern = lp.chern(model, state, below=2, basis=6, mesh=6)
    assert int(chern.chern) == -2
    assert float(chern.smallest_norm) > 0.9


@pytest.mark.slow  # of a network: tests/spectra/test_network_gaps.py
def test_berry_curvature_adds_up_to_the_chern_number(lattice):
    model, state = lattice
    curvature = lp.berry_curvature(model, state, below=2, basis=6, mesh=9)
    area = np.linalg.det(model.reciprocal) / 81
    assert float(curvature.berry_curvature.sum()) * area / (2 * np.pi) == pytest.approx(-2, abs=0.2)


def test_the_field_reverses_the_chern_number(lattice):
    model, state = lattice
    flipped = state.assign(psi=state.psi.copy(data=state.psi.values[::-1]))
    mirrored = model.replace(Delta=-0.01, beta=0.2)
    state = lp.steady_state(mirrored, flipped, stability=False)
    assert float(lp.stokes(state).S_z.min()) < -0.3
    assert int(lp.chern(mirrored, state, below=2, basis=6, mesh=6).chern) == 2


def test_fluxes_that_are_no_integer_are_told_what_to_raise(lattice):
    model, state = lattice
    search = topology.FluxSearch(rough=0.0)  # no sum is an integer
    message = (
        r"fluxes add up to .* turns, .* must be an integer \(direct gap 0.7\d+\); raise mesh \(now 6\) or basis \(now"
    )
    with pytest.raises(ValueError, match=message):
        _topology(model, state, 2, False, 6, 1e-6, 4, "raise", search)


@pytest.mark.slow  # what makes it so is in the next test
@pytest.mark.parametrize(
    ("which", "basis", "mesh"),
    [("condensate", 5, 6), ("strong field", 5, 6), ("strong field", 8, 6), ("condensate", 8, 12)],
)
def test_a_basis_that_cuts_through_bands_gives_the_same_number(lattice, which, basis, mesh):
    """The bands above 5 and 8 scalar modes meet at wavevectors of the mesh, those above 9 between them."""
    strong = honeycomb(10, delta=2.0, epsilon=0.0, gamma=0.0)
    model = lattice if which == "condensate" else (strong,)
    assert int(lp.chern(*model, below=2, basis=basis, mesh=mesh).chern) == -2


def test_the_flux_of_the_basis_is_taken_off():
    """Wells of unequal depth: scalar bands have Berry curvature, and a basis that ends among them even a flux."""
    model = honeycomb(10, delta=2.0, epsilon=0.0, gamma=0.0)
    x, y = model.grid.points
    b1, b2 = HONEYCOMB.reciprocal
    unequal = sum(np.sin(q[0] * x + q[1] * y) for q in (b1, b2, -b1 - b2))
    model = model.replace(V=11.2 * cosines(model.grid) + 4 * unequal)
    k = topology.mesh_points(model.reciprocal, 10, closed=True) + np.array([0.05, 0.083])
    raw, relative = [], []
    for basis in (6, 7):
        what = model.linear_problem(losses=False, basis=basis)
        _, left, right, frame = what.lifted(k.reshape(-1, 2), what.above(2)).on_mesh(11, 11)
        raw.append(topology.fluxes(left, right))
        relative.append(topology.fluxes(left, right, frame))
    assert abs(relative[0] - relative[1]).max() < 0.01
    assert abs(relative[0]).max() < 0.1
    assert abs(raw[0] - raw[1]).max() > 1
    assert int(lp.chern(model, below=2, basis=6, mesh=9).chern) == 0


@pytest.mark.slow  # of a ribbon: test_field_ribbon.py
def test_the_empty_lattice(lattice):
    model, _ = lattice
    assert int(lp.chern(model, below=2, basis=4, mesh=9).chern) == -2
    scalar = lp.bands(model.replace(epsilon=0.0, gamma=0.0, beta=0.0, Delta=0.0), k=[0.0, 0.0], losses=False, basis=6)
    V = 11.2 * cosines(model.grid)
    assert np.allclose(scalar.omega.values[::2], scalar.omega.values[1::2], atol=1e-9)
    # the sum rule of all plane waves: the mean energy is that of the potential and of the free particle
    free = np.trace(matrices_on_grid(model.replace(terms=[lp.Kinetic(1 / 2.8)])), axis1=-2, axis2=-1).real / 2
    every = lp.bands(model.replace(epsilon=0.0, beta=0.0, Delta=0.0), k=[0.0, 0.0], losses=False, basis=None)
    assert float(every.omega.mean()) == pytest.approx(V.mean() + free.mean(), rel=TRACE)


def test_what_is_refused(lattice):
    model, state = lattice
    with pytest.raises(ValueError, match=r"basis must be an integer from 1 to \d+.*; got 0"):
        lp.bands(model, k=[0.0, 0.0], basis=0)
    with pytest.raises(ValueError, match=r"below must be an integer from 1 up to 11; got 12"):
        lp.gap(model, state, below=12, basis=6)
    with pytest.raises(ValueError, match=r"basis = None: plane waves cut off at the grid are not periodic in k"):
        lp.chern(model, state, below=2, basis=None)
    with pytest.raises(ValueError, match="psi0 is on 8 x 8 points"):
        lp.bogoliubov(honeycomb(10), state, k=[0.0, 0.0])
    with pytest.raises(ValueError, match=r"V must be constant.*depends on time"):
        lp.bands(model.replace(V=lambda x, y, t: x * t), k=[0.0, 0.0])


def test_paths_and_meshes_keep_their_coordinates(lattice):
    model, state = lattice
    path = lp.bogoliubov(model, state, k=HONEYCOMB.path("G K M", 5), basis=3)
    assert path.omega.dims == ("k", "mode")
    assert path.point.values[-1] == "M"
    mesh = lp.bands(model, k=HONEYCOMB.mesh(3), basis=3)
    assert mesh.omega.dims == ("k1", "k2", "mode")
    assert mesh.omega.attrs["units"] == "1"


def test_a_gap_below_mu():
    """A condensate of the upper spin: the bands of the lower one lie below it, next to partners."""
    model = honeycomb(12, depth=150.0, delta=5.0, beta=0.05, gain=2.5, epsilon=0.0, gamma=0.0)
    upper = lp.bands(model, k=[0.0, 0.0], losses=False, vectors=True, basis=6).right.sel(mode=2).values
    assert abs(upper[0]).mean() > 20 * abs(upper[1]).mean()
    state = lp.steady_state(model, 1.2 * upper, relax=0.0, stability=False)
    found = lp.gap(model, state, below=2, basis=6, mesh=6)
    spec = lp.bogoliubov(model, state, k=found.k_gap.values, basis=6, vectors=True)
    w = spec.omega.values.real
    above = 8 + 2  # partners of higher bands, and the two particles
    assert float(found.direct_gap) == pytest.approx(w[above] - w[above - 1], abs=PHASE)
    u = (abs(spec.right.values[0]) ** 2).sum(axis=(0, 1, 2)) / (abs(spec.right.values) ** 2).sum(axis=(0, 1, 2, 3))
    assert (u[above - 2 : above + 1] > 0.5).tolist() == [True, True, False]
    assert found.neighbour == "partner"
    assert w[above] < -9


RESERVOIR = lp.Reservoir(2.0, R=1.0, Gamma_R=1.5, Gamma=1.0, g_R=0.3, g_cross=-0.1, tau_s=2.0)


def test_a_reservoir_brings_its_own_modes():
    """``below`` counts field modes."""
    grid = lp.Grid.rectangle((3.0, 2.0), (8, 6))
    model = lp.SpinorGPE(grid, [lp.Kinetic(1.0), lp.Splitting(0.4, 0.2), lp.Interaction(0.1, 0.05), RESERVOIR])
    psi = np.array([1.0, -1.0])[:, None, None] * np.ones(grid.shape, complex)
    state = lp.steady_state(model, psi, relax=0.0, stability=False)
    ds = lp.bogoliubov(model, state, k=[[0.4, 0.3], [0.0, 0.0]], basis=6, vectors=True)
    field, waves = 4 * 6, ds.sizes["mode"] - 4 * 6
    assert waves % 2 == 0
    assert ds.sizes["mode"] == field + waves
    assert ds.right_reservoir.dims == ("k", "spin", "y", "x", "mode")
    assert abs(ds.omega.values[1]).min() < PHASE
    with pytest.raises(ValueError, match="from 1 up to 11"):
        lp.gap(model, state, below=12, basis=6)


@pytest.mark.parametrize("w", [pytest.param(0.1, marks=pytest.mark.slow), 0.02])
def test_a_fast_reservoir_is_saturable_gain(w):
    """W = R P/Gamma_R, eta = R^2 P/Gamma_R^2 where R S/Gamma_R = w/W is small (docs/physics.md, section 1)."""
    grid = lp.Grid.rectangle((3.0, 2.0), (6, 6))
    common = [lp.Kinetic(1.0), lp.Splitting(0.4, 0.0), lp.Interaction(1e-3, 1e-4)]
    R, Gamma_R = 100.0, 1e4
    P = (1 + w) * Gamma_R / R
    slow = lp.SpinorGPE(grid, [*common, lp.Reservoir(P, R=R, Gamma_R=Gamma_R, Gamma=1.0, tau_s=1e-6)])
    quick = lp.SpinorGPE(grid, [*common, lp.Gain(1 + w, 1.0, R**2 * P / Gamma_R**2)])
    psi = np.sqrt(w / 0.01) * np.array([1.0, -1.0])[:, None, None] * np.ones(grid.shape, complex)
    decay = []
    for model in (slow, quick):
        state = lp.steady_state(model, psi, relax=0.0, stability=False)
        omega = lp.bogoliubov(model, state, k=[0.0, 0.0], basis=1).omega.values
        field = omega[abs(omega) < Gamma_R / 10]
        decay.append(np.sort(field.imag))
    assert decay[1][0] == pytest.approx(-w, rel=1e-9)
    assert abs(decay[0] - decay[1]).max() < 2 * w**2
    assert abs(decay[0] - decay[1]).max() > 0.5 * w**2  # the saturation of the reservoir itself is seen
