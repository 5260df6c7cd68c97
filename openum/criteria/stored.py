"""Gathers the record of one line from stored rows: attachments, the request's diagnoses, earlier approvals, a ledger."""

from collections.abc import Sequence
from datetime import date, timedelta

from openum.cases.models import Attachment, Diagnosis, Party, ServiceLine
from openum.criteria.codes import SYSTEMS, short_system
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
from openum.vocabulary.terms import LineStatus, PartyRole

_A_YEAR = timedelta(days=366)


def record_of(
    line: ServiceLine, *, day: date, services: Sequence[tuple[str, str]], history: Sequence[Resource]
) -> tuple[Record, dict[str, int]]:
    """Return the record of the line's member, and the attachment row of each attachment key.

    Args:
        line: with its request, case and member.
        day: the governing date; earlier approvals are read for a year before it.
        services: the services of the guideline, to find earlier ones of the same kind.
        history: services from the payer's ledger, as Claim resources.
    """
    rows = list(
        Attachment.objects.filter(case_id=line.case_id, kind=Attachment.FHIR, moved_to__isnull=True)
        .order_by("received_at", "pk")
        .values_list("pk", "resource")
    )
    facts = [*_diagnoses(line), *_earlier_approvals(line, day, services), *history]
    record = build_record(
        [StoredResource(resource, str(pk)) for pk, resource in rows if resource], person=_person(line), own_facts=facts
    )
    return record, {str(pk): pk for pk, _ in rows}


def _person(line: ServiceLine) -> Person:
    """Return how the messages of the case name its member."""
    member = line.case.member
    keys: list[str] = []
    patients: list[Resource] = []
    named = Party.objects.filter(request__case_id=line.case_id, role=PartyRole.MEMBER)
    for source_key, resources, echo in named.values_list("source_key", "resources", "request__echo"):
        keys += [source_key, str(echo.get("patient", ""))]
        patients += [resource for resource in resources if isinstance(resource, dict)]
    return Person(
        references=references_of(keys=keys, patients=patients),
        numbers=frozenset({member.member_number}),
        birth_date=member.birth_date,
        sex=member.sex,
    )


def _diagnoses(line: ServiceLine) -> list[Resource]:
    rows = Diagnosis.objects.filter(request_id=line.request_id).order_by("sequence")
    return [
        diagnosis_fact(number=row.sequence, system=_address(row.system), code=row.code, recorded_on=row.recorded_on)
        for row in rows
    ]


def _earlier_approvals(line: ServiceLine, day: date, services: Sequence[tuple[str, str]]) -> list[Resource]:
    """Return approvals of the same kind of service for the same member within a year: approved, not yet proven done."""
    rows = ServiceLine.objects.filter(
        case__member_id=line.case.member_id,
        status=LineStatus.APPROVED,
        code__in=[code for _, code in services],
        service_from__gte=day - _A_YEAR,
        service_from__lte=day,
    ).exclude(pk=line.pk)
    return [
        approved_service_fact(key=str(public_id), system=_address(system), code=code, on=on)
        for public_id, system, code, on in rows.values_list("public_id", "code_system", "code", "service_from")
        if on is not None
    ]


def _address(system: str) -> str:
    """Return the address of a code system that rows may name shortly."""
    return SYSTEMS.get(short_system(system), (system,))[0]
