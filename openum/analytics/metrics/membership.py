"""Who was enrolled in which month (D1), and what was paid in those months (D13)."""

from datetime import date
from typing import Any

import ibis

from openum.analytics.engines import Engine, Table
from openum.analytics.metrics.claims import Claims

OPEN_END = date(2100, 1, 1)
"""An enrolment that ends here or later, or names no end, is open: it counts to the last month of the data."""


def enrolled_months(engine: Engine, claims: Claims) -> Table:
    """Return one row per person, payer and month with at least one enrolled day."""
    last = last_day(engine, claims)
    if last is None:
        return engine.rows({"person_id": "string", "payer": "string", "month": "date"}, [])
    spans = claims.spans
    is_open = spans.enrollment_end_date.isnull() | (spans.enrollment_end_date >= ibis.literal(OPEN_END))
    spans = spans.select(
        "person_id", "payer",
        first=spans.enrollment_start_date.truncate("M"),
        last=ibis.ifelse(is_open, ibis.literal(last), spans.enrollment_end_date).truncate("M"),
    ).distinct()  # fmt: skip
    first = engine.fetch(spans.agg(day=spans.first.min())).to_pylist()[0]["day"]
    months = engine.rows({"month": "date"}, [[month] for month in months_between(first, last)])
    return (
        spans.join(months, [months.month >= spans.first, months.month <= spans.last])
        .select("person_id", "payer", "month")
        .distinct()
    )


def last_day(engine: Engine, claims: Claims) -> date | None:
    """Return the last day that the data speak of: the latest end of enrolment that is given, or service."""
    spans = claims.spans
    given = spans.filter(spans.enrollment_end_date < ibis.literal(OPEN_END))
    ends = [
        given.agg(day=given.enrollment_end_date.max()), spans.agg(day=spans.enrollment_start_date.max()),
        claims.lines.agg(day=claims.lines.day.max()), claims.fills.agg(day=claims.fills.month.max()),
    ]  # fmt: skip
    days = [row["day"] for row in engine.fetch(ibis.union(*ends)).to_pylist() if row["day"]]
    return max(days) if days else None


def months_between(first: date, last: date) -> list[date]:
    """Return the first days of the months from one day to another."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count + 1)]


def money(claims: Claims, enrolled: Table) -> Table:
    """Return one row per person, payer and month: enrolled or not, and cents by kind (null where there is none)."""
    medical = claims.lines.group_by(["person_id", "payer", "month"]).agg(
        medical_paid_all=claims.lines.paid.sum(), medical_allowed_all=claims.lines.allowed.sum()
    )
    pharmacy = claims.fills.group_by(["person_id", "payer", "month"]).agg(pharmacy_paid_all=claims.fills.paid.sum())
    parts = [
        enrolled.mutate(is_enrolled=1, **cents(None, None, None)),
        medical.select(
            "person_id", "payer", "month", is_enrolled=ibis.literal(0),
            **cents(medical.medical_paid_all, medical.medical_allowed_all, None),
        ),
        pharmacy.select(
            "person_id", "payer", "month", is_enrolled=ibis.literal(0), **cents(None, None, pharmacy.pharmacy_paid_all)
        ),
    ]  # fmt: skip
    rows = ibis.union(*(part.mutate(is_enrolled=part.is_enrolled.cast("int64")) for part in parts))
    month = rows.group_by(["person_id", "payer", "month"]).agg(
        member_months=rows.is_enrolled.max(),
        **{name: rows[name].sum() for name in ("medical_paid_all", "medical_allowed_all", "pharmacy_paid_all")},
    )
    enrolled_only = month.member_months == 1
    return month.mutate(
        medical_paid_enrolled=ibis.ifelse(enrolled_only, month.medical_paid_all, ibis.null("int64")),
        pharmacy_paid_enrolled=ibis.ifelse(enrolled_only, month.pharmacy_paid_all, ibis.null("int64")),
    )


def cents(paid: Any, allowed: Any, pharmacy: Any) -> dict[str, Any]:
    """Return the three amounts, null where a part has none."""
    amounts = {"medical_paid_all": paid, "medical_allowed_all": allowed, "pharmacy_paid_all": pharmacy}
    return {name: ibis.null("int64") if value is None else value.cast("int64") for name, value in amounts.items()}
