"""The numbers of the synthetic population, and its providers."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import yaml

from openum.analytics.codes import PACK, REFERENCE
from openum.vocabulary.identifiers import npi_check_digit

Numbers = npt.NDArray[Any]
"""A column of a chunk."""

EPOCH = date(1970, 1, 1).toordinal()

FIRST = date(2023, 1, 1)
"""The first day of a synthetic period unless another is asked for."""

LARGEST_NETWORK = 20
"""Providers grow with the members up to so many times those of ten thousand."""


@cache
def population() -> dict[str, Any]:
    """Return rates, prices and mixes by name."""
    found: dict[str, Any] = yaml.safe_load((PACK / "population.yaml").read_text("utf-8"))
    return found


@cache
def lengths_of_stay() -> dict[str, tuple[float, float, float]]:
    """Return geometric mean, arithmetic mean (days) and weight by DRG."""
    rows = pq.read_table(REFERENCE / "drgs.parquet").to_pylist()
    return {row["code"]: (row["gmlos"] or 2.5, row["amlos"] or 3.0, row["weight"] or 1.0) for row in rows}


@dataclass(frozen=True)
class Period:
    """The months of the data; days are counted from 1970."""

    months: int
    first: date = FIRST
    """The first day of the first month."""

    @property
    def starts(self) -> int:
        """Return the first day."""
        return self.first.toordinal() - EPOCH

    @property
    def month_starts(self) -> Numbers:
        """Return the first day of every month and of the one after the last."""
        start = self.first.year * 12 + self.first.month - 1
        firsts = [date(n // 12, n % 12 + 1, 1).toordinal() - EPOCH for n in range(start, start + self.months + 1)]
        return np.array(firsts, dtype=np.int32)

    @property
    def ends(self) -> int:
        """Return the last day."""
        return int(self.month_starts[-1]) - 1


@dataclass(frozen=True)
class Provider:
    """One invented provider."""

    npi: str
    is_organization: bool
    taxonomy: str
    role: str
    is_primary_care: bool


@cache
def providers(members: int) -> tuple[Provider, ...]:
    """Return the providers that serve so many members."""
    times = min(LARGEST_NETWORK, max(1, ceil(members / 10_000)))
    found: list[Provider] = []
    for taxonomy, organization, primary, count, role in population()["providers"]:
        for _ in range(count * times):
            nine = f"1{len(found):08d}"
            npi = nine + npi_check_digit(nine)
            found.append(Provider(npi, bool(organization), taxonomy, role, bool(primary)))
    return tuple(found)


@cache
def positions(members: int) -> dict[str, tuple[int, int]]:
    """Return where the providers of each role begin, and how many there are."""
    places: dict[str, list[int]] = {}
    for number, provider in enumerate(providers(members)):
        places.setdefault(provider.role, []).append(number)
    return {role: (numbers[0], len(numbers)) for role, numbers in places.items()}


def any_provider(draw: np.random.Generator, members: int, role: str, count: int) -> Numbers:
    """Return a provider of a role for each of so many events, as 1 + its number."""
    first, many = positions(members)[role]
    return first + 1 + draw.integers(0, many, count)
