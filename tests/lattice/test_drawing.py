"""The drawing of a lattice shows every site, bond and cut once."""

import matplotlib

import latticepol as lp

matplotlib.use("Agg")


def test_every_site_bond_and_cut_is_drawn():
    ribbon = lp.lattice.honeycomb().ribbon(4, "armchair")
    ax = lp.plot.lattice(ribbon)
    inside, from_i, from_j, cuts = (len(collection.get_segments()) for collection in ax.collections)
    assert inside + from_i == len(ribbon.bonds)
    assert from_i == from_j == ribbon.bonds[:, 2].astype(bool).sum()
    assert cuts == len(ribbon.cuts.site)
    assert [len(line.get_xdata()) for line in ax.lines] == [4, 4]
    assert len({line.get_color() for line in ax.lines}) == 2
    assert ax.get_aspect() == 1


def test_a_chain_has_room_above_and_below():
    low, high = lp.plot.lattice(lp.lattice.chain().patch((5,))).get_ylim()
    assert low < -0.4
    assert high > 0.4
