"""Pumps on the sites of a lattice, and cosines: sums over the plane, the grids they fit, what is refused."""

import itertools

import numpy as np
import pytest

import latticepol as lp

#: Sums of tens of numbers of order one, at places that are rounded at ten cells from the origin: slope times 20 eps.
ROUNDING = 1e-12
LN2 = np.log(2.0)
HONEYCOMB = lp.lattice.honeycomb()
CRYSTALS = [HONEYCOMB, lp.lattice.square(), lp.lattice.triangular(), lp.lattice.kagome(), lp.lattice.lieb()]
#: no mirror maps it on itself
OBLIQUE = lp.lattice.Lattice([[1.1, 0.1], [0.3, 1.4]], [[0.1, 0.2], [0.7, 0.6]], np.empty((0, 4)), name="oblique")
CRYSTALS.append(OBLIQUE)
every_crystal = pytest.mark.parametrize("lat", CRYSTALS, ids=lambda lat: lat.name)
SPOT = lp.pumps.gaussian(1.0, fwhm=0.8)
BOX = lp.Grid.rectangle((12.0, 10.0), (60, 50))


def on(pump, grid):
    return sum(array for array, _ in pump.parts(grid))


def gaussian(dx, dy, fwhm):
    return np.exp(-4 * LN2 * (dx**2 + dy**2) / fwhm**2)


def ring(dx, dy, radius, fwhm):
    return np.exp(-4 * LN2 * (np.hypot(dx, dy) - radius) ** 2 / fwhm**2)


def centred(lat):
    return lat.replace(basis=lat.basis - lat.basis.mean(axis=0))


def cells(vectors, size):
    return np.array(list(itertools.product(range(-size, size + 1), repeat=len(vectors)))) @ vectors


def summed(function, lat, grid, vectors, size):
    """The sum over the sites and their images, one by one."""
    x, y = grid.points
    places = (cells(vectors, size)[:, None] + lat.basis).reshape(-1, 2)
    return sum(function(x - px, y - py) for px, py in places)


@every_crystal
def test_a_gaussian_on_every_site_is_its_fourier_series(lat):
    """Poisson: sum_R f(r - R) = sum_G f^(G) exp(i G.r)/area, with f^ = pi/c exp(-G^2/(4c)) of exp(-c r^2)."""
    weights = np.linspace(0.5, 1.5, len(lat.basis))
    grid = lp.Grid.cell(lat, (16, 14))
    x, y = grid.points
    c = 4 * LN2 / 0.8**2
    series = 0
    for gx, gy in cells(lat.reciprocal, 14):
        for weight, (px, py) in zip(weights, lat.basis, strict=True):
            wave = np.pi / c * np.exp(-(gx**2 + gy**2) / (4 * c)) / grid.area
            series = series + weight * wave * np.cos(gx * (x - px) + gy * (y - py))
    assert np.abs(on(lp.pumps.on_sites(SPOT, lat, weights=weights), grid) - series).max() < ROUNDING


def test_spots_next_to_the_sites():
    """Four cells away from their sites; nothing but the distance of the images to be summed tells."""
    center = (5.0, 4.0)
    grid = lp.Grid.cell(OBLIQUE, 12)
    for pump, function in [
        (lp.pumps.gaussian(1.0, fwhm=0.6, center=center), lambda dx, dy: gaussian(dx, dy, 0.6)),
        (lp.pumps.ring(1.0, radius=0.5, fwhm=0.5, center=center), lambda dx, dy: ring(dx, dy, 0.5, 0.5)),
    ]:
        moved = OBLIQUE.replace(basis=OBLIQUE.basis + center)
        exact = summed(function, moved, grid, OBLIQUE.vectors, 8)
        assert np.abs(on(lp.pumps.on_sites(pump, OBLIQUE), grid) - exact).max() < ROUNDING


def test_rings_wider_than_the_cell_are_summed_to_the_end():
    """A ring of radius 5 is zero in the nearest cells and begins again further out."""
    pump = lp.pumps.on_sites(lp.pumps.ring(1.0, radius=5.0, fwhm=0.6), HONEYCOMB)
    grid = lp.Grid.cell(HONEYCOMB, 9)
    exact = summed(lambda dx, dy: ring(dx, dy, 5.0, 0.6), HONEYCOMB, grid, HONEYCOMB.vectors, 8)
    assert exact.max() > 5
    assert np.abs(on(pump, grid) - exact).max() < 1e2 * ROUNDING


@every_crystal
def test_the_primitive_cell_and_any_supercell_agree_where_points_meet(lat):
    """A rectangle whose origin is in its middle, an oblique supercell, one that is left-handed; any Bloch phase."""
    rectangle = np.diag([np.linalg.norm(lat.vectors[0]), 2 * lat.vectors[1, 1]])
    turned = lat.supercell([[2, 1], [-1, 1]]).vectors
    profiles = [
        lp.pumps.on_sites(SPOT, lat),
        lp.pumps.cosines(1.3, lat, shells=2),
        lp.potentials.pillars(1.0, lat, 0.6, edge=0.55),
    ]
    grids = [
        lp.Grid(lat.supercell([[1, 1], [-1, 1]]).vectors if lat is OBLIQUE else rectangle, (24, 24), origin=(12, 12)),
        lp.Grid(turned, (36, 36)),
        lp.Grid(turned[::-1], (36, 36), origin=(3, 5)),
        lp.Grid.cell(lat.supercell(2), 24, q=(0.3, 0.1)),
    ]
    primitive = lp.Grid.cell(lat, 12)
    for profile, grid in itertools.product(profiles, grids):
        fractions = np.stack(grid.points, axis=-1) @ np.linalg.inv(lat.vectors) * 12
        i = np.rint(fractions).astype(int)
        shared = np.abs(fractions - i).max(axis=-1) < 1e-9
        assert shared.sum() >= 144
        small = on(profile, primitive)[i[..., 1] % 12, i[..., 0] % 12]
        assert np.abs(on(profile, grid) - small)[shared].max() < ROUNDING


def test_a_patch_has_its_sites_and_no_others():
    patch = centred(HONEYCOMB.patch((2, 2)))
    weights = 1 + patch.site_disorder(0.5, rng=1)
    x, y = BOX.points
    exact = sum(w * gaussian(x - px, y - py, 0.8) for w, (px, py) in zip(weights, patch.basis, strict=True))
    assert np.abs(on(lp.pumps.on_sites(SPOT, patch, weights=weights), BOX) - exact).max() < ROUNDING


def test_a_spot_at_the_edge_of_the_box_goes_on_at_the_other_side():
    """Moving the site by 25 and 20 points of the box rolls the profile."""
    wide = lp.pumps.gaussian(1.0, fwhm=4.0)  # it reaches all around
    middle = lp.lattice.Lattice(np.empty((0, 2)), [[0.0, 0.0]], np.empty((0, 2)))
    moved = middle.replace(basis=[[5.0, 4.0]])
    rolled = np.roll(on(lp.pumps.on_sites(wide, middle), BOX), (20, 25), axis=(0, 1))
    assert np.abs(on(lp.pumps.on_sites(wide, moved), BOX) - rolled).max() < ROUNDING


@pytest.mark.parametrize(("edge", "sides"), [("zigzag", (4 * 3**0.5, 12.0)), ("armchair", (12.0, 6.0))])
def test_a_ribbon_is_periodic_along_its_vector_only(edge, sides):
    ribbon = centred(HONEYCOMB.ribbon(2, edge))
    grid = lp.Grid.rectangle(sides, (40, 40))
    exact = summed(lambda dx, dy: gaussian(dx, dy, 0.9), ribbon, grid, ribbon.vectors, 12)
    pump = lp.pumps.on_sites(lp.pumps.gaussian(1.0, fwhm=0.9), ribbon)
    assert np.abs(on(pump, grid) - exact).max() < ROUNDING


def test_functions_may_stand_on_sites_and_may_be_complex():
    patch = centred(HONEYCOMB.patch((2, 2)))
    pump = lp.pumps.on_sites(lp.pumps.profile(lambda x, y: (x + 1j * y) * (x**2 + y**2 < 0.09), reach=0.3), patch)
    x, y = BOX.points
    distances = np.stack([(x - px) + 1j * (y - py) for px, py in patch.basis])
    exact = np.where(np.abs(distances) < 0.3, distances, 0).sum(axis=0)
    assert np.abs(exact).max() > 0.2
    assert np.abs(on(pump, BOX) - exact).max() < ROUNDING


def test_a_positive_strength_has_its_minima_on_the_honeycomb():
    """11.2 times three cosines: -16.8 on both sites and more all around, 33.6 in the middle of the hexagon."""
    grid = lp.Grid.cell(HONEYCOMB, 24)
    V = on(lp.pumps.cosines(11.2, HONEYCOMB), grid)
    x, y = grid.points
    B1, B2 = HONEYCOMB.reciprocal
    exact = 11.2 * sum(np.cos(g[0] * x + g[1] * y) for g in (B1, B2, B1 + B2))
    assert np.abs(V - exact).max() < 1e2 * ROUNDING
    assert sorted(map(tuple, np.argwhere(np.isclose(V, V.min())))) == [(8, 8), (16, 16)]
    assert np.allclose(np.stack([x, y])[:, [8, 16], [8, 16]].T, HONEYCOMB.basis)
    assert (V.min(), V.max()) == pytest.approx((-1.5 * 11.2, 3 * 11.2))
    pump = on(lp.pumps.uniform(2.0) + lp.pumps.cosines(-0.5, HONEYCOMB), grid)
    assert pump.argmax() in (8 * 25, 16 * 25)


@pytest.mark.parametrize(
    ("lat", "lengths"),
    [
        (HONEYCOMB, [1, 1, 1, 3**0.5, 3**0.5, 3**0.5, 2, 2, 2]),
        (lp.lattice.square(), [1, 1, 2**0.5, 2**0.5, 2, 2, 5**0.5, 5**0.5, 5**0.5, 5**0.5]),
        (lp.lattice.square().supercell([[1, 3], [0, 1]]), [1, 1, 2**0.5, 2**0.5, 2, 2]),  # oblique rows, same crystal
        (lp.lattice.chain(), [1, 2, 3]),
    ],
    ids=["honeycomb", "square", "sheared", "chain"],
)
def test_shells_are_complete(lat, lengths):
    """The Fourier modes of M cosines: amplitude 1/2 at +-G and nothing else, so M in the origin, M/2 in the square."""
    grid = lp.Grid.rectangle((4 * 3**0.5, 12.0) if lat is HONEYCOMB else (6.0, 6.0), (108, 108))
    unit = 4 * np.pi / 3 if lat is HONEYCOMB else 2 * np.pi
    V = on(lp.pumps.cosines(1.0, lat, shells=len(set(lengths))), grid)
    modes = np.abs(np.fft.fft2(V) / V.size) ** 2
    k = np.hypot(*grid.wavevectors) / unit
    assert np.allclose(np.sort(np.repeat(lengths, 2)), np.sort(k[modes > 0.2]))
    assert V[54, 54] == pytest.approx(len(lengths))
    assert modes.sum() == pytest.approx(len(lengths) / 2)


def test_pumps_on_sites_keep_what_pumps_have():
    pump = (0.5 * SPOT + lp.pumps.ring(1.0, radius=0.6, fwhm=0.5) * lp.pumps.ramp(0, 2)).circular(0.3)
    both = 2 * lp.pumps.on_sites(pump, HONEYCOMB)
    grid = lp.Grid.cell(HONEYCOMB, 12)
    P = lp.SpinorGPE(grid, [lp.Reservoir(both, 1.0, 1.0)]).equation.coefficients["P"]
    parts = [
        summed(lambda dx, dy: gaussian(dx, dy, 0.8), HONEYCOMB, grid, HONEYCOMB.vectors, 4),
        summed(lambda dx, dy: 2 * ring(dx, dy, 0.6, 0.5), HONEYCOMB, grid, HONEYCOMB.vectors, 4),
    ]
    for t, factor in ((0.0, 0.0), (1.0, 0.5), (3.0, 1.0)):
        exact = parts[0] + factor * parts[1]
        assert np.abs(P.at(t) - np.stack([1.3 * exact, 0.7 * exact])).max() < ROUNDING
    assert repr(both) == (
        "on_sites(gaussian(1, fwhm=0.8, order=1, center=(0.0, 0.0)), honeycomb).circular(0.3) + "
        "2 * on_sites(ring(1, radius=0.6, fwhm=0.5, center=(0.0, 0.0)), honeycomb).circular(0.3) * ramp(0, 2)"
    )


def test_repr_and_equality():
    assert repr(lp.pumps.cosines(-2.0, HONEYCOMB)) == "cosines(-2, honeycomb)"
    assert repr(lp.pumps.cosines(1.0, HONEYCOMB, shells=2)) == "cosines(1, honeycomb, shells=2)"
    weighted = lp.pumps.on_sites(SPOT, HONEYCOMB, weights=[0.5, 1.5])
    assert repr(weighted).endswith("honeycomb, weights from 0.5 to 1.5)")
    assert weighted == lp.pumps.on_sites(SPOT, HONEYCOMB, weights=[0.5, 1.5])
    assert weighted != lp.pumps.on_sites(SPOT, HONEYCOMB, weights=[1.5, 0.5])
    assert weighted != lp.pumps.on_sites(SPOT, lp.lattice.kagome(), weights=[0.5, 1.0, 1.5])
    assert len({weighted, lp.pumps.on_sites(SPOT, HONEYCOMB)}) == 2


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: on(lp.pumps.on_sites(SPOT, HONEYCOMB), BOX),
            r"honeycomb.* does not fit .* A1 = \(12, 0\) spans 6.9282 A1 \+ 0 A2 .*lp.Grid.cell\(lattice, n\).*"
            r"rectangle of a whole number of 1.73205 x 3, here 12.1244 x 9",
        ),
        (
            lambda: on(lp.pumps.cosines(1.0, HONEYCOMB), lp.Grid.rectangle((3**0.5, 1.5), (16, 16))),
            r"A2 = \(0, 1.5\) spans -0.5 A1 \+ 1 A2",
        ),
        (
            lambda: on(lp.pumps.on_sites(SPOT, HONEYCOMB.supercell(2)), lp.Grid.cell(HONEYCOMB, 16)),
            r"spans 0.5 A1 \+ 0 A2 of the lattice, which must be whole numbers; use .*lattice.supercell\(m\), n\)$",
        ),
        (
            lambda: on(lp.pumps.on_sites(SPOT, HONEYCOMB), lp.Grid.cell(HONEYCOMB, 6)),
            r"on_sites\(gaussian.*is not resolved: .*use counts >= \(7, 7\)",
        ),
        (
            lambda: on(lp.pumps.cosines(1.0, HONEYCOMB, shells=3), lp.Grid.cell(HONEYCOMB, 8)),
            r"cosines\(1, honeycomb, shells=3\): the length 0.375 is not resolved: .*use counts >= \(14, 14\)",
        ),
        (
            lambda: on(lp.pumps.on_sites(SPOT, HONEYCOMB.patch((5, 2))), BOX),
            r"site 11 .*at \(6.06218, 2.5\) lies outside the box, x in \[-6, 5.8\].*lattice.replace\(basis=",
        ),
        (
            lambda: on(lp.pumps.on_sites(SPOT, HONEYCOMB.ribbon(6)), lp.Grid.rectangle((3**0.5, 8.0), (9, 40))),
            r"site 5 .*lies outside the box",
        ),
        (
            lambda: on(lp.pumps.on_sites(SPOT, centred(HONEYCOMB.ribbon(2))), BOX),
            r"zigzag ribbon.*A1 = \(12, 0\) spans 6.9282 A1 of the lattice, which must be whole numbers; use a cell",
        ),
        (
            lambda: on(lp.pumps.on_sites(SPOT, HONEYCOMB.ribbon(2, (2, -1))), lp.Grid.cell(HONEYCOMB, 12)),
            r"does not close in the cell .* neither vector of the cell is along A1",
        ),
        (
            lambda: lp.pumps.cosines(1.0, HONEYCOMB.patch((2, 2))),
            r"is a finite patch and has no waves; give the crystal",
        ),
        (lambda: lp.pumps.cosines(1.0, HONEYCOMB, shells=0), r"shells must be an integer from 1 up to 1000; got 0"),
        (lambda: lp.pumps.on_sites(lp.pumps.uniform(1.0), HONEYCOMB), r"uniform\(1\) does not end.*reach=..."),
        (
            lambda: lp.pumps.on_sites(lp.pumps.on_sites(SPOT, HONEYCOMB), HONEYCOMB),
            r"on_sites\(gaussian.*\) does not end",
        ),
        (lambda: lp.pumps.on_sites(SPOT, HONEYCOMB, weights=[1.0]), r"weights must have shape \(2,\); got \(1,\)"),
        (
            lambda: lp.pumps.profile(np.ones((3, 3)), reach=1.0),
            r"reach must be left out with an array; got 1.0: give a function",
        ),
        (lambda: lp.pumps.profile(lambda x, y: x, reach=0.0), r"reach must be > 0; got 0.0"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()
