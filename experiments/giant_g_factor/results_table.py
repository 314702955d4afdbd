"""The numbers that the paper states, next to ours, all taken from the data files and the model."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xarray as xr
from compute import SEED, SUBCRITICAL, SUPERCRITICAL
from experiment import Data
from scipy.optimize import brentq

import latticepol as lp

PAPER = Path(__file__).parents[2] / "data" / "paper_numbers.csv"


def stated() -> list[dict[str, str]]:
    """The rows of data/paper_numbers.csv."""
    lines = [line for line in PAPER.read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def numbers(data: Data) -> dict[str, dict[str, float]]:
    """What the paper states, and what lies beyond it."""
    return {"paper": measured(data), "beyond": ours(data)}


def readme(_: Data, found: dict[str, dict[str, float]]) -> dict[str, list[str]]:
    """Part of the README -> its lines."""
    return {"numbers": [*table(found["paper"]), "", *beyond_table(found["beyond"])]}


def said(found: dict[str, dict[str, float]]) -> Iterator[str]:
    """The lines that are printed: whether we agree with the paper."""
    yield "Stated in the paper, and here:"
    for row in stated():
        value = found["paper"][row["id"]]
        verdict = "agrees" if holds(row, value) else "DIFFERS"
        yield f"  {verdict:8} {row['claim']}: {value:.7g} (paper: {row['relation']} {float(row['stated']):.7g})"


def measured(data: Data) -> dict[str, float]:
    """Our value for every row of data/paper_numbers.csv, by its id."""
    p_c = _pitchfork(data["fig1b"])
    below, above = p_c - 1e-4, p_c + 1e-4
    linear = lp.g_eff(SUPERCRITICAL, p=[below], delta=[1e-9])
    elliptical = lp.g_eff(SUPERCRITICAL, p=[above], delta=[0.0])
    s_c = float(
        np.linalg.norm(data["fig1b"].special_pseudospin.values[data["fig1b"].special_kind.values == "pitchfork"])
    )
    strong = lp.alignment_probability(SUPERCRITICAL, realizations=20_000, rng=SEED, p=[1.0], delta=[1e-3])
    fig3 = data["fig3"]
    return {
        "p_c": p_c,
        "s_c": s_c,
        "p_c_subcritical": _pitchfork(data["fig1c"]),
        "supercritical_slope": _smallest_supercritical_a(SUBCRITICAL.g),
        "divergence_below": float(linear.g_eff[0, 0]) * 1e-4 / s_c,
        "divergence_above": float(elliptical.chi[0, 0]) * 2e-4 / s_c,
        "hundredfold": _certain_enhancement(1e-3),
        "order_of_magnitude": _distance_of_tenfold(p_c) / p_c,
        "half": float(strong.probability[0, 0]),
        "certain": float(fig3.probability.where(fig3.p < fig3.fold).min()),
    }


def ours(data: Data) -> dict[str, float]:
    """Numbers that the README states beyond the paper's."""
    usable, critical, swept = data["usable"], data["critical"], data["hysteresis_p_branches"]
    weak = critical.sel(delta=slice(1e-12, 1e-6))
    folds = swept.special_p.values[swept.special_kind.values == "fold"]
    seed = data["seed_size"].probability.sel(p=0.8).values
    return {
        "usable_g_eff_at_0.001": _at(1e-3, usable.delta, usable.usable_g_eff),
        "usable_over_law_at_weakest_field": float((usable.usable_g_eff / usable.law)[0]),
        "field_of_hundredfold_at_the_fold": _field_of_hundredfold(),
        "critical_exponent": float(np.polyfit(np.log(weak.delta), np.log(weak.pseudospin.sel(axis="z")), 1)[0]),
        "hysteresis_lowest_fold": float(folds.min()),
        "P_at_seed_1e-6_minus_P_at_seed_0.1": float(
            seed[0] - np.interp(np.log(0.1), np.log(data["seed_size"].mean_s), seed)
        ),
        "largest_g_eff_at_negative_g": float(data["negative_g"].g_eff.sel(g=-0.1).max()),
    }


def table(found: dict[str, float]) -> list[str]:
    """The lines of the table of the README."""
    rows = ["| stated in the paper | paper | here | where |", "|---|---|---|---|"]
    for row in stated():
        sign = {"equal": "", "at least": ">= ", "at most": "<= "}[row["relation"]]
        rows.append(f"| {row['claim']} | {sign}{float(row['stated']):.7g} | {found[row['id']]:.7g} | {row['source']} |")
    return rows


def beyond_table(found: dict[str, float]) -> list[str]:
    """The lines of the table of what the paper does not state."""
    rows = ["| beyond the paper | here |", "|---|---|"]
    return rows + [f"| {name.replace('_', ' ')} | {value:.5g} |" for name, value in found.items()]


def holds(row: dict[str, str], value: float) -> bool:
    """Whether our value agrees with the statement."""
    target, tolerance = float(row["stated"]), float(row["tolerance"])
    if row["relation"] == "equal":
        return abs(value - target) <= tolerance * max(1.0, abs(target))
    return value >= target if row["relation"] == "at least" else value <= target


def _certain_enhancement(delta: float) -> float:
    """g_eff just below the fold; NaN unless every one of many trajectories aligns there."""
    fold = float(lp.folds(SUPERCRITICAL, along="p", delta=[delta]).p.min())
    axes = {"p": [fold - 1e-6], "delta": [delta]}
    chance = lp.alignment_probability(SUPERCRITICAL, realizations=2000, rng=SEED, **axes)
    return float(lp.g_eff(SUPERCRITICAL, **axes).g_eff.where(chance.probability == 1)[0, 0])


def _at(x: float, xs: xr.DataArray, ys: xr.DataArray) -> float:
    """Interpolation of a power law."""
    return float(np.exp(np.interp(np.log(x), np.log(xs), np.log(ys))))


def _pitchfork(branches: xr.Dataset) -> float:
    return float(branches.special_p.values[branches.special_kind.values == "pitchfork"][0])


def _smallest_supercritical_a(g: float) -> float:
    low, high = 0.1, 10.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        inside = bool(lp.pitchfork(SUBCRITICAL.replace(a=middle, g=g)).supercritical)
        low, high = (low, middle) if inside else (middle, high)
    return high


def _distance_of_tenfold(p_c: float) -> float:
    def excess(p: float) -> float:
        return float(lp.g_eff(SUPERCRITICAL, p=[p], delta=[1e-9]).chi[0, 0]) - 10

    return p_c - brentq(excess, 0.0, p_c - 1e-3)


def _field_of_hundredfold() -> float:
    def excess(log_delta: float) -> float:
        delta = float(np.exp(log_delta))
        fold = float(lp.folds(SUPERCRITICAL, along="p", delta=[delta]).p.min())
        return float(lp.g_eff(SUPERCRITICAL, p=[fold], delta=[delta]).g_eff[0, 0]) - 100

    return float(np.exp(brentq(excess, np.log(1e-4), np.log(1e-1))))
