"""Paths and meshes: their corners, their spacing, their labels."""

import numpy as np
import pytest

import latticepol as lp

lattice = lp.lattice
#: A handful of products and sums of numbers of order one.
ROUNDING = 1e-12
HONEYCOMB = lattice.honeycomb()


def corner(lat, name):
    return np.array(lat.points[name]) @ lat.reciprocal


def test_lengths_of_the_hexagonal_path():
    gk, km, mg = np.diff([corner(HONEYCOMB, name) for name in "GKMG"], axis=0)
    assert abs(np.linalg.norm(gk) - 4 * np.pi / (3 * 3**0.5)) < ROUNDING
    assert abs(np.linalg.norm(km) - np.linalg.norm(gk) / 2) < ROUNDING  # K and M are neighbours on the border
    assert abs(np.linalg.norm(mg) - 2 * np.pi / 3) < ROUNDING
    assert abs(np.linalg.norm(corner(HONEYCOMB, "Kp") - corner(HONEYCOMB, "M")) - np.linalg.norm(km)) < ROUNDING


def test_k_is_a_dirac_point_and_not_that_of_kp():
    k, kp = corner(HONEYCOMB, "K"), corner(HONEYCOMB, "Kp")
    for point in (k, kp):
        assert abs(np.exp(1j * HONEYCOMB.bond_vectors @ point).sum()) < ROUNDING
    between = HONEYCOMB.vectors @ (k - kp) / (2 * np.pi)
    assert not np.allclose(between, np.rint(between))


@pytest.mark.parametrize("lat", [HONEYCOMB, lattice.triangular(), lattice.kagome()], ids=lambda lat: lat.name)
def test_corners_of_the_hexagonal_zone_have_equal_distance_to_three_reciprocal_points(lat):
    b1, b2 = lat.reciprocal
    for name, others in (("K", (b1, b1 + b2)), ("Kp", (b2, b1 + b2))):
        k = corner(lat, name)
        assert np.allclose([np.linalg.norm(k - g) for g in others], np.linalg.norm(k), atol=ROUNDING)


@pytest.mark.parametrize("n", [4, 5, 37, 200])
def test_path_holds_n_points_and_every_corner(n):
    path = HONEYCOMB.path("G K M G", n)
    assert path.dims == ("k", "axis")
    assert path.shape == (n, 2)
    assert path.axis.values.tolist() == ["x", "y"]
    labelled = path[path.point.values != ""]
    assert "".join(labelled.point.values) == "GKMG"
    assert np.allclose(labelled, [corner(HONEYCOMB, name) for name in "GKMG"], atol=ROUNDING)
    assert (path.kx == path.sel(axis="x")).all()
    assert (path.ky == path.sel(axis="y")).all()


def test_path_is_spread_by_length():
    path = HONEYCOMB.path("G K M G", 500)
    steps = np.linalg.norm(np.diff(path.values, axis=0), axis=1)
    assert np.allclose(np.diff(path.distance), steps, atol=ROUNDING)
    # the corners round to whole steps: half a step of the shortest leg, which has about 105
    assert np.ptp(steps) < steps.mean() / 50


def test_a_short_leg_keeps_a_step():
    path = HONEYCOMB.path(["G", (1e-4, 0), "M", (0.5, 0.5 + 1e-4)], 6)
    assert (np.diff(path.distance) > 0).all()
    assert path.point.values.tolist() == ["G", "", "", "", "M", ""]


def test_path_of_fractions_and_of_a_chain():
    path = HONEYCOMB.path([(0, 0), (1, 0)], 5)
    assert np.allclose(path[2], HONEYCOMB.reciprocal[0] / 2, atol=ROUNDING)
    assert (path.point == "").all()
    line = lattice.chain().path([-0.5, "G", "X"], 5)
    assert np.allclose(line.kx, np.pi * np.array([-1, -0.5, 0, 0.5, 1]), atol=ROUNDING)
    assert HONEYCOMB.path("G K'", 2).point.values.tolist() == ["G", "Kp"]


def test_texts():
    path = HONEYCOMB.path("G K", 3)
    assert path.name == "wavevector"
    assert path.distance.attrs == {"units": "1", "long_name": "distance along the path"}
    assert path.axis.attrs["long_name"] == "Cartesian component"
    assert HONEYCOMB.mesh(2).k2.attrs["long_name"] == "k along B2"


def test_mesh():
    mesh = HONEYCOMB.mesh((3, 4), offset=(0.5, 0.0))
    b1, b2 = HONEYCOMB.reciprocal
    assert mesh.dims == ("k1", "k2", "axis")
    assert mesh.shape == (3, 4, 2)
    assert np.allclose(mesh[1, 3], 1.5 / 3 * b1 + 3 / 4 * b2, atol=ROUNDING)
    assert mesh.kx.dims == ("k1", "k2")
    assert (mesh.ky == mesh.sel(axis="y")).all()
    assert np.allclose(mesh.k1, [1 / 6, 1 / 2, 5 / 6], atol=ROUNDING)


def test_mesh_of_a_ribbon_runs_along_it():
    ribbon = HONEYCOMB.ribbon(2, "armchair")
    mesh = ribbon.mesh(4)
    assert mesh.dims == ("k1", "axis")
    assert np.allclose(mesh.values @ ribbon.vectors[0], 2 * np.pi * np.arange(4) / 4, atol=ROUNDING)


def test_a_sum_over_a_mesh_picks_out_translations():
    k = HONEYCOMB.mesh(4, offset=0.25).values.reshape(-1, 2)
    assert abs(np.exp(1j * k @ (HONEYCOMB.vectors[0] - 2 * HONEYCOMB.vectors[1])).sum()) < 16 * ROUNDING


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: HONEYCOMB.path("G Z", 9), "no point 'Z'; the points are G, K, Kp, M"),
        (lambda: lattice.square().path("G K", 9), "no point 'K'; the points are G, X, Y, M"),
        (lambda: HONEYCOMB.path("G K M G", 3), "n = 3 wavevectors cannot hold 4 corners of the path; give n >= 4"),
        (lambda: HONEYCOMB.path("G", 9), "fewer than two corners"),
        (lambda: HONEYCOMB.path("G K K", 9), "corner 'K' of the path is followed by itself"),
        (lambda: HONEYCOMB.path([(0, 0, 0), "K"], 9), r"corner must have shape \(2,\); got \(3,\)"),
        (lambda: HONEYCOMB.mesh(0), "n must be an integer from 1 .*; got 0"),
        (lambda: HONEYCOMB.mesh((3, 3, 3)), r"n has shape \(3,\); give one integer, or one for each of the 2"),
        (lambda: HONEYCOMB.mesh(3, offset=(0.5,)), r"offset must have shape .*got \(1,\)"),
        (lambda: HONEYCOMB.patch((2, 2)).path("G K", 9), "is a finite patch; wavevectors need"),
        (lambda: HONEYCOMB.patch((2, 2)).mesh(3), "is a finite patch"),
    ],
)
def test_bad_wavevectors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
