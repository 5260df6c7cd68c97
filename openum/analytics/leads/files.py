"""The files that rules are given: licensed edits and limits, the plan's authorizations, what supports a DRG, opioids."""

from dataclasses import dataclass
from pathlib import Path

import ibis

from openum.analytics.engines import Engine, Table
from openum.analytics.final import final_lines, with_signs
from openum.analytics.metrics.claims import KEYS
from openum.analytics.reading import Source, date_of
from openum.analytics.usable import usable
from openum.vocabulary.errors import Invalid


class EditFileWrong(Invalid):
    """A file of edits or limits lacks its columns."""

    code = "edit-file-wrong"


@dataclass(frozen=True, kw_only=True)
class Files:
    """Which files were given; a rule without its file finds nothing."""

    edits: Path | None = None
    limits: Path | None = None
    minutes: Path | None = None
    persons: Path | None = None
    authorizations: Path | None = None
    wanted: Path | None = None
    changes: Path | None = None
    groups: Path | None = None
    opioids: Path | None = None


def opened(engine: Engine, file: Path | None, *columns: str) -> Table | None:
    """Return a user's file, every column as text; None when none was given.

    Raises:
        EditFileWrong: it is not there, or a column is missing.
    """
    if file is None:
        return None
    if not file.is_file():
        raise EditFileWrong(f"There is no file {file}. Give the path of your licensed copy as CSV.")
    rows = engine.parquet([file]) if file.suffix == ".parquet" else engine.csv([file])
    missing = [name for name in columns if name not in rows.columns]
    if missing:
        raise EditFileWrong(f"{file} has no column {', '.join(missing)}. The first row must name {', '.join(columns)}.")
    return rows


def edits_of(engine: Engine, file: Path | None) -> Table | None:
    """Return pairs of codes, and whether a modifier admits both."""
    rows = opened(engine, file, "column1", "column2", "modifier_allowed")
    if rows is None:
        return None
    if "ended" in rows.columns:
        rows = rows.filter(rows.ended.isnull() | (rows.ended == "*"))
    return rows.select("column1", "column2", modifier_allowed=rows.modifier_allowed.try_cast("int64")).distinct()


def limits_of(engine: Engine, file: Path | None) -> Table | None:
    """Return the most units of a code on one day."""
    rows = opened(engine, file, "code", "units")
    return None if rows is None else rows.select("code", most_units=rows.units.try_cast("float64"))


def minutes_of(engine: Engine, file: Path | None) -> Table | None:
    """Return the minutes of one unit of a code."""
    rows = opened(engine, file, "code", "minutes")
    return None if rows is None else rows.select("code", unit_minutes=rows.minutes.try_cast("float64"))


def persons_of(engine: Engine, file: Path | None) -> Table | None:
    """Return whom a service fits."""
    rows = opened(engine, file, "code", "sex", "age_from", "age_to")
    if rows is None:
        return None
    return rows.select(
        "code", fits_sex=rows.sex.lower().nullif(""), age_from=rows.age_from.try_cast("int64"),
        age_to=rows.age_to.try_cast("int64"),
    )  # fmt: skip


def authorizations_of(engine: Engine, file: Path | None) -> Table | None:
    """Return the parts of authorizations from the full file that `openum feed authorizations --out FILE.csv` writes.

    `ends` is the first day no longer valid; null where a circumstance ends it. A change of one of them, void, stands alone.
    """
    rows = opened(
        engine, file, "number", "status", "member_number", "code", "code_end", "from", "to", "units", "unit", "npi"
    )
    if rows is None:
        return None
    return engine.keep(
        "lead_authorizations",
        rows.select(
            "number",
            is_active=(rows.status == "active").fill_null(False),
            member=rows.member_number,
            code=rows.code.upper(),
            code_end=rows.code_end.upper().nullif(""),
            starts=date_of(rows["from"]),
            ends=date_of(rows["to"]),
            units=rows.units.try_cast("float64"),
            unit=rows.unit.fill_null(""),
            npi=rows.npi.nullif(""),
        ).distinct(),
    )


def wanted_of(engine: Engine, file: Path | None) -> Table | None:
    """Return the ranges of codes (procedures, or DRGs) that want an authorization."""
    rows = opened(engine, file, "code")
    if rows is None:
        return None
    last = rows.code_end.nullif("") if "code_end" in rows.columns else ibis.null("string")
    return rows.select(wanted_from=rows.code.upper(), wanted_to=ibis.coalesce(last, rows.code).upper()).distinct()


def changes_of(engine: Engine, file: Path | None) -> Table | None:
    """Return which code may be billed for which authorized one; a star at the end of `added` means: begins with."""
    rows = opened(engine, file, "authorized", "added")
    if rows is None:
        return None
    return rows.select(
        of_code=rows.authorized.upper(), added=rows.added.upper().replace("*", ""), begins=rows.added.endswith("*")
    ).distinct()


def groups_of(engine: Engine, file: Path | None) -> Table | None:
    """Return what supports a DRG: beginnings of ICD-10-CM codes as `principal`, or as `severity` beside it."""
    rows = opened(engine, file, "drg", "position", "code")
    if rows is None:
        return None
    alone = rows.alone == "1" if "alone" in rows.columns else ibis.literal(False)
    return rows.select(
        of_drg=rows.drg.lpad(3, "0"), position=rows.position.lower(), beginning=rows.code.upper().replace(".", ""),
        alone=alone.fill_null(False),
    ).distinct()  # fmt: skip


def opioid_fills(engine: Engine, source: Source, file: Path) -> Table:
    """Return the final prescriptions of the drugs of a file (`ndc`, `mme`: milligrams of oral morphine of one unit).

    `dose` is a day's: units times strength by days of supply; `until` the first day after the supply.

    Raises:
        EditFileWrong: the file is not there or lacks a column.
    """
    strengths = opened(engine, file, "ndc", "mme")
    assert strengths is not None
    strengths = strengths.select(
        ndc=strengths.ndc.replace("-", ""), strength=strengths.mme.try_cast("float64")
    ).distinct()
    rows = with_signs(usable("pharmacy_claim", source.pharmacy))
    final = final_lines(engine, "opioid", rows.select(*KEYS, "quantity", "days_supply"))
    final = final.filter(~final.is_taken_back).inner_join(strengths, final.service == strengths.ndc)
    days = ibis.greatest(final.days_supply.fill_null(1.0), 1.0)
    return final.select(
        "person_id", "payer", "data_source", "claim_id", "claim_line_number", "quantity",
        provider=final.rendering_npi,
        pharmacy=final.facility_npi,
        day=final.service_day,
        until=final.service_day + days.cast("int64").as_interval("D"),
        dose=final.quantity.fill_null(0.0) * final.strength / days,
        procedure=final.service,
        modifiers=ibis.literal(""),
        place=ibis.null("string"),
        diagnosis=ibis.null("string"),
        drg=ibis.null("string"),
        charge=final.charge_amount.fill_null(0),
        paid=final.paid_amount.fill_null(0),
    )  # fmt: skip
