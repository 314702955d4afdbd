"""Every data set of the experiment."""

from ensembles import alignment
from ramps import ramp
from unstable import unstable

#: File name -> function of the run, in the order in which they are made.
DATASETS = {"alignment": alignment, "ramp": ramp, "unstable": unstable}
