"""Every data set of the experiment."""

from ensembles import alignment
from ramps import ramp
from unstable import unstable

#: Name of the file -> function of ``quick`` and of :func:`parallel.each`.
DATASETS = {"alignment": alignment, "ramp": ramp, "unstable": unstable}
