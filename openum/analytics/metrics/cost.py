"""High-cost members (D17) and how concentrated cost is (D18), over the last twelve months of the data."""

from dataclasses import dataclass
from datetime import date
from math import ceil

import ibis

from openum.analytics.engines import Engine, Table
from openum.analytics.metrics.compute import Metrics

THRESHOLDS_USD = (50_000, 100_000, 250_000)
SHARES_PERCENT = (1, 5, 10)
LISTED = 200


@dataclass(frozen=True)
class Concentration:
    """How paid cents of twelve months are spread over the members enrolled in them."""

    members: int
    total_cents: int
    top_cents: dict[int, int]
    """Paid for the top share of members, by per cent."""
    bottom_half_cents: int
    at_or_above: dict[int, int]
    """Members by threshold in dollars."""


def last_year(engine: Engine, metrics: Metrics) -> Table:
    """Return one row per member enrolled in the last twelve months: cents paid, medical and pharmacy, and the rank."""
    periods = metrics.periods
    last = engine.fetch(periods.agg(month=periods["last"].max())).to_pylist()[0]["month"] or date.min
    first = last.replace(year=last.year - 1, month=last.month + 1) if last.month < 12 else last.replace(month=1)
    members = periods.filter((periods["last"] >= ibis.literal(first)) & (periods["first"] <= ibis.literal(last)))
    parts = [members.select("person_id", is_member=1, medical=0, pharmacy=0)]
    for kind, months in (("medical", metrics.medical), ("pharmacy", metrics.pharmacy)):
        within = months.filter(months.month.between(ibis.literal(first), ibis.literal(last)))
        amounts = {"medical": 0, "pharmacy": 0} | {kind: within.paid}
        parts.append(within.select("person_id", is_member=0, **amounts))
    return ranked(
        ibis.union(*(part.cast(dict.fromkeys(("is_member", "medical", "pharmacy"), "int64")) for part in parts))
    )


def ranked(rows: Table) -> Table:
    """Sum by member and rank by what was paid; equal amounts by the member's id."""
    person = rows.group_by("person_id").agg(
        is_member=rows.is_member.max(), medical=rows.medical.sum(), pharmacy=rows.pharmacy.sum()
    )
    paid = person.filter(person.is_member == 1).mutate(paid_12m=person.medical + person.pharmacy)
    order = ibis.window(order_by=[ibis.desc(paid.paid_12m), paid.person_id])
    return paid.select("person_id", "paid_12m", "medical", "pharmacy", rank=ibis.row_number().over(order) + 1)


def concentration(engine: Engine, members: Table) -> Concentration:
    """Return the shares: the top ones by whole members, rounded up; the bottom half rounded down."""
    count = engine.fetch(members.agg(n=members.count())).to_pylist()[0]["n"]
    bottom_from = count - count // 2
    sums = {
        f"top{share}": members.paid_12m.sum(where=members["rank"] <= ceil(count * share / 100))
        for share in SHARES_PERCENT
    }
    sums |= {f"over{usd}": (members.paid_12m >= usd * 100).cast("int64").sum() for usd in THRESHOLDS_USD}
    sums["bottom"] = members.paid_12m.sum(where=members["rank"] > bottom_from)
    found = engine.fetch(members.agg(total=members.paid_12m.sum(), **sums)).to_pylist()[0]
    return Concentration(
        members=count,
        total_cents=found["total"] or 0,
        top_cents={share: found[f"top{share}"] or 0 for share in SHARES_PERCENT},
        bottom_half_cents=found["bottom"] or 0,
        at_or_above={usd: found[f"over{usd}"] or 0 for usd in THRESHOLDS_USD},
    )
