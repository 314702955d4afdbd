"""The picture of the house: floors as rows, rooms as boxes, arrows from who imports to what is imported.

Floors, rooms and imports are those that tests/project/test_architecture.py goes by (tests/cases/rooms.py).

    python docs/_ext/house.py FOLDER

writes house.png and imports.png into a folder.
"""

import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path as Line

sys.path.append(str(Path(__file__).parents[2] / "tests" / "cases"))

import rooms

Arrow = tuple[str, str]
#: Height of a box; width of a letter, and the gap between two neighbours; all in floors.
HEIGHT, LETTER, GAP = 0.5, 0.115, 0.3
#: How often rooms are moved towards those that they are connected with.
ROUNDS = 60
#: Boxes and arrows: light blue and dark blue differ in lightness, for every eye and in print.
BOX, ARROW, FLOOR = "#dcecf8", "#0b4a7a", "#f3f3f3"


class Slot(NamedTuple):
    """A place on a floor: of a room, or of an arrow that passes (``room`` "")."""

    room: str
    floor: int
    arrow: Arrow = ("", "")

    @property
    def width(self) -> float:
        """As wide as what stands in it."""
        return LETTER * max(len(self.room), 5) + 0.25 if self.room else 0.05


def counts() -> Counter[Arrow]:
    """(room, room that it imports from) -> from how many modules, counted in each file."""
    found: Counter[Arrow] = Counter()
    for path in rooms.MODULES:
        here = rooms.room_of(rooms.name_of(path))
        there = (rooms.room_of(name) for name in rooms.inside(path))
        found.update((here, room) for room in there if here and room and room != here)
    return found


def direct(arrows: Counter[Arrow]) -> list[Arrow]:
    """Those that no other way replaces, without those into the ground floor, on which everybody stands."""

    def below(room: str) -> set[str]:
        near = {there for here, there in arrows if here == room}
        return near.union(*map(below, near))

    others = {room: {there for here, there in arrows if here == room} for room in rooms.FLOOR}
    return sorted(
        (here, there)
        for here, there in arrows
        if rooms.FLOOR[there] and not any(there in below(other) for other in others[here] - {there})
    )


def places(arrows: list[Arrow]) -> dict[Slot, float]:
    """Where everything stands from left to right: each near to what it is connected with, and none over another."""
    ways = [way(arrow) for arrow in arrows]
    slots = dict.fromkeys([Slot(room, floor) for room, floor in rooms.FLOOR.items()] + [s for w in ways for s in w])
    joined: dict[Slot, list[Slot]] = {slot: [] for slot in slots}
    for one in ways:
        for upper, lower in pairwise(one):
            joined[upper].append(lower)
            joined[lower].append(upper)
    floors = [[slot for slot in slots if slot.floor == floor] for floor in range(len(rooms.FLOORS))]
    x = {slot: place for floor in floors for slot, place in _spread(floor, dict.fromkeys(floor, 0.0)).items()}
    for turn in range(ROUNDS):
        for floor in floors[:: 1 if turn % 2 else -1]:
            wanted = {slot: float(np.mean([x[other] for other in joined[slot] or [slot]])) for slot in floor}
            x |= _spread(floor, wanted)
    middle = float(np.mean([f(x[slot] for floor in floors[1:] for slot in floor) for f in (min, max)]))
    return x | _spread(floors[0], dict.fromkeys(floors[0], middle))


def way(arrow: Arrow) -> list[Slot]:
    """What an arrow goes through, from the upper room to the lower; of one floor: nothing between."""
    upper, lower = (Slot(room, rooms.FLOOR[room]) for room in arrow)
    return [upper, *(Slot("", floor, arrow) for floor in range(upper.floor - 1, lower.floor, -1)), lower]


def _spread(floor: list[Slot], wanted: dict[Slot, float]) -> dict[Slot, float]:
    """The slots in the order of their wishes, as near to them as their widths allow (the wishes' mean is kept)."""
    order = sorted(floor, key=wanted.__getitem__)
    left = np.cumsum([0.0, *(slot.width + GAP for slot in order[:-1])]) + [slot.width / 2 for slot in order]
    free = [wanted[slot] - place for slot, place in zip(order, left, strict=True)]
    return dict(zip(order, left + _ascending(free), strict=True))


def _ascending(values: list[float]) -> np.ndarray:
    """The ascending sequence nearest to the values: neighbours in the wrong order are put on their mean."""
    blocks: list[list[float]] = []
    for value in values:
        blocks.append([value])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    return np.concatenate([np.full(len(block), np.mean(block)) for block in blocks])


def picture() -> Figure:
    """Floors, rooms and the arrows of :func:`direct`, thicker and darker where more is imported."""
    number = counts()
    arrows = direct(number)
    x = places(arrows)
    ends = [(place - slot.width / 2, place + slot.width / 2) for slot, place in x.items()]
    left, right = min(end[0] for end in ends) - 0.9, max(end[1] for end in ends) + 0.3
    figure, axis = plt.subplots(figsize=(0.95 * (right - left), 0.95 * len(rooms.FLOORS)), layout="constrained")
    for floor in range(len(rooms.FLOORS)):
        axis.axhspan(floor - 0.42, floor + 0.42, color=FLOOR, zorder=0)
        axis.text(left + 0.15, floor, str(floor), va="center", color="0.4")
    for arrow in arrows:
        _arrow(axis, [(x[slot], slot.floor) for slot in way(arrow)], number[arrow])
    for slot, place in x.items():
        if slot.room:
            _box(axis, slot, place)
    axis.set(xlim=(left, right), ylim=(-0.6, len(rooms.FLOORS) - 0.4), aspect="equal")
    axis.axis("off")
    return figure


def _box(axis: Axes, slot: Slot, x: float) -> None:
    corner = (x - slot.width / 2, slot.floor - HEIGHT / 2)
    rounded = "round,pad=0,rounding_size=0.08"
    axis.add_patch(FancyBboxPatch(corner, slot.width, HEIGHT, boxstyle=rounded, fc=BOX, ec=ARROW, lw=0.8, zorder=3))
    files = sum(rooms.room_of(rooms.name_of(path)) == slot.room for path in rooms.MODULES)
    axis.text(x, slot.floor + 0.06, slot.room, ha="center", va="center", fontsize=11, zorder=4)
    axis.text(x, slot.floor - 0.15, f"{files} file{'s' * (files > 1)}", ha="center", va="center", fontsize=7, zorder=4)


def _arrow(axis: Axes, points: list[tuple[float, float]], number: int) -> None:
    """A smooth line from the foot of the upper box to the top of the lower; on one floor an arc over the boxes."""
    (x0, y0), *_, (x1, y1) = points
    style = {"arrowstyle": "-|>,head_width=3,head_length=6", "color": ARROW, "shrinkA": 0, "shrinkB": 0, "zorder": 2}
    style |= {"linewidth": 0.8 + 0.9 * np.log(number), "alpha": 0.75}
    if y0 == y1:
        top, rise = y0 + HEIGHT / 2, min(0.1 + 0.07 * abs(x1 - x0), 0.55)
        path = Line([(x0, top), (x0, top + rise), (x1, top + rise), (x1, top)], [1, 4, 4, 4])
        axis.add_patch(FancyArrowPatch(path=path, **style))
        return
    ends = [(x0, y0 - HEIGHT / 2), *points[1:-1], (x1, y1 + HEIGHT / 2)]
    vertices, codes = [ends[0]], [1]
    for (xa, ya), (xb, yb) in pairwise(ends):
        bend = (ya - yb) / 2
        vertices += [(xa, ya - bend), (xb, yb + bend), (xb, yb)]
        codes += [4, 4, 4]
    axis.add_patch(FancyArrowPatch(path=Line(vertices, codes), **style))


def table() -> Figure:
    """All imports: each row a room that imports, each column one that is imported, from the ground floor on."""
    number, names = counts(), list(rooms.FLOOR)
    grid = np.array([[number[here, there] for there in names] for here in names], float)
    figure, axis = plt.subplots(figsize=(10.5, 10.5), layout="constrained")
    axis.imshow(np.ma.masked_equal(grid, 0), cmap="Blues", norm=LogNorm(0.5, 2 * grid.max()))
    for i, j in np.argwhere(grid):
        axis.text(j, i, f"{grid[i, j]:.0f}", ha="center", va="center", fontsize=8, color="w" if grid[i, j] > 5 else "k")
    for first in np.cumsum([len(floor) for floor in rooms.FLOORS])[:-1] - 0.5:
        axis.axhline(first, color="0.8", lw=0.6)
        axis.axvline(first, color="0.8", lw=0.6)
    axis.set_xticks(range(len(names)), names, rotation=90)
    axis.set_yticks(range(len(names)), names)
    axis.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    axis.set_xlabel("is imported")
    axis.set_ylabel("imports")
    return figure


def main(folder: Path) -> None:
    """Write both."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in (("house", picture()), ("imports", table())):
        figure.savefig(folder / f"{name}.png", dpi=150)
        print(folder / f"{name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
