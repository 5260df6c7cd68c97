"""Whose coverage an order falls under: the Coverage the client knows, and our own member and product."""

from dataclasses import dataclass
from datetime import date, datetime

from openum.accounts.models import ApiClient
from openum.adapters.fhir.codes import NPI
from openum.adapters.fhir.crd.call import Call
from openum.adapters.fhir.crd.versions import Version
from openum.adapters.fhir.elements import Json, day, family_and_given, identifier_value, part, rows, text
from openum.adapters.fhir.outcome import Issue, MessageRefused
from openum.directory.models import Member, Product
from openum.directory.queries import coverage_on, find_members, product_of

NO_MEMBER = "no-member-found"
NO_COVERAGE = "coverage-not-found"
NOT_ACTIVE = "no-active-coverage"
WORDS = {
    NO_MEMBER: "The plan does not find this person among its members. Check the member number and the date of birth.",
    NO_COVERAGE: "No coverage came with the call and none could be read. Send the Coverage of the patient.",
    NOT_ACTIVE: "The plan has no active coverage for this person on that day.",
}


@dataclass(frozen=True, kw_only=True)
class Covered:
    """The client's Coverage (as a Reference), and what our file says; `trouble` is why it says nothing."""

    reference: Json
    member: Member | None = None
    product: Product | None = None
    trouble: str = ""


def coverage_for(order: Json, call: Call, *, version: Version, client: ApiClient, on: date, at: datetime) -> Covered:
    """Find the coverage of an order.

    Raises:
        MessageRefused: 400, the payor of the coverage is known to be another plan (CRD 2.2).
    """
    coverage = _coverage(order, call)
    reference: Json = {"type": "Coverage", "display": "No coverage was sent with this call"}
    if coverage is not None:
        reference = {"reference": f"Coverage/{coverage['id']}"}
        if version.checks_payor:
            _check_payor(coverage, call, client)
    member = _member(coverage or {}, call, client)
    if member is None:
        if client.enrols_unknown and client.plan.is_sandbox:
            product = Product.objects.filter(plan=client.plan).order_by("pk").first()
            return Covered(reference=reference, product=product, trouble="" if product else NO_MEMBER)
        return Covered(reference=reference, trouble=NO_MEMBER if coverage is not None else NO_COVERAGE)
    held = coverage_on(member=member, day=on, known_at=at)
    if held is None:
        return Covered(reference=reference, member=member, trouble=NOT_ACTIVE)
    return Covered(reference=reference, member=member, product=product_of(held, client.plan))


def _coverage(order: Json, call: Call) -> Json | None:
    """Return the Coverage that the order names, else the patient's first active one."""
    for insurance in rows(order.get("insurance")):
        found = call.pool.get(insurance, holder=order)
        if found is not None and found.get("resourceType") == "Coverage" and text(found.get("id")):
            return found
    held = [one for one in call.pool.of_kind("Coverage") if _is_of(one, call.patient_id)]
    if not held:
        call.pool.fetch(f"Coverage?patient={call.patient_id}&status=active")
        held = [one for one in call.pool.of_kind("Coverage") if _is_of(one, call.patient_id)]
    return next((one for one in held if one.get("status") in (None, "active")), held[0] if held else None)


def _is_of(coverage: Json, patient_id: str) -> bool:
    beneficiary = text(part(coverage, "beneficiary").get("reference"))
    return not beneficiary or beneficiary.rsplit("/", 1)[-1] == patient_id


def _check_payor(coverage: Json, call: Call, client: ApiClient) -> None:
    ours = client.plan.npi
    if not ours or client.plan.is_sandbox:
        return
    for reference in rows(coverage.get("payor")):
        payor = call.pool.get(reference, holder=coverage) or {}
        sent = identifier_value(payor, NPI) or (
            text(part(reference, "identifier").get("value"))
            if part(reference, "identifier").get("system") == NPI
            else ""
        )
        if sent and sent != ours:
            raise MessageRefused(
                Issue(
                    code="not-supported",
                    path="Coverage.payor",
                    text="The payor of this coverage is not a plan that this service answers for.",
                    cure="Send the call to the service of that payor.",
                )
            )


def _member(coverage: Json, call: Call, client: ApiClient) -> Member | None:
    """Return the one member of the plan whose number was sent and whose birth date and name do not contradict."""
    patient = call.patient
    numbers = [text(coverage.get("subscriberId"))]
    for holder in (coverage, patient):
        numbers += [text(one.get("value")) for one in rows(holder.get("identifier"))]
    born = day(patient.get("birthDate"))
    family, _given = family_and_given(patient)
    for number in dict.fromkeys(one for one in numbers if one):
        fitting = [
            row
            for row in find_members(plan=client.plan, number=number)
            if (born is None or row.birth_date in {None, born})
            and (not family or not row.family_name or _folded(family) == _folded(row.family_name))
        ]
        if len(fitting) == 1:
            return fitting[0].linked_to or fitting[0]
    return None


def _folded(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
