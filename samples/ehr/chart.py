"""Charts: what the record system knows of a patient, as FHIR resources with `Type/id` references. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from samples import codes, named
from samples.bundles import NPI, LumbarRequest, lumbar_mri_bundle

Json = dict[str, Any]

ORDER = "ServiceRequest/order"
_PEOPLE = frozenset({"Patient", "Coverage", "Practitioner", "Organization", "ServiceRequest"})


@dataclass(frozen=True)
class Chart:
    """A patient's record. Every resource has an id; references are relative."""

    resources: tuple[Json, ...]

    def of(self, kind: str) -> Iterator[Json]:
        """Yield the resources of a type."""
        return (one for one in self.resources if one["resourceType"] == kind)

    def get(self, reference: str) -> Json | None:
        """Return a resource by `Type/id`."""
        return next((one for one in self.resources if f"{one['resourceType']}/{one['id']}" == reference), None)

    def one(self, kind: str) -> Json:
        """Return the first resource of a type."""
        return next(self.of(kind))

    @property
    def facts(self) -> tuple[Json, ...]:
        """What is known of the patient's health: everything but people, cover and the order."""
        return tuple(one for one in self.resources if one["resourceType"] not in _PEOPLE)


def reference(resource: Json) -> Json:
    """Return a Reference to a resource of a chart."""
    return {"reference": f"{resource['resourceType']}/{resource['id']}"}


def concept(system: str, code: str, text: str = "") -> Json:
    """Return a CodeableConcept."""
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


def lumbar_chart(at: datetime) -> Chart:
    """Return the chart of the lumbar MRI story, its days moved so that the order is written at `at`."""
    story = LumbarRequest(leave_out=frozenset({"form"}))
    story = story.moved((at.astimezone(named.ZONE).date() - story.asked_at.date()).days)
    bundle = lumbar_mri_bundle(story)
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for entry in bundle["entry"]:
        kind = entry["resource"]["resourceType"]
        counts[kind] = counts.get(kind, 0) + 1
        identity = "order" if kind == "ServiceRequest" else f"{kind.lower()}-{counts[kind]}"
        names[entry["fullUrl"]] = f"{kind}/{identity}"
    return Chart(
        tuple(
            {**_renamed(entry["resource"], names), "id": names[entry["fullUrl"]].rpartition("/")[2]}
            for entry in bundle["entry"]
            if entry["resource"]["resourceType"] != "Claim"
        )
    )


def _renamed(node: Any, names: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _renamed(value, names) for key, value in node.items() if key != "meta"}
    if isinstance(node, list):
        return [_renamed(one, names) for one in node]
    return names.get(node, node) if isinstance(node, str) else node


@dataclass(frozen=True, kw_only=True)
class Person:
    """A patient of a made-up practice."""

    number: str
    family: str
    given: str
    born: date
    sex: str


def plain_chart(
    person: Person,
    *,
    at: datetime,
    system: str,
    code: str,
    diagnosis: str,
    quantity: int = 1,
    facts: Iterable[Json] = (),
) -> Chart:
    """Return a chart with one order, as a small practice writes it."""
    day = at.astimezone(named.ZONE).date()
    patient: Json = {
        "resourceType": "Patient", "id": "patient-1",
        "identifier": [{"system": "urn:small-practice:members", "value": person.number,
                        "type": concept("http://terminology.hl7.org/CodeSystem/v2-0203", "MB")}],
        "name": [{"family": person.family, "given": [person.given]}], "gender": person.sex,
        "birthDate": person.born.isoformat(),
    }  # fmt: skip
    plan: Json = {
        "resourceType": "Organization", "id": "organization-1", "active": True, "name": "Lumen Sandbox",
        "type": [concept("https://codesystem.x12.org/005010/98", "PR")],
    }  # fmt: skip
    practice: Json = {
        "resourceType": "Organization", "id": "organization-2", "active": True, "name": "Small Practice",
        "identifier": [{"system": NPI, "value": named.BAYLINE_GENERAL}],
    }  # fmt: skip
    orderer: Json = {
        "resourceType": "Practitioner", "id": "practitioner-1",
        "identifier": [{"system": NPI, "value": named.NOVAK}], "name": [{"family": "Novak", "given": ["Hana"]}],
    }  # fmt: skip
    coverage: Json = {
        "resourceType": "Coverage", "id": "coverage-1", "status": "active", "subscriberId": person.number,
        "beneficiary": reference(patient), "payor": [reference(plan)],
        "relationship": concept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self"),
    }  # fmt: skip
    condition: Json = {
        "resourceType": "Condition", "id": "condition-1", "subject": reference(patient),
        "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
        "verificationStatus": concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed"),
        "code": concept(codes.ICD_10_CM, diagnosis), "onsetDateTime": (day - timedelta(days=60)).isoformat(),
    }  # fmt: skip
    order: Json = {
        "resourceType": "ServiceRequest", "id": "order", "status": "draft", "intent": "order",
        "code": concept(system, code), "subject": reference(patient), "requester": reference(orderer),
        "performer": [reference(practice)], "quantityQuantity": {"value": quantity},
        "occurrenceDateTime": (day + timedelta(days=3)).isoformat(), "reasonReference": [reference(condition)],
    }  # fmt: skip
    return Chart((patient, coverage, plan, orderer, practice, order, condition, *facts))
