"""Crystals: their bonds, their reciprocal vectors, what a user lattice must satisfy."""

import json
import pickle

import numpy as np
import pytest

import latticepol as lp
from latticepol.results.content import readable

lattice = lp.lattice
#: A handful of products and sums of numbers of order one.
ROUNDING = 1e-12
CRYSTALS = {
    "honeycomb": lattice.honeycomb(),
    "square": lattice.square(),
    "triangular": lattice.triangular(),
    "kagome": lattice.kagome(),
    "lieb": lattice.lieb(),
    "chain": lattice.chain(),
    "dimerised": lattice.chain(0.3),
}
every_crystal = pytest.mark.parametrize("lat", CRYSTALS.values(), ids=CRYSTALS)


def tetm_sum(lat):
    """sum_b exp(2 i phi) over the bonds of every site."""
    total = np.zeros(len(lat.basis), dtype=complex)
    for (i, j), phi in zip(lat.bonds[:, :2], lat.angles, strict=True):
        total[i] += np.exp(2j * phi)
        total[j] += np.exp(2j * (phi + np.pi))
    return total


@pytest.mark.parametrize(
    ("name", "neighbours", "bonds"),
    [
        ("honeycomb", [3, 3], 3),
        ("square", [4], 2),
        ("triangular", [6], 3),
        ("kagome", [4, 4, 4], 6),
        ("lieb", [4, 2, 2], 4),
        ("chain", [2], 1),
        ("dimerised", [2, 2], 2),
    ],
)
def test_coordination(name, neighbours, bonds):
    assert CRYSTALS[name].coordination.tolist() == neighbours
    assert len(CRYSTALS[name].bonds) == bonds


@every_crystal
def test_every_bond_has_length_one(lat):
    assert np.allclose(np.linalg.norm(lat.bond_vectors, axis=1), 1, atol=ROUNDING)
    assert np.allclose(np.exp(1j * lat.angles), lat.bond_vectors @ [1, 1j], atol=ROUNDING)


@pytest.mark.parametrize(
    ("name", "modulus"), [("honeycomb", 0), ("square", 0), ("triangular", 0), ("kagome", 2), ("chain", 2)]
)
def test_tetm_sum(name, modulus):
    assert np.allclose(np.abs(tetm_sum(CRYSTALS[name])), modulus, atol=ROUNDING)


def test_tetm_sum_of_lieb_vanishes_only_at_the_corner():
    assert np.allclose(tetm_sum(lattice.lieb()), [0, 2, -2], atol=ROUNDING)


@every_crystal
def test_reciprocal(lat):
    assert np.allclose(lat.vectors @ lat.reciprocal.T, 2 * np.pi * np.eye(lat.dimension), atol=ROUNDING)
    if lat.dimension == 2:
        assert np.linalg.det(lat.vectors) > 0
        assert np.linalg.det(lat.reciprocal) > 0


@every_crystal
def test_colours_differ_along_every_bond_or_there_are_none(lat):
    large = lat.supercell(2)
    for one in (lat, large):
        if one.bipartite is not None:
            assert (one.bipartite[one.bonds[:, 0]] == -one.bipartite[one.bonds[:, 1]]).all()
            assert one.bipartite[0] == 1
    has_triangles = lat.name in ("triangular", "kagome")
    assert (large.bipartite is None) == has_triangles


def test_bipartite_sees_the_periodic_bonds():
    assert lattice.square().bipartite is None  # one site is its own neighbour
    assert lattice.square().supercell((3, 2)).bipartite is None  # around an odd number
    assert lattice.honeycomb().bipartite.tolist() == [1, -1]


def test_honeycomb_is_the_promised_one():
    lat = lattice.honeycomb()
    a1, a2 = lat.vectors
    assert np.allclose(lat.vectors, [[3**0.5, 0], [3**0.5 / 2, 1.5]], atol=ROUNDING)
    assert np.allclose(lat.basis, [(a1 + a2) / 3, 2 * (a1 + a2) / 3], atol=ROUNDING)
    assert lat.sublattice.tolist() == [0, 1]
    assert lat.parent_bond.tolist() == [0, 1, 2]
    assert len(lat.cuts.site) == 0
    assert repr(lat) == "Lattice(honeycomb: A1 = (1.73205, 0), A2 = (0.866025, 1.5), 2 sites, 3 bonds)"


def test_dimerised_chain_alternates():
    lat = lattice.chain(0.3)
    assert lat.strengths.tolist() == [1.3, 0.7]
    assert np.allclose(lat.bond_vectors, [[1, 0], [1, 0]], atol=ROUNDING)
    assert lattice.chain(0.0).bonds.shape == (2, 3)  # two sites also without: the limit of small dimerisations


def test_neighbours_of_a_user_lattice():
    cell, basis = [[1.1, 0.2], [-0.3, 1.4]], [[0.1, 0.0], [0.5, 0.6]]
    bonds = lattice.neighbours(cell, basis, np.hypot(0.4, 0.6))
    assert bonds.tolist() == [[0, 1, 0, 0]]
    lat = lattice.Lattice(cell, basis, bonds)
    assert lat.coordination.tolist() == [1, 1]
    second = lattice.neighbours(lattice.honeycomb().vectors, lattice.honeycomb().basis, 3**0.5)
    assert np.bincount(second[:, :2].ravel()).tolist() == [6, 6]
    with pytest.raises(
        ValueError, match=r"no two sites are at the distance 1\.2; the shortest distances are 1, 1\.41421"
    ):
        lattice.neighbours([[1, 0], [0, 1]], [[0, 0]], 1.2)


def test_the_shortest_bonds_within_a_tolerance():
    cell, basis = lattice.honeycomb().vectors, lattice.honeycomb().basis + np.array([[1e-3, 0], [0, 0]])
    assert len(lattice.neighbours(cell, basis)) == 1
    assert len(lattice.neighbours(cell, basis, tol=1e-2)) == 3
    with pytest.raises(ValueError, match=r"the shortest distances are none"):
        lattice.neighbours(np.empty((0, 2)), [[0, 0]])


def test_neighbours_of_a_skewed_cell_are_those_of_the_same_lattice():
    skewed = lattice.neighbours([[1, 0], [7, 1]], [[0, 0]], 1.0)
    assert len(skewed) == 2
    assert {tuple(np.abs(n)) for n in skewed[:, 2:]} == {(1, 0), (7, 1)}
    assert len(lattice.neighbours(np.empty((0, 2)), [[0, 0], [1, 0], [2, 0]], 1.0)) == 2


def test_a_grid_takes_the_cell():
    grid = lp.Grid.cell(lattice.honeycomb(), 12)
    assert np.allclose(grid.reciprocal, lattice.honeycomb().reciprocal, atol=ROUNDING)


def test_arrays_are_read_only_and_copies():
    vectors = np.eye(2)
    lat = lattice.Lattice(vectors, [[0, 0]], [[0, 0, 1, 0]])
    vectors[0, 0] = 5
    assert lat.vectors[0, 0] == 1
    for array in (*(getattr(lat, name) for name in ("vectors", "basis", "bonds", "strengths")), *lat.cuts):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_equal_lattices_are_equal():
    lat = lattice.honeycomb()
    assert lat == lattice.honeycomb()
    assert hash(lat) == hash(lattice.honeycomb())
    assert pickle.loads(pickle.dumps(lat)) == lat
    assert lat != lat.replace(strengths=[1, 1, 2])
    assert lat != "honeycomb"


def test_the_record_tells_lattices_apart():
    lat = lattice.honeycomb()
    weak = lat.replace(strengths=[1, 1, 0.5])
    assert readable(lat) == readable(lattice.honeycomb())
    assert readable(lat) != readable(weak)
    record = {name: value if isinstance(value, str) else value.tolist() for name, value in weak.parameters().items()}
    assert json.loads(json.dumps(record))["strengths"] == [1, 1, 0.5]
    assert list(record) == ["name", "vectors", "basis", "bonds", "strengths"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[0, 1], [1, 0]], [[0, 0]], [[0, 0, 1, 0]]), r"det\(A1, A2\) = -1 is negative.*swap the rows"),
        (([[1, 0], [2, 0]], [[0, 0]], [[0, 0, 1, 0]]), "span no area"),
        (([[0, 0]], [[0, 0]], [[0, 0, 1]]), "zero translation"),
        ((np.ones((3, 2)), [[0, 0]], []), "has 3 rows"),
        (
            (np.eye(2), [[0, 0]], [[0, 1, 1, 0]]),
            r"bond \(0, 1, 1, 0\) joins a site that does not exist; sites are 0 to 0",
        ),
        ((np.eye(2), [[0, 0]], [[0, -1, 1, 0]]), "joins a site that does not exist"),
        ((np.eye(2), [[0, 0]], [[0, 0, 0, 0], [0, 0, 1, 0]]), r"bond \(0, 0, 0, 0\) has no length"),
        ((np.eye(2), [[0, 0], [1, 0]], [[0, 1, -1, 0], [0, 0, 1, 0]]), r"bond \(0, 1, -1, 0\) has no length"),
        ((np.eye(2), [[0, 0]], [[0, 0, 1, 0], [0, 0, 1, 0]]), "is listed 2 times"),
        ((np.eye(2), [[0, 0]], [[0, 0, 1, 0], [0, 0, -1, 0]]), "is listed 2 times"),
        ((np.eye(2), [[0, 0], [0.5, 0]], [[0, 1, 1, 0], [1, 0, -1, 0]]), r"bond \(0, 1, 1, 0\) is listed 2 times"),
        ((np.eye(2), [[0, 0]], [[0, 0, 0.5, 0]]), r"bonds holds 0\.5; give integers"),
        ((np.eye(2), [[0, 0]], [[0, 0, 1]]), r"bonds must have shape \(any, 4\); got \(1, 3\)"),
        ((np.eye(2), np.empty((0, 2)), []), "basis is empty"),
        ((np.eye(2), [[0, np.nan]], []), "basis holds nan"),
        ((np.eye(2), [["a", 0]], []), r"basis = \[\['a', 0\]\] is a text; give an array \(any, 2\)"),
        ((np.eye(2), [[0, 0]], [[0, 0, 1, 0]], [1, 2]), r"strengths must have shape \(1,\); got \(2,\)"),
        (
            (np.eye(2), [[0, 0]], [[0, 0, 1, 0]], [1j]),
            "strengths holds complex values; give real",
        ),
        ((np.eye(2), [[0, 0]], [[0, 0, 1, 0]], None, {"K": (1,)}), r"point K must have shape \(2,\); got \(1,\)"),
    ],
)
def test_what_is_no_lattice_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        lattice.Lattice(*arguments)


def test_replace_knows_its_fields():
    with pytest.raises(TypeError, match=r"no field \['strength'\]; it has \['vectors', 'basis'"):
        lattice.square().replace(strength=2)
    with pytest.raises(ValueError, match=r"distance must be > 0; got 0\.0: give a length"):
        lattice.neighbours(np.eye(2), [[0, 0]], 0)
