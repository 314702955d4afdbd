"""Datasets as earlier versions of latticepol have saved them, with the names of today.

``dataset_version`` says which form a Dataset has. It is raised where a variable gets another name or meaning, and what
the form before called it is kept here, so that all files that were ever saved can be loaded.
"""

import numpy as np
import xarray as xr

from latticepol.results.variables import VARIABLES

DATASET_VERSION = 2
#: Names before and now, by the version that changed them. ``ds.where`` is a method of xarray.
RENAMED = {2: {"where": "k_gap"}}


def updated(dataset: xr.Dataset) -> xr.Dataset:
    """Return the Dataset in the form of today; one that latticepol has not made, or a later version has, as it is.

    A variable is renamed if its long name is that of the table: others of the same name are those of a user.
    """
    version = dataset.attrs.get("dataset_version")
    if not isinstance(version, int | np.integer):
        return dataset
    for later in range(int(version) + 1, DATASET_VERSION + 1):
        names = {
            old: new
            for old, new in RENAMED[later].items()
            if old in dataset and dataset[old].attrs.get("long_name") == VARIABLES[new].long_name
        }
        dataset = dataset.rename(names).assign_attrs(dataset_version=later)
    return dataset
