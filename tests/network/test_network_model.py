"""What a Network takes, refuses, shows, and carries to other lattices."""

import json

import numpy as np
import pytest
from network_cases import honeycomb, oblique, random_network

import latticepol as lp

NET = honeycomb()
SITE = NET.site
#: A few products and sums of numbers of order one.
ROUNDING = 1e-14


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"J": "x"}, r"J = 'x' is a text, and the model has no units"),
        ({"J": [1.0, 2.0]}, r"J must have shape \(\) or \(3,\), a number or one per bond; got \(2,\)"),
        ({"dJ": np.nan}, r"dJ must be finite; got nan"),
        ({"epsilon": [1.0, 2.0]}, r"epsilon is a list; give a number, not several"),
        ({"epsilon": 1 + 0.5j}, r"epsilon holds complex values; give real numbers"),
        ({"noise": 1j}, r"noise holds complex values; give real numbers"),
        ({"noise": -0.1}, r"noise = -0\.1 is not a strength; give a number >= 0"),
        ({"noise": [[1.0, 2.0], [2.0, 1.0]]}, r"noise = -1 is not a strength; give .* positive matrix"),
        ({"noise": [[1.0, 0.5], [0.4, 1.0]]}, r"noise must be Hermitian, a covariance; got \[\[1"),
        ({"noise": np.ones((3, 2, 2))}, r"noise must have shape \(2, 2\) or \(2, 2, 2\), .*got \(3, 2, 2\)"),
        ({"noise": [0.1, 0.2, 0.3]}, r"noise must have shape \(\) or \(2,\), .*got \(3,\)"),
        (
            {"onsite": np.ones((3, 2, 2))},
            r"onsite must have shape \(2,\) or \(2, 2, 2\), one per site.*got \(3, 2, 2\)",
        ),
        ({"drive": np.ones(2)}, r"drive must have shape \(2, 2\), one amplitude per site and spin; got \(2,\)"),
        ({"drive": lambda t: np.ones(3)}, r"drive\(t = 0\) returns the shape \(3,\); give .* \(\.\.\., 2, 2\)"),
        ({"p": [0.1, 0.2, 0.3]}, r"p has shape \(3,\); the cell has 2 sites: give \(\.\.\., 2\)"),
        ({"p": lambda t: np.nan}, r"p\(t = 0\) must be finite; got nan"),
        ({"g": np.ones((5, 2))}, r"g has batch axes, its shape is \(5, 2\); a batch shares"),
    ],
)
def test_bad_values_are_refused(changes, message):
    with pytest.raises((TypeError, ValueError), match=message):
        NET.replace(**changes)


def test_other_kinds_are_refused():
    with pytest.raises(TypeError, match=r"must have a Lattice and a Site; give for example lp\.lattice\.honeycomb\(\)"):
        lp.Network("honeycomb", SITE, 1.0)
    with pytest.raises(TypeError, match=r"Network has no parameter \['alpha'\]; it has \['J', 'a', 'a2', 'dJ'"):
        NET.replace(alpha=1.0)


def test_replace_reaches_the_site_and_the_network():
    net = NET.replace(p=0.5, J=2.0, units={"time": "ps"})
    assert (net.site.p, float(net.J), net.site.a) == (0.5, 2.0, SITE.a)
    assert NET.replace(site=lp.Site(p=1.0, a=1.0, g=0.0), p=2.0).site == lp.Site(p=2.0, a=1.0, g=0.0)
    assert (NET.site.p, float(NET.J)) == (0.1, 3.0)
    assert lp.steady_state(net).growth_rate.attrs["units"] == "ps-1"


def test_repr():
    formula = "[(i/2)(p - S) + ((a + a2) |psi_s|^2 + a2 |psi_-s|^2)/2 + s delta/2] psi_s"
    assert repr(NET) == (
        "Network: i dpsi_s/dt =\n"
        f"├── {NET.lattice!r}\n"
        f"├── p = 0.1, a = 2.28, a2 = 0, delta = 0.05   + {formula}\n"
        "├── epsilon = 1, g = 1                        - (epsilon/2)(1 + i g) psi_-s\n"
        "├── J = 3, dJ = 0.9                           - sum_m ([J + dJ (cos 2phi sx + sin 2phi sy)] psi_m)_s\n"
        "└── default integrator: BlanesMoan()"
    )

    def ramp(t):
        return 0.1 * t

    other = repr(NET.replace(p=ramp, delta=[0.1, 0.2], J=[1, 2j, 3], noise=0.1, drive=lambda t: np.ones((2, 2))))
    assert "p = ramp, a = 2.28, a2 = 0, delta = array(2,)" in other
    assert "J = array(3,)" in other
    assert "Strang()" in other
    assert "J = 1+2j" in repr(NET.replace(J=1 + 2j))


def test_the_record_can_be_read():
    net = NET.replace(p=lambda t: 0.1, J=1 + 2j, drive=np.ones((2, 2)))
    record = json.loads(lp.evolve(net, np.ones((2, 2)), 0.1, dt=0.1, progress=False).parameters)
    assert record["p"] == "<lambda>(t)"
    assert record["g"] == 1.0
    assert record["lattice.name"] == "honeycomb"


@pytest.mark.parametrize("noise", [[0.1, 0.2, 0.3], [np.eye(2), 2 * np.eye(2), np.ones((2, 2))]])
def test_parameters_follow_sites_and_bonds(noise):
    net = random_network(oblique(), noise=noise)
    for lat in (net.lattice.supercell((2, 3)), net.lattice.ribbon(3, (1, 0)), net.lattice.patch((3, 2))):
        moved = net.on(lat)
        for name in ("p", "a", "g", "delta", "a2"):
            assert np.array_equal(getattr(moved.site, name), getattr(net.site, name)[lat.sublattice])
        assert np.array_equal(moved.J, net.J[lat.parent_bond])
        assert np.array_equal(moved.dJ, net.dJ[lat.parent_bond])
        assert np.array_equal(moved.onsite, net.onsite[lat.sublattice])
        assert np.array_equal(moved.noise, net.noise[lat.sublattice])


def test_one_covariance_is_that_of_every_site_of_a_piece():
    net = NET.replace(noise=[[2.0, 1j], [-1j, 1.0]])
    piece = net.on(net.lattice.ribbon(3, "zigzag"))
    twice = piece.on(piece.lattice)  # a piece of a piece: only what differs from site to site would be lost
    assert np.array_equal(twice.noise_covariance, np.broadcast_to(net.noise, (6, 2, 2)))
    assert np.array_equal(NET.replace(noise=0.5).noise_covariance, np.broadcast_to(0.5 * np.eye(2), (2, 2, 2)))


def test_strengths_travel_with_the_lattice():
    lat = lp.lattice.honeycomb().supercell(3)
    strengths = lat.bond_disorder(0.4, rng=1)
    net = NET.replace(J=2.0).on(lat.replace(strengths=strengths))
    found = -net.hopping.block[: len(lat.bonds), 0, 0]
    assert np.allclose(found, 2.0 * strengths, rtol=0, atol=ROUNDING)


def test_values_of_a_piece_are_not_moved_to_pieces_of_it():
    lat = lp.lattice.honeycomb().supercell(2)
    net = NET.replace(lattice=lat, p=lat.site_disorder(0.1, rng=1))
    with pytest.raises(ValueError, match=r"p differs over Lattice\(honeycomb, 2 x 2.*remember only the sites of the"):
        net.on(lat.patch((2, 2)))
    own = net.crystal()
    moved = own.on(own.lattice.patch((2, 2)))
    assert np.array_equal(moved.site.p, np.tile(net.site.p, 4))
    with pytest.raises(ValueError, match=r"a drive belongs to its own sites; set it on the new lattice"):
        NET.replace(drive=np.ones((2, 2))).on(lat)


def test_without_losses_the_hopping_is_hermitian():
    H = random_network(oblique()).bloch_hamiltonian(losses=False)(np.array([0.3, -1.1]))
    assert np.allclose(H, H.conj().T, rtol=0, atol=ROUNDING)
    net = NET.replace(J=2 + 1j, dJ=0.5 - 0.3j)
    assert np.allclose(
        net.bloch_hamiltonian(False)(np.ones(2)),
        NET.replace(J=2.0, dJ=0.5, p=0, g=0).bloch_hamiltonian(False)(np.ones(2)),
    )


@pytest.mark.parametrize("name", ["p", "delta", "drive"])
def test_functions_of_time_have_no_spectrum_and_no_stationary_state(name):
    net = NET.replace(**{name: lambda t: np.ones((2, 2) if name == "drive" else 2)})
    with pytest.raises(ValueError, match=rf"{name} is a function of time; a stationary state needs numbers"):
        lp.steady_state(net, np.ones((2, 2)))
    if name != "drive":
        with pytest.raises(ValueError, match=rf"{name} is a function of time; a spectrum needs numbers: use net\.repl"):
            lp.bands(net, k=[0.0, 0.0])
        with pytest.raises(ValueError, match=rf"{name} is a function of time"):
            lp.bogoliubov(net, lp.steady_state(NET), k=[0.0, 0.0])


def test_batch_axes_have_no_spectrum():
    net = NET.replace(p=np.ones((5, 2)))
    for do in (lambda: lp.steady_state(net), lambda: lp.bands(net, k=[0.0, 0.0]), lambda: lp.gap(net, below=2)):
        with pytest.raises(ValueError, match=r"p has batch axes, its shape is \(5, 2\).*needs one set of parameters"):
            do()
