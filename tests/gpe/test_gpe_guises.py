"""What enters a field besides plain arrays: functions, views, batches, and what does not fit."""

from dataclasses import dataclass

import numpy as np
import pytest
import xarray as xr
from guises.doors import halves, spinor
from guises.table import Numbers, guises

import latticepol as lp
from latticepol.results.dataset import wrap

GRID = lp.Grid.rectangle((8.0, 6.0), (8, 6))
PSI = spinor((2, 6, 8))
V = halves((6, 8), 1)
ONE_EACH = np.array([1.5, 2.0]).reshape(2, 1, 1)


def model(*terms):
    return lp.SpinorGPE(GRID, [lp.Kinetic(1.0), *terms])


PLAIN = model(lp.Interaction(1.0, 0.2), lp.Gain(1.0, 0.5, 1.0))
RESERVOIR = model(lp.Reservoir(1.0, 1.0, 1.0, 1.0))


def moved(field, psi0=PSI):
    return lp.evolve(field, psi0, 0.1, dt=0.05).psi.values[-1]


#: name -> (the numbers, what is made of them): what tests/guises does not send.
DOORS = {
    "n of rhs": (np.abs(V) + np.zeros((2, 1, 1)), lambda a: RESERVOIR.rhs(PSI, 0.0, a)[1]),
    "bogoliubov": (PSI, lambda a: PLAIN.bogoliubov_matrix(a, 0.3, None).matrix(np.zeros(2))),
    "tile": (PSI, lambda a: PLAIN.tile(a, 2)),
    "start of a search": (PSI, lambda a: PLAIN.read_guess(a).psi),
    "V of each spin": (np.stack([V, 2 * V]), lambda a: moved(model(lp.Potential(a)))),
    "V of a function": (V, lambda a: moved(model(lp.Potential(lambda x, y: a)))),
    "V of a function of time": (V, lambda a: moved(model(lp.Potential(lambda x, y, t: a)))),
    "resampled": (PSI, lambda a: GRID.resampled(a, lp.Grid.rectangle((8.0, 6.0), (12, 10)))),
    "integrate": (V, GRID.integrate),
}
DIMS = {2: "y x", 3: "spin y x"}


def same(found, expected):
    assert found.dtype == expected.dtype
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("door", DOORS)
def test_arrays_of_a_field(door):
    values, made = DOORS[door]
    expected = made(values)
    equal, refused = guises(Numbers(values, DIMS[values.ndim], complex=values.dtype.kind == "c"))
    for name, given in equal.items():
        if (door, name) != ("start of a search", "a tuple of tuples"):  # two are (psi, n)
            same(made(given), expected)
    with pytest.raises(ValueError, match="masks 1 of its"):
        made(refused["a mask that hides a value"])


def test_views_that_repeat_one_row():
    """Zero strides: an update in place would change all rows at once."""
    row = np.broadcast_to(PSI[:, :1], PSI.shape)
    same(moved(PLAIN, row), moved(PLAIN, row.copy()))
    flat = np.broadcast_to(V[:1], V.shape)
    same(moved(model(lp.Potential(flat))), moved(model(lp.Potential(flat.copy()))))


def test_truth_values_are_a_mask_of_ones():
    inside = V > 0
    same(moved(model(lp.Potential(inside))), moved(model(lp.Potential(inside.astype(float)))))
    with pytest.raises(TypeError, match="mass = True is a truth value"):
        lp.Kinetic(True)


@pytest.mark.parametrize(
    "hold",
    [
        lambda a: model(lp.Potential(a)),
        lambda a: model(lp.Potential(lp.pumps.profile(a))),
        lambda a: model(lp.Potential(xr.DataArray(a, dims=("y", "x")))),
    ],
)
def test_a_model_does_not_change_with_the_arrays_it_was_made_of(hold):
    given = V.copy()
    made = hold(given)
    given[...] = 7.0
    same(lp.SpinorGPE(GRID, made.terms).equation.value("V", 0.0).reshape(6, 8), V)


def test_a_term_holds_plain_numbers_and_arrays_that_nobody_changes():
    term = lp.Kinetic(np.longdouble(1), np.float32(0.5))
    assert (type(term.mass), type(term.nu)) == (float, float)
    assert type(lp.Potential([[1, 2]] * 2).V) is np.ndarray
    with pytest.raises(ValueError, match="read-only"):
        lp.Potential(V).V[0, 0] = 1.0


def test_a_record_of_extended_precision():
    """Of a term of somebody's own too, whose numbers stay as they are."""

    @dataclass(frozen=True, eq=False, repr=False)
    class Loss(lp.Term):
        """A loss."""

        rate: float

        def local(self, grid):
            return {"Gamma": self.rate}

    assert moved(model(Loss(np.longdouble(0.5)))).shape == (2, 6, 8)
    assert '"a": 0.5' in lp.spin_domains(_with(a=np.longdouble(0.5))).attrs["parameters"]


def _with(**parameters):
    return wrap({"psi": (("spin", "y", "x"), PSI)}, GRID.coords, parameters, title="field")


def test_an_empty_batch_is_refused():
    for door in (lambda psi: moved(PLAIN, psi), lambda psi: PLAIN.rhs(psi), lambda psi: PLAIN.derivatives(psi)):
        with pytest.raises(ValueError, match="an empty batch"):
            door(np.zeros((0, 2, 6, 8)))
    with pytest.raises(ValueError, match=r"mass = .* is not a number"):
        lp.Kinetic(np.ones((0, 1, 1)))
    with pytest.raises(ValueError, match=r"V must .*; got \(0, 1, 6, 8\)"):
        model(lp.Potential(np.ones((0, 1, 6, 8))))


@pytest.mark.parametrize("term", [lp.Gain(0.0, 0.1 * ONE_EACH), lp.Reservoir(1.0, 1.0, 1.0, 0.1 * ONE_EACH)])
def test_a_loss_for_each_spin_is_not_available(term):
    text = r"Gamma has batch axes \(2,\), the field has \(\).*\(2, 2, ny, nx\) for a batch.*Gamma for each spin is not"
    with pytest.raises(ValueError, match=text):
        moved(model(term))
    assert moved(model(term), np.stack([PSI, PSI])).shape == (2, 2, 6, 8)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: lp.Grid(((8.0, 0.0), (0.0, 6.0)), (8, 6), origin=(0.5, 0)), r"origin\[0\] must be an integer"),
        (lambda: lp.Grid.cell(lp.lattice.honeycomb(), 12.5), r"counts\[0\] must be an integer"),
        (lambda: GRID.integrate(np.ones((8, 6))), r"values must have shape \(..., 6, 8\); got \(8, 6\)"),
        (lambda: PLAIN.k_matrix([0.0, np.nan]), "k holds nan"),
        (lambda: PLAIN.k_matrix([0.0, 1.0, 2.0]), r"k must have shape .*got \(3,\)"),
        (lambda: PLAIN.bogoliubov_matrix(PSI, np.nan), "mu must be finite"),
        (lambda: PLAIN.bogoliubov_matrix(np.stack([PSI, PSI]), 0.0), r"psi must have shape .*one stationary field"),
        (lambda: PLAIN.derivatives(PSI[0]), r"psi has shape \(6, 8\)"),
        (lambda: lp.Absorber(np.full((2, 1, 1), 3.0), 1.0), "width = .* one number for the whole batch"),
        (lambda: lp.SpinorGPE(GRID, [lp.Reservoir(1.0, 1.0, 1.0, tau_s="1 ns")]), "tau_s = '1 ns' is a text"),
        (lambda: lp.pumps.uniform(np.nan), "strength must be finite"),
        (lambda: lp.pumps.gaussian(1.0, fwhm=1.0, center=(np.nan, 0.0)), "center holds nan"),
        (lambda: lp.pumps.gaussian(1.0, fwhm=1.0, center=(1.0, 0.0, 2.0)), r"center has shape \(3,\)"),
        (lambda: lp.pumps.pulse(np.inf, fwhm=1.0), "center must be finite"),
        (lambda: lp.pumps.ramp(np.nan, 1.0), "start must be finite"),
        (lambda: np.nan * lp.pumps.uniform(1.0), "factor of a pump must be finite"),
    ],
)
def test_what_does_not_fit_is_refused(make, text):
    with pytest.raises(ValueError, match=text):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: lp.pumps.uniform([1.0]),
        lambda: lp.pumps.ring(1.0, radius=[1.0], fwhm=1.0),
        lambda: lp.pumps.uniform(1.0).circular(None),
        lambda: lp.pumps.profile(None),
        lambda: lp.pumps.profile("1 um"),
        lambda: lp.potentials.pillars(1.0, lp.lattice.honeycomb(), np.full((1, 1, 1), 0.4), edge=0.2),
        lambda: np.ones(2) * lp.pumps.uniform(1.0),
    ],
)
def test_what_is_no_number_is_refused(make):
    with pytest.raises(TypeError):
        make()


def test_a_number_of_numpy_scales_a_pump():
    for factor in (np.float64(2.0), np.array(2.0), np.float32(2.0)):
        same((factor * lp.pumps.profile(V)).parts(GRID)[0][0], 2 * V)
        same((lp.pumps.profile(V) * factor).parts(GRID)[0][0], 2 * V)


def test_a_pump_may_be_a_zeeman_field():
    pump = lp.pumps.gaussian(0.3, fwhm=4.0)
    same(moved(model(lp.Zeeman(pump))), moved(model(lp.Zeeman(pump.parts(GRID)[0][0]))))
