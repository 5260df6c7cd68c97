"""Counts of visits and images: each row one thing that is counted once (D5, D7 to D12)."""

from collections.abc import Sequence

import ibis

from openum.analytics.codes import codes
from openum.analytics.engines import Table
from openum.analytics.metrics.claims import MONTH, Claims, is_image, is_office_visit
from openum.analytics.metrics.stays import CLAIM, NURSING

PERSON_DAY = ("payer", "person_id", "day")


Visits = tuple[str, Table, tuple[str, ...]]
"""A metric, the lines that tell its visits, and the columns that make one visit one."""


def events(claims: Claims, claims_of_stays: Table, stays: Table) -> Table:
    """Return one row per person, payer, month and metric with its count of visits."""
    return ibis.union(*(counted(name, rows, key) for name, rows, key in visits(claims, claims_of_stays, stays)))


def visits(claims: Claims, claims_of_stays: Table, stays: Table) -> list[Visits]:
    """Return the lines of every metric of visits, and what each is counted by."""
    lines = claims.lines.filter(claims.lines.is_counted)
    return [
        ("ed_visits_treat_and_release", emergency_visits(lines, claims_of_stays, stays), PERSON_DAY),
        ("home_health_visits", lines.filter(lines.bill.isin(codes()["home_health_bills"])), PERSON_DAY),
        *office_visits(lines, claims.providers),
        ("outpatient_hospital_visits", outpatient_visits(lines), (*PERSON_DAY, "facility_npi")),
        ("urgent_care_visits", lines.filter(lines.place.isin(codes()["urgent_care_places"])), PERSON_DAY),
        ("asc_visits", lines.filter(lines.place.isin(codes()["surgery_centre_places"])), PERSON_DAY),
        *((f"imaging_{kind}", images(lines, kind), (*PERSON_DAY, "procedure")) for kind in codes()["imaging"]),
    ]


def counted(metric: str, rows: Table, key: Sequence[str]) -> Table:
    """Count distinct keys by person, payer and month."""
    once = rows.select(*key).distinct()
    monthly = once.mutate(month=once.day.truncate("M"))
    return (
        monthly.group_by(MONTH)
        .agg(value=monthly.count())
        .select("person_id", "payer", "month", metric=ibis.literal(metric), value=ibis._.value)
    )


def emergency_visits(lines: Table, claims_of_stays: Table, stays: Table) -> Table:
    """Return emergency lines of outpatient facility claims outside the person's hospital stays, both ends included (D5)."""
    found = lines.filter(lines.is_institutional & lines.is_emergency)
    found = found.anti_join(claims_of_stays, [found[name].identical_to(claims_of_stays[name]) for name in CLAIM])
    hospital = stays.filter(stays.stay_type != NURSING).select("person_id", "admit", "disch")
    return found.anti_join(
        hospital, [found.person_id == hospital.person_id, found.day >= hospital.admit, found.day <= hospital.disch]
    )


def office_visits(lines: Table, providers: Table) -> list[Visits]:
    """Return the office and telehealth visits of primary care, of specialists, and by telehealth (D8, D9)."""
    visits = lines.filter(is_office_visit(lines)).select("payer", "person_id", "day", "provider", "place")
    joined = visits.left_join(providers, visits.provider == providers.npi)
    primary = joined.is_primary_care.fill_null(False)
    key = (*PERSON_DAY, "provider")
    return [
        ("pcp_visits", joined.filter(primary), key),
        ("specialist_visits", joined.filter(~primary), key),
        ("telehealth_visits", visits.filter(visits.place.isin(codes()["telehealth_places"])), key),
    ]


def outpatient_visits(lines: Table) -> Table:
    """Return the lines of outpatient hospital claims that have no emergency line (D10)."""
    outpatient = lines.filter(lines.bill.isin(codes()["outpatient_bills"]))
    with_emergency = lines.filter(lines.is_emergency & lines.is_institutional).select(*CLAIM).distinct()
    return outpatient.anti_join(with_emergency, [outpatient[name].identical_to(with_emergency[name]) for name in CLAIM])


def images(lines: Table, kind: str) -> Table:
    """Return the lines of a kind of advanced imaging that are more than the reading (D12)."""
    return lines.filter(is_image(lines, kind).fill_null(False) & ~lines.is_reading)
