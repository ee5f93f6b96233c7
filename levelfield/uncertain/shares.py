"""Which input makes how much of a variance.

Of an input that is independent of the others: the correlation ratio, the variance of the mean of the result within
narrow bins of the input over the variance of the result (Pearson; the first-order index of Sobol'). Of inputs that are
correlated: what each adds to the explained variance of a regression on them, the mean over all orders in which they may
come in (Lindeman, Merenda and Gold; a Shapley value); one that adds nothing to all the others has no share, though it
goes along with them. What is left is what inputs do together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from levelfield.columns import Column

MOST_BINS = 256
NOTHING = 1e-4
"""A correlated input that adds less than this share of the variance to all the others has no share."""

Bins = npt.NDArray[np.int32]


def binned(column: Column, *, even: bool = False) -> Bins:
    """The bin of each draw, from the least to the greatest: as many draws in each, and no more bins than draws in one.

    Of draws that are `even` between 0 and 1 the bins are equal stretches, which takes no sorting.
    """
    bins = min(MOST_BINS, math.isqrt(len(column)))
    if even:
        return np.minimum(column * bins, bins - 1).astype(np.int32)
    # A sort of a coarse copy: which of two near neighbours comes first does not matter.
    order = np.argsort(column.astype(np.float32), kind="stable")
    found = np.empty(len(column), dtype=np.int32)
    found[order] = np.arange(len(column), dtype=np.int64) * bins // len(column)
    return found


def correlation_ratio(result: Column, bins: Bins) -> float:
    """The variance of the means of the bins over that of the result, without what chance makes of it; from 0 to 1."""
    counts = np.bincount(bins)
    means = np.bincount(bins, weights=result) / np.maximum(counts, 1)
    mean, variance = result.mean(), result.var()
    if variance <= 0 or len(result) <= len(counts):
        return 0.0
    found = float((counts * (means - mean) ** 2).sum() / len(result) / variance)
    by_chance = (len(counts) - 1) / (len(result) - len(counts))
    return min(1.0, max(0.0, found - by_chance * (1 - found)))


def added(result: Column, columns: Sequence[Column]) -> list[float]:
    """What each of some correlated columns adds to the explained variance of the result, over all orders."""
    covariance = np.cov(np.array([*columns, result]))
    if covariance[-1, -1] <= 0:
        return [0.0] * len(columns)
    kept = list(range(len(columns)))
    while kept:
        explained = [
            _explained(covariance, [i for n, i in enumerate(kept) if subset >> n & 1])
            for subset in range(1 << len(kept))
        ]
        full = len(explained) - 1
        alone = [explained[full] - explained[full ^ 1 << n] for n in range(len(kept))]
        if min(alone) >= NOTHING:
            break
        del kept[alone.index(min(alone))]
    shares = [0.0] * len(columns)
    for n, i in enumerate(kept):
        shares[i] = max(0.0, _over_all_orders(explained, n, len(kept)))
    return shares


def _explained(covariance: Column, members: Sequence[int]) -> float:
    """The share of the variance of the last column that a regression on some of the others explains."""
    if not members:
        return 0.0
    some = covariance[members, -1]
    weights = np.linalg.lstsq(covariance[np.ix_(members, members)], some, rcond=None)[0]
    return float(some @ weights / covariance[-1, -1])


def _over_all_orders(explained: Sequence[float], member: int, count: int) -> float:
    """The mean of what a member adds to those before it; `explained` goes by subsets, as bits."""
    total = 0.0
    for subset in range(1 << count):
        if not subset >> member & 1:
            size = subset.bit_count()
            weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
            total += weight * (explained[subset | 1 << member] - explained[subset])
    return total


def shares(
    result: Column,
    alone: Mapping[str, Bins],
    blocks: Sequence[Mapping[str, Column]],
) -> dict[str, float]:
    """The share of each input in the variance of a result; they sum to at most 1. All are 0 where nothing varies."""
    found = {name: correlation_ratio(result, bins) for name, bins in alone.items()}
    for block in filter(None, blocks):
        found.update(zip(block, added(result, list(block.values())), strict=True))
    over = max(1.0, sum(found.values()))  # by chance a hair above 1
    # The last digits hang on how a machine adds up.
    return {name: round(share / over, 9) for name, share in found.items()}
