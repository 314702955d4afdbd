"""What is drawn are the numbers of the Dataset, where they belong: the data of the artists are compared."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from PIL import Image

import latticepol as lp
from latticepol.lattice.zone import first_zone, folded

ROUNDING = 1e-12  # sums of a few numbers of order one
HONEYCOMB = lp.lattice.honeycomb()
OBLIQUE = lp.Grid.cell(HONEYCOMB, (5, 4), q=(0.3, -0.2))
BOX = lp.Grid.rectangle((6.0, 4.0), (6, 4))
PS_UM = {"time": "ps", "length": "um"}


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    plt.close("all")


def field(grid, times=3):
    """A field at a few times without any symmetry, as evolve returns it."""
    psi = np.random.default_rng(1).normal(size=(times, 2, *grid.shape, 2)).view(complex)[..., 0]
    model = lp.SpinorGPE(grid, [lp.Kinetic(1.0)], units=PS_UM)
    time = np.arange(times, dtype=float)
    return model.to_dataset({"psi": (("time", "spin", "y", "x"), psi)}, {"time": time}, title="test")


def network(site=None, **changes):
    site = site or lp.Site(p=0.1, a=2.28, g=1.0, delta=0.3)
    return lp.Network(HONEYCOMB, site, **({"J": 3.0, "dJ": 0.9} | changes))


def centres(mesh):
    """Middles of the quadrilaterals of a mesh, (n2, n1, 2)."""
    corners = np.asarray(mesh.get_coordinates())
    return (corners[1:, 1:] + corners[:-1, :-1] + corners[1:, :-1] + corners[:-1, 1:]) / 4


def test_stokes_maps_hold_the_last_time_and_share_their_limits():
    out = field(OBLIQUE)
    found = lp.stokes(out).isel(time=-1)
    axes = lp.plot.stokes(out)
    for ax, name in zip(axes, ("S", "S_x", "S_y", "S_z"), strict=True):
        mesh = ax.collections[0]
        assert np.array_equal(mesh.get_array(), found[name].values)
        assert np.abs(centres(mesh) - np.stack(OBLIQUE.points, axis=-1)).max() < ROUNDING
        assert mesh.get_clim() == (0 if name == "S" else -found.S.max(), found.S.max())
        assert (ax.get_xlabel(), ax.get_aspect()) == ("x [um]", 1)
    assert axes[3].figure.axes[-1].get_ylabel() == "Stokes parameter S_z [um-2]"


@pytest.mark.parametrize("grid", [OBLIQUE, BOX], ids=["oblique", "rectangle"])
def test_a_cell_is_repeated_where_its_copies_are(grid):
    values = lp.density(field(grid)).density.isel(time=-1)
    mesh = lp.plot.density(field(grid), spin="-", cells=(3, 2)).collections[0]
    n2, n1 = grid.shape
    shown, places = np.asarray(mesh.get_array()), centres(mesh)
    for i, j in np.ndindex(3, 2):
        part = np.s_[j * n2 : (j + 1) * n2, i * n1 : (i + 1) * n1]
        assert np.array_equal(shown[part], values.sel(spin="-"))
        there = np.stack(grid.points, axis=-1) + np.array([i, j]) @ grid.vectors
        assert np.abs(places[part] - there).max() < ROUNDING
    both = lp.plot.density(field(grid)).collections[0]
    assert np.abs(both.get_array() - values.sum("spin").values).max() < ROUNDING


def test_phase_goes_on_from_cell_to_cell_with_the_bloch_wavevector():
    out = field(OBLIQUE, times=1)
    ax = lp.plot.phase(out, spin="-", cells=(2, 3))
    mesh = ax.collections[0]
    place, psi = centres(mesh), np.tile(out.psi.values[0, 1], (3, 2))
    expected = psi * np.exp(1j * (place @ OBLIQUE.q))
    assert np.abs(np.exp(1j * np.asarray(mesh.get_array())) - expected / np.abs(expected)).max() < ROUNDING
    assert (mesh.cmap.name, mesh.get_clim()) == ("twilight", (-np.pi, np.pi))
    relative = lp.plot.phase(out, spin=None).collections[0].get_array()
    assert np.array_equal(relative, lp.phase(out).relative_phase.values[0])


def test_what_cannot_be_drawn_says_what_to_choose():
    out = field(BOX).expand_dims(batch=2)
    with pytest.raises(ValueError, match=r"'S_z' has several values along \['batch'\]; choose one with .isel\(batch=0"):
        lp.plot.field_map(lp.stokes(out).S_z)
    with pytest.raises(
        ValueError, match=r"'density' must have the dimensions \('site',\); it has .*: draw .*lp.plot.field_map"
    ):
        lp.plot.site_map(lp.density(field(BOX)).density)


def test_sites_have_their_values_and_places():
    net = network()
    state = lp.steady_state(net)
    dots = lp.plot.site_map(state.pseudospin.sel(axis="z")).collections[0]
    assert np.array_equal(dots.get_array(), state.pseudospin.sel(axis="z"))
    assert np.array_equal(dots.get_offsets(), HONEYCOMB.basis)
    assert dots.get_clim()[0] == -dots.get_clim()[1]


def wires(frames=3):
    """Results of a third model: places along a dimension of its own, where their coordinates x and y say."""
    rng = np.random.default_rng(1)
    coords = {"x": ("wire", np.arange(4.0)), "y": ("wire", np.ones(4)), "time": np.arange(float(frames))}
    return xr.Dataset({"light": (("time", "wire"), rng.random((frames, 4))),
                       "psi": (("time", "wire"), rng.random((frames, 4)) + 0j)}, coords)  # fmt: skip


def test_dots_are_known_by_their_coordinates(tmp_path):
    """Not by the name of a dimension: maps and films of any model."""
    ds = wires()
    dots = lp.plot.site_map(ds.light).collections[0]
    assert np.array_equal(dots.get_array(), ds.light[-1])
    assert np.array_equal(dots.get_offsets(), np.stack([ds.x, ds.y], axis=1))
    assert lp.plot.animation(ds, tmp_path / "film.gif", "light", dpi=20).exists()
    with pytest.raises(ValueError, match=r"must have the dimensions \('y', 'x'\); .* draw the sites .*site_map"):
        lp.plot.field_map(ds.light)
    with pytest.raises(ValueError, match="'psi' holds no real numbers"):
        lp.plot.site_map(ds.psi)
    with pytest.raises(
        ValueError, match=r"coordinates x and y, .*; it has \['x', 'time'\]: add them, \.assign_coords\(x=\('"
    ):
        lp.plot.site_map(ds.light.rename(wire="site").drop_vars("y"))
    with pytest.raises(TypeError, match=r"for example ds\.light$"):
        lp.plot.site_map(ds)


def test_a_dimension_called_site_makes_no_dots(tmp_path):
    """A grid that is cut into sites, whose coordinates are those of a grid."""
    ds = lp.stokes(field(BOX)).expand_dims(site=2)
    with pytest.raises(ValueError, match=r"'S_z' has several values along \['site'\]"):
        lp.plot.field_map(ds.S_z)
    with pytest.raises(ValueError, match=r"'S_z' has the dimensions .*: choose one of \['site'\]"):
        lp.plot.animation(ds, tmp_path / "a.gif", "S_z")


def test_bands_are_coloured_by_spin():
    """Without hopping between the spins and splitting every mode is one spin, that of the sign of its Zeeman shift."""
    net = network(dJ=0.0, epsilon=0.0)
    k = HONEYCOMB.path("G K M", 12)
    spectrum = lp.mode_polarisation(lp.bands(net, k=k, losses=False, vectors=True))
    assert "right" not in spectrum
    bare = lp.bands(net.replace(delta=0.0), k=k, losses=False).omega.values.reshape(12, 2, 2)
    spin = spectrum.circular_polarisation
    assert np.abs(np.abs(spin) - 1).max() < ROUNDING
    shifted = np.sort((spectrum.omega - 0.15 * spin).values.reshape(12, 2, 2), axis=None)
    assert np.abs(shifted - np.sort(bare, axis=None)).max() < 1e-9  # degenerate modes
    ax = lp.plot.bands(spectrum, colour="circular_polarisation")
    drawn = {(round(x, 9), round(y, 9)): c for (x, y), c in zip(*_dots(ax), strict=True)}
    for i, j in np.ndindex(spin.shape):
        point = round(float(k.distance[i]), 9), round(float(spectrum.omega[i, j]), 9)
        assert drawn[point] == pytest.approx(float(spin[i, j]), abs=ROUNDING)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["G", "K", "M"]


@pytest.mark.parametrize("colour", ["red", "circular_polarisation"])
def test_bands_are_as_wide_as_their_lines(colour):
    net = network()
    k = HONEYCOMB.path("G K M", 7)
    modes = lp.mode_polarisation(lp.bogoliubov(net, lp.steady_state(net), k=k, vectors=True))
    modes.omega[3, 2] = 0.4 + 1j  # grows
    bars, dots = lp.plot.bands(modes, colour=colour, widths=True).collections
    corners = np.array([path.vertices[:4] for path in bars.get_paths()])
    low, high = corners[:, 0], corners[:, 2]
    omega, distance = modes.omega.values, k.distance.values
    edges = np.r_[distance[0], (distance[1:] + distance[:-1]) / 2, distance[-1]]
    found = {tuple(np.round([*a, *b], 9)) for a, b in zip(low, high, strict=True)}
    expected = {
        tuple(np.round([edges[i], w.real + w.imag, edges[i + 1], w.real - w.imag], 9))
        for (i, _), w in np.ndenumerate(omega)
        if w.imag < 0
    }
    assert found == expected
    assert len(dots.get_offsets()) == omega.size
    if colour != "red":
        places, colours = _dots(dots.axes)
        lines = places.tolist() != np.array([distance[3], 0.4])
        assert np.array_equal(bars.get_array(), colours[lines.any(axis=-1)])
        assert bars.get_clim() == dots.get_clim() == (-1, 1)


def _dots(ax):
    return ax.collections[-1].get_offsets().data, ax.collections[-1].get_array().data


def test_polarisation_of_modes_counts_the_particles_of_all_points():
    model = lp.SpinorGPE(lp.Grid.cell(HONEYCOMB, 6), [lp.Kinetic(1.0), lp.Zeeman(0.2), lp.TETM(0.1)])
    with_vectors = lp.bands(model, k=[[0.3, 0.1]], basis=3, vectors=True)
    found = lp.mode_polarisation(with_vectors).circular_polarisation
    size = np.abs(with_vectors.right) ** 2
    plus, minus = (size.sel(spin=spin).sum(["y", "x"]) for spin in "+-")
    assert np.abs(found - (plus - minus) / (plus + minus)).max() < ROUNDING
    state = lp.steady_state(network())
    excitations = lp.bogoliubov(network(), state, k=[[0.3, 0.1]], vectors=True)
    u = np.abs(excitations.right.sel(nambu="u")) ** 2
    expected = (u.sel(spin="+") - u.sel(spin="-")).sum("site") / u.sum(["site", "spin"])
    found = lp.mode_polarisation(excitations)
    assert np.abs(found.circular_polarisation - expected).max() < ROUNDING
    assert found.circular_polarisation.attrs["units"] == "1"
    with pytest.raises(ValueError, match="no right vectors; give vectors=True"):
        lp.mode_polarisation(found)


def test_bands_are_coloured_by_the_edge():
    ribbon = lp.ribbon(network(), width=4, nk=5)
    places, colours = _dots(lp.plot.bands(ribbon, colour="edge_weight"))
    side = (ribbon.edge_weight.sel(edge="right") - ribbon.edge_weight.sel(edge="left")).values
    assert np.array_equal(np.sort(colours), np.sort(side, axis=None))
    strongest = np.unravel_index(np.abs(side).argmax(), side.shape)
    assert places[-1] == pytest.approx([float(ribbon.k[strongest[0]]), ribbon.omega.values[strongest].real])
    assert colours[-1] == side[strongest]  # on top


def test_e_of_k_image():
    grid = lp.Grid.rectangle((6.0, 4.0), (6, 4))
    found = lp.spectrum(field(grid, times=8))
    ax = lp.plot.spectrum(found, spin="+", decades=1)
    shown = found.spectral_density.sel(spin="+").values
    mesh = ax.collections[0]
    assert np.array_equal(mesh.get_array(), np.maximum(shown, shown.max() / 10))
    assert np.abs(centres(mesh)[0, :, 0] - found.kx.values).max() < ROUNDING
    assert np.abs(centres(mesh)[:, 0, 1] - found.omega.values).max() < ROUNDING
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("k_x [um-1]", "frequency omega [ps-1]")
    both = lp.plot.spectrum(found).collections[0].get_array()
    assert both.max() == pytest.approx(found.spectral_density.sum("spin").values.max())
    path = lp.spectrum(field(grid, times=8), HONEYCOMB.path("G K M G", 9))
    corners = lp.plot.spectrum(path)
    assert [text.get_text() for text in corners.get_xticklabels()] == ["G", "K", "M", "G"]
    bare = lp.plot.spectrum(path.drop_vars("point"))
    assert bare.get_xlabel() == "distance along the path [um-1]"


def test_the_line_of_the_condensate_does_not_set_the_scale_of_a_response():
    net = network()
    state = lp.steady_state(net, "aligned", stability=False)
    found = lp.response(net, state, k=HONEYCOMB.path("G K M", 7), omega=np.linspace(-20, 20, 41), noise=1.0)
    shown = found.spectral_density.sum("spin").values.T
    assert np.isinf(shown[20, 0])
    ax = lp.plot.spectrum(found, decades=2)
    largest = shown[np.isfinite(shown)].max()
    assert ax.collections[0].norm.vmax == largest
    assert np.array_equal(ax.collections[0].get_array(), np.maximum(shown, largest / 100))
    assert [text.get_text() for text in ax.get_xticklabels()] == ["G", "K", "M"]
    assert ax.get_xticks()[-1] == found.distance.values[-1]


def test_berry_curvature_over_the_first_zone():
    found = lp.berry_curvature(network(), below=2, mesh=8)
    ax = lp.plot.berry_curvature(found)
    b1, b2 = HONEYCOMB.reciprocal
    outline = ax.lines[0].get_xydata()[:-1]
    corner = np.linalg.norm(2 * b1 + b2) / 3
    assert len(outline) == 6
    assert np.abs(np.linalg.norm(outline, axis=1) - corner).max() < 1e-9
    places = np.concatenate([centres(mesh).reshape(-1, 2) for mesh in ax.collections])
    values = np.concatenate([np.ravel(mesh.get_array()) for mesh in ax.collections])
    turn = np.stack([found.kx, found.ky], axis=-1)[..., None, :] - places
    fractions = turn @ np.linalg.inv([b1, b2])
    same = (
        np.abs(fractions - np.rint(fractions)).max(axis=-1) < 1e-9
    )  # (k1, k2, drawn): equal up to a reciprocal vector
    assert (same.sum(axis=(0, 1)) == 1).all()
    assert np.abs((found.berry_curvature.values[..., None] * same).sum(axis=(0, 1)) - values).max() < ROUNDING
    # nothing in the frame is left white: a fine raster of it has a plaquette near every point
    x, y = np.meshgrid(np.linspace(*ax.get_xlim(), 30), np.linspace(*ax.get_ylim(), 30))
    distance = np.linalg.norm(np.stack([x, y], axis=-1)[..., None, :] - places, axis=-1).min(axis=-1)
    assert distance.max() < np.linalg.norm(b1) / 8


@pytest.mark.parametrize(("rows", "corners"), [(HONEYCOMB.reciprocal, 6), (np.diag([2.0, 3.0]), 4)])
def test_the_first_zone_has_the_area_of_the_reciprocal_cell(rows, corners):
    x, y = first_zone(rows).T
    assert len(x) == corners
    area = 0.5 * np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))
    assert area == pytest.approx(abs(np.linalg.det(rows)))
    sheared = first_zone(np.array([[1, 0], [3, 1]]) @ rows)  # the same lattice in other vectors
    assert np.abs(np.sort(sheared, axis=0) - np.sort(np.stack([x, y], axis=-1), axis=0)).max() < 1e-9


def test_wavevectors_are_folded_into_the_first_zone():
    rows = HONEYCOMB.reciprocal
    k = np.random.default_rng(2).uniform(-20, 20, (50, 2))
    inside, G = folded(k, rows)
    assert np.abs(inside + G - k).max() < ROUNDING
    whole = G @ np.linalg.inv(rows)
    assert np.abs(whole - np.rint(whole)).max() < 1e-9
    around = np.array([(m, n) for m in (-1, 0, 1) for n in (-1, 0, 1)]) @ rows
    assert (np.linalg.norm(inside, axis=1) <= np.linalg.norm(inside[:, None] + around, axis=2).min(axis=1) + 1e-9).all()
    corners = first_zone(rows)
    assert np.array_equal(folded(corners, rows)[0], corners)  # what is on its edge stays


def gaps():
    p, delta = np.array([0.0, 0.1, 0.2]), np.array([1e-3, 1e-2])
    direct = np.array([[0.0, 0.2], [0.5, 0.6], [0.7, 0.9]])
    coords = {"p": p, "delta": delta}
    variables = {"direct_gap": (("p", "delta"), direct), "enhancement": (("p", "delta"), 300 * direct)}
    return xr.Dataset(variables, coords)


def test_gap_maps_leave_closed_gaps_away():
    ds = gaps()
    ax = lp.plot.gap(ds, "p", "delta", levels=[0.55])
    mesh, lines = ax.collections[:2]
    shown = np.ma.filled(mesh.get_array(), np.nan)
    assert np.array_equal(shown, ds.direct_gap.where(ds.direct_gap > 0).transpose("delta", "p"), equal_nan=True)
    assert list(lines.levels) == [0.55]
    ax = lp.plot.gap(ds, "p", "delta", variable="enhancement")
    mesh, lines = ax.collections[:2]
    assert list(lines.levels) == [1, 10, 100]
    assert (mesh.norm.vmin, mesh.norm.vmax) == (1, pytest.approx(270))
    assert len(lp.plot.gap(ds, "p", "delta", levels=[]).collections) == 1


def test_a_map_without_bar_and_contours_without_labels():
    ax = lp.plot.colour_map(gaps().direct_gap, "p", "delta", bar=False, shading="nearest")
    assert len(ax.figure.axes) == 1
    lp.plot.contours(gaps().direct_gap, "p", "delta", ax, levels=[0.3], at=None)
    assert not ax.texts


def test_bifurcation_diagram():
    ds = lp.branches(lp.Site(p=0.0, a=1.0, g=3.0), span=(3.0, 9.0), points=40)
    ax = lp.plot.bifurcation(ds)
    points = [line for line in ax.lines if line.get_marker() not in ("", "None", None)]
    drawn = {line.get_label(): line.get_ydata() for line in points}
    for kind in np.unique(ds.special_kind):
        expected = ds.special_pseudospin.sel(axis="z").values[ds.special_kind.values == kind]
        assert np.array_equal(drawn[kind], expected)
    texts = {text.get_text() for text in ax.get_legend().get_texts()}
    assert texts == {*np.unique(ds.special_kind).tolist(), "stable", "unstable"}
    pumps = np.concatenate([line.get_xdata() for line in ax.lines if line not in points])
    assert pumps.size >= ds.p.size


def test_hysteresis_draws_both_ways():
    s = np.arange(12.0).reshape(2, 2, 3)
    coords = {"direction": ["up", "down"], "p": [1.0, 2.0], "axis": ["x", "y", "z"]}
    ds = xr.Dataset({"pseudospin": (("direction", "p", "axis"), s)}, coords, {"along": "p"})
    ax = lp.plot.hysteresis(ds)
    up, down = ax.lines
    assert (up.get_label(), up.get_ydata().tolist()) == ("up", [2.0, 5.0])
    assert (down.get_label(), down.get_ydata().tolist()) == ("down", [8.0, 11.0])
    assert up.get_xdata().tolist() == [1.0, 2.0]


def test_a_film_has_a_frame_for_each_time(tmp_path):
    out = field(OBLIQUE)
    path = lp.plot.animation(out, tmp_path / "evolution.gif", dpi=40, cells=(2, 1))
    with Image.open(path) as film:
        assert film.n_frames == 3
        frames = []
        for i in range(3):
            film.seek(i)
            frames.append(np.asarray(film.convert("RGB")).astype(int))
    assert (frames[0] != frames[1]).any()
    assert (frames[1] != frames[2]).any()
    # the last frame is the map of the last time, in the colours of all times
    largest = float(abs(lp.stokes(out).S_z).max())
    figure, ax = plt.subplots(layout="constrained")
    lp.plot.field_map(lp.stokes(out).S_z, ax, cells=(2, 1), vmin=-largest, vmax=largest)
    ax.set_title("time = 2 ps")
    figure.savefig(tmp_path / "last.png", dpi=40)
    still = np.asarray(Image.open(tmp_path / "last.png").convert("RGB")).astype(int)
    assert np.abs(frames[2] - still).mean() < 3  # a GIF has 256 colours


@pytest.mark.parametrize(
    ("name", "variable", "message"),
    [
        ("film.mp4", "S_z", "is not a GIF; give a name that ends in .gif"),
        ("film.gif", "spins", r"variable 'spins' is not known; there are \['psi', 'S'"),
        ("film.gif", "phase", r"'phase' has the dimensions .*give spin='\+' or '-'"),
    ],
)
def test_a_film_says_what_it_needs(tmp_path, name, variable, message):
    with pytest.raises(ValueError, match=message):
        lp.plot.animation(field(BOX), tmp_path / name, variable)


@pytest.mark.parametrize(
    ("variable", "spin", "text"),
    [
        pytest.param("density", None, "density |psi|^2 [um-2]", marks=pytest.mark.slow),
        ("density", "+", "density |psi|^2 [um-2], spin +"),
        pytest.param("phase", "-", "phase, spin -", marks=pytest.mark.slow),
        pytest.param("S_z", None, "Stokes parameter S_z [um-2]", marks=pytest.mark.slow),
    ],
)
def test_a_film_names_its_variable_and_keeps_its_colours(tmp_path, monkeypatch, variable, spin, text):
    drawn = []
    monkeypatch.setattr(plt, "close", drawn.append)
    out = field(BOX)
    lp.plot.animation(out, tmp_path / "film.gif", variable, spin=spin, dpi=20)
    ax, bar = drawn[0].axes
    assert (bar.get_ylabel(), ax.get_title()) == (text, "time = 2 ps")
    if variable == "density":
        values = lp.density(out).density
        largest = values.sum("spin").max() if spin is None else values.sel(spin=spin).max()
        assert ax.collections[-1].get_clim() == (0.0, pytest.approx(float(largest)))
    monkeypatch.undo()
    plt.close(drawn[0])


def test_a_film_of_one_time_asks_for_more(tmp_path):
    with pytest.raises(ValueError, match=r"save several times with save=lp.every"):
        lp.plot.animation(field(BOX).isel(time=0), tmp_path / "film.gif")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"at": True}, "at must be a list of points"),  # would wait for a click of the mouse
        ({"at": [0.5, 1.0]}, "at must be a list of points"),
        ({"levels": [[0.25, 0.5]]}, "levels has shape"),
        ({"levels": [0.25, np.nan]}, "levels holds nan"),
    ],
)
def test_contours_refuse_what_they_cannot_draw(options, text):
    with pytest.raises((TypeError, ValueError), match=text):
        lp.plot.contours(gaps().direct_gap, "p", "delta", **({"levels": [0.3]} | options))
    plt.close("all")


def test_cells_are_two_counts_of_any_kind_and_few_enough():
    values = lp.stokes(field(lp.Grid.rectangle((4.0, 3.0), (8, 6)))).S_z
    plain = lp.plot.field_map(values, cells=(2, 3)).collections[0]
    for cells in ([2, 3], np.array([2.0, 3.0]), np.array([2, 3], ">i4")):
        mesh = lp.plot.field_map(values, cells=cells).collections[0]
        np.testing.assert_array_equal(mesh.get_array(), plain.get_array())
    for cells, text in (((0, 1), "cells"), ((2.5, 1), "cells"), (3, "shape"), ((1000, 1000), "points")):
        with pytest.raises(ValueError, match=text):
            lp.plot.field_map(values, cells=cells)
    plt.close("all")


def test_branches_are_known_by_the_names_of_their_dimensions():
    found = lp.branches(lp.Site(p=0.5, a=2.28, g=1.0, delta=0.05), span=(0.0, 2.0), points=8)
    lines = [[line.get_xydata() for line in lp.plot.branches(ds).lines] for ds in (found, found.transpose())]
    for line, turned in zip(*lines, strict=True):
        np.testing.assert_array_equal(line, turned)
    plt.close("all")
