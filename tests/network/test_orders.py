"""The order of a state of a network: its name, and what is said where Newton's method leaves it."""

import numpy as np
import pytest

import latticepol as lp
from latticepol.network.orders import LINEAR, label

HONEYCOMB = lp.lattice.honeycomb()
PAIR = np.array([1, -1])


@pytest.mark.parametrize(
    ("s_z", "delta", "colours", "order"),
    [
        ([0.0, 0.0], [0.0, 0.0], PAIR, "linear"),
        ([0.5 * LINEAR, -0.5 * LINEAR], [0.0, 0.0], PAIR, "linear"),
        ([2 * LINEAR, -2 * LINEAR], [0.0, 0.0], PAIR, "antiferro"),
        ([0.3, 0.1], [0.0, 0.0], PAIR, "aligned"),
        ([-0.3, -0.1], [0.0, 0.0], PAIR, "anti-aligned"),
        ([-0.3, -0.1], [-0.1, -0.1], PAIR, "aligned"),
        ([0.3, -0.1], [0.1, -0.1], PAIR, "aligned"),
        ([-0.3, 0.1], [0.1, -0.1], PAIR, "anti-aligned"),
        ([0.3, -0.1], [0.1, 0.1], PAIR, "antiferro"),
        ([-0.3, 0.1], [0.1, 0.1], PAIR, "antiferro"),
        ([0.3, -0.1], [0.1, 0.1], None, "mixed"),
        ([0.3, 0.0], [0.0, 0.0], PAIR, "mixed"),
        ([0.3, -0.1, -0.2, 0.1], [0.0] * 4, np.array([1, -1, 1, -1]), "mixed"),
        ([np.nan, np.nan], [0.0, 0.0], PAIR, ""),
    ],
)
def test_labels(s_z, delta, colours, order):
    s = np.stack([-np.ones(len(s_z)), np.zeros(len(s_z)), s_z], axis=-1)
    assert label(s, np.array(delta), colours) == order


def test_an_antiferromagnet_that_is_none_says_so():
    """Here Newton's method falls from the antiferromagnetic start to the linear state."""
    net = lp.Network(HONEYCOMB, lp.Site(p=0.3, a=3.0, g=0.2, a2=-1.0), J=0.3)
    state = lp.steady_state(net, "antiferro")
    assert (state.status, str(state.order.values)) == ("converged", "linear")
    assert "the start 'antiferro' led to a state of another order, 'linear' and not 'antiferro'" in state.message
    weak = lp.steady_state(net.replace(J=0.005), "antiferro")
    assert (str(weak.order.values), weak.message) == ("antiferro", "")


def test_each_start_has_its_order():
    net = lp.Network(HONEYCOMB, lp.Site(p=1.0, a=2.28, g=1.0, delta=0.01), J=3.0, dJ=0.9)
    states = lp.steady_state(net, ["aligned", "anti-aligned", "linear"])
    assert states.order.values.tolist() == ["aligned", "anti-aligned", "anti-aligned"]  # g_eff < 0 above the pitchfork
    assert states.message == ["", "", ""]
    opposite = lp.steady_state(net.replace(delta=-0.01), "aligned")
    assert float(opposite.pseudospin.sel(axis="z").max()) < 0
    assert str(opposite.order.values) == "aligned"
    assert str(lp.steady_state(net.replace(delta=0.0), "linear").order.values) == "linear"


def test_a_start_that_falls_from_its_order():
    """Where a single condensate has a state against the field, and the lattice has none."""
    kagome = lp.Network(lp.lattice.kagome(), lp.Site(p=0.2, a=2.28, g=1.0, delta=0.05), J=0.3, dJ=0.15)
    assert "anti-aligned" in lp.fixed_points(kagome.site).label
    state = lp.steady_state(kagome, "anti-aligned", relax=300.0)
    assert str(state.order.values) == "aligned"
    assert "the start 'anti-aligned' led to a state of another order, 'aligned'" in state.message
    along = lp.steady_state(kagome, "aligned")
    assert (str(along.order.values), along.message) == ("aligned", "")


def test_the_order_goes_through_sweeps_and_files(tmp_path):
    net = lp.Network(HONEYCOMB, lp.Site(p=0.3, a=3.0, g=0.2, a2=-1.0), J=0.3)
    swept = lp.sweep(lp.steady_state, net, "antiferro", J=[0.005, 0.3], executor="serial", progress=False)
    assert swept.order.values.tolist() == ["antiferro", "linear"]
    lp.save(swept, tmp_path / "x.nc")
    assert lp.load(tmp_path / "x.nc").order.values.tolist() == ["antiferro", "linear"]
    assert "order" not in lp.steady_state(lp.SpinorGPE(lp.Grid.rectangle((2.0, 2.0), (4, 4)), [
        lp.Kinetic(1.0), lp.Gain(2.0, 1.0, 1.0)]), np.ones((2, 4, 4)), relax=1.0, stability=False)  # fmt: skip
