"""What one order, appointment or encounter says: codes, place, day, who does it, whether it is an emergency."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openum.adapters.fhir.codes import NPI
from openum.adapters.fhir.crd.call import Call
from openum.adapters.fhir.elements import Json, day, identifier_value, number, part, rows, text
from openum.criteria.codes import short_system
from openum.needs.rules import Service, counted_in

_BILLING = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-billing-options"
_PERFORMERS = {"CommunicationRequest": ("recipient",), "Appointment": (), "Encounter": ("serviceProvider",)}
_REQUESTERS = ("requester", "orderer", "prescriber", "sender")
_HOME_HEALTH = {"HH": "12"}
_INPATIENT = frozenset({"IMP", "ACUTE", "NONAC"})


@dataclass(frozen=True, kw_only=True)
class Order:
    """The facts of one order."""

    resource: Json
    services: tuple[Service, ...]
    billing_options: tuple[Service, ...]
    on: date | None
    place: str
    performers: frozenset[str]
    npis: frozenset[str]
    circumstances: frozenset[str]
    diagnoses: frozenset[str]
    units: Decimal | None = None
    """How many are ordered; `unit` is the X12 code of what is counted, empty where the order does not say."""
    unit: str = ""

    @property
    def reference(self) -> str:
        """The order as `Type/id`."""
        return f"{self.resource['resourceType']}/{self.resource['id']}"


def read_order(resource: Json, call: Call) -> Order:
    """Read one order; what it does not say is looked up among the resources of the call."""
    performers = frozenset(_npis(_performers(resource, call), resource, call))
    requesters = (part(resource, name) for name in _REQUESTERS)
    services, options = services_of(resource, call)
    units, unit = _amount(resource)
    return Order(
        resource=resource,
        services=services,
        billing_options=options,
        on=call.planned_day(f"{resource['resourceType']}/{resource['id']}") or _day(resource),
        place=_place(resource, call),
        performers=performers,
        npis=performers | frozenset(_npis(requesters, resource, call)),
        circumstances=frozenset(_circumstances(resource, services, call)),
        diagnoses=frozenset(_diagnoses(resource, call)),
        units=units,
        unit=unit,
    )


def _amount(resource: Json) -> tuple[Decimal | None, str]:
    """Return how many services are ordered and what is counted; drugs are counted in doses and say nothing here."""
    if resource["resourceType"] == "MedicationRequest":
        return None, ""
    quantity = part(resource, "quantityQuantity") or part(resource, "quantity")
    unit = counted_in(text(quantity.get("code")) or text(quantity.get("unit")))
    return (None, "") if unit is None else (number(quantity.get("value")), unit)


def services_of(resource: Json, call: Call) -> tuple[tuple[Service, ...], tuple[Service, ...]]:
    """Return the service in the order's own codings, and the codes of which one will be billed."""
    services: dict[Service, None] = {}
    options: dict[Service, None] = {}
    for concept in _concepts(resource, call):
        for extension in rows(concept.get("extension")):
            if extension.get("url") == _BILLING:
                options.update(dict.fromkeys(_codings(part(extension, "valueCodeableConcept"))))
        services.update(dict.fromkeys(_codings(concept)))
    return tuple(services), tuple(options)


def _concepts(resource: Json, call: Call) -> Iterator[Json]:
    kind = resource["resourceType"]
    if kind == "Appointment":
        for reference in rows(resource.get("basedOn")):
            based_on = call.pool.get(reference, holder=resource)
            if based_on is not None and based_on["resourceType"] != "Appointment":
                yield from _concepts(based_on, call)
        yield from rows(resource.get("serviceType"))
        return
    if kind == "NutritionOrder":
        yield from rows(part(resource, "oralDiet").get("type"))
        yield part(part(resource, "enteralFormula"), "baseFormulaType")
        yield from (part(one, "type") for one in rows(resource.get("supplement")))
        return
    if kind == "VisionPrescription":
        yield from (part(one, "product") for one in rows(resource.get("lensSpecification")))
        return
    if kind == "Encounter":
        yield from rows(resource.get("type"))
        yield part(resource, "serviceType")
        return
    for name in ("code", "codeCodeableConcept", "medicationCodeableConcept"):
        if part(resource, name):
            yield part(resource, name)
    for name, element in (("codeReference", "type"), ("medicationReference", "code")):
        if part(resource, name):
            yield part(call.pool.get(part(resource, name), holder=resource) or {}, element)
    yield from rows(resource.get("category")) if kind == "CommunicationRequest" else ()


def _codings(concept: Json) -> Iterator[Service]:
    for coding in rows(concept.get("coding")):
        if text(coding.get("system")) and text(coding.get("code")):
            yield short_system(coding["system"]), coding["code"].strip()


def _day(resource: Json) -> date | None:
    for name in ("occurrence", "performed"):
        found = day(resource.get(f"{name}DateTime")) or day(part(resource, f"{name}Period").get("start"))
        if found:
            return found
    bounds = part(part(part(resource, "occurrenceTiming"), "repeat"), "boundsPeriod").get("start")
    return day(bounds) or day(resource.get("start")) or day(part(resource, "period").get("start"))


def _place(resource: Json, call: Call) -> str:
    """Return the place-of-service code, from the order or from the kind of the encounter."""
    for concept in rows(resource.get("locationCode")):
        for coding in rows(concept.get("coding")):
            code = text(coding.get("code"))
            if "place-of-service" in text(coding.get("system")).lower() and len(code) <= 2 and code.isdecimal():
                return code.zfill(2)
    encounter = resource if resource["resourceType"] == "Encounter" else call.encounter
    return _HOME_HEALTH.get(text(part(encounter, "class").get("code")), "")


def _circumstances(resource: Json, services: Iterable[Service], call: Call) -> Iterator[str]:
    is_encounter = resource["resourceType"] == "Encounter"
    encounter = resource if is_encounter else call.encounter
    kind = text(part(encounter, "class").get("code"))
    if kind == "EMER":
        yield "emergency"
    sources = rows(part(part(encounter, "hospitalization"), "admitSource").get("coding"))
    if kind in _INPATIENT and any(one.get("code") == "emd" for one in sources):
        yield "post_stabilization"
    if (is_encounter and kind in _INPATIENT) or any(system == "REVENUE" for system, _code in services):
        yield "inpatient_stay"


def _diagnoses(resource: Json, call: Call) -> Iterator[str]:
    """Yield the ICD-10-CM codes that the order gives as its reasons; Conditions only where they are at hand."""
    references = [
        *rows(resource.get("reasonReference")),
        *(part(one, "condition") for one in rows(resource.get("diagnosis"))),
    ]
    held = (call.pool.get(one, holder=resource, may_ask=False) for one in references)
    concepts = [*rows(resource.get("reasonCode")), *(part(one, "code") for one in held if one is not None)]
    for concept in concepts:
        yield from (code.replace(".", "").upper() for system, code in _codings(concept) if system == "ICD10")


def _performers(resource: Json, call: Call) -> Iterable[Json]:
    """Return who will do it; the performer that a dispatch chooses takes the place of the order's own."""
    if call.chosen_performers:
        return call.chosen_performers
    kind = resource["resourceType"]
    if kind == "Appointment":
        return [part(one, "actor") for one in rows(resource.get("participant"))]
    if kind == "MedicationRequest":
        return [part(part(resource, "dispenseRequest"), "performer"), part(resource, "performer")]
    found: list[Json] = []
    for name in _PERFORMERS.get(kind, ("performer",)):
        found += [part(resource, name)] if isinstance(resource.get(name), dict) else list(rows(resource.get(name)))
    return found


def _npis(references: Iterable[Json], holder: Json, call: Call, *, within_role: bool = False) -> Iterator[str]:
    """Yield the provider numbers behind references; a role is followed to its person and organization, no further."""
    for reference in references:
        identifier = part(reference, "identifier")
        if identifier.get("system") == NPI and text(identifier.get("value")):
            yield identifier["value"]
        resource = _known(reference, holder, call)
        if resource is None:
            continue
        number = identifier_value(resource, NPI)
        if number:
            yield number
        if resource.get("resourceType") == "PractitionerRole" and not within_role:
            inner = (part(resource, "practitioner"), part(resource, "organization"))
            yield from _npis((one for one in inner if one), resource, call, within_role=True)


def _known(reference: Json, holder: Json, call: Call) -> Json | None:
    kinds = ("Practitioner/", "PractitionerRole/", "Organization/", "#")
    address = text(reference.get("reference"))
    if not any(kind in address for kind in kinds):
        return None
    return call.pool.get(reference, holder=holder)
