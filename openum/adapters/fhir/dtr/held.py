"""What may fill a form: the resources a client sends, and what its own requests brought us before.

Another organization's requests are never read for it (45 CFR 164.502(b)); what was read is told to the audit log.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openum import audit
from openum.accounts.models import ApiClient
from openum.cases.models import Attachment, Case, Party
from openum.criteria.record import Person, StoredResource, build_record, references_of
from openum.directory.models import Member
from openum.submission.queries import cases_findable_by
from openum.vocabulary.terms import PartyRole

Json = dict[str, Any]

MOST_CASES = 20
MOST_ATTACHMENTS = 1_000
_PEOPLE = frozenset({"Patient", "Coverage", "Practitioner", "PractitionerRole", "Organization", "Location"})


@dataclass(frozen=True, kw_only=True)
class Held:
    """The records, and the launch context: resources by the name that expressions use."""

    resources: tuple[Json, ...]
    context: dict[str, Any]


def records_of(sent: Iterable[Json], *, patient: str, member: Member | None, client: ApiClient, at: datetime) -> Held:
    """Gather the records of one person.

    Args:
        sent: the resources that came with the call.
        patient: the client's reference to the person.
        member: the person on our file; None: only what was sent counts.
        client: who asks; what is read of its requests is recorded.
        at: the instant.
    """
    given = list(sent)
    cases = _cases(member, client)
    stored = [*_attachments(cases), *(StoredResource(one, "sent") for one in given)]
    record = build_record(stored, person=_person(member, cases, patient, given))
    if cases:
        ids = sorted({case.public_id for case in cases}, key=str)
        audit.record_reads(by=client.user, at=at, case_ids=ids, why="records that fill in a form")
    people = [one for one in given if one.get("resourceType") in _PEOPLE]
    facts = [one for one in record.resources if one["resourceType"] != "Patient" or not _has_patient(people)]
    return Held(resources=(*facts, *people), context=context_of(given))


def context_of(resources: Iterable[Json]) -> dict[str, Any]:
    """Return what a launch gives by name: the first of each."""
    found: dict[str, Any] = {}
    for one in resources:
        kind = str(one.get("resourceType"))
        name = {"Patient": "patient", "Coverage": "coverage", "Encounter": "encounter", "Practitioner": "user"}.get(
            kind
        )
        name = name or ("order" if kind.endswith(("Request", "Order", "Prescription")) or kind == "Appointment" else "")
        if name:
            found.setdefault(name, one)
    return found


def _has_patient(resources: list[Json]) -> bool:
    return any(one["resourceType"] == "Patient" for one in resources)


def _cases(member: Member | None, client: ApiClient) -> list[Case]:
    if member is None:
        return []
    return list(cases_findable_by(client).filter(member=member).order_by("-pk")[:MOST_CASES])


def _attachments(cases: list[Case]) -> list[StoredResource]:
    if not cases:
        return []
    rows = (
        Attachment.objects.filter(case__in=cases, kind=Attachment.FHIR, moved_to__isnull=True)
        .order_by("received_at", "pk")
        .values_list("pk", "resource")[:MOST_ATTACHMENTS]
    )
    return [StoredResource(resource, str(pk)) for pk, resource in rows if resource]


def _person(member: Member | None, cases: list[Case], patient: str, given: list[Json]) -> Person:
    """Return how the client, now and in its requests, names the person."""
    keys = [patient]
    patients = [one for one in given if one.get("resourceType") == "Patient"]
    if cases:
        rows = Party.objects.filter(request__case__in=cases, role=PartyRole.MEMBER).values_list(
            "source_key", "resources", "request__echo"
        )
        for source_key, resources, echo in rows:
            keys += [source_key, str(echo.get("patient", ""))]
            patients += [one for one in resources if one.get("resourceType") == "Patient"]
    return Person(
        references=references_of(keys=keys, patients=patients),
        numbers=frozenset({member.member_number}) if member else frozenset(),
        birth_date=member.birth_date if member else None,
        sex=member.sex if member else "",
    )
