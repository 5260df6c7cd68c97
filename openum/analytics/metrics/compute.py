"""Every metric of a set of claims: what is counted per person and month, and the stays and readmissions behind it."""

from dataclasses import dataclass
from pathlib import Path

import ibis

from openum.analytics.engines import Engine, Table
from openum.analytics.metrics.claims import Claims, claims_of
from openum.analytics.metrics.membership import enrolled_periods, member_months, months_of, with_enrolment
from openum.analytics.metrics.readmissions import chained, hospital_wide, procedures_of, simple
from openum.analytics.metrics.report import STAY_METRICS
from openum.analytics.metrics.stays import numbered, stay_claims, stays
from openum.analytics.metrics.visits import Visits, events, visits
from openum.analytics.reading import Source
from openum.analytics.reference import reference_tables

KEY = ["person_id", "payer", "month"]


@dataclass(frozen=True)
class Metrics:
    """The tables of one computation, kept in the engine."""

    counts: Table
    """One row per person, payer, month and counted metric: `metric`, `value`."""
    periods: Table
    """Periods of whole months of enrolment by person and payer: `first`, `last`."""
    member_months: Table
    """One row per payer and month: `member_months`."""
    medical: Table
    """One row per person, payer and month of medical claims: `paid` and `allowed` in cents, `is_enrolled`."""
    pharmacy: Table
    """One row per person, payer and month of dispensing: `paid` in cents, `is_enrolled`."""
    stays: Table
    simple: Table
    chained: Table
    hospital_wide: Table
    visits: list[Visits]
    claims: Claims


def compute(engine: Engine, source: Source, *, reference: Path | None = None) -> Metrics:
    """Compute all metrics; the tables live as long as the engine's connection."""
    tables = reference_tables(engine, reference)
    claims = claims_of(engine, source)
    of_stays = engine.keep("stay_claims", numbered(stay_claims(claims, tables.drgs)))
    found = engine.keep("stays", stays(of_stays))
    periods = engine.keep("enrolled_periods", enrolled_periods(engine, claims))
    procedures = procedures_of(engine, claims.lines, of_stays, tables)
    return Metrics(
        counts=engine.keep("counts", ibis.union(*stay_counts(found), events(claims, of_stays, found))),
        periods=periods,
        member_months=engine.keep("member_months", member_months(engine, periods)),
        medical=engine.keep("medical_enrolled", with_enrolment(claims.medical, periods)),
        pharmacy=engine.keep("pharmacy_enrolled", with_enrolment(claims.pharmacy, periods)),
        stays=found,
        simple=simple(found),
        chained=chained(found),
        hospital_wide=hospital_wide(found, procedures, tables),
        visits=visits(claims, of_stays, found),
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
    return cells(metrics, ["payer", "month"], metrics.member_months)


def by_person(metrics: Metrics) -> Table:
    """Return one row per person and metric over the whole period, zeros left out; money in cents."""
    periods = metrics.periods.mutate(months=months_of(metrics.periods))
    found = cells(metrics, ["person_id"], periods.group_by("person_id").agg(member_months=periods.months.sum()))
    return found.filter(found.value != 0)


def cells(metrics: Metrics, key: list[str], member_months: Table) -> Table:
    """Sum everything by some columns: `metric`, the columns, `value` (money in cents)."""
    counts, medical, pharmacy = metrics.counts, metrics.medical, metrics.pharmacy
    cost = medical.group_by(key).agg(
        medical_paid_all=medical.paid.sum(),
        medical_allowed_all=medical.allowed.sum(),
        medical_paid_enrolled=medical.paid.sum(where=medical.is_enrolled),
    )
    drugs = pharmacy.group_by(key).agg(pharmacy_paid_enrolled=pharmacy.paid.sum(where=pharmacy.is_enrolled))
    parts = [
        counts.group_by(["metric", *key]).agg(value=counts.value.sum()),
        *(
            wide.filter(wide[name].notnull()).select(ibis.literal(name).name("metric"), *key, wide[name].name("value"))
            for wide in (member_months, cost, drugs)
            for name in wide.columns
            if name not in key
        ),
    ]
    return ibis.union(*(part.select("metric", *key, value=part.value.cast("int64")) for part in parts))
