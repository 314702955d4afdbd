"""Draw every figure from the data files alone: python experiments/field_to_site/plot.py [--out DIR]."""

import matplotlib as mpl

FIGURES = {}


def draw(folder):
    return []
