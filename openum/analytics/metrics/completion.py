"""How complete the payments of each month are, by chain ladder (C6), and whether the month is mature (C7).

Made from a triangle of sums; nothing here needs an engine.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from openum.analytics.script import Row

COMPLETION = (
    "payer", "month", "definition", "months_of_payment", "paid", "factor", "completed", "data_until", "maturity",
)  # fmt: skip

RUN_OUT_DAYS = 90
"""Months are immature until so many days of paying have passed since their end (C7)."""

Triangle = Mapping[int, list[int]]
"""Cents paid so far, by month of service (counted from the year 0) and by whole months since."""


def completion_rows(sums: list[Row], reach: list[Row]) -> Iterator[tuple[Any, ...]]:
    """Yield each payer's months with their completion factor; `sums` has payer, month, paid_month and paid in cents."""
    paid_on = max((row["paid_on"] for row in reach if row["paid_on"]), default=None)
    if paid_on is None:
        return
    payers: dict[str, list[Row]] = defaultdict(list)
    for row in sums:
        payers[row["payer"] or ""].append(row)
    for payer, rows in [*sorted(payers.items()), ("ALL", sums)]:
        found = triangle(rows, number_of(paid_on))
        factors = completion_factors(found)
        for month, paid in sorted(found.items()):
            factor = factors[len(paid) - 1]
            completed = paid[-1] / factor / 100 if factor else paid[-1] / 100
            first = date(month // 12, month % 12 + 1, 1)
            yield (
                payer, f"{first:%Y-%m}", "C6", len(paid), f"{paid[-1] / 100:.2f}", f"{factor:.6f}", f"{completed:.2f}",
                paid_on, maturity(first, paid_on),
            )  # fmt: skip


def number_of(day: date) -> int:
    """Return the months from the year 0 to a day's month."""
    return day.year * 12 + day.month - 1


def triangle(rows: list[Row], until: int) -> Triangle:
    """Sum what was paid so far, from the month of service to the last month of payments.

    A payment without a date, or dated before its service, counts in the month of service.
    """
    steps: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        month = number_of(row["month"])
        late = number_of(row["paid_month"]) - month if row["paid_month"] else 0
        steps[month][max(0, late)] += row["paid"]
    found = {}
    for month, paid in steps.items():
        total, so_far = 0, []
        for late in range(max(0, until - month) + 1):
            total += paid.get(late, 0)
            so_far.append(total)
        found[month] = so_far
    return found


def completion_factors(found: Triangle) -> list[float]:
    """Return the share of its final sum that a month has paid, by its months of payment less one (C6).

    A step that no month, or no money, has gone yet is taken as complete.
    """
    longest = max(map(len, found.values()), default=0)
    factors = [1.0] * longest
    for step in range(longest - 2, -1, -1):
        reached = [paid for paid in found.values() if len(paid) > step + 1]
        before, after = sum(paid[step] for paid in reached), sum(paid[step + 1] for paid in reached)
        growth = after / before if before > 0 and after > 0 else 1.0
        factors[step] = factors[step + 1] / growth
    return factors


def maturity(first: date, paid_on: date) -> str:
    """Say whether payments of 90 days after a month's last day are in the data."""
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return "mature" if paid_on >= following - timedelta(days=1) + timedelta(days=RUN_OUT_DAYS) else "immature"
