"""How much of a sweep is done in one call, and how much of its results is in memory."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SweepLimits:
    """Sizes of batches and results.

    Parameters
    ----------
    first
        Points of the first batch in this process: few, since nobody knows yet how long one takes.
    quick, slow
        Seconds: a batch that takes less is followed by one twice as large, one that takes more by one of half the size,
        so that there is a sign of life every few seconds.
    sent
        Points of a batch that goes to an executor: enough for the way there and back to cost little.
    kept
        Bytes: results beyond are not kept in memory, but read from the store again when they are needed, and joined in
        a file.
    streamed
        Bytes: variables beyond are never in memory as a whole where the result goes to a file.
    """

    first: int = 64
    quick: float = 1.0
    slow: float = 10.0
    sent: int = 64
    kept: int = 2**28
    streamed: int = 2**24


#: What is used where nothing else is said.
SWEEP_LIMITS = SweepLimits()
