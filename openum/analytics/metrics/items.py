"""What is behind each number: one row for each thing counted, with who, when, where, and what it adds to the metric.

The rows of a metric sum to its number, so that any cut of them adds up to the whole.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import ibis

from openum.analytics.codes import codes, cuts
from openum.analytics.engines import Engine, Table
from openum.analytics.metrics.claims import is_image, is_office_visit, medical_lines
from openum.analytics.metrics.columns import ELIGIBILITY
from openum.analytics.metrics.compute import Metrics
from openum.analytics.metrics.membership import months_between, with_enrolment
from openum.analytics.metrics.report import READMISSIONS, STAY_METRICS
from openum.analytics.reading import Source
from openum.analytics.usable import usable

NOT_ENROLLED, UNKNOWN = "not enrolled", "unknown"

COLUMNS = ("metric", "person_id", "payer", "month", "day", "provider", "service", "value")


def items(engine: Engine, metrics: Metrics, source: Source) -> Table:
    """Return the rows behind all metrics with `product`, `age_band` and `language`; money in cents."""
    parts = [*stay_items(metrics), *visit_items(metrics), *readmission_items(metrics), *cost_items(engine, metrics)]
    member_months = enrolled_months(engine, metrics)
    parts.append(item("member_months", member_months, day=member_months.month))
    return engine.keep("items", described(engine, ibis.union(*parts), source))


ONE = ibis.literal(1)

NONE = ibis.null("string")
"""Stands for a provider or service that a metric does not have."""


def item(metric: str, rows: Table, *, day: Any, value: Any = ONE, provider: Any = NONE, service: Any = NONE) -> Table:
    """Return rows of a person and payer in the columns of items."""
    found = rows.select(
        "person_id", "payer",
        metric=ibis.literal(metric), month=day.truncate("M"), day=day, provider=provider, service=service, value=value,
    ).select(*COLUMNS)  # fmt: skip
    return found.cast({"month": "date", "day": "date", "value": "int64"})


def stay_items(metrics: Metrics) -> Iterator[Table]:
    """Yield admissions and days, in the month of admission."""
    for kind, name in STAY_METRICS.items():
        stays = metrics.stays.filter(metrics.stays.stay_type == kind)
        for unit, value in (("admits", ONE), ("days", stays.los)):
            yield whole(f"{name}_{unit}", stays, stays.admit, value)


def whole(metric: str, stays: Table, day: Any, value: Any = ONE) -> Table:
    """Return an item for each stay: its facility, and its DRG as the service."""
    return item(metric, stays, day=day, value=value, provider=stays.facility_npi, service=stays.drg.fill_null(UNKNOWN))


def visit_items(metrics: Metrics) -> Iterator[Table]:
    """Yield visits and images; a visit with lines of several providers goes to the lowest NPI."""
    for metric, lines, key in metrics.visits:
        if "provider" in key:
            once, provider = lines.select(*key).distinct(), "provider"
        else:
            at = ibis.coalesce(lines.facility_npi, lines.provider)
            once, provider = lines.group_by(list(key)).agg(at=at.min()), "at"
        service = once.procedure if "procedure" in key else NONE
        yield item(metric, once, day=once.day, provider=once[provider], service=service)


def readmission_items(metrics: Metrics) -> Iterator[Table]:
    """Yield index stays and those followed by another, in the month of discharge."""
    rows = {"readmit_simple": metrics.simple, "readmit_chained": metrics.chained, "readmit_hwr": metrics.hospital_wide}
    for metric, kind in READMISSIONS.items():
        index = rows[metric].filter(rows[metric][kind.index])
        again = index.filter(index[kind.again])
        yield whole(f"{metric}_index", index, index.disch)
        yield whole(f"{metric}_30", again, again.disch)


def cost_items(engine: Engine, metrics: Metrics) -> Iterator[Table]:
    """Yield what was paid and allowed by person, month, provider and service category."""
    found = {
        "medical": (engine.keep("medical_by_service", medical_cost(metrics.claims.final)), ("paid", "allowed")),
        "pharmacy": (engine.keep("pharmacy_by_service", pharmacy_cost(metrics.claims.fills)), ("paid",)),
    }
    for kind, (months, amounts) in found.items():
        rows = with_enrolment(months, metrics.periods)
        enrolled = rows.filter(rows.is_enrolled)
        parts = [(f"{kind}_paid_enrolled", enrolled, "paid")]
        if kind == "medical":
            parts += [(f"medical_{amount}_all", rows, amount) for amount in amounts]
        for metric, part, amount in parts:
            yield item(metric, part, day=part.month, value=part[amount], provider=part.provider, service=part.service)


COST = ["person_id", "payer", "month", "provider", "service"]


def medical_cost(final: Table) -> Table:
    """Sum final medical lines by person, payer, month of the claim's start, provider and service category."""
    named = medical_lines(final, beside=("claim_start_date", "allowed_amount"))
    first = ibis.ifelse(named.is_institutional, named.facility_npi, named.provider)
    lines = named.select(
        "person_id", "payer", "paid",
        month=ibis.coalesce(named.claim_start_date, named.day).truncate("M"),
        provider=ibis.coalesce(first, named.facility_npi, named.provider),
        service=category(named),
        allowed=named.allowed_amount.fill_null(0),
    )  # fmt: skip
    return lines.group_by(COST).agg(paid=lines.paid.sum(), allowed=lines.allowed.sum())


def pharmacy_cost(fills: Table) -> Table:
    """Sum final pharmacy lines by person, payer, month of dispensing and pharmacy."""
    rows = fills.select(
        "person_id", "payer",
        month=fills.dispensing_date.truncate("M"), provider=fills.facility_npi, service=ibis.literal("pharmacy"),
        paid=fills.paid_amount.fill_null(0),
    )  # fmt: skip
    return rows.group_by(COST).agg(paid=rows.paid.sum())


def category(lines: Table) -> Any:
    """Return the service category of a medical line: the first that matches."""
    lists = codes()
    facility = lines.is_institutional
    return ibis.cases(
        (facility & lines.bill.isin(lists["hospital_bills"]), "inpatient hospital"),
        (facility & lines.bill.isin(lists["nursing_bills"]), "skilled nursing"),
        (facility & lines.bill.isin(lists["home_health_bills"]), "home health"),
        (lines.is_emergency, "emergency"),
        (ibis.or_(*(is_image(lines, kind) for kind in lists["imaging"])).fill_null(False), "advanced imaging"),
        (facility & lines.bill.isin(lists["outpatient_bills"]), "outpatient hospital"),
        (is_office_visit(lines).fill_null(False), "office and telehealth"),
        (lines.place.isin(lists["urgent_care_places"]).fill_null(False), "urgent care"),
        (lines.place.isin(lists["surgery_centre_places"]).fill_null(False), "surgery centre"),
        (facility, "other facility"),
        else_="other professional",
    )


def enrolled_months(engine: Engine, metrics: Metrics) -> Table:
    """Return one row per person, payer and month of enrolment."""
    periods = metrics.periods
    months = engine.keep("months_listed", months_between(periods))
    each = periods.join(months, [months.month >= periods["first"], months.month <= periods["last"]])
    return each.select("person_id", "payer", "month")


def described(engine: Engine, rows: Table, source: Source) -> Table:
    """Add to items what is known of the member in that month."""
    spans = engine.keep("spans_described", usable("eligibility", source.eligibility).select(
        "person_id", "payer", "enrollment_start_date", "enrollment_end_date", *ELIGIBILITY
    ))  # fmt: skip
    people = engine.keep("people", latest(spans, ["person_id"]).select("person_id", "birth_date", "language"))
    products = engine.keep("products", products_of(rows, spans))
    rows = rows.left_join(people, "person_id").drop("person_id_right")
    joined = rows.left_join(
        products,
        [
            rows.person_id == products.of_person,
            rows.payer.identical_to(products.of_payer),
            rows.month == products.of_month,
        ],
    )
    return joined.select(
        *COLUMNS,
        product=ibis.ifelse(joined.of_person.isnull(), NOT_ENROLLED, joined.plan.fill_null(UNKNOWN)),
        age_band=age_band(joined.birth_date, joined.month),
        language=joined.language.fill_null(UNKNOWN),
    )


def latest(spans: Table, key: list[str]) -> Table:
    """Return the span of each key that starts last."""
    order = [ibis.desc(spans.enrollment_start_date), *(ibis.desc(spans[name].fill_null("")) for name in ("payer", "plan", "language")), ibis.desc(spans.birth_date)]  # fmt: skip
    numbered = spans.mutate(nth=ibis.row_number().over(ibis.window(group_by=key, order_by=order)))
    return numbered.filter(numbered.nth == 0)


def products_of(rows: Table, spans: Table) -> Table:
    """Return the plan of each person, payer and month that items speak of."""
    months = rows.select(of_person="person_id", of_payer="payer", of_month="month").distinct()
    first, last = spans.enrollment_start_date.truncate("M"), spans.enrollment_end_date
    within = months.join(
        spans,
        [
            months.of_person == spans.person_id,
            months.of_payer.identical_to(spans.payer),
            months.of_month >= first.cast("date"),
            (months.of_month <= last) | last.isnull(),
        ],
    )
    return latest(within, ["of_person", "of_payer", "of_month"]).select("of_person", "of_payer", "of_month", "plan")


def age_band(birth: Any, month: Any) -> Any:
    """Return the band of the completed years on the first day of a month, as `18-44`."""
    had_birthday = (birth.month() < month.month()) | ((birth.month() == month.month()) & (birth.day() == 1))
    years = month.year() - birth.year() - ibis.ifelse(had_birthday, 0, 1)
    first = cuts()["bands"]
    names = [f"{low}-{high - 1}" for low, high in pairwise(first)] + [f"{first[-1]}+"]
    return ibis.cases(
        (birth.isnull(), UNKNOWN),
        *((years < high, name) for name, high in zip(names[:-1], first[1:], strict=True)),
        else_=names[-1],
    )
