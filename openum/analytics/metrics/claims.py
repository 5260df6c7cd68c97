"""What metrics read: final lines with the few columns they need, each under the word the definitions use."""

from dataclasses import dataclass
from typing import Any

import ibis

from openum.analytics.codes import codes
from openum.analytics.engines import Engine, Table
from openum.analytics.final import contested, final_lines, with_signs
from openum.analytics.reading import Source
from openum.analytics.usable import usable


@dataclass(frozen=True)
class Claims:
    """The claims of one computation. Money is whole cents, months are their first days."""

    spans: Table
    """One row per enrolment span that can be used."""
    lines: Table
    """One row per final medical line."""
    fills: Table
    """One row per final pharmacy line."""
    providers: Table
    """`npi`, `taxonomy`, `is_primary_care`; one row per NPI."""


def claims_of(engine: Engine, source: Source) -> Claims:
    """Return what counts of the input tables: usable rows of final claims."""
    medical = engine.keep("medical_rows", medical_rows(with_signs(usable("medical_claim", source.medical))))
    pharmacy = engine.keep("pharmacy_rows", pharmacy_rows(with_signs(usable("pharmacy_claim", source.pharmacy))))
    lines = final_lines(engine, medical, engine.keep("medical_contested", contested(medical)))
    fills = final_lines(engine, pharmacy, engine.keep("pharmacy_contested", contested(pharmacy)))
    spans = usable("eligibility", source.eligibility)
    return Claims(
        spans=spans,
        lines=engine.keep("lines", medical_lines(lines)),
        fills=engine.keep("fills", pharmacy_lines(fills)),
        providers=engine.keep("providers", providers_of(source.provider)),
    )


KEYS = (
    "data_source", "payer", "person_id", "claim_id", "claim_line_number", "state", "frequency", "is_taken_back", "service_day",
    "service", "facility_npi", "rendering_npi", "paid_date", "paid_amount", "allowed_amount", "charge_amount",
    "original_claim_id",
)  # fmt: skip

PROCEDURES = tuple(f"procedure_code_{n}" for n in range(1, 26))


def medical_rows(lines: Table) -> Table:
    """Return the columns of medical lines that metrics or reversals need."""
    return lines.select(
        *KEYS, "claim_type", "claim_start_date", "claim_end_date", "claim_line_end_date", "admission_date", "discharge_date",
        "discharge_disposition_code", "place_of_service_code", "bill_type_code", "drg_code", "revenue_center_code", "hcpcs_code",
        "billing_npi", "diagnosis_code_1",
        modifiers=joined(lines, [f"hcpcs_modifier_{n}" for n in range(1, 6)]),
        procedures=joined(lines, PROCEDURES),
    )  # fmt: skip


def joined(lines: Table, names: Any) -> Any:
    """Return several code columns as one text, `|A|B|`; null where there is none."""
    text = ibis.literal("")
    for name in (name for name in names if name in lines.columns):
        text += ibis.ifelse(lines[name].notnull(), lines[name] + "|", "").fill_null("")
    return ibis.ifelse(text == "", ibis.null("string"), ibis.literal("|") + text)


def pharmacy_rows(fills: Table) -> Table:
    """Return the columns of pharmacy lines that metrics or reversals need."""
    return fills.select(*KEYS, "dispensing_date")


def medical_lines(rows: Table) -> Table:
    """Name what the definitions speak of."""
    lists = codes()
    bill = rows.bill_type_code.substr(0, 2)
    institutional = (rows.claim_type.lower() == "institutional") | (
        (rows.claim_type.isnull() | (rows.claim_type.lower() == "undetermined")) & rows.bill_type_code.notnull()
    )
    emergency_room = rows.revenue_center_code.isin(lists["emergency_revenue"])
    return rows.select(
        "data_source", "payer", "person_id", "claim_id", "facility_npi",
        month=ibis.coalesce(rows.claim_start_date, rows.service_day).truncate("M"),
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
        is_reading=rows.modifiers.contains(f"|{lists['reading_modifier']}|").fill_null(False),
        is_emergency_room=emergency_room.fill_null(False),
        is_emergency=(emergency_room.fill_null(False) | rows.hcpcs_code.isin(lists["emergency_procedures"]).fill_null(False)),
        provider=ibis.coalesce(rows.rendering_npi, rows.billing_npi),
        disposition=rows.discharge_disposition_code,
        diagnosis=rows.diagnosis_code_1,
        inpatient_procedures=rows.procedures,
        paid_on=rows.paid_date,
        paid=rows.paid_amount.fill_null(0),
        allowed=rows.allowed_amount.fill_null(0),
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


def providers_of(providers: Table) -> Table:
    """Return one row per NPI; primary care is the source's flag, else the taxonomy."""
    listed = providers.primary_taxonomy_code.isin(codes()["primary_care_taxonomies"]).fill_null(False)
    flagged = providers.mutate(primary=ibis.coalesce(providers.is_pcp == 1, listed))
    return flagged.group_by("npi").agg(
        taxonomy=flagged.primary_taxonomy_code.max(), is_primary_care=flagged.primary.any()
    )
