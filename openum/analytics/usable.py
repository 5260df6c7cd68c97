"""Which rows can be counted at all, and why the others cannot: the checks that set a row aside.

Each check is one expression over a table in the layout. The load sets such rows aside with the reason; the metrics leave out
the same rows when they read a folder that was not loaded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ibis

from openum.analytics.engines import Table


@dataclass(frozen=True)
class Check:
    """A reason to set a row aside, and how to mend it."""

    id: str
    reason: str
    cure: str
    fails: Callable[[Table], Any]


def outside(day: Any) -> Any:
    """Say that a date lies where no claim can."""
    return ((day < ibis.date("1900-01-01")) | (day >= ibis.date("2100-01-01"))).fill_null(False)


def before(later: Any, earlier: Any) -> Any:
    """Say that a period ends before it starts; unknown ends are not known to."""
    return (later < earlier).fill_null(False)


PERSON = Check(
    "no-person", "There is no person_id.", "Fill in the member's person_id.", lambda rows: rows.person_id.isnull()
)
CLAIM = Check(
    "no-claim-number", "There is no claim_id.", "Fill in the claim's number.", lambda rows: rows.claim_id.isnull()
)

CHECKS: dict[str, tuple[Check, ...]] = {
    "eligibility": (
        PERSON,
        Check(
            "no-start",
            "The enrolment has no start date that can be read.",
            "Write enrollment_start_date as YYYY-MM-DD.",
            lambda rows: rows.enrollment_start_date.isnull() | outside(rows.enrollment_start_date),
        ),
        Check(
            "ends-before-start",
            "The enrolment ends before it starts.",
            "Correct enrollment_start_date or enrollment_end_date; leave out spans that were never in force.",
            lambda rows: before(rows.enrollment_end_date, rows.enrollment_start_date),
        ),
    ),
    "medical_claim": (
        PERSON,
        CLAIM,
        Check(
            "no-day",
            "No date of the line, the claim or the admission can be read.",
            "Write claim_start_date as YYYY-MM-DD.",
            lambda rows: (
                ibis.coalesce(rows.claim_line_start_date, rows.claim_start_date, rows.admission_date).isnull()
            ),
        ),
        Check(
            "impossible-date",
            "A date of service lies before 1900 or after 2099.",
            "Correct the date.",
            lambda rows: (
                outside(rows.claim_line_start_date) | outside(rows.claim_start_date)
                | outside(rows.admission_date) | outside(rows.discharge_date)
            ),
        ),
        Check(
            "discharged-before-admission",
            "The discharge is before the admission.",
            "Correct admission_date or discharge_date.",
            lambda rows: before(rows.discharge_date, rows.admission_date),
        ),
    ),
    "pharmacy_claim": (
        PERSON,
        CLAIM,
        Check(
            "no-day",
            "There is no dispensing date that can be read.",
            "Write dispensing_date as YYYY-MM-DD.",
            lambda rows: rows.dispensing_date.isnull() | outside(rows.dispensing_date),
        ),
    ),
    "provider": (Check("no-npi", "There is no npi.", "Fill in the provider's NPI.", lambda rows: rows.npi.isnull()),),
}  # fmt: skip


def usable(table: str, rows: Table) -> Table:
    """Return the rows that no check sets aside."""
    fails = ibis.literal(False)
    for check in CHECKS[table]:
        fails |= check.fails(rows)
    return rows.filter(~fails)
