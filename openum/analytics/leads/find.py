"""Looks for leads in a folder of claims and writes them, each with its rule, amount and evidence."""

from pathlib import Path

import ibis

from openum.analytics.engines import Engine, Table
from openum.analytics.final import final_lines, with_signs
from openum.analytics.leads.rules import RULES, Evidence
from openum.analytics.metrics.claims import KEYS, claims_of, joined
from openum.analytics.metrics.columns import MODIFIERS
from openum.analytics.metrics.files import in_dollars
from openum.analytics.metrics.stays import NURSING, numbered, stay_claims, stays
from openum.analytics.reading import Source
from openum.analytics.reference import reference_tables
from openum.analytics.usable import usable
from openum.vocabulary.errors import Invalid

HEADS = (
    "rule", "version", "person_id", "payer", "data_source", "claim_id", "claim_line_number", "provider", "day", "procedure", "amount",
    "evidence", "quantity", "modifiers", "place", "diagnosis", "drg", "charge",
)  # fmt: skip


class EditFileWrong(Invalid):
    """A file of edits or limits lacks its columns."""

    code = "edit-file-wrong"


def find(
    engine: Engine, source: Source, *, edits: Path | None = None, limits: Path | None = None, minutes: Path | None = None,
    persons: Path | None = None,
) -> Table:  # fmt: skip
    """Return the leads of every rule; rules whose file is not given find nothing.

    Raises:
        EditFileWrong: a file is not there or lacks a column.
    """
    claims = claims_of(engine, source)
    of_stays = engine.keep("stay_claims", numbered(stay_claims(claims, reference_tables(engine).drgs)))
    hospital = stays(of_stays)
    spans = usable("eligibility", source.eligibility)
    given = Evidence(
        lines=engine.keep("lead_lines", lead_lines(engine, source)),
        spans=engine.keep(
            "lead_spans",
            spans.select(
                "person_id",
                first=spans.enrollment_start_date,
                last=spans.enrollment_end_date,
                died=spans.death_date,
                sex=spans.gender.lower(),
                born=spans.birth_date,
            ),
        ),
        stays=engine.keep(
            "hospital_stays", hospital.filter(hospital.stay_type != NURSING).select("person_id", "admit", "disch")
        ),
        edits=table_of(engine, edits, ("column1", "column2", "modifier_allowed")),
        limits=table_of(engine, limits, ("code", "units")),
        specialties=engine.keep("lead_specialties", specialties(source)),
        minutes=table_of(engine, minutes, ("code", "minutes")),
        persons=table_of(engine, persons, ("code", "sex", "age_from", "age_to")),
    )
    return engine.keep("leads", ibis.union(*(rule(given) for rule in RULES.values())))


def lead_lines(engine: Engine, source: Source) -> Table:
    """Return the final lines under the words of the rules; money in cents."""
    rows = with_signs(usable("medical_claim", source.medical))
    rows = rows.select(
        *KEYS, "claim_type", "claim_line_end_date", "place_of_service_code", "hcpcs_code", "revenue_center_code", "billing_npi",
        "service_unit_quantity", "diagnosis_code_1", "drg_code", modifiers=joined(rows, MODIFIERS).fill_null(""),
    )  # fmt: skip
    final = final_lines(engine, "lead", rows)
    return final.filter(~final.is_taken_back).select(
        "person_id", "payer", "data_source", "claim_id", "claim_line_number", "modifiers",
        day=final.service_day,
        last_day=ibis.coalesce(final.claim_line_end_date, final.service_day),
        procedure=final.hcpcs_code,
        service=ibis.coalesce(final.hcpcs_code, final.revenue_center_code),
        provider=ibis.coalesce(final.rendering_npi, final.billing_npi, final.facility_npi),
        place=final.place_of_service_code,
        is_institutional=(final.claim_type.lower() == "institutional").fill_null(False),
        quantity=final.service_unit_quantity,
        diagnosis=final.diagnosis_code_1,
        drg=final.drg_code,
        charge=final.charge_amount.fill_null(0),
        paid=final.paid_amount.fill_null(0),
    )  # fmt: skip


def specialties(source: Source) -> Table:
    """Return the specialty of each provider who has one."""
    rows = source.provider.filter(source.provider.primary_taxonomy_code.notnull())
    return rows.group_by("npi").agg(specialty=rows.primary_taxonomy_code.max())


def table_of(engine: Engine, file: Path | None, columns: tuple[str, ...]) -> Table | None:
    """Return a user's file as codes and whole numbers; None when none was given.

    Raises:
        EditFileWrong: it is not there, or a column is missing.
    """
    if file is None:
        return None
    if not file.is_file():
        raise EditFileWrong(f"There is no file {file}. Give the path of your licensed copy as CSV.")
    rows = engine.csv([file])
    missing = [name for name in columns if name not in rows.columns]
    if missing:
        raise EditFileWrong(f"{file} has no column {', '.join(missing)}. The first row must name {', '.join(columns)}.")
    if "units" in columns:
        return rows.select("code", most_units=rows.units.try_cast("float64"))
    if "minutes" in columns:
        return rows.select("code", unit_minutes=rows.minutes.try_cast("float64"))
    if "sex" in columns:
        return rows.select(
            "code", fits_sex=rows.sex.lower().nullif(""), age_from=rows.age_from.try_cast("int64"),
            age_to=rows.age_to.try_cast("int64"),
        )  # fmt: skip
    return rows.select("column1", "column2", modifier_allowed=rows.modifier_allowed.try_cast("int64")).distinct()


def write(engine: Engine, found: Table, file: Path) -> int:
    """Write the leads as CSV, the largest amounts of each rule first, and return how many there are."""
    shown = found.mutate(
        amount=in_dollars(found.paid),
        charge=in_dollars(found.charge),
        claim_line_number=found.claim_line_number.cast("int64"),
    )
    order = ["rule", ibis.desc("amount"), "person_id", "claim_id", "claim_line_number", "evidence"]
    engine.write(shown.select(*HEADS), order, file)
    return int(engine.fetch(found.agg(n=found.count()))[0]["n"])
