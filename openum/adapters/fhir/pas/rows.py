"""The rows of an answer, read with one plain statement a kind: every submission passes here (openum.db.plain)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import NamedTuple
from uuid import UUID

from openum.cases.models import Diagnosis, Party, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.db.plain import AnyField, fields_of, select, select_where
from openum.determination.models import Authorization, AuthorizationSegment, Determination
from openum.intake.models import EligibilityCheck
from openum.vocabulary.terms import LineStatus

_CURRENT_LINES = (
    "case_id = %s AND NOT EXISTS (SELECT 1 FROM cases_serviceline newer WHERE newer.replaces_id = cases_serviceline.id)"
)
_CURRENT_DECISIONS = (
    "line_id IN (%s) AND NOT EXISTS (SELECT 1 FROM determination_determination later"
    " WHERE later.supersedes_id = determination_determination.id)"
)
_UNDECIDED = OPEN_STATUSES | {LineStatus.WITHDRAWN, LineStatus.TRANSFERRED, LineStatus.VOIDED_IN_ERROR}


class PartyRow(NamedTuple):
    """A provider of one line."""

    line_id: int
    public_id: UUID
    role: str
    name: str
    npi: str
    practitioner_id: int | None
    source_key: str


class SegmentRow(NamedTuple):
    """What is certified on one line at present."""

    line_id: int
    number: str
    issued_at: datetime
    previous_number: str
    code_system: str
    code: str
    code_end: str
    modifiers: list[str]
    units: Decimal | None
    unit: str
    place: str
    valid_from: date
    valid_to: date | None


class DiagnosisRow(NamedTuple):
    """A diagnosis of one line."""

    line_id: int
    system: str
    code: str


class Rows(NamedTuple):
    """Everything an answer says about the lines of a case, by the line's primary key."""

    lines: list[ServiceLine]
    diagnoses: dict[int, list[DiagnosisRow]]
    providers: dict[int, list[PartyRow]]
    decisions: dict[int, Determination]
    segments: dict[int, SegmentRow]
    with_invalid_code: set[int]


def rows_of(case_id: int) -> Rows:
    """Read the current lines of a case with what hangs on them; undecided lines have no decision to look for."""
    lines = select_where(ServiceLine, _CURRENT_LINES, [case_id], order="sequence, id")
    keys = [line.pk for line in lines]
    decided = [line.pk for line in lines if LineStatus(line.status) not in _UNDECIDED]
    decisions = select_where(Determination, _CURRENT_DECISIONS, [decided], order="decided_at, id")
    return Rows(
        lines=lines,
        diagnoses=_diagnoses(keys),
        providers=_providers(keys),
        decisions={row.line_id: row for row in decisions},
        segments=_segments(decided),
        with_invalid_code=_with_invalid_code([line.pk for line in lines if LineStatus(line.status) in OPEN_STATUSES]),
    )


def _marks(keys: Sequence[int]) -> str:
    return ", ".join(["%s"] * len(keys))


@cache
def _diagnosis_fields() -> tuple[AnyField, ...]:
    return fields_of(Diagnosis, ["id", "system", "code"])


def _diagnoses(keys: Sequence[int]) -> dict[int, list[DiagnosisRow]]:
    found: dict[int, list[DiagnosisRow]] = defaultdict(list)
    sql = (
        "SELECT t.serviceline_id, d.system, d.code FROM cases_serviceline_diagnoses t"  # noqa: S608 - marks only
        " JOIN cases_diagnosis d ON d.id = t.diagnosis_id"
        f" WHERE t.serviceline_id IN ({_marks(keys)}) ORDER BY d.sequence, d.id"
    )
    for values in select(sql, keys, _diagnosis_fields()) if keys else ():
        row = DiagnosisRow(*values)
        found[row.line_id].append(row)
    return found


@cache
def _party_fields() -> tuple[AnyField, ...]:
    return fields_of(Party, ["id", "public_id", "role", "name", "npi", "practitioner", "source_key"])


def _providers(keys: Sequence[int]) -> dict[int, list[PartyRow]]:
    found: dict[int, list[PartyRow]] = defaultdict(list)
    sql = (
        "SELECT t.serviceline_id, p.public_id, p.role, p.name, p.npi, p.practitioner_id, p.source_key"  # noqa: S608
        " FROM cases_serviceline_providers t JOIN cases_party p ON p.id = t.party_id"
        f" WHERE t.serviceline_id IN ({_marks(keys)}) ORDER BY p.id"
    )
    for values in select(sql, keys, _party_fields()) if keys else ():
        row = PartyRow(*values)
        found[row.line_id].append(row)
    return found


@cache
def _segment_fields() -> tuple[AnyField, ...]:
    given = fields_of(Authorization, ["id", "number", "issued_at", "previous_number"])
    names = ["code_system", "code", "code_end", "modifiers", "units", "unit", "place", "valid_from", "valid_to"]
    return given + fields_of(AuthorizationSegment, names)


def _segments(keys: Sequence[int]) -> dict[int, SegmentRow]:
    """Return the segment in force of each line; a code added after the operation has one under another line's number."""
    columns = (
        " a.number, a.issued_at, a.previous_number, s.code_system, s.code, s.code_end, s.modifiers, s.units, s.unit,"
        " s.place, s.valid_from, s.valid_to FROM determination_authorizationsegment s"
        " JOIN determination_authorization a ON a.id = s.authorization_id"
        " JOIN determination_determination d ON d.id = s.determination_id"
    )
    own = (
        f"SELECT a.line_id,{columns} LEFT JOIN determination_addedcode x ON x.line_id = d.line_id"
        f" WHERE x.id IS NULL AND s.superseded_at IS NULL AND a.line_id IN ({_marks(keys)}) ORDER BY s.id"
    )
    found = [SegmentRow(*values) for values in select(own, keys, _segment_fields())] if keys else []
    by_line = {row.line_id: row for row in found}
    others = [key for key in keys if key not in by_line]
    added = (
        f"SELECT d.line_id,{columns} JOIN determination_addedcode x ON x.line_id = d.line_id"
        f" WHERE s.superseded_at IS NULL AND d.line_id IN ({_marks(others)}) ORDER BY s.id"
    )
    found = [SegmentRow(*values) for values in select(added, others, _segment_fields())] if others else []
    return by_line | {row.line_id: row for row in found}


@cache
def _check_fields() -> tuple[AnyField, ...]:
    return fields_of(EligibilityCheck, ["id"])


def _with_invalid_code(keys: Sequence[int]) -> set[int]:
    """Return the lines whose code was found outside its validity dates; intake has them until it is corrected."""
    sql = (
        "SELECT line_id FROM intake_eligibilitycheck"  # noqa: S608 - marks only
        f" WHERE NOT is_code_valid AND line_id IN ({_marks(keys)})"
    )
    return {key for (key,) in select(sql, keys, _check_fields())} if keys else set()
