"""Turns stored resources into the record of one person that the logic may read. Pure.

Only this person's own data count (42 CFR 422.101(c)): a resource about somebody else is left out and listed.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openum.vocabulary.canonical import canonical_json

Resource = dict[str, Any]

_NOT_FACTS = frozenset({"Bundle", "Patient", "Coverage", "Organization", "Practitioner", "PractitionerRole", "Binary"})
_MOST_RESOURCES = 5_000


@dataclass(frozen=True, slots=True)
class StoredResource:
    """A resource as stored, and the key of the attachment row that holds it."""

    resource: Resource
    attachment_key: str


@dataclass(frozen=True, slots=True)
class Person:
    """How messages name the person: references (Patient/1, a full URL, urn:uuid) and member numbers."""

    references: frozenset[str]
    numbers: frozenset[str]
    birth_date: date | None = None
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What the logic reads, where each resource is stored, and what was left out because it is about somebody else."""

    resources: tuple[Resource, ...]
    attachment_keys: Mapping[str, str]
    left_out: tuple[str, ...]
    person: Person
    own_facts: tuple[Resource, ...]
    """Facts made from our own rows, as they were given; an identical one in a message stands above them."""

    @property
    def digest(self) -> str:
        """SHA-256 over the content, independent of the order in which it arrived."""
        return hashlib.sha256(b"\n".join(sorted(map(canonical_json, self.resources)))).hexdigest()


def build_record(stored: Iterable[StoredResource], *, person: Person, own_facts: Sequence[Resource] = ()) -> Record:
    """Gather the record of one person.

    Args:
        stored: resources as received, oldest first; a later one with the same type and id replaces the earlier.
        person: who the record is about.
        own_facts: resources made from our own rows (diagnoses of the request, earlier services we paid for).
    """
    by_key: dict[str, Resource] = {}
    attachment_keys: dict[str, str] = {}
    left_out: list[str] = []
    for item in stored:
        for resource in _unpacked(item.resource):
            key = resource_key(resource, fallback=f"{item.attachment_key}-{len(by_key)}")
            if not is_about(resource, person):
                left_out.append(key)
            elif len(by_key) < _MOST_RESOURCES:
                by_key[key] = {**resource, "id": key.partition("/")[2]}
                attachment_keys[key] = item.attachment_key
    for fact in own_facts:
        by_key.setdefault(resource_key(fact, fallback="own"), fact)
    medicines = {
        f"Medication/{fact['id']}": fact["code"]
        for fact in by_key.values()
        if fact["resourceType"] == "Medication" and isinstance(fact.get("code"), dict)
    }
    facts = [_with_medicine(fact, medicines) for fact in by_key.values()]
    return Record((*facts, _patient(person)), attachment_keys, tuple(left_out), person, tuple(own_facts))


def resource_key(resource: Resource, *, fallback: str) -> str:
    """Return type and id, for example Observation/1; resources without an id get the fallback."""
    identity = resource.get("id")
    return f"{resource['resourceType']}/{identity if isinstance(identity, str) and identity else fallback}"


def is_about(resource: Resource, person: Person) -> bool:
    """Say whether a resource is about the person: its subject is the person, or it names none."""
    for element in ("subject", "patient", "individual"):
        reference = resource.get(element)
        if reference is None:
            continue
        if not isinstance(reference, dict):
            return False
        return _names(reference, person)
    return True


def _names(reference: Mapping[str, Any], person: Person) -> bool:
    target = reference.get("reference")
    if isinstance(target, str) and target:
        target = target.split("/_history/")[0]
        return target in person.references or _type_and_id(target) in person.references
    identifier = reference.get("identifier")
    return isinstance(identifier, dict) and identifier.get("value") in person.numbers


def _type_and_id(target: str) -> str:
    return "/".join(target.rstrip("/").split("/")[-2:])


def references_of(*, keys: Iterable[str], patients: Iterable[Resource]) -> frozenset[str]:
    """Return every spelling under which a message may refer to the person."""
    found: set[str] = set()
    for key in keys:
        if key:
            found |= {key, _type_and_id(key)} if "/" in key else {key}
    for patient in patients:
        identity = patient.get("id")
        if isinstance(identity, str) and identity:
            found |= {f"Patient/{identity}", f"urn:uuid:{identity}"}
    return frozenset(found)


def _unpacked(resource: object, *, depth: int = 0) -> Iterable[Resource]:
    """Yield a resource, the entries of a Bundle, and what it contains; anything without a type is passed over."""
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str) or depth > 3:
        return
    if resource["resourceType"] == "Bundle":
        for entry in _dicts(resource.get("entry")):
            yield from _unpacked(entry.get("resource"), depth=depth + 1)
        return
    if resource["resourceType"] in _NOT_FACTS:
        return
    yield {name: value for name, value in resource.items() if name != "contained"}
    for inner in _dicts(resource.get("contained")):
        if inner.get("resourceType") == "Medication" and isinstance(inner.get("id"), str):
            yield inner


def _dicts(value: object) -> list[Any]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _with_medicine(fact: Resource, medicines: Mapping[str, Any]) -> Resource:
    """Put the code of a referenced Medication where the logic looks for it."""
    reference = fact.get("medicationReference")
    if "medicationCodeableConcept" in fact or not isinstance(reference, dict):
        return fact
    target = str(reference.get("reference", ""))
    code = medicines.get(f"Medication/{target.lstrip('#')}") or medicines.get(_type_and_id(target))
    return fact if code is None else {**fact, "medicationCodeableConcept": code}


def _patient(person: Person) -> Resource:
    patient: Resource = {"resourceType": "Patient", "id": "member"}
    if person.birth_date:
        patient["birthDate"] = person.birth_date.isoformat()
    if person.sex:
        patient["gender"] = person.sex
    return patient


def diagnosis_fact(*, number: int, system: str, code: str, recorded_on: date | None) -> Resource:
    """Return a diagnosis of the request as a Condition: it says that it exists, not since when."""
    fact: Resource = {
        "resourceType": "Condition",
        "id": f"request-diagnosis-{number}",
        "code": {"coding": [{"system": system, "code": code}]},
    }
    if recorded_on:
        fact["recordedDate"] = recorded_on.isoformat()
    return fact


def paid_service_fact(*, key: str, system: str, code: str, on: date) -> Resource:
    """Return a service from our own payment or usage ledger as a claim item."""
    return {
        "resourceType": "Claim",
        "id": f"our-ledger-{key}",
        "status": "active",
        "use": "claim",
        "item": [
            {
                "sequence": 1,
                "productOrService": {"coding": [{"system": system, "code": code}]},
                "servicedDate": on.isoformat(),
            }
        ],
    }


def approved_service_fact(*, key: str, system: str, code: str, on: date) -> Resource:
    """Return an earlier approval of ours: it says that the service was approved, not that it was done."""
    return paid_service_fact(key=key, system=system, code=code, on=on) | {
        "id": f"our-approval-{key}",
        "use": "preauthorization",
    }
