"""Gathers the record of one line from stored rows: attachments, the request's diagnoses, earlier approvals, a ledger."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from openum.cases import working
from openum.cases.models import Attachment, Diagnosis, Party, ServiceLine
from openum.criteria.codes import address_of
from openum.criteria.record import (
    Person,
    Record,
    Resource,
    StoredResource,
    approved_service_fact,
    build_record,
    diagnosis_fact,
    references_of,
)
from openum.db import plain
from openum.vocabulary.terms import LineStatus, PartyRole

_A_YEAR = timedelta(days=366)


def record_of(
    line: ServiceLine, *, day: date, services: Sequence[tuple[str, str]], history: Sequence[Resource]
) -> tuple[Record, dict[str, Attachment]]:
    """Return the record of the line's member, and the attachment row of each attachment key (id and title only).

    Args:
        line: with its request, case and member.
        day: the governing date; earlier approvals are read for a year before it.
        services: the services of the guideline, to find earlier ones of the same kind.
        history: services from the payer's ledger, as Claim resources.
    """
    rows = _attachments(line)
    facts = [*_diagnoses(line), *_earlier_approvals(line, day, services), *history]
    record = build_record(
        [StoredResource(row.resource, str(row.pk)) for row in rows if row.resource],
        person=_person(line),
        own_facts=facts,
    )
    return record, {str(row.pk): row for row in rows}


def _attachments(line: ServiceLine) -> list[Attachment]:
    """Return the clinical resources of the case, oldest first; those just stored are at hand."""
    at_hand = working.current()
    if at_hand is not None and at_hand.is_new_case and working.new_line(line.pk):
        return [row for row in at_hand.attachments if row.kind == Attachment.FHIR]
    return list(
        Attachment.objects.filter(case_id=line.case_id, kind=Attachment.FHIR, moved_to__isnull=True)
        .order_by("received_at", "pk")
        .only("public_id", "title", "resource")
    )


def _person(line: ServiceLine) -> Person:
    """Return how the messages of the case name its member."""
    member = line.case.member
    keys: list[str] = []
    patients: list[Resource] = []
    for source_key, resources, echo in _named(line):
        keys += [source_key, str(echo.get("patient", ""))]
        patients += resources
    return Person(
        references=references_of(keys=keys, patients=patients),
        numbers=frozenset({member.member_number}),
        birth_date=member.birth_date,
        sex=member.sex,
    )


def _named(line: ServiceLine) -> Iterable[tuple[str, list[Resource], Resource]]:
    """Return how each request of the case names the member: key, Patient resources, echoed parts."""
    at_hand = working.current()
    if at_hand is not None and at_hand.is_new_case and working.new_line(line.pk):
        return [
            (row.source_key, row.resources, at_hand.request.echo)
            for row in at_hand.parties
            if row.role == PartyRole.MEMBER
        ]
    return Party.objects.filter(request__case_id=line.case_id, role=PartyRole.MEMBER).values_list(
        "source_key", "resources", "request__echo"
    )


def _diagnoses(line: ServiceLine) -> list[Resource]:
    at_hand = working.current()
    if at_hand is not None and at_hand.request.pk == line.request_id:
        rows: Iterable[Diagnosis] = at_hand.diagnoses
    else:
        rows = Diagnosis.objects.filter(request_id=line.request_id)
    return [
        diagnosis_fact(number=row.sequence, system=address_of(row.system), code=row.code, recorded_on=row.recorded_on)
        for row in sorted(rows, key=lambda row: row.sequence)
    ]


def _earlier_approvals(line: ServiceLine, day: date, services: Sequence[tuple[str, str]]) -> list[Resource]:
    """Return approvals of the same kind of service for the same member within a year: approved, not yet proven done."""
    codes = {code for _, code in services}
    rows = [
        row
        for row in (*working.lines_of_other_cases(line.case), *_lines_beside(line))
        if row.status == LineStatus.APPROVED
        and row.code in codes
        and row.service_from is not None
        and day - _A_YEAR <= row.service_from <= day
    ]
    return [
        approved_service_fact(
            key=str(row.public_id), system=address_of(row.code_system), code=row.code, on=row.service_from
        )
        for row in rows
        if row.service_from is not None
    ]


def _lines_beside(line: ServiceLine) -> list[ServiceLine]:
    """Return the other lines of the line's own case."""
    at_hand = working.current()
    if at_hand is not None and at_hand.is_new_case and working.new_line(line.pk):
        lines = at_hand.lines
    else:
        lines = plain.select_where(ServiceLine, "case_id = %s", [line.case_id])
    return [other for other in lines if other.pk != line.pk]
