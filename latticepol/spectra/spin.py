"""The door to the spin of modes."""

import numpy as np
import xarray as xr

from latticepol.results.dataset import check_dataset, wrap


def mode_polarisation(ds: xr.Dataset) -> xr.Dataset:
    """Return the degree of circular polarisation of every mode, ``<sigma_z> = sum (|u_+|^2 - |u_-|^2) / sum (|u_+|^2 +
    |u_-|^2)``, the sums over all sites or points.

    Parameters
    ----------
    ds
        What ``lp.bands`` or ``lp.bogoliubov`` return with ``vectors=True``. Of excitations the particle part u counts,
        which is what is emitted at +omega.

    Returns
    -------
    xarray.Dataset
        The same without its vectors, with ``circular_polarisation`` like omega, from -1 to 1 (NaN where u = 0);
        for ``lp.plot.bands(ds, colour="circular_polarisation")``.

    Raises
    ------
    ValueError
        There are no vectors.
    """
    check_dataset(ds, "lp.bands or lp.bogoliubov")
    if "right" not in ds:
        raise ValueError(f"the Dataset holds {list(ds.data_vars)}, but no right vectors; give vectors=True to lp.bands")
    right = ds.right.sel(nambu="u") if "nambu" in ds.right.dims else ds.right
    dims = ds.omega.dims
    if not {"spin", *dims} <= set(right.dims) or right.dtype.kind not in "fc" or "spin" not in right.coords:
        raise ValueError(
            f"right must hold numbers along {dims} and spin; it holds {right.dtype} values with the dimensions "
            f"{right.dims}: give the Dataset of lp.bands or lp.bogoliubov"
        )
    values = right.sel(spin=["+", "-"]).transpose(*dims, "spin", ...).values
    size = (values.real**2 + values.imag**2).reshape(*ds.omega.shape, 2, -1).sum(axis=-1)
    with np.errstate(invalid="ignore"):  # u = 0: a pure hole
        degree = (size[..., 0] - size[..., 1]) / size.sum(axis=-1)
    found = wrap({"circular_polarisation": (tuple(map(str, dims)), degree)}, {}, {}, title="polarisation of modes")
    vectors = [name for name, variable in ds.data_vars.items() if "spin" in variable.dims and "mode" in variable.dims]
    left = ds.drop_vars(vectors).copy(deep=True)
    used = {dim for variable in left.data_vars.values() for dim in variable.dims}
    idle = [name for name, c in left.coords.items() if not set(c.dims) <= used]
    return left.drop_vars(idle).assign(circular_polarisation=found.circular_polarisation)
