"""The table of parameters: every term describes its own, and the rest of the package follows it.

The list of the generic tests is that of the package and one term more, which is a file of its own and nothing else.
"""

import importlib
import re
import tempfile
import warnings
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from gpe_cases import GRID, TERMS, name, random_field
from new_term import SOURCE, added

import latticepol as lp
from latticepol.gpe import terms as folder
from latticepol.gpe.coefficients import LocalCoefficients
from latticepol.gpe.terms.parameters import COEFFICIENTS, KINDS, table
from latticepol.results.variables import VARIABLES, derived_units
from latticepol.units.reading import NUMBER

#: Rounding of a right-hand side of order 100, and of texts to 15 digits.
ROUNDING = 1e-12
with tempfile.TemporaryDirectory() as _place:
    Anisotropy = added(Path(_place)).Anisotropy
#: All that a new term needs besides its file and the public list.
ALL = [*TERMS, Anisotropy(0.3)]
#: One value for each kind of parameter at which every term may be evaluated.
VALUES = np.array([0.5, 0.75])
ROWS = [(term, name, row) for term in ALL for name, row in table(term).items()]


def label(value):
    return value if isinstance(value, str) else name(value) if isinstance(value, lp.Term) else ""


def rate(model, psi):
    n = np.broadcast_to(np.abs(random_field(2)) ** 2, psi.shape) if model.equation.reservoir else None
    return model.rhs(psi, 0.0, n)


def changed(model, **values):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*in place of the pattern")
        return model.replace(**values)


def test_the_lists_have_every_term():
    """Those of a user (``lp``), of the folder and of the generic tests are the same."""
    files = [path.stem for path in Path(folder.__file__).parent.glob("*.py") if path.stem != "__init__"]
    modules = [importlib.import_module(f"{folder.__name__}.{stem}") for stem in files]
    found = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, lp.Term) and value.__module__ == module.__name__
    }
    public = {value for name in dir(lp) if isinstance(value := getattr(lp, name), type) and issubclass(value, lp.Term)}
    assert found == public == {lp.Term} | {type(term) for term in TERMS}


@pytest.mark.parametrize("term", ALL, ids=name)
def test_every_field_is_in_the_table(term):
    assert list(table(term)) == [field.name for field in fields(term)]


@pytest.mark.parametrize(("term", "parameter", "row"), ROWS, ids=label)
def test_one_name_has_one_dimension(term, parameter, row):
    """What lp.presets.parameters makes of a name is what the term takes, and terms agree."""
    assert isinstance(term, Anisotropy) or lp.presets.PARAMETERS[parameter] == row.kind
    assert KINDS[parameter] == row.kind


@pytest.mark.parametrize(("term", "parameter", "row"), ROWS, ids=label)
def test_an_axis_has_the_unit_of_its_row(term, parameter, row):
    model = lp.SpinorGPE(GRID, [term], units=lp.units.PS_UM)
    said = model.axis_attributes(parameter)
    assert said["units"] == row.kind.unit
    assert parameter in VARIABLES or said["long_name"] == f"{parameter} of {name(term)}"
    if parameter in VARIABLES:
        assert derived_units(lp.units.PS_UM).get(VARIABLES[parameter].dimension, "1") == row.kind.unit


@pytest.mark.parametrize(("term", "parameter", "row"), ROWS, ids=label)
def test_a_batch_is_as_many_models(term, parameter, row):
    model, psi = lp.SpinorGPE(GRID, [term]), random_field(1)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*in place of the pattern")
        batch = model.batch(**{parameter: VALUES})
    if row.batch_axes is None:
        assert batch is None
        with pytest.raises(
            ValueError, match=f"{parameter} = .* must be one number for the whole batch; {re.escape(row.advice)}"
        ):
            changed(model, **{parameter: VALUES[:, None, None]})
        return
    together = rate(batch, np.stack([psi] * len(VALUES)))
    for i, value in enumerate(VALUES):
        for found, expected in zip(together, rate(changed(model, **{parameter: value}), psi), strict=True):
            assert np.abs(found[i] - expected).max(initial=0.0) < ROUNDING
    assert np.abs(together[0][0] - together[0][1]).max() + np.ptp(together[1], axis=0).max(initial=0.0) > 0


@pytest.mark.parametrize(("term", "parameter", "row"), [one for one in ROWS if one[2].kind != NUMBER], ids=label)
def test_a_text_with_its_unit_is_the_number(term, parameter, row):
    unit = next(iter(row.kind.units))
    model = lp.SpinorGPE(GRID, [term], units=lp.units.PS_UM)
    text, number = (changed(model, **{parameter: value}) for value in (f"1.5 {unit}", 1.5))
    assert getattr(text.terms[0], parameter) == getattr(number.terms[0], parameter) == 1.5
    with pytest.raises(ValueError, match=f"{parameter} = .* must be {row.kind.name}"):
        changed(model, **{parameter: "2 T"})


@pytest.mark.parametrize(("term", "parameter", "row"), [one for one in ROWS if one[2].limits], ids=label)
def test_limits_are_those_of_the_table(term, parameter, row):
    with pytest.raises(ValueError, match=f"{parameter} = .* must be >"):
        changed(lp.SpinorGPE(GRID, [term]), **{parameter: row.limits["minimum"] - 0.5})


def test_the_coefficients_are_those_of_the_compiled_loops():
    numbers = {name for name, row in COEFFICIENTS.items() if row.number}
    assert set(LocalCoefficients._fields[-len(numbers) :]) == numbers


def test_a_forgotten_description_is_an_error(tmp_path):
    forgotten = SOURCE.replace(" = field(metadata=number_of(AREA_RATE, minimum=0))", "")
    with pytest.raises(TypeError, match=r"Anisotropy\.kappa must say its dimension"):
        added(tmp_path, forgotten)
    with pytest.raises(TypeError, match=r"Anisotropy\.kappa must say its dimension"):
        added(tmp_path, SOURCE.replace("metadata=number_of(AREA_RATE, minimum=0)", "default=0.0"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kappa: Any", "mass: Any", r"Anisotropy must say of mass what other terms say"),
        ("def k_matrix(self, kx", "def local(self, kx", r"Anisotropy\.brings must name the coefficients that local"),
        (
            "    formula: ClassVar[str] =",
            '    brings: ClassVar = {"V": "a number"}\n    formula: ClassVar[str] =',
            r"Anisotropy must say of V what other terms say",
        ),
    ],
)
def test_what_does_not_agree_with_other_terms_is_an_error(tmp_path, old, new, message):
    assert old in SOURCE
    with pytest.raises(TypeError, match=message):
        added(tmp_path, SOURCE.replace(old, new))


def test_what_is_no_parameter_of_a_term_hides_none():
    own = {"t_end", "dt", "fwhm", "g_X", "X", "B", "J", "dJ"}
    assert set(lp.presets.PARAMETERS) - own <= set(KINDS)
    assert not own & set(KINDS)


def test_a_new_term_is_one_file():
    """What follows from its row alone: motion, sweep, texts, limits, advice, print, record, a larger cell."""
    x, y = GRID.points
    k = 2 * np.pi / 8.0
    wave = np.exp(1j * k * (2 * x + y)) * np.array([1.0, 0.5j])[:, None, None]
    model = lp.SpinorGPE(GRID, [Anisotropy(0.3), lp.Potential(0.0)], units=lp.units.PS_UM)
    many = lp.sweep(
        lp.evolve, model, wave, 1.0, options={"dt": 0.1}, kappa=[0.3, 0.6], executor="serial", progress=False
    )
    assert (many.kappa.units, many.kappa.long_name) == ("um2 ps-1", "kappa of Anisotropy")
    for value, psi in zip((0.3, 0.6), many.psi.isel(time=-1).values, strict=True):
        assert np.abs(psi - wave * np.exp(-3j * value * k**2)).max() < ROUNDING
    assert model.replace(kappa="0.1 meV um^2").terms[0].kappa == pytest.approx(0.1 / lp.units.hbar)
    with pytest.warns(UserWarning, match=r"kappa = 1000 um\^2/ps is more than a mean field can describe"):
        model.replace(kappa=1e3)
    with pytest.raises(ValueError, match=r"kappa = -1\.0 must be >= 0"):
        Anisotropy(-1.0)
    assert "Anisotropy(kappa=0.3)" in repr(model)
    assert model.parameters()["Anisotropy.kappa"] == model.supercell(2).terms[0].kappa == 0.3
