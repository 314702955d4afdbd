"""Supercells, ribbons, patches, vacancies, disorder: what they keep of the crystal they come from."""

import numpy as np
import pytest

import latticepol as lp

lattice = lp.lattice
#: Sums of tens of numbers of order one; eigenvalues of matrices of up to a hundred rows.
ROUNDING = 1e-11
CRYSTALS = [lattice.honeycomb(), lattice.square(), lattice.triangular(), lattice.kagome(), lattice.lieb()]
EDGES = [(1, 0), (0, 1), (-1, 2), (2, 1), (3, -2), (-5, 3)]
every_crystal = pytest.mark.parametrize("lat", CRYSTALS, ids=lambda lat: lat.name)
HONEYCOMB = lattice.honeycomb()


def adjacency(lat, k=(0.0, 0.0)):
    """H_k with -> strength exp(i k.b) for every bond: the scalar tight-binding matrix."""
    matrix = np.zeros((len(lat.basis),) * 2, dtype=complex)
    for (i, j), strength, b in zip(lat.bonds[:, :2], lat.strengths, lat.bond_vectors, strict=True):
        matrix[i, j] += strength * np.exp(1j * np.dot(k, b))
        matrix[j, i] += strength * np.exp(-1j * np.dot(k, b))
    return matrix


def spectrum(lat, ks=((0.0, 0.0),)):
    return np.sort(np.concatenate([np.linalg.eigvalsh(adjacency(lat, k)) for k in ks]))


def cuts_at(lat):
    return np.bincount(lat.cuts.site, minlength=len(lat.basis))


def check_edges(lat, crystal):
    """Every site has its bonds of the crystal, either whole or cut, and points at where its neighbours are."""
    assert (lat.coordination + cuts_at(lat) == crystal.coordination[lat.sublattice]).all()
    stars = star_of(crystal)
    have = [[] for _ in lat.basis]
    for (i, j), parent, b in zip(lat.bonds[:, :2], lat.parent_bond, lat.bond_vectors, strict=True):
        have[i].append((lat.sublattice[j], parent, *b))
        have[j].append((lat.sublattice[i], parent, *-b))
    for i, other, parent, b, strength in zip(*lat.cuts, strict=True):
        assert strength == crystal.strengths[parent]
        have[i].append((other, parent, *b))
    for i, found in enumerate(have):
        assert np.allclose(sorted_rows(found), stars[lat.sublattice[i]], atol=ROUNDING)


def star_of(crystal):
    """(neighbour, bond, x, y) of all bonds of each site."""
    stars = [[] for _ in crystal.basis]
    for m, ((i, j), b) in enumerate(zip(crystal.bonds[:, :2], crystal.bond_vectors, strict=True)):
        stars[i].append((j, m, *b))
        stars[j].append((i, m, *-b))
    return [sorted_rows(star) for star in stars]


def sorted_rows(rows):
    rows = np.array(rows)
    return rows[np.lexsort(np.round(rows, 6).T)]


@every_crystal
@pytest.mark.parametrize("counts", [(1, 1), (3, 2), [[1, 1], [-1, 2]], [[2, 1], [0, 3]]], ids=str)
def test_supercell_has_the_folded_bands(lat, counts):
    large = lat.supercell(counts)
    matrix = np.diag(counts) if np.ndim(counts) == 1 else np.array(counts)
    cells = round(np.linalg.det(matrix))
    assert large.bonds.shape == (cells * len(lat.bonds), 4)
    assert len(large.basis) == cells * len(lat.basis)
    assert np.allclose(large.vectors, matrix @ lat.vectors, atol=ROUNDING)
    box = np.stack(np.meshgrid(*[np.arange(-9, 10)] * 2), axis=-1).reshape(-1, 2)
    fractions = box @ np.linalg.inv(matrix).T  # wavevectors of the large lattice in units of B1, B2 of the small one
    first = fractions[(fractions > -1e-9).all(axis=1) & (fractions < 1 - 1e-9).all(axis=1)]
    assert len(first) == cells
    assert np.allclose(spectrum(large), spectrum(lat, first @ lat.reciprocal), atol=ROUNDING)
    check_edges(large, lat)


def test_supercell_of_a_chain_and_its_points():
    large = lattice.chain(0.3).supercell(3)
    assert np.allclose(spectrum(large), spectrum(lattice.chain(0.3), [(np.pi * n / 3, 0) for n in range(3)]))
    assert set(HONEYCOMB.supercell((3, 3)).points) == {"G", "K", "Kp", "M"}
    assert set(HONEYCOMB.supercell((3, 2)).points) == {"G", "X", "Y", "M"}  # no hexagonal zone any more


@every_crystal
@pytest.mark.parametrize("edge", EDGES, ids=str)
def test_ribbon_and_its_cuts_have_all_bonds_of_the_crystal(lat, edge):
    ribbon = lat.ribbon(4, edge)
    assert ribbon.dimension == 1
    assert len(ribbon.basis) == 4 * len(lat.basis)
    assert np.allclose(ribbon.vectors[0], np.array(edge) @ lat.vectors, atol=ROUNDING)
    check_edges(ribbon, lat)
    across = ribbon.across()
    assert across.min() == 0
    assert (np.diff(across) > -ROUNDING).all()
    row = abs(np.linalg.det(lat.vectors)) / np.linalg.norm(ribbon.vectors)
    assert across.max() < 4 * row
    steps = (ribbon.basis - np.array(lat.basis)[ribbon.sublattice]) @ lat.reciprocal.T / (2 * np.pi)
    assert np.allclose(steps, np.rint(steps), atol=1e-9)  # sites of the crystal, not turned


@pytest.mark.parametrize(("edge", "length"), [("zigzag", 3**0.5), ("armchair", 3.0)])
def test_standard_edges_of_the_honeycomb(edge, length):
    ribbon = HONEYCOMB.ribbon(5, edge)
    assert abs(np.linalg.norm(ribbon.vectors) - length) < ROUNDING
    assert len(ribbon.basis) == 10
    assert ribbon.coordination.min() == 2  # nothing dangles
    assert len(ribbon.cuts.site) == (2 if edge == "zigzag" else 4)


def test_zigzag_edges_are_of_one_sublattice_and_hold_a_flat_band():
    ribbon = HONEYCOMB.ribbon(12, "zigzag")
    outer = np.flatnonzero(ribbon.coordination == 2)
    assert ribbon.sublattice[outer].tolist() == [0, 1]
    energies, states = np.linalg.eigh(adjacency(ribbon, (np.pi / 3**0.5, 0.0)))  # kA = pi: the edge state is exact
    zero = np.abs(energies) < ROUNDING
    assert zero.sum() == 2
    assert np.allclose((np.abs(states[:, zero]) ** 2).sum(axis=1)[outer], 1, atol=ROUNDING)


def test_shift_makes_bearded_edges():
    bearded = HONEYCOMB.ribbon(6, "zigzag", shift=0.5)
    assert np.bincount(bearded.coordination).tolist() == [0, 2, 0, 10]
    check_edges(bearded, HONEYCOMB)


@pytest.mark.parametrize("edge", ["zigzag", "armchair", (2, 1)], ids=str)
def test_wide_ribbon_has_the_band_of_the_crystal(edge):
    """The top of the ribbon at k is that of the crystal over all k across, up to the quantisation (pi/width)^2."""
    ribbon = HONEYCOMB.ribbon(40, edge)
    along = ribbon.reciprocal[0] * 0.2
    across = np.linspace(-8, 8, 2001)[:, None] * np.array([-along[1], along[0]]) / np.linalg.norm(along)
    bulk = np.abs(np.exp(1j * (along + across) @ HONEYCOMB.bond_vectors.T).sum(axis=1))
    top = spectrum(ribbon, [along])[-1]
    assert top < bulk.max() + ROUNDING
    assert top > bulk.max() - 0.02


def test_folded_ribbon_closes_to_the_crystal():
    """Cut bonds point at each other: joined across the ribbon they give the supercell back."""
    ribbon = HONEYCOMB.ribbon(3, "zigzag")
    lower, upper = np.argsort(ribbon.basis[ribbon.cuts.site] @ [0, 1])
    assert np.allclose(ribbon.cuts.vector[lower], -ribbon.cuts.vector[upper], atol=ROUNDING)
    assert ribbon.cuts.vector[lower] @ [0, 1] < 0


@every_crystal
def test_patch_and_its_cuts_have_all_bonds_of_the_crystal(lat):
    for patch in (lat.patch((3, 4)), lat.patch(lattice.disk(4.1)), lat.patch(lattice.rectangle(7, 5), prune=True)):
        assert patch.dimension == 0
        check_edges(patch, lat)
    assert len(lat.patch((3, 4)).basis) == 12 * len(lat.basis)


def test_derivations_refer_to_the_original_crystal():
    """Supercell, ribbon, patch, vacancy, one after the other."""
    patch = HONEYCOMB.supercell((2, 3)).ribbon(3, (1, 1)).supercell(2).patch((3,)).without([4, 17])
    check_edges(patch, HONEYCOMB)
    alternating = lattice.chain(0.4).supercell(3).patch((2,)).without(5)
    check_edges(alternating, lattice.chain(0.4))


def test_a_scaled_lattice_is_the_same_network():
    """All lengths are longer and all wavevectors shorter, also those of cuts and of paths; the bands stay."""
    for lat in (HONEYCOMB, HONEYCOMB.ribbon(3), HONEYCOMB.patch((3, 2))):
        large = lat.scaled(3.0)
        for name in ("vectors", "basis", "bond_vectors"):
            np.testing.assert_allclose(getattr(large, name), 3 * getattr(lat, name), atol=ROUNDING)
        np.testing.assert_allclose(large.cuts.vector, 3 * lat.cuts.vector)
        assert (large.points, large.name) == (lat.points, f"{lat.name}, scaled by 3")
    bare, path = lp.Site(p=0.0, a=1.0, g=0.0), "G K M"
    there, here = (
        lp.bands(lp.Network(lat, bare, J=1.0, dJ=0.4), k=lat.path(path, 5), losses=False)
        for lat in (HONEYCOMB.scaled(3.0), HONEYCOMB)
    )
    np.testing.assert_allclose(there.omega, here.omega, atol=ROUNDING)
    np.testing.assert_allclose(3 * there.distance, here.distance)


def test_shapes():
    benzene = HONEYCOMB.patch(lattice.hexagon(1.2))
    assert len(benzene.basis) == len(benzene.bonds) == 6
    assert np.allclose(spectrum(benzene), [-2, -1, -1, 1, 1, 2], atol=ROUNDING)
    coronene = HONEYCOMB.patch(lattice.disk(2.7))
    assert (len(coronene.basis), len(coronene.bonds)) == (24, 30)
    points = lattice.square().patch(lattice.rectangle(4, 2)).basis
    assert len(points) == 5 * 3  # the outline belongs to it
    tall = lattice.square().patch(lattice.hexagon(3, angle=np.pi / 2)).basis
    assert np.abs(tall[:, 1]).max() == 3
    assert np.abs(tall[:, 0]).max() == 2


def test_hexagonal_flake_has_equal_sublattices_and_no_dangling_site():
    flake = HONEYCOMB.patch(lattice.hexagon(6.0), prune=True)
    assert flake.coordination.min() == 2
    assert flake.bipartite.sum() == 0


def test_prune_goes_on_until_nothing_dangles():
    comb = lattice.Lattice(
        np.empty((0, 2)), [[0, 0], [1, 0], [0, 1], [2, 0], [3, 0]], [[0, 1], [1, 2], [2, 0], [1, 3], [3, 4]]
    )
    crystal = lattice.Lattice([[9, 0]], comb.basis, np.column_stack([comb.bonds, np.zeros(5)]))
    assert len(crystal.patch((1,)).basis) == 5
    assert crystal.patch((1,), prune=True).basis.tolist() == [[0, 0], [1, 0], [0, 1]]


def test_vacancies():
    torus = HONEYCOMB.supercell(3)
    holey = torus.without([5])
    assert len(holey.basis) == 17
    assert len(holey.cuts.site) == 3
    assert set(holey.cuts.neighbour) == {torus.sublattice[5]}
    images = (holey.basis[holey.cuts.site] + holey.cuts.vector - torus.basis[5]) @ torus.reciprocal.T / (2 * np.pi)
    assert np.allclose(images, np.rint(images), atol=ROUNDING)  # every cut points at the vacancy
    check_edges(holey, HONEYCOMB)
    mask = np.arange(18) == 5
    assert torus.without(mask) == holey
    assert set(holey.points) == {"G", "K", "Kp", "M"}


def test_vacancy_is_a_site_at_infinite_energy():
    torus = lattice.square().supercell((3, 4))
    matrix = adjacency(torus)
    assert np.allclose(adjacency(torus.without([7])), np.delete(np.delete(matrix, 7, 0), 7, 1), atol=ROUNDING)


def test_patch_of_one_cell_is_its_sites():
    assert repr(lattice.square().patch((1, 1))) == "Lattice(square, patch: 1 site, 0 bonds, 4 cuts)"


def test_disorder_repeats_with_its_seed():
    lat = HONEYCOMB.supercell(20)
    for draw in (lat.site_disorder, lat.bond_disorder):
        assert (draw(0.3, 7) == draw(0.3, 7)).all()
        assert (draw(0.3, 7) != draw(0.3, 8)).any()
        assert (draw(0.3, np.random.default_rng(7)) == draw(0.3, np.random.default_rng(7))).all()


def test_disorder_has_its_law():
    lat = HONEYCOMB.supercell(30)  # 1800 sites: the mean is known to width/sqrt(12)/sqrt(1800) = 0.007 width
    uniform = lat.site_disorder(0.4, 1)
    assert np.abs(uniform).max() <= 0.2
    assert np.abs(uniform).max() > 0.199
    assert abs(uniform.mean()) < 0.01
    normal = lat.site_disorder(0.4, 1, law="normal")
    assert abs(normal.std() - 0.4) < 0.03
    factors = lat.bond_disorder(0.2, 1)
    assert factors.shape == (len(lat.bonds),)
    assert abs(factors.mean() - 1) < 0.01
    assert (lat.site_disorder(0.0, 1) == 0).all()
    correlation = np.corrcoef(uniform, lat.bond_disorder(0.4, 1)[: len(uniform)])[0, 1]
    assert abs(correlation) < 0.12  # five standard errors


def test_disordered_strengths_reach_the_ribbon():
    lat = HONEYCOMB.supercell((1, 4))
    weak = lat.replace(strengths=lat.strengths * lat.bond_disorder(0.2, 3))
    ribbon = weak.ribbon(2, (1, 0))
    assert ribbon.strengths.size + ribbon.cuts.strength.size // 2 == 2 * weak.strengths.size
    assert set(ribbon.strengths) <= set(weak.strengths)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: HONEYCOMB.ribbon(0), "width must be an integer from 1 .*; got 0"),
        (lambda: HONEYCOMB.ribbon(3, "bearded"), "edge = 'bearded' is not known; use 'zigzag', 'armchair' or integers"),
        (lambda: HONEYCOMB.ribbon(3, (2, 4)), r"no common divisor; use \(1, 2\)"),
        (lambda: HONEYCOMB.ribbon(3, (0, 0)), "\\(0, 0\\) is not a direction"),
        (lambda: HONEYCOMB.ribbon(3, (1.5, 1)), "edge must be"),
        (lambda: HONEYCOMB.ribbon(3, 5), "edge must be"),
        (lambda: HONEYCOMB.ribbon(3, shift=np.nan), "shift must be finite; got nan"),
        (lambda: lattice.square().ribbon(3, "zigzag"), r"needs a hexagonal crystal; give integers \(m, n\)"),
        (lambda: lattice.chain().ribbon(3, (1, 0)), "has d = 1; a ribbon is cut from a crystal"),
        (lambda: HONEYCOMB.across(), "has d = 2; only a ribbon"),
        (lambda: HONEYCOMB.supercell((2, 0)), "are not positive"),
        (lambda: HONEYCOMB.scaled(-3.0), r"factor must be > 0; got -3\.0"),
        (lambda: HONEYCOMB.supercell((2, 2, 2)), r"counts must have shape \(2,\); got \(3,\)"),
        (lambda: HONEYCOMB.supercell([[0, 1], [1, 0]]), "determinant < 1"),
        (lambda: HONEYCOMB.patch((2, 2)).supercell(2), "is a finite patch; supercells need"),
        (lambda: HONEYCOMB.patch((2,)), r"shape must have shape \(2,\); got \(1,\)"),
        (lambda: HONEYCOMB.patch((2, 0)), "shape must be an integer from 1; got 0"),
        (lambda: HONEYCOMB.patch(lattice.disk(0.5)), "no site lies inside the patch"),
        (
            lambda: HONEYCOMB.patch(lattice.disk(9), size=4),
            "in the last of the cells -4..4 that are searched; raise size",
        ),
        (lambda: lattice.chain().patch((9,), prune=True), "no site is left.*use prune=False"),
        (lambda: HONEYCOMB.without([0, 1]), "all 2 sites would be removed"),
        (lambda: HONEYCOMB.without(2), "sites must be indices from 0 to 1; got 2"),
        (lambda: HONEYCOMB.without([True]), r"mask of sites must have shape \(2,\); got \(1,\)"),
        (lambda: HONEYCOMB.site_disorder(-1, 0), "width must be >= 0; got -1.0: give the width of the disorder"),
        (lambda: HONEYCOMB.bond_disorder(1, 0, law="flat"), "law = 'flat' is not known; use 'uniform' or 'normal'"),
        (lambda: lattice.disk(0), "radius must be > 0; got 0.0: give a length"),
        (lambda: lattice.rectangle(1, np.inf), "ly must be finite; got inf: give a length"),
    ],
)
def test_what_cannot_be_cut_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
