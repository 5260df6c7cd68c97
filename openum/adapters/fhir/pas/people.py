"""Who a PAS request speaks of: the member with the coverage, and every provider with the part each plays."""

from collections.abc import Iterable
from typing import Any, ClassVar

from openum.adapters.fhir import codes
from openum.adapters.fhir.bundle import Bundle, Entry
from openum.adapters.fhir.elements import (
    Coding,
    coding,
    day,
    extension,
    family_and_given,
    identifier_value,
    one_line_address,
    rows,
    telecom,
    text,
    whole,
)
from openum.adapters.fhir.pas import words
from openum.adapters.fhir.pas.notes import Notes
from openum.submission.incoming import Identifier, IncomingMember, IncomingProvider
from openum.vocabulary.terms import PartyRole

Json = dict[str, Any]
PROVIDER_TYPES = frozenset({"Practitioner", "PractitionerRole", "Organization", "Location"})


def identifiers_of(resource: Json, path: str, notes: Notes) -> tuple[Identifier, ...]:
    """Return every identifier of a resource that has a value."""
    return tuple(
        Identifier(system=notes.short(text(one.get("system")), path), value=notes.short(value, path))
        for one in rows(resource.get("identifier"))
        if (value := text(one.get("value")).strip())
    )


def member_of(patient: Entry, coverage: Entry | None, bundle: Bundle, notes: Notes) -> IncomingMember:
    """Read the member from the Patient, and the subscriber's number from the Coverage."""
    resource, path = patient.resource, patient.path
    family, given = family_and_given(resource)
    birth_date = day(resource.get("birthDate"))
    if resource.get("birthDate") and birth_date is None:
        notes.fault(f"{path}.birthDate", "The birth date is not a full calendar date and was not used.")
    language = next((coding(row.get("language")).code for row in rows(resource.get("communication"))), "")
    return IncomingMember(
        member_id=notes.short(_member_number(resource), f"{path}.identifier"),
        subscriber_id=notes.short(_subscriber_number(coverage, bundle), f"{path}.identifier"),
        family=notes.shown(family, f"{path}.name"),
        given=notes.shown(given, f"{path}.name"),
        birth_date=birth_date,
        sex=notes.shown(text(resource.get("gender")), f"{path}.gender"),
        language=notes.shown(language, f"{path}.communication"),
        phone=notes.shown(telecom(resource, "phone"), f"{path}.telecom"),
        address=notes.shown(one_line_address(resource), f"{path}.address"),
        identifiers=identifiers_of(resource, f"{path}.identifier", notes)
        + (identifiers_of(coverage.resource, f"{coverage.path}.identifier", notes) if coverage else ()),
        key=patient.url,
        path=path,
        resource=resource,
    )


def _subscriber_number(coverage: Entry | None, bundle: Bundle) -> str:
    if coverage is None:
        return ""
    stated = text(coverage.resource.get("subscriberId")).strip() or _member_number(coverage.resource)
    if stated:
        return stated
    subscriber = bundle.resolve(coverage.resource.get("subscriber"), within=coverage)
    return _member_number(subscriber.resource) if subscriber else ""


def _member_number(resource: Json) -> str:
    """Return the identifier of type MB (member number), else the first one with a value."""
    first = ""
    for one in rows(resource.get("identifier")):
        value = text(one.get("value")).strip()
        if value and coding(one.get("type")).code == "MB":
            return value
        first = first or value
    return first


class Providers:
    """The providers of one request, each once per part, in the order they were met."""

    _DEFAULT_ROLE: ClassVar[dict[str, PartyRole]] = {"Location": PartyRole.FACILITY}

    def __init__(self, bundle: Bundle, notes: Notes) -> None:
        """Start empty."""
        self._bundle = bundle
        self._notes = notes
        self._found: dict[tuple[str, PartyRole], IncomingProvider] = {}

    def all(self) -> tuple[IncomingProvider, ...]:
        """Return what was added."""
        return tuple(self._found.values())

    def add(self, entry: Entry, role: PartyRole, *, qualification: Coding | None = None) -> str:
        """Add one provider by its resource and return its key (the fullUrl).

        A PractitionerRole stands for its Practitioner; the NPI may be on either.
        """
        if (entry.url, role) in self._found:
            return entry.url
        notes, path, resource = self._notes, entry.path, entry.resource
        person, organization = self._practitioner(entry), self._organization(entry)
        holders = [one.resource for one in (entry, person, organization) if one is not None]
        family, given = family_and_given(person.resource) if person else ("", "")
        npi = identifier_value(resource, codes.NPI)
        if not npi and person is not None:
            npi = identifier_value(person.resource, codes.NPI)
        specialty = coding(next(rows(resource.get("specialty")), None)).code
        name = f"{given} {family}".strip() or text(resource.get("name"))
        self._found[entry.url, role] = IncomingProvider(
            role=role,
            npi=notes.short(npi, f"{path}.identifier"),
            name=notes.shown(name, f"{path}.name"),
            family=notes.shown(family, f"{path}.name"),
            given=notes.shown(given, f"{path}.name"),
            specialty=notes.short(specialty or (qualification.code if qualification else ""), f"{path}.specialty"),
            organization_name=notes.shown(text(organization.resource.get("name")) if organization else "", path),
            phone=notes.shown(_first(holders, "phone"), f"{path}.telecom"),
            fax=notes.shown(_first(holders, "fax"), f"{path}.telecom"),
            address=notes.shown(next((one for row in holders if (one := one_line_address(row))), ""), path),
            is_organization=person is None,
            key=entry.url,
            path=path,
        )
        return entry.url

    def _practitioner(self, entry: Entry) -> Entry | None:
        if entry.kind == "Practitioner":
            return entry
        if entry.kind != "PractitionerRole":
            return None
        person = self._bundle.resolve(entry.resource.get("practitioner"), within=entry)
        if person is None and "practitioner" in entry.resource:
            self._notes.fault(f"{entry.path}.practitioner", "The Practitioner it refers to is not in the Bundle.")
        return person

    def _organization(self, entry: Entry) -> Entry | None:
        if entry.kind == "Organization":
            return entry
        return self._bundle.resolve(entry.resource.get("organization"), within=entry)

    def add_care_team(self, claim: Entry) -> tuple[dict[int, str], tuple[str, ...]]:
        """Add the care team. Returns the keys by sequence, and the keys that stand for the whole request."""
        by_sequence: dict[int, str] = {}
        whole_request: list[str] = []
        for index, member in enumerate(rows(claim.resource.get("careTeam"))):
            path = f"{claim.path}.careTeam[{index}].provider"
            entry = self._bundle.resolve(member.get("provider"), within=claim)
            if entry is None or entry.kind not in PROVIDER_TYPES:
                self._notes.fault(path, "The care team member it refers to is not in the Bundle and was left out.")
                continue
            code = coding(member.get("role"), codes.X12_ENTITY).code
            role = words.ROLE.get(code) or self._DEFAULT_ROLE.get(entry.kind, PartyRole.SERVICING)
            key = self.add(entry, role, qualification=coding(member.get("qualification")))
            sequence = whole(member.get("sequence"))
            if sequence is not None:
                by_sequence[sequence] = key
            if extension(member, codes.CARE_TEAM_SCOPE).get("valueBoolean") is not False:
                whole_request.append(key)
        return by_sequence, tuple(whole_request)


def _first(resources: Iterable[Json], kind: str) -> str:
    return next((found for one in resources if (found := telecom(one, kind))), "")
