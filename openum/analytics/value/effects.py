"""Differences between matched people before and after, with bootstrap intervals over matched sets. Arrays only.

Each set is one coordinated person and the people alike; its change is theirs less the mean change of the others
(difference in differences). Sets count by the coordinated person's months after the start, so that the estimate is one per
member month. Matching is without replacement, for which resampling whole sets is valid (Abadie and Spiess 2022, Robust
post-matching inference; it is not when one person stands in several sets, Abadie and Imbens 2008).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_AT_ONCE = 50
LEVEL = 95
"""Percent of the intervals."""


@dataclass(frozen=True)
class Estimate:
    """A value with the interval that holds 95 of 100 of the bootstrap's."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0

    def times(self, factor: float) -> "Estimate":
        """Return it multiplied."""
        ends = sorted((self.low * factor, self.high * factor))
        return Estimate(self.value * factor, *ends)

    def plus(self, amount: float) -> "Estimate":
        """Return it moved."""
        return Estimate(self.value + amount, self.low + amount, self.high + amount)


@dataclass(frozen=True)
class Sets:
    """Matched sets as monthly rates, one row per set and one column per outcome; of the others the mean of the set."""

    before: Floats
    after: Floats
    others_before: Floats
    others_after: Floats
    months: Floats
    """Months after the start of the coordinated person."""

    @property
    def change(self) -> Floats:
        """What changed more, or less, than among the others."""
        return (self.after - self.before) - (self.others_after - self.others_before)

    def __len__(self) -> int:
        """How many sets there are."""
        return len(self.months)

    def of(self, chosen: NDArray[np.bool_]) -> "Sets":
        """Return some of them."""
        return Sets(
            self.before[chosen], self.after[chosen], self.others_before[chosen], self.others_after[chosen],
            self.months[chosen],
        )  # fmt: skip

    def capped(self, most: Floats) -> "Sets":
        """Return them with every rate at most a cap, one for each outcome."""
        return Sets(
            np.minimum(self.before, most), np.minimum(self.after, most), np.minimum(self.others_before, most),
            np.minimum(self.others_after, most), self.months,
        )  # fmt: skip


def weighted(rates: Floats, weights: Floats) -> Floats:
    """Return the mean of each column."""
    return np.asarray((rates * weights[:, None]).sum(axis=0) / weights.sum(), dtype=np.float64)


def samples(columns: Floats, weights: Floats, *, draws: int, seed: int) -> Floats:
    """Return the weighted mean of each column in samples of whole sets, drawn with replacement.

    Args:
        columns: one row per set.
        weights: of the sets.
        draws: how many samples.
        seed: the same seed draws the same samples, whatever the columns.

    Returns:
        One row per sample.
    """
    random = np.random.default_rng(seed)
    count = len(weights)
    even = np.full(count, 1 / count)
    heavy = columns * weights[:, None]
    found = []
    for begin in range(0, draws, _AT_ONCE):
        times = random.multinomial(count, even, size=min(_AT_ONCE, draws - begin)).astype(np.float64)
        found.append((times @ heavy) / (times @ weights)[:, None])
    return np.concatenate(found)


def interval(value: float, drawn: Floats) -> Estimate:
    """Return a value with the percentiles of its samples."""
    tail = (100 - LEVEL) / 2
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return Estimate(value, float(low), float(high))


def effects(sets: Sets, *, draws: int, seed: int) -> list[Estimate]:
    """Return the difference in differences of each outcome, a month."""
    values = weighted(sets.change, sets.months)
    drawn = samples(sets.change, sets.months, draws=draws, seed=seed)
    return [interval(float(value), drawn[:, column]) for column, value in enumerate(values)]


def ratios(sets: Sets, *, draws: int, seed: int) -> list[Estimate | None]:
    """Return for each outcome what was after the start, divided by what it would have been with the others' change.

    None where nothing, or less than nothing, would have been.
    """
    both = np.concatenate([sets.after, sets.after - sets.change], axis=1)
    count = sets.after.shape[1]
    values = weighted(both, sets.months)
    drawn = samples(both, sets.months, draws=draws, seed=seed)
    found: list[Estimate | None] = []
    for column in range(count):
        expected = drawn[:, count + column]
        if values[count + column] <= 0 or (expected <= 0).mean() > (100 - LEVEL) / 200:
            found.append(None)
            continue
        usable = expected > 0
        ratio = drawn[usable, column] / expected[usable]
        found.append(interval(float(values[column] / values[count + column]), ratio))
    return found


def e_value(ratio: float) -> float:
    """Return how strongly something unmeasured would have to go with both coordination and outcome to make a ratio alone.

    As a ratio of risks, 1 or more (VanderWeele and Ding 2017, Annals of Internal Medicine 167:268-274).
    """
    if ratio <= 0:
        return float("inf")
    above = ratio if ratio >= 1 else 1 / ratio
    return float(above + np.sqrt(above * (above - 1)))


def e_value_of_end(ratio: Estimate) -> float:
    """Return the E-value of the end of the interval that lies nearer to 1; 1 when the interval holds 1."""
    if ratio.low <= 1 <= ratio.high:
        return 1.0
    return e_value(ratio.high if ratio.high < 1 else ratio.low)
