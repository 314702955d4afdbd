"""Ribbons of a field: edge modes and their direction, exact symmetries, walls, what is refused."""

from functools import cache

import numpy as np
import pytest
import xarray as xr

import latticepol as lp
from latticepol.gpe.geometry import strip
from latticepol.stationary.api import newton

#: Newton's residual; spectra that a symmetry relates: residual times the condition of modes that are close.
RELAXED, SYMMETRIC = 1e-10, 1e-6
#: Sums over the points of a strip of numbers of order one.
ROUNDING = 1e-12
#: Lowest bands of a strip in 60 scalar modes for each cell, and in 30 where two walls of different width stand.
MODES, APART = 1e-3, 1e-3
#: Slopes of the projected bands, without what a projection that depends on k leaves out.
SLOPE = 2e-2
#: Distance of two modes below which their weights and velocities are not compared, and the part of modes that is left.
NEIGHBOURS, MOST = 0.01, 0.9
#: Modes of one edge weigh so many times more there than at the other one.
ONE_EDGE = 2.0
LATTICE = lp.lattice.honeycomb()
#: High enough for the field to end, low enough for a stable strip.
WALL = 16.0
#: Velocity on the edge to the right of the vector of the ribbon, for delta > 0: that of the network.
RIGHT = 1
SMALL = {"width": 2, "pad": 1, "basis": 4, "wall": WALL}


def honeycomb(delta=0.01, points=12, **changes):
    """A ferromagnet with a gap above two bands, C = -2 for delta > 0."""
    grid = lp.Grid.cell(LATTICE, points)
    c = lp.pumps.cosines(1.0, LATTICE).parts(grid)[0][0]
    terms = [lp.Kinetic(1 / 2.8), lp.Splitting(1.0, 1.0), lp.TETM(0.2), lp.Zeeman(delta), lp.Potential(11.2 * c),
             lp.Gain(0.62 - 2 / 3 * c, 1.0, 1.0), lp.Interaction(2.28, 0.0)]  # fmt: skip
    return lp.SpinorGPE(grid, terms).replace(**changes)


def empty(sign=1):
    """Without condensate, losses and epsilon, in a strong field: C = -2 for delta > 0."""
    return honeycomb(1.0 * sign, epsilon=0.0, gamma=0.0)


@cache
def bulk(sign=1):
    """Model and state aligned with its field, without the growth rate that takes lp.steady_state longest."""
    model = honeycomb(0.01 * sign)
    c = model.terms[4].V / 11.2
    spins = np.array([1.3, -0.7][::sign], complex) * sign
    psi, mu, residual = newton(model, 0.5 * np.exp(-c / 3) * spins[:, None, None], 0.01 * RELAXED)
    assert residual < RELAXED
    assert (sign * (np.abs(psi[0]) ** 2 - np.abs(psi[1]) ** 2)).max() > 0.5
    return model, xr.Dataset({"psi": (("spin", "y", "x"), psi), "mu": mu, "growth_rate": 0.0})


@cache
def small(sign=1, nk=7):
    return lp.ribbon(*bulk(sign), nk=nk, **SMALL)


def crossings(ribbon, energy):
    """Of the modes that cross the energy and live at one edge: +1 or -1 for each direction, by edge."""
    found = {"right": [], "left": []}
    w = ribbon.omega.values.real
    for m in range(w.shape[1]):
        for i in np.flatnonzero((w[:-1, m] - energy) * (w[1:, m] - energy) < 0):
            weight = ribbon.edge_weight.values[i : i + 2, m].mean(axis=0)
            if weight.max() > ONE_EDGE * weight.min():
                found[str(ribbon.edge.values[weight.argmax()])].append(int(np.sign(w[i + 1, m] - w[i, m])))
    return found


def alone(omega):
    """Modes at least `NEIGHBOURS` from all others: of modes as close as rounding any may come first, as the two at
    Re w = 0 where a branch is diffusive."""
    distance = np.diff(omega.real, axis=-1)
    ends = np.full((len(omega), 1), np.inf)
    return np.minimum(np.hstack([ends, distance]), np.hstack([distance, ends])) > NEIGHBOURS


def line_gap(model, state=None):
    """The highest frequency of the second band and the lowest of the third one."""
    k = LATTICE.mesh(12)
    spectrum = (
        lp.bands(model, k=k, losses=False, basis=8) if state is None else lp.bogoliubov(model, state, k=k, basis=8)
    )
    w = spectrum.omega.values.real
    first = 0 if state is None else w.shape[-1] // 2
    return w[..., first + 1].max(), w[..., first + 2].min()


def in_the_gap(ribbon, low, high):
    """A quarter above the lower end of the bulk's gap, counted from the mu of the ribbon, which is higher.

    Further up modes of the edges, where the condensate has lost its spin, fill the gap.
    """
    return low + 0.25 * (high - low) + float(bulk()[1].mu) - float(ribbon.mu)


@pytest.mark.parametrize("sign", [1, pytest.param(-1, marks=pytest.mark.slow)])
def test_edge_modes_of_the_empty_lattice(sign):
    """As many per edge as |C|, one way on one edge, the other way on the other; the field reverses them, as in the test
    of the flipped ribbon."""
    low, high = line_gap(empty(sign))
    ribbon = lp.ribbon(empty(sign), width=9, pad=1, nk=20, basis=3)
    assert not np.iscomplexobj(ribbon.omega)
    for part in (0.3, 0.7):
        energy = low + part * (high - low)
        found = crossings(ribbon, energy)
        assert found == {"right": [RIGHT * sign] * 2, "left": [-RIGHT * sign] * 2}


@pytest.mark.slow
@pytest.mark.parametrize("sign", [1, -1])
def test_edge_modes_of_an_armchair_ribbon(sign):
    low, high = line_gap(empty(sign))
    ribbon = lp.ribbon(empty(sign), width=14, edge="armchair", nk=60, basis=3)
    found = crossings(ribbon, low + 0.7 * (high - low))  # where both modes are narrower than the ribbon
    assert found == {"right": [RIGHT * sign] * 2, "left": [-RIGHT * sign] * 2}


def test_edge_modes_of_the_condensate():
    """Two per edge in the gap of the excitations, opposite on both edges; what is flipped is in the next test."""
    low, high = line_gap(*bulk())
    assert low < high
    state = lp.ribbon(*bulk(), width=6, pad=1, nk=2, basis=5, wall=WALL, stability=False)
    energy = in_the_gap(state, low, high)
    ribbon = lp.ribbon(bulk()[0], state, width=6, pad=1, nk=21, basis=5, wall=WALL, energy=energy)
    assert abs(ribbon.psi - state.psi).max() < RELAXED
    assert float(ribbon.residual) < RELAXED
    assert float(ribbon.growth_rate) <= float(ribbon.phase_mode)
    assert ribbon.edge_modes.values.tolist() == [2 * RIGHT, -2 * RIGHT]
    assert "stable" not in ribbon  # between the wavevectors that are shown nothing was looked for
    found = crossings(ribbon, in_the_gap(ribbon, low, high))
    assert sum(found["right"]) == 2 * RIGHT
    assert sum(found["left"]) == -2 * RIGHT


@pytest.mark.slow
@pytest.mark.parametrize("sign", [1, -1])
def test_edge_modes_of_a_wider_condensate(sign):
    """Zigzag: along armchair edges of such width the condensate has lost its spin over most of the ribbon."""
    low, high = line_gap(*bulk(sign))
    ribbon = lp.ribbon(*bulk(sign), width=8, nk=60, basis=6, wall=WALL)
    found = crossings(ribbon, in_the_gap(ribbon, low, high))
    assert sum(found["right"]) == 2 * RIGHT * sign
    assert sum(found["left"]) == -2 * RIGHT * sign


def test_the_flipped_ribbon_is_the_mirrored_one():
    """x -> -x and the exchange of the spins reverse the field: the same edges, opposite wavevectors and velocities."""
    up, down = small(1), small(-1)
    assert float(up.mu) == pytest.approx(float(down.mu), abs=SYMMETRIC)
    assert abs(up.omega.values.real - down.omega.values.real[::-1]).max() < SYMMETRIC
    compared = alone(up.omega.values)
    assert compared.mean() > MOST
    assert abs(up.edge_weight.values - down.edge_weight.values[::-1])[compared].max() < 100 * SYMMETRIC
    assert abs(up.velocity.values + down.velocity.values[::-1])[compared].max() < 100 * SYMMETRIC
    assert abs(up.velocity.values[0]).max() > 1


def along(model, ribbon, k, **changes):
    """Frequencies, weights and velocities at any k of a ribbon."""
    options = {"wall": WALL} | {name: value for name, value in (SMALL | changes).items() if name != "wall"}
    cut = model.cut_ribbon(edge="zigzag", compensated=False, **options)
    psi = ribbon.psi.values if "psi" in ribbon else None
    what = cut.problem(psi, float(ribbon.get("mu", 0.0)), False)
    direction = cut.along / np.linalg.norm(cut.along)
    omega, left, right, _ = what.lifted(k[:, None] * direction)
    return omega, cut.edge_weights(what, right, 0.25), what.velocities(k[:, None] * direction, direction, left, right)


def test_half_of_the_zone_is_the_whole_of_it():
    """w_-k = -w_k^*: what is mirrored is what is computed."""
    ribbon = small()
    model, _ = bulk()
    omega, weight, velocity = along(model, ribbon, ribbon.k.values)
    assert (np.diff(ribbon.omega.values.real, axis=1) >= 0).all()
    assert abs(ribbon.omega.values.real - omega.real).max() < SYMMETRIC
    compared = alone(omega)
    assert compared.mean() > MOST
    assert abs(ribbon.edge_weight.values - weight)[compared].max() < 100 * SYMMETRIC
    assert abs(ribbon.velocity.values - velocity)[compared].max() < 100 * SYMMETRIC


@pytest.mark.parametrize("state", [None, "condensate"])
def test_velocity_is_the_slope(state):
    model, found = bulk()
    ribbon = lp.ribbon(model, found if state else None, nk=2, **SMALL | {"basis": 12})
    h = 1e-4
    omega, weight, velocity = along(model, ribbon, np.array([0.9 - h, 0.9, 0.9 + h]), basis=12)
    first = 0 if state is None else omega.shape[1] // 2
    low = slice(
        first, first + 8
    )  # two bands of two spins, as many times as there are cells: the others need more modes
    slope = (omega[2] - omega[0]).real / (2 * h)
    assert abs(velocity[1] - slope)[low].max() < SLOPE
    assert abs(slope[low]).max() > 1
    assert (weight >= 0).all()
    assert (weight.sum(axis=-1) <= 1 + ROUNDING).all()


def test_the_projection_converges_to_the_plane_waves():
    """And the spectrum is that of lp.bands on the model of the strip."""
    cut = strip.cut(empty(), "zigzag", 1, 1, None, 8)
    ribbon = lp.ribbon(empty(), width=1, pad=1, nk=3, basis=60)
    k = ribbon.k.values[:, None] * [1.0, 0.0]
    dense = lp.bands(cut.model, k=k, losses=False, basis=None).omega.values
    assert abs(ribbon.omega.values - dense[:, :120])[:, :8].max() < MODES


def test_the_wall_keeps_the_edges_apart():
    """One more cell of wall changes nothing that is bound to the strip."""
    one, two = (lp.ribbon(empty(), width=2, pad=pad, nk=3, basis=30).omega.values for pad in (2, 3))
    assert abs(one - two)[:, :8].max() < APART


def test_edges_lie_between_the_sites():
    """Of the honeycomb: half-way up the bonds across a zigzag edge, between the rows of an armchair edge; they follow
    the lattice where it moves."""
    model = empty()
    for direction, v in (([[1, 0], [0, 1]], 0.0), ([[-1, 2], [-1, 1]], 0.5)):
        assert strip.seam(model.supercell(direction)) == pytest.approx(v, abs=1e-9)
    for steps in (3, -3):
        moved = model.replace(V=np.roll(model.terms[4].V, steps, axis=0))
        assert strip.seam(moved) == pytest.approx(steps / 12, abs=1e-9)
        shifted = model.replace(grid=lp.Grid(LATTICE.vectors, (12, 12), origin=(0, -steps)))
        assert strip.seam(shifted) == pytest.approx(steps / 12, abs=1e-9)


def test_the_ribbon_of_the_moved_lattice_is_the_same():
    """Three points across: the cut follows."""
    model = empty()
    moved = model.replace(V=np.roll(model.terms[4].V, 3, axis=0))
    one, two = (lp.ribbon(some, width=2, nk=3, basis=4) for some in (model, moved))
    assert abs(one.omega.values - two.omega.values).max() < SYMMETRIC
    assert abs(one.edge_weight.values.sum(axis=1) - two.edge_weight.values.sum(axis=1)).max() < SYMMETRIC


def test_outside_there_is_a_flat_wall_and_no_gain():
    model = honeycomb(points=18)
    cut = strip.cut(model, "zigzag", 3, 2, 20.0, 8)
    tiled = model.supercell((1, 5))
    v = cut.across
    assert v.min() == -1
    assert v.max() < 4
    V, W = (cut.model.equation.value(name, 0.0) for name in ("V", "W"))
    deep, within = (v < -1 / 6) | (v > 3 + 1 / 6), (v > 1 / 6) & (v < 3 - 1 / 6)
    assert np.allclose(V[deep], model.terms[4].V.min() + 20)
    assert abs(W[deep]).max() < ROUNDING
    for name, value in (("V", V), ("W", W)):
        assert np.array_equal(value[within], tiled.equation.value(name, 0.0)[within])
    ramp = cut.inside[np.argsort(v), 0][15:22]  # around v = 0
    assert 0 < ramp[1] < ramp[2]
    assert abs(ramp + ramp[::-1] - 1).max() < ROUNDING  # one half at v = 0


def test_a_reservoir_is_not_pumped_outside():
    P = lp.pumps.uniform(3.0) + lp.pumps.cosines(-0.2, LATTICE)
    terms = [*honeycomb().terms[:5], lp.Reservoir(P.circular(0.1), 1.0, 1.0, 1.0, tau_s=0.3)]
    cut = strip.cut(honeycomb(terms=terms), "zigzag", 1, 1, None, 8)
    P = cut.model.equation.value("P", 0.0)
    assert P.shape == (2, 24, 12)
    assert abs(P[:, (cut.across < -1 / 6) | (cut.across > 7 / 6)]).max() < ROUNDING
    assert P.max() > 3
    assert cut.problem(None, 0.0, True).size == 16


def test_results_survive_a_file(tmp_path):
    ribbon = small()
    assert ribbon.omega.dims == ("k", "mode")
    assert ribbon.edge_weight.dims == ("k", "mode", "edge")
    assert ribbon.sizes["mode"] == 4 * ribbon.attrs["basis"] == 32
    assert float(ribbon.residual) < RELAXED
    assert 0 < float(ribbon.phase_mode) < 0.1
    assert lp.load(lp.save(ribbon, tmp_path / "ribbon.nc")).drop_attrs().equals(ribbon.drop_attrs())


def test_bad_arguments_are_refused():
    model = honeycomb()
    for options, message in (
        ({"edges": "compensated"}, r"edges = 'compensated' replaces missing hoppings, and a field has none"),
        ({"near": 0.7}, r"near must be <= 0\.5; got 0\.7"),
        ({"width": 0}, r"width must be an integer from 1 .*; got 0"),
        ({"pad": 0}, r"pad must be an integer from 1 .*; got 0"),
        ({"basis": 0}, r"basis must be an integer from 1 .*; got 0"),
        ({"wall": -1.0}, r"wall must be > 0; got -1\.0: give a height above the lowest potential"),
        ({"edge": "bearded"}, r"edge = 'bearded'"),
    ):
        with pytest.raises(ValueError, match=message):
            lp.ribbon(model, **{"width": 3, **options})
    square = lp.SpinorGPE(lp.Grid.cell(lp.lattice.square(), 12), [lp.Kinetic(1.0)])
    for other, message in (
        (model.replace(terms=[*model.terms, lp.Drive(1.0)]), r"a ribbon is cut from a field without drive"),
        (model.replace(grid=lp.Grid.cell(LATTICE, 12, q=(0.1, 0.0))), r"the grid has q = \(0\.1, 0\.0\)"),
        (
            square.replace(grid=lp.Grid([[0, 1], [1, 0]], (12, 12))),
            r"A1, A2 of the grid must be right-handed.*swap A1 and A2",
        ),
        (
            honeycomb(points=8),
            r"the wall rises over a third of a cell, which must be 3 points or more; .*use 9 or more points",
        ),
        (square, r"edge = 'zigzag' needs a hexagonal crystal"),
    ):
        with pytest.raises(ValueError, match=message):
            lp.ribbon(other, width=3)
    with pytest.raises(ValueError, match=r"wall must be > 0.*; got 0"):
        lp.ribbon(square, width=3, edge=(1, 0))


@pytest.mark.slow
def test_a_ribbon_that_dies_says_so():
    model = honeycomb()
    with pytest.raises(lp.ConvergenceError, match=r"the ribbon: .* vacuum") as caught:
        lp.ribbon(model.replace(W=lp.pumps.uniform(-2.0)), bulk()[1], **SMALL | {"width": 1}, nk=3, relax=10.0)
    assert caught.value.result.attrs["status"] == "failed"
