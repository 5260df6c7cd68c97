"""Looks for leads in a folder of claims and writes them, each with its rule, amount and evidence."""

from pathlib import Path

import ibis

from openum.analytics.codes import codes
from openum.analytics.engines import Engine, Table
from openum.analytics.final import final_lines, with_signs
from openum.analytics.leads.catalogue import Evidence, rules
from openum.analytics.leads.files import (
    Files,
    authorizations_of,
    changes_of,
    edits_of,
    groups_of,
    limits_of,
    minutes_of,
    opioid_fills,
    persons_of,
    wanted_of,
)
from openum.analytics.leads.rules import RULES
from openum.analytics.metrics.claims import KEYS, claims_of, joined
from openum.analytics.metrics.columns import MODIFIERS
from openum.analytics.metrics.files import in_dollars
from openum.analytics.metrics.stays import NURSING, numbered, stay_claims, stays
from openum.analytics.reading import Source
from openum.analytics.reference import reference_tables
from openum.analytics.usable import usable

SECONDARY = tuple(f"diagnosis_code_{number}" for number in range(2, 26))

HEADS = (
    "rule", "version", "person_id", "payer", "data_source", "claim_id", "claim_line_number", "provider", "day", "procedure", "amount",
    "evidence", "quantity", "modifiers", "place", "diagnosis", "drg", "charge",
)  # fmt: skip


def find(engine: Engine, source: Source, given_files: Files = Files(), reference: Path | None = None) -> Table:  # noqa: B008 - frozen
    """Return the leads of every rule; rules whose file is not given find nothing.

    Raises:
        EditFileWrong: a file is not there or lacks a column.
    """
    claims = claims_of(engine, source)
    of_stays = engine.keep("stay_claims", numbered(stay_claims(claims, reference_tables(engine, reference).drgs)))
    hospital = stays(of_stays)
    opioids = given_files.opioids
    spans = usable("eligibility", source.eligibility)
    lines = engine.keep("lead_lines", lead_lines(engine, source))
    given = Evidence(
        lines=lines,
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
            "hospital_stays",
            hospital.filter(hospital.stay_type != NURSING).select(
                "person_id", "facility_npi", "admit", "disch", "via_ed", paid_for_stay=hospital.paid
            ),
        ),
        specialties=engine.keep("lead_specialties", specialties(source)),
        edits=edits_of(engine, given_files.edits),
        limits=limits_of(engine, given_files.limits),
        minutes=minutes_of(engine, given_files.minutes),
        persons=persons_of(engine, given_files.persons),
        authorizations=authorizations_of(engine, given_files.authorizations),
        wanted=wanted_of(engine, given_files.wanted),
        changes=changes_of(engine, given_files.changes),
        groups=groups_of(engine, given_files.groups),
        fills=None if opioids is None else engine.keep("lead_opioids", opioid_fills(engine, source, opioids)),
        treated=None if opioids is None else engine.keep("lead_treated", expected_to_take(lines)),
    )
    return engine.keep("leads", ibis.union(*(rule(given) for rule in RULES.values())))


def lead_lines(engine: Engine, source: Source) -> Table:
    """Return the final lines under the words of the rules; money in cents."""
    rows = with_signs(usable("medical_claim", source.medical))
    rows = rows.select(
        *KEYS, "claim_type", "claim_line_end_date", "place_of_service_code", "hcpcs_code", "revenue_center_code", "billing_npi",
        "service_unit_quantity", "diagnosis_code_1", "drg_code", "admit_type_code", modifiers=joined(rows, MODIFIERS).fill_null(""),
        secondary=joined(rows, SECONDARY),
    )  # fmt: skip
    final = final_lines(engine, "lead", rows)
    told = codes()
    is_emergency = (
        final.revenue_center_code.isin(told["emergency_revenue"]).fill_null(False)
        | final.hcpcs_code.isin(told["emergency_procedures"]).fill_null(False)
        | (final.place_of_service_code == rules()["no_authorization"].settings["emergency_place"]).fill_null(False)
        | final.admit_type_code.isin(rules()["no_authorization"].settings["emergency_admissions"]).fill_null(False)
    )
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
        secondary=final.secondary,
        facility=final.facility_npi,
        providers=ibis.literal(",") + final.rendering_npi.fill_null("") + "," + final.billing_npi.fill_null("") + ","
        + final.facility_npi.fill_null("") + ",",
        is_emergency=is_emergency,
        drg=final.drg_code,
        charge=final.charge_amount.fill_null(0),
        paid=final.paid_amount.fill_null(0),
    )  # fmt: skip


def expected_to_take(lines: Table) -> Table:
    """Return the members in hospice, or with an illness for which strong pain medicine is expected."""
    terms = rules()["opioid_pattern"].settings
    ill = ibis.or_(*(lines.diagnosis.startswith(beginning) for beginning in terms["expected_with"]))
    hospice = lines.service.isin(terms["hospice"]) | (lines.place == terms["hospice_place"])
    return lines.filter(ill.fill_null(False) | hospice.fill_null(False)).select("person_id").distinct()


def specialties(source: Source) -> Table:
    """Return the specialty of each provider who has one."""
    rows = source.provider.filter(source.provider.primary_taxonomy_code.notnull())
    return rows.group_by("npi").agg(specialty=rows.primary_taxonomy_code.max())


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
