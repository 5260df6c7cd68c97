"""What metrics read: final lines with the few columns they need, each under the word the definitions use."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from openum.analytics.codes import codes
from openum.analytics.engines import Engine, Table
from openum.analytics.final import final_lines, with_signs
from openum.analytics.metrics.columns import MODIFIERS, PROCEDURES
from openum.analytics.reading import Source
from openum.analytics.usable import usable


@dataclass(frozen=True)
class Claims:
    """The claims of one computation. Money is whole cents, months are their first days."""

    spans: Table
    """One row per enrolment span that can be used."""
    lines: Table
    """The final medical lines that a stay, a visit or an image can be told by."""
    medical: Table
    """One row per person, payer and month of medical claims: `paid`, `allowed`, `last_day`, `last_paid_on`."""
    pharmacy: Table
    """One row per person, payer and month of dispensing: `paid`."""
    final: Table
    """All final medical lines, not kept: what is made of them scans the input again."""
    fills: Table
    """All final pharmacy lines, not kept."""
    providers: Table
    """`npi`, `taxonomy`, `is_primary_care`; one row per NPI."""


def claims_of(engine: Engine, source: Source) -> Claims:
    """Return what counts of the input tables: usable rows of final claims.

    The input is scanned once for each table that is kept, and only what is kept takes memory.
    """
    medical = medical_rows(with_signs(usable("medical_claim", source.medical)))
    pharmacy = pharmacy_rows(with_signs(usable("pharmacy_claim", source.pharmacy)))
    final = final_lines(engine, "medical", medical)
    lines = medical_lines(final)
    dispensed = final_lines(engine, "pharmacy", pharmacy)
    fills = pharmacy_lines(dispensed)
    spans = usable("eligibility", source.eligibility)
    return Claims(
        spans=engine.keep("spans", spans.select("person_id", "payer", "enrollment_start_date", "enrollment_end_date")),
        lines=engine.keep("lines", lines.filter(is_of_interest(lines))),
        medical=engine.keep("medical_months", medical_months(final)),
        pharmacy=engine.keep("pharmacy_months", pharmacy_months(fills)),
        final=final,
        fills=dispensed,
        providers=engine.keep("providers", providers_of(source.provider)),
    )


MONTH = ["person_id", "payer", "month"]

KEYS = (
    "data_source", "payer", "person_id", "claim_id", "claim_line_number", "state", "frequency", "is_taken_back", "service_day",
    "service", "facility_npi", "rendering_npi", "paid_date", "paid_amount", "allowed_amount", "charge_amount",
    "original_claim_id",
)  # fmt: skip


def medical_rows(lines: Table) -> Table:
    """Return the columns of medical lines that metrics or reversals need."""
    return lines.select(
        *KEYS, "claim_type", "claim_start_date", "claim_end_date", "claim_line_end_date", "admission_date", "discharge_date",
        "discharge_disposition_code", "place_of_service_code", "bill_type_code", "drg_code", "revenue_center_code", "hcpcs_code",
        "billing_npi", "diagnosis_code_1",
        modifiers=joined(lines, MODIFIERS),
        procedures=joined(lines, PROCEDURES),
    )  # fmt: skip


SEPARATOR = ","
"""Between codes joined in one text. Spark splits by regular expressions, in which a comma means itself."""


def holds(codes_joined: Any, code: str) -> Any:
    """Say that a joined text holds a code."""
    return codes_joined.contains(f"{SEPARATOR}{code}{SEPARATOR}")


def joined(lines: Table, names: Any) -> Any:
    """Return several code columns as one text, `,A,B,`; null where there is none."""
    text = ibis.literal("")
    for name in (name for name in names if name in lines.columns):
        text += ibis.ifelse(lines[name].notnull(), lines[name] + SEPARATOR, "").fill_null("")
    return ibis.ifelse(text == "", ibis.null("string"), ibis.literal(SEPARATOR) + text)


def pharmacy_rows(fills: Table) -> Table:
    """Return the columns of pharmacy lines that metrics or reversals need."""
    return fills.select(*KEYS, "dispensing_date")


def medical_lines(rows: Table, beside: Sequence[str] = ()) -> Table:
    """Name what the definitions speak of; `beside` names columns that are kept as they are."""
    lists = codes()
    bill = rows.bill_type_code.substr(0, 2)
    institutional = (rows.claim_type.lower() == "institutional") | (
        (rows.claim_type.isnull() | (rows.claim_type.lower() == "undetermined")) & rows.bill_type_code.notnull()
    )
    emergency_room = rows.revenue_center_code.isin(lists["emergency_revenue"])
    return rows.select(
        "data_source", "payer", "person_id", "claim_id", "facility_npi",
        day=rows.service_day,
        starts=ibis.coalesce(rows.admission_date, rows.service_day),
        ends=ibis.coalesce(
            rows.discharge_date, rows.claim_line_end_date, rows.claim_end_date, rows.admission_date, rows.service_day
        ),
        is_institutional=institutional.fill_null(False),
        is_counted=~rows.is_taken_back,
        bill=bill,
        place=rows.place_of_service_code,
        drg=rows.drg_code,
        procedure=rows.hcpcs_code,
        is_reading=holds(rows.modifiers, lists["reading_modifier"]).fill_null(False),
        is_emergency_room=emergency_room.fill_null(False),
        is_emergency=(emergency_room.fill_null(False) | rows.hcpcs_code.isin(lists["emergency_procedures"]).fill_null(False)),
        provider=ibis.coalesce(rows.rendering_npi, rows.billing_npi),
        disposition=rows.discharge_disposition_code,
        diagnosis=rows.diagnosis_code_1,
        inpatient_procedures=rows.procedures,
        paid=rows.paid_amount.fill_null(0),
        **{name: rows[name] for name in beside},
    )  # fmt: skip


def pharmacy_lines(rows: Table) -> Table:
    """Name what the definitions speak of."""
    return rows.select(
        "data_source",
        "payer",
        "person_id",
        month=rows.dispensing_date.truncate("M"),
        paid=rows.paid_amount.fill_null(0),
    )


def medical_months(rows: Table) -> Table:
    """Sum final medical lines by person, payer and month; only columns that cost needs are read for it."""
    lines = rows.select(
        "person_id", "payer",
        month=ibis.coalesce(rows.claim_start_date, rows.service_day).truncate("M"),
        day=rows.service_day,
        paid_on=rows.paid_date,
        paid=rows.paid_amount.fill_null(0),
        allowed=rows.allowed_amount.fill_null(0),
    )  # fmt: skip
    return lines.group_by(MONTH).agg(
        paid=lines.paid.sum(), allowed=lines.allowed.sum(), last_day=lines.day.max(), last_paid_on=lines.paid_on.max()
    )


def pharmacy_months(fills: Table) -> Table:
    """Sum pharmacy lines by person, payer and month."""
    return fills.group_by(MONTH).agg(paid=fills.paid.sum())


def is_of_interest(lines: Table) -> Any:
    """Say which medical lines a stay, a visit or an image can be told by (D2 to D12); the others only cost money."""
    lists = codes()
    places = [*lists["urgent_care_places"], *lists["surgery_centre_places"]]
    return (
        lines.is_institutional
        | lines.bill.notnull()
        | lines.place.isin(places).fill_null(False)
        | is_office_visit(lines).fill_null(False)
        | ibis.or_(*(is_image(lines, kind) for kind in lists["imaging"])).fill_null(False)
    )


def is_office_visit(lines: Table) -> Any:
    """Say which lines are office or telehealth visits (D8)."""
    return lines.procedure.isin(codes()["office_procedures"]) & lines.place.isin(codes()["office_places"])


def is_image(lines: Table, kind: str) -> Any:
    """Say which lines are advanced images of a kind (D12), readings among them."""
    ranges = codes()["imaging"][kind]
    return (lines.procedure.length() == 5) & ibis.or_(*(lines.procedure.between(low, high) for low, high in ranges))


def providers_of(providers: Table) -> Table:
    """Return one row per NPI; primary care is the source's flag, else the taxonomy."""
    listed = providers.primary_taxonomy_code.isin(codes()["primary_care_taxonomies"]).fill_null(False)
    flagged = providers.mutate(primary=ibis.coalesce(providers.is_pcp == 1, listed))
    return flagged.group_by("npi").agg(
        taxonomy=flagged.primary_taxonomy_code.max(), is_primary_care=flagged.primary.any()
    )
