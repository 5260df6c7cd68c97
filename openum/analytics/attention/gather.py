"""What the lists and scores rest on: stays, diagnoses with the claim that says them, and visits to emergency rooms."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis

from openum.analytics.codes import REFERENCE
from openum.analytics.engines import Engine, Table
from openum.analytics.final import final_lines, with_signs
from openum.analytics.inputs import NoReference
from openum.analytics.metrics.claims import KEYS, SEPARATOR, joined
from openum.analytics.metrics.compute import Metrics, compute
from openum.analytics.metrics.stays import numbered, stay_claims
from openum.analytics.metrics.visits import emergency_visits
from openum.analytics.reading import Source
from openum.analytics.reference import reference_tables
from openum.analytics.usable import usable

TABLES = ("comorbidity_codes", "comorbidity_parents", "comorbidity_weights")

DIAGNOSES = tuple(f"diagnosis_code_{number}" for number in range(1, 26))

STAY = ["person_id", "stay_type", "facility_npi", "stay_number"]


@dataclass(frozen=True)
class Gathered:
    """The tables of one run, kept in the engine."""

    metrics: Metrics
    people: Table
    """One row per person: `sex`, `race`, `born`, `enrolled_from`, `payer` (that of the latest span)."""
    diagnoses: Table
    """One row per person, claim and code: `day`, `data_source`, `claim_id`, `code`."""
    stays: Table
    """The acute stays, with `admit_type` and `has_procedure`."""
    emergencies: Table
    """One row per person and day of treat-and-release in an emergency room (D5)."""
    drgs: Table
    drg_years: Table
    """Mean lengths of stay of each DRG by fiscal year: `version`, `effective` (its first day), `code`, `gmlos`, `amlos`."""
    codes: Table
    parents: Table
    weights: Table


def gather(engine: Engine, source: Source, reference: Path | None = None) -> Gathered:
    """Compute the tables.

    Raises:
        NoReference: a reference table is missing.
    """
    found = {}
    for name in TABLES:
        file = (reference or REFERENCE) / f"{name}.parquet"
        if not file.is_file():
            raise NoReference(
                f"{file.parent} holds no {file.name}. Put the table there, or leave the option --reference out."
            )
        found[name.removeprefix("comorbidity_")] = engine.parquet([file], f"reference_{name}")
    metrics = compute(engine, source, reference=reference)
    drgs = reference_tables(engine, reference).drgs
    of_stays = engine.keep("attention_stay_claims", numbered(stay_claims(metrics.claims, drgs)))
    final = coded_lines(engine, source)
    lines = metrics.claims.lines.filter(metrics.claims.lines.is_counted)
    return Gathered(
        metrics=metrics,
        people=engine.keep("attention_people", people(source)),
        diagnoses=engine.keep("attention_diagnoses", diagnoses(final)),
        stays=engine.keep("attention_stays", acute_stays(metrics.stays, of_stays, final)),
        emergencies=engine.keep(
            "attention_emergencies", emergency_visits(lines, of_stays, metrics.stays).select("person_id", "day").distinct()
        ),
        drgs=drgs,
        drg_years=years_of(engine, drgs, reference),
        **found,
    )  # fmt: skip


SHIPPED_YEAR, SHIPPED_FROM = "CMS IPPS Table 5, fiscal year 2026", "2025-10-01"


def years_of(engine: Engine, drgs: Table, reference: Path | None) -> Table:
    """Return the tables of fiscal years that were loaded; without any, the one that comes with the program."""
    loaded = (reference or REFERENCE) / "drg_years.parquet"
    if loaded.is_file():
        return engine.parquet([loaded], "reference_drg_years")
    return drgs.filter(drgs.gmlos.notnull()).select(
        "code", "gmlos", "amlos", version=ibis.literal(SHIPPED_YEAR), effective=ibis.date(SHIPPED_FROM)
    )


def people(source: Source) -> Table:
    """Return each person once; of several spans the latest one tells payer, sex, race and birth."""
    spans = usable("eligibility", source.eligibility)
    order = [ibis.desc(spans.enrollment_end_date), ibis.desc(spans.enrollment_start_date), spans.payer, spans.member_id]
    ranked = spans.mutate(place=ibis.row_number().over(ibis.window(group_by="person_id", order_by=order)))
    latest = ranked.place == 0
    return ranked.group_by("person_id").agg(
        payer=ranked.payer.max(where=latest),
        sex=ranked.gender.lower().max(where=latest),
        race=ranked.race.max(where=latest),
        born=ranked.birth_date.max(where=latest),
        enrolled_from=ranked.enrollment_start_date.min(),
        enrolled_to=ranked.enrollment_end_date.max(),
        is_medicare=ranked.payer.lower().contains("medicare").any(),
        is_dual=ranked.dual_status_code.isin(["01", "02", "03", "04", "05", "06", "08"]).any().fill_null(False),
    )


def coded_lines(engine: Engine, source: Source) -> Table:
    """Return the final medical lines with all their diagnoses."""
    rows = with_signs(usable("medical_claim", source.medical))
    rows = rows.select(
        *KEYS, "claim_type", "bill_type_code", "admission_date", "claim_start_date", "admit_type_code", diagnoses=joined(rows, DIAGNOSES),
        procedures=joined(rows, tuple(f"procedure_code_{number}" for number in range(1, 26))),
    )  # fmt: skip
    final = final_lines(engine, "attention", rows)
    return engine.keep("attention_lines", final.filter(~final.is_taken_back))


def diagnoses(lines: Table) -> Table:
    """Return every diagnosis of every claim once, with the claim's first day."""
    rows = lines.filter(lines.diagnoses.notnull() & lines.service_day.notnull())
    each = rows.select(
        "person_id", "data_source", "claim_id", day=rows.service_day, code=rows.diagnoses.split(SEPARATOR).unnest()
    )
    return (
        each.filter(each.code != "").group_by(["person_id", "data_source", "claim_id", "code"]).agg(day=each.day.min())
    )


def acute_stays(stays: Table, of_stays: Table, lines: Table) -> Table:
    """Return the acute stays with the type of admission and whether a procedure was done, as their claims say."""
    key = ["data_source", "payer", "person_id", "claim_id"]
    told = lines.group_by(key).agg(admit_type=lines.admit_type_code.min(), procedure=lines.procedures.notnull().any())
    rows = of_stays.left_join(told, [of_stays[name].identical_to(told[name]) for name in key])
    rows = rows.select(*of_stays.columns, "admit_type", "procedure")
    facts = rows.group_by(STAY).agg(
        admit_type=rows.admit_type.min(), has_procedure=rows.procedure.any().fill_null(False)
    )
    acute = stays.filter(stays.stay_type == "acute")
    return acute.left_join(facts, [acute[name].identical_to(facts[name]) for name in STAY]).select(
        *acute.columns, "admit_type", "has_procedure"
    )


def days_between(later: Any, earlier: Any) -> Any:
    """Return whole days from the earlier to the later date."""
    return later.delta(earlier, unit="day")
