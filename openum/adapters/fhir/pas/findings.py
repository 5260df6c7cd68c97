"""The findings of each criterion as process notes, with what would satisfy those that are open."""

from collections import defaultdict

from openum.cases.models import ServiceLine
from openum.criteria.maps import FindingFact, build_map
from openum.criteria.models import Finding
from openum.criteria.program import Program, known_program
from openum.criteria.queries import program_for_policy
from openum.criteria.renderers.answer import notes_of
from openum.db.plain import fields_of, select, select_where
from openum.directory.models import Policy
from openum.vocabulary.terms import FindingValue


def finding_notes(lines: list[ServiceLine]) -> dict[int, tuple[str, ...]]:
    """Return the notes of each line by primary key, one for each criterion in reading order.

    The findings that stand are read for all lines at once; the guideline is the version they were made under.
    """
    keys = [line.pk for line in lines]
    by_line: dict[int, list[Finding]] = defaultdict(list)
    for row in select_where(Finding, "line_id IN (%s) AND superseded_at IS NULL", [keys], order="line_id, leaf"):
        by_line[row.line_id].append(row)
    programs = _programs({row.policy_id for found in by_line.values() for row in found if row.is_machine})
    return {line_id: _notes_of(found, programs) for line_id, found in by_line.items()}


def _programs(policy_ids: set[int | None]) -> dict[int, Program]:
    """Return the compiled guideline versions by policy; a process compiles each content once."""
    wanted = sorted(key for key in policy_ids if key is not None)
    if not wanted:
        return {}
    marks = ", ".join(["%s"] * len(wanted))
    sql = f"SELECT id, digest FROM directory_policy WHERE id IN ({marks})"  # noqa: S608 - marks only
    return {
        key: known_program(digest) or program_for_policy(Policy.objects.get(pk=key))
        for key, digest in select(sql, wanted, fields_of(Policy, ["id", "digest"]))
    }


def _notes_of(findings: list[Finding], programs: dict[int, Program]) -> tuple[str, ...]:
    program = next((programs[row.policy_id] for row in findings if row.is_machine and row.policy_id), None)
    shown = build_map(
        program.guideline if program is not None else None,
        policy_digest="",
        findings=[_fact(row) for row in findings],
        links=[],
    )
    return notes_of(shown)


def _fact(row: Finding) -> FindingFact:
    """Return a stored answer as plain data; who gave it is not told outside."""
    return FindingFact(
        id=str(row.public_id),
        leaf=row.leaf,
        question=row.question,
        authority=row.authority,
        value=FindingValue(row.value),
        is_machine=row.is_machine,
        note=row.note,
        missing=tuple(row.missing),
        evidence=tuple(row.evidence),
        input_digest=row.input_digest,
        engine_version=row.engine_version,
        made_by="",
        made_at=row.made_at,
    )
