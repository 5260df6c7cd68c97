"""Every metric of a set of claims: what is counted per person and month, and the stays and readmissions behind it."""

from dataclasses import dataclass
from pathlib import Path

import ibis

from openum.analytics.engines import Engine, Table
from openum.analytics.metrics.claims import Claims, claims_of
from openum.analytics.metrics.membership import enrolled_months, money
from openum.analytics.metrics.readmissions import chained, hospital_wide, procedures_of, simple
from openum.analytics.metrics.stays import ACUTE, NURSING, PSYCHIATRIC, REHABILITATION, numbered, stay_claims, stays
from openum.analytics.metrics.visits import events
from openum.analytics.reading import Source
from openum.analytics.reference import reference_tables

STAY_METRICS = {ACUTE: "acute", PSYCHIATRIC: "psychiatric", REHABILITATION: "rehabilitation", NURSING: "snf"}

MONEY = (
    "medical_paid_all", "medical_allowed_all", "medical_paid_enrolled", "pharmacy_paid_enrolled",
)  # fmt: skip
"""Metrics in cents."""

KEY = ["person_id", "payer", "month"]


@dataclass(frozen=True)
class Metrics:
    """The tables of one computation, kept in the engine."""

    counts: Table
    """One row per person, payer, month and counted metric: `metric`, `value`."""
    money: Table
    """One row per person, payer and month: `member_months` and the columns of `MONEY` in cents."""
    stays: Table
    simple: Table
    chained: Table
    hospital_wide: Table
    claims: Claims


def compute(engine: Engine, source: Source, *, reference: Path | None = None) -> Metrics:
    """Compute all metrics; the tables live as long as the engine's connection."""
    tables = reference_tables(engine, reference)
    claims = claims_of(engine, source)
    of_stays = engine.keep("stay_claims", numbered(stay_claims(claims, tables.drgs)))
    found = engine.keep("stays", stays(of_stays))
    enrolled = engine.keep("enrolled_months", enrolled_months(engine, claims))
    procedures = procedures_of(engine, claims.lines, of_stays, tables)
    return Metrics(
        counts=engine.keep("counts", ibis.union(*stay_counts(found), events(claims, of_stays, found))),
        money=engine.keep("money", money(claims, enrolled)),
        stays=found,
        simple=simple(found),
        chained=chained(found),
        hospital_wide=hospital_wide(engine, found, procedures, tables),
        claims=claims,
    )


def stay_counts(found: Table) -> list[Table]:
    """Return admissions and days by person, payer and month of admission, for each type of stay (D3, D4)."""
    monthly = found.mutate(month=found.admit.truncate("M"))
    totals = monthly.group_by(["stay_type", *KEY]).agg(admits=monthly.count(), days=monthly.los.sum())
    return [
        totals.filter(totals.stay_type == kind).select(*KEY, metric=ibis.literal(f"{name}_{unit}"), value=totals[unit])
        for kind, name in STAY_METRICS.items()
        for unit in ("admits", "days")
    ]


def by_month(metrics: Metrics) -> Table:
    """Return one row per metric, payer and month; money in cents."""
    return cells(metrics, ["payer", "month"])


def by_person(metrics: Metrics) -> Table:
    """Return one row per person and metric over the whole period, zeros left out; money in cents."""
    found = cells(metrics, ["person_id"])
    return found.filter(found.value != 0)


def cells(metrics: Metrics, key: list[str]) -> Table:
    """Sum everything by some columns: `metric`, the columns, `value` (money in cents)."""
    counts = metrics.counts.group_by(["metric", *key]).agg(value=metrics.counts.value.sum())
    wide = metrics.money.group_by(key).agg(**{name: metrics.money[name].sum() for name in ("member_months", *MONEY)})
    parts = [
        wide.filter(wide[name].notnull()).select(ibis.literal(name).name("metric"), *key, wide[name].name("value"))
        for name in ("member_months", *MONEY)
    ]
    typed = [part.mutate(value=part.value.cast("int64")) for part in (counts, *parts)]
    rows = ibis.union(*(part.select("metric", *key, "value") for part in typed))
    return rows.filter((rows.metric != "member_months") | (rows.value != 0))
