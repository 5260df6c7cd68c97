"""Who is compared with whom: alike in payer, sex and age band, and nearest in what they used before. Arrays only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Truths = NDArray[np.bool_]

VARIABLES = ("age", "log_paid", "log_paid_recent", "admissions", "ed_visits", "illnesses")
"""What nearness is measured in: years, log of 1 + paid dollars a month (of twelve months, of the last three), and counts of the twelve months before."""

NEGLIGIBLE = 0.1
"""A standardised mean difference below this is commonly taken as balanced."""


@dataclass(frozen=True)
class Matches:
    """For each coordinated person of a pool, the rows of the people alike; -1 where there is no further one."""

    rows: Whole
    """Shape (coordinated, neighbours)."""
    has_like: Truths
    """Whether anybody free was alike in payer, sex and age band."""


def scale_of(values: Floats) -> Floats:
    """Return the matrix that makes distances Mahalanobis: differences times it have unit covariance.

    Args:
        values: one row per person, one column per variable. A variable that never varies counts nothing.
    """
    if len(values) < 2:
        return np.zeros((values.shape[1], values.shape[1]))
    covariance = np.atleast_2d(np.cov(values, rowvar=False))
    sizes, directions = np.linalg.eigh(covariance)
    whole = sizes > max(float(sizes[-1]), 0.0) * 1e-10
    roots = np.where(whole, 1 / np.sqrt(np.where(whole, sizes, 1.0)), 0.0)
    return np.asarray(directions * roots, dtype=np.float64)


def match(
    *, stratum: Whole, values: Floats, coordinated: Whole, free: Truths, neighbours: int, caliper: float,
    random: np.random.Generator,
) -> Matches:  # fmt: skip
    """Find people alike for each coordinated one, each person at most once.

    Everybody is served once, in an order by chance, before anybody is served a second time. Of equals the first row is taken.

    Args:
        stratum: what must be equal, as a number for each person.
        values: the variables, one row per person.
        coordinated: rows of the coordinated people.
        free: who may be compared; changed here to say who still is.
        neighbours: people looked for, at most, for each.
        caliper: largest distance, in standard deviations.
        random: the order by chance.
    """
    turned = values @ scale_of(values)
    of_stratum: dict[int, Whole] = {}
    for key in np.unique(stratum[coordinated]):
        of_stratum[int(key)] = np.flatnonzero((stratum == key) & free)
    found = np.full((len(coordinated), neighbours), -1, dtype=np.int64)
    has_like = np.array([len(of_stratum[int(key)]) > 0 for key in stratum[coordinated]], dtype=np.bool_)
    order = random.permutation(len(coordinated))
    for turn in range(neighbours):
        for place in order:
            if turn and found[place, turn - 1] < 0:
                continue
            row = coordinated[place]
            pool = of_stratum[int(stratum[row])]
            if not len(pool):
                continue
            apart = np.sqrt(((turned[pool] - turned[row]) ** 2).sum(axis=1))
            apart = np.where(free[pool], apart, np.inf)
            nearest = int(np.argmin(apart))
            if apart[nearest] <= caliper:
                found[place, turn] = pool[nearest]
                free[pool[nearest]] = False
    return Matches(found, has_like)


@dataclass(frozen=True)
class Moments:
    """Weight, weighted sum and weighted sum of squares of the variables of some people; they can be added up."""

    weight: float
    total: Floats
    squares: Floats

    @classmethod
    def of(cls, values: Floats, weights: Floats) -> "Moments":
        """Return those of some people."""
        heavy = values * weights[:, None]
        return cls(float(weights.sum()), heavy.sum(axis=0), (heavy * values).sum(axis=0))

    def __add__(self, other: "Moments") -> "Moments":
        """Return those of both."""
        return Moments(self.weight + other.weight, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> Floats:
        """The means."""
        return self.total / self.weight

    @property
    def variance(self) -> Floats:
        """The variances."""
        return np.maximum(self.squares / self.weight - self.mean**2, 0.0)


def spread_of(coordinated: Moments, others: Moments) -> Floats:
    """Return what mean differences are divided by: the root of the mean of both variances, before matching."""
    return np.sqrt((coordinated.variance + others.variance) / 2)


def standardised(coordinated: Moments, others: Moments, spread: Floats) -> Floats:
    """Return the standardised mean differences; 0 where nothing varies."""
    gap = coordinated.mean - others.mean
    return np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0)
