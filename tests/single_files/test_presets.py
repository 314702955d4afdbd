"""Presets: the numbers of docs/physics.md, and models that can be built from them."""

import re
from pathlib import Path

import numpy as np
import pytest

import latticepol as lp

PHYSICS = (Path(__file__).parents[2] / "docs" / "physics.md").read_text()
#: A few roundings.
ROUNDING = 1e-12


def test_every_preset_is_listed_with_its_source():
    public = {
        name for name, value in vars(lp.presets).items()
        if callable(value) and getattr(value, "__module__", "") == "latticepol.presets"
    }  # fmt: skip
    assert set(lp.presets.names()) == public - {"names", "parameters", "Sample"}
    for name, text in lp.presets.names().items():
        preset = getattr(lp.presets, name)
        assert text in preset.__doc__
        assert re.search(r"arXiv:\d{4}\.\d{5}|doi:10\.", preset.__doc__), f"{name} names no source"
        preset()


def test_sets_of_the_paper():
    """Pitchforks where the paper has them, of its kinds."""
    first, second = (lp.pitchfork(site) for site in (lp.presets.supercritical(), lp.presets.subcritical()))
    assert (round(float(first.p_c), 6), bool(first.supercritical)) == (0.342982, True)
    assert (float(second.p_c), bool(second.supercritical)) == (pytest.approx(7.0), False)
    assert lp.presets.supercritical(0.4, 0.01, a2=-0.28) == lp.Site(p=0.4, a=2.28, g=0.1, delta=0.01, a2=-0.28)


def test_spin_bifurcation_is_the_set_of_the_text():
    """docs/physics.md, section 7, and a = 2.28, g = 0.1 of the paper."""
    rates = lp.presets.spin_bifurcation()
    section = re.sub(r"[$\\]", "", re.search(r"A set typical.*?## 8\.", PHYSICS, re.S).group(0))
    for name in ("eta", "Gamma", "epsilon", "gamma"):
        assert float(re.search(rf"\b{name} = ([\d.]+\d)", section).group(1)) == rates[name]
    assert float(re.search(r"alpha_1 = ([\d.]+\d)", section).group(1)) == rates["alpha1"]
    ratio = float(re.search(r"alpha_2 = (-?[\d.]+\d) alpha_1", section).group(1))
    assert rates["alpha2"] == pytest.approx(ratio * rates["alpha1"])
    site = lp.Site(**lp.units.dimensionless(W=0.13, **rates))
    assert (site.a, site.g) == pytest.approx((2.28, 0.1))


def test_gaas_is_within_the_ranges_of_the_text():
    sample = lp.presets.gaas()
    assert 3e-5 <= lp.units.to_electron_masses(sample.mass) <= 1e-4
    assert 0.025 <= lp.units.to_meV_um2(sample.beta) <= 0.2
    assert 10 <= lp.units.to_ueV(sample.epsilon) <= 50
    assert 0.01 <= sample.Gamma <= 0.2
    assert -0.5 <= sample.alpha2 / sample.alpha1 <= 0.6


def test_terms_and_site_of_a_sample_agree():
    """The stationary states of the site are stationary in the field, with the sign of the magnetic field."""
    sample, W, B = lp.presets.gaas(), 0.13, -0.05
    site = sample.site(W, B)
    assert site.delta == pytest.approx(-0.05 * 0.5 * lp.units.mu_B / lp.units.hbar / sample.epsilon)
    model = lp.SpinorGPE(lp.Grid.rectangle((4.0, 4.0), (4, 4)), sample.terms(W, B), units=lp.units.PS_UM)
    for s_x, s_y, s_z in lp.fixed_points(site).pseudospin.dropna("state").values * sample.epsilon / sample.eta:
        plus = np.sqrt(np.hypot(np.hypot(s_x, s_y), s_z) + s_z)
        psi = np.array([plus, (s_x + 1j * s_y) / plus])[:, None, None] * np.ones((2, 4, 4))
        frequency = 1j * model.rhs(psi)[0] / psi
        assert np.ptp(frequency) == pytest.approx(0, abs=ROUNDING)


def test_texts_in_a_sample():
    sample = lp.presets.gaas().replace(epsilon="30 ueV", g_X=-0.4)
    assert sample.epsilon == pytest.approx(lp.units.ueV(30.0))
    assert sample.zeeman(1.0) < 0
    assert sample.site("0.13/ps") == sample.site(0.13)
    assert sample.terms("0.13/ps")[4].W == 0.13
    with pytest.raises(ValueError, match="mass = 2 µm is a length, and must be a mass"):
        sample.replace(mass="2 um")
    with pytest.raises(TypeError, match=r"no parameter \['eps'\]"):
        sample.replace(eps=1.0)


def test_a_mass_without_unit_that_was_meant_in_electron_masses():
    with pytest.warns(UserWarning, match=r"mass = 5e-05 ps/um\^2 is 5.8e-09 electron masses.*'5e-05 m_e'"):
        lp.presets.gaas().replace(mass=5e-5)
    assert lp.presets.gaas().replace(mass="5e-5 m_e").mass == pytest.approx(lp.presets.gaas().mass, rel=ROUNDING)


@pytest.mark.parametrize("X", [1.2, -0.1, "120 %"])
def test_an_exciton_fraction_is_from_0_to_1(X):
    for call in (lp.presets.gaas().replace, lp.presets.parameters):
        with pytest.raises(ValueError, match=r"X = .* is not an exciton fraction \|X\|\^2, which is from 0 to 1; give"):
            call(X=X)
