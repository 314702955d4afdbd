"""The grid: its conventions, its Fourier pairs, what it refuses."""

from types import SimpleNamespace

import numpy as np
import pytest

import latticepol as lp

#: A handful of products and sums, or two transforms, of numbers of order ten.
ROUNDING = 1e-13
OBLIQUE = ((3**0.5, 0.0), (3**0.5 / 2, 1.5))


def test_rectangle_has_its_origin_at_the_middle_index():
    x, y = lp.Grid.rectangle((16.0, 9.0), (32, 9)).points
    assert x.shape == y.shape == (9, 32)
    assert x[4, 16] == y[4, 16] == 0
    assert np.allclose(x[0, :3], [-8, -7.5, -7], atol=ROUNDING)
    assert np.allclose(y[:3, 0], [-4, -3, -2], atol=ROUNDING)


def test_cell_points_are_fractions_of_the_vectors():
    grid = lp.Grid.cell(SimpleNamespace(vectors=np.array(OBLIQUE)), 6)
    x, y = grid.points
    r = 2 / 6 * np.array(OBLIQUE[0]) + 5 / 6 * np.array(OBLIQUE[1])
    assert np.allclose([x[5, 2], y[5, 2]], r, atol=ROUNDING)
    assert lp.Grid(OBLIQUE, (6, 6)) == grid


@pytest.mark.parametrize("q", [(0.0, 0.0), (0.3, -0.2)])
def test_a_plane_wave_is_one_fourier_mode(q):
    grid = lp.Grid(OBLIQUE, (8, 10), q=q)
    (x, y), (kx, ky) = grid.points, grid.wavevectors
    m2, m1 = 3, 7
    stored = np.exp(1j * ((kx[m2, m1] - q[0]) * x + (ky[m2, m1] - q[1]) * y))
    spectrum = np.fft.fft2(stored) / stored.size
    assert abs(spectrum[m2, m1] - 1) < ROUNDING
    assert np.abs(spectrum).sum() < 1 + 80 * ROUNDING


def test_quadrature_is_exact_for_what_the_grid_resolves():
    grid = lp.Grid(OBLIQUE, (8, 10))
    b1 = grid.reciprocal[0]
    x, y = grid.points
    assert abs(grid.area - 1.5 * 3**0.5) < ROUNDING
    assert abs(grid.integrate(2 + np.cos(b1[0] * x + b1[1] * y)) - 2 * grid.area) < 10 * ROUNDING


def test_oblique_coordinates_are_two_dimensional():
    assert lp.Grid(OBLIQUE, (4, 6)).coords["x"][0] == ("y", "x")
    assert lp.Grid.rectangle((1.0, 1.0), (4, 6)).coords["y"].shape == (6,)


def test_repr():
    assert repr(lp.Grid.rectangle((64.0, 32.0), (256, 128))) == "Grid(64 x 32, 256 x 128 points)"
    assert repr(lp.Grid(OBLIQUE, (4, 6), q=(1, 0))) == (
        "Grid(A1 = (1.73205, 0), A2 = (0.866025, 1.5), 4 x 6 points, q = (1, 0))"
    )


def test_a_coarse_grid_is_refused_with_the_number_that_would_do():
    grid = lp.Grid.rectangle((6.0, 6.0), (24, 24))
    with pytest.raises(
        ValueError,
        match=r"FWHM: the length 0\.3 is not resolved: spacing is 0\.25, and must be <= 0\.1; use counts >= \(60, 60",
    ):
        grid.resolve("spot FWHM", 0.3)
    lp.Grid.rectangle((6.0, 6.0), (60, 60)).resolve("spot FWHM", 0.3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((((1, 0), (2, 0)), (4, 4)), "span no area"),
        ((OBLIQUE, (4, 1)), r"counts\[1\] must be an integer from 2; got 1"),
        ((OBLIQUE, (4.5, 4)), r"counts\[0\] must be an integer from 2; got 4.5"),
        ((OBLIQUE, (4, 4), (np.nan, 0)), "q holds nan; give finite numbers"),
        ((((1, 0),), (4, 4)), r"vectors must have shape \(2, 2\); got \(1, 2\)"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        lp.Grid(*arguments)
    with pytest.raises(ValueError, match=r"lengths = \(-1\.0, 1\.0\) are not positive"):
        lp.Grid.rectangle((-1.0, 1.0), (4, 4))


@pytest.mark.parametrize(
    "make", [lambda n: lp.Grid.rectangle((3.0, 2.0), n), lambda n: lp.Grid(((2.0, 0.3), (0.5, 1.5)), n)]
)
def test_values_on_another_grid_of_the_cell(make):
    """A wave that both grids resolve is the same function on both, wherever r = 0 is."""
    coarse, fine = make((7, 6)), make((16, 15))
    k = np.array([2, -1]) @ coarse.reciprocal

    def wave(grid):
        x, y = grid.points
        return np.exp(1j * (k[0] * x + k[1] * y)) + 0.3

    assert abs(coarse.resampled(wave(coarse), fine) - wave(fine)).max() < ROUNDING
    assert abs(fine.resampled(wave(fine), coarse) - wave(coarse)).max() < ROUNDING
    with pytest.raises(ValueError, match="a grid of the same cell is needed"):
        coarse.resampled(wave(coarse), lp.Grid.rectangle((9.0, 2.0), (8, 8)))


def test_a_length_that_no_grid_resolves():
    grid = lp.Grid.rectangle((4.0, 4.0), (8, 8))
    with pytest.raises(ValueError, match="no grid can resolve"):
        grid.resolve("spot", 1e-320)
