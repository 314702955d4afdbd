"""Two sets of ratios: which got worse by more than a margin (what baseline.py says in the end)."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

#: Ratios of two runs of the same code differ by up to a tenth where the machine has other work.
MARGIN = 1.15


class Change(NamedTuple):
    """A ratio now and before; NaN where it was not measured."""

    name: str
    now: float
    before: float

    def verdict(self, margin: float) -> str:
        """What it means: "slower" and "gone" fail."""
        if np.isnan(self.before):
            return "new"
        if np.isnan(self.now):
            return "gone"
        return "slower" if self.now > margin * self.before else "faster" if self.before > margin * self.now else "same"


def compared(now: Mapping[str, float], before: Mapping[str, float]) -> list[Change]:
    """Every ratio of either."""
    return [Change(name, now.get(name, np.nan), before.get(name, np.nan)) for name in {**before, **now}]


def report(changes: list[Change], margin: float) -> int:
    """Print a table and what got worse; the exit code."""
    print(f"\n{'ratio':36}{'before':>10}{'now':>10}{'change':>10}")
    for change in changes:
        by = change.now / change.before
        print(f"{change.name:36}{change.before:10.2f}{change.now:10.2f}{by:10.2f}  {change.verdict(margin)}")
    failed = {verdict: [c.name for c in changes if c.verdict(margin) == verdict] for verdict in ("slower", "gone")}
    if failed["slower"]:
        print(f"\nmore than {margin:g} times the stored ratio: {'; '.join(failed['slower'])}")
    if failed["gone"]:
        print(f"\nstored but not measured: {'; '.join(failed['gone'])}; --update drops them")
    if not any(failed.values()):
        print(f"\nno ratio is more than {margin:g} times the stored one")
    return int(any(failed.values()))
