"""Whose coverage an order falls under: the Coverages the client knows, and our own member, coverage and product."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from openum.accounts.models import ApiClient
from openum.adapters.fhir.codes import NPI
from openum.adapters.fhir.crd.call import Call
from openum.adapters.fhir.crd.versions import Version
from openum.adapters.fhir.elements import Json, day, family_and_given, identifier_value, part, rows, text
from openum.adapters.fhir.outcome import Issue, MessageRefused
from openum.directory.models import Coverage, Member, Product
from openum.directory.queries import coverage_on, find_members, latest_coverage, product_of

NO_MEMBER = "no-member-found"
NO_COVERAGE = "coverage-not-found"
NOT_ACTIVE = "no-active-coverage"
TECHNICAL = "technical"
WORDS = {
    NO_MEMBER: "The plan does not find this person among its members. Check the member number and the date of birth.",
    NO_COVERAGE: "No coverage came with the call and none could be read. Send the Coverage of the patient.",
    NOT_ACTIVE: "The plan has no active coverage for this person on that day.",
}


@dataclass(frozen=True, kw_only=True)
class Covered:
    """The client's Coverage, and what our file says; `trouble` is why it says nothing, `words` says it to people.

    Attributes:
        resource: the client's Coverage; empty: none came and none could be read.
        held: our coverage of the member, the last one where none is active.
        is_certain: number and date of birth both fit, so that the plan's own data may be told.
    """

    resource: Json
    member: Member | None = None
    product: Product | None = None
    held: Coverage | None = None
    is_certain: bool = False
    trouble: str = ""
    words: str = ""

    @property
    def reference(self) -> Json:
        """The client's Coverage as a Reference."""
        if self.resource:
            return {"reference": f"Coverage/{self.resource['id']}"}
        return {"type": "Coverage", "display": "No coverage was sent with this call"}


class People:
    """Finds the coverages of the orders of one call; what several orders share is looked up once."""

    def __init__(self, call: Call, *, version: Version, client: ApiClient, at: datetime) -> None:
        self.call, self.version, self.client, self.at = call, version, client, at
        self._families: dict[str, list[Member]] = {}
        self._covered: dict[tuple[str, date], tuple[Covered, ...]] = {}

    def coverages_for(self, order: Json, *, on: date) -> tuple[Covered, ...]:
        """Return the coverages of an order with this plan, at least one; the first one leads.

        Raises:
            MessageRefused: 400, the payors of all its coverages are known to be other plans (CRD 2.2).
        """
        sent = self._sent(order)
        key = ("|".join(str(one["id"]) for one in sent), on)
        if key not in self._covered:
            self._covered[key] = self._found(sent, on)
        return self._covered[key]

    def _found(self, sent: list[Json], on: date) -> tuple[Covered, ...]:
        ours = [one for one in sent if not self._is_of_another_plan(one)]
        if sent and not ours:
            if self.version.checks_payor:
                raise MessageRefused(
                    Issue(
                        code="not-supported", path="Coverage.payor",
                        text="The payor of this coverage is not a plan that this service answers for.",
                        cure="Send the call to the service of that payor.",
                    )
                )  # fmt: skip
            ours = sent
        by_number = [(one, member) for one in ours if (member := self._member(_numbers(one))) is not None]
        if by_number:
            return tuple(self._on_file(one, member, on) for one, member in by_number)
        first = ours[0] if ours else {}
        member = self._member(_identifiers(self.call.patient))
        return (self._on_file(first, member, on) if member is not None else self._nobody(first),)

    def _sent(self, order: Json) -> list[Json]:
        """Return the Coverages that the order names, else the active ones of the patient, else any of them."""
        named = [self.call.pool.get(one, holder=order) for one in rows(order.get("insurance"))]
        found = [
            one for one in named if one is not None and one.get("resourceType") == "Coverage" and text(one.get("id"))
        ]
        if found:
            return found
        held = self._of_patient()
        if not held:
            self.call.pool.fetch(f"Coverage?patient={self.call.patient_id}&status=active")
            held = self._of_patient()
        return [one for one in held if one.get("status") in (None, "active")] or held[:1]

    def _of_patient(self) -> list[Json]:
        return [one for one in self.call.pool.of_kind("Coverage") if _is_of(one, self.call.patient_id)]

    def _is_of_another_plan(self, coverage: Json) -> bool:
        ours = self.client.plan.npi
        if not ours or self.client.plan.is_sandbox:
            return False
        numbers = {_payor_npi(one, self.call.pool.get(one, holder=coverage)) for one in rows(coverage.get("payor"))}
        return bool(numbers - {""}) and ours not in numbers

    def _member(self, numbers: Iterator[str]) -> Member | None:
        """Return the one member of the plan with one of the numbers whose birth date and name do not contradict."""
        born = day(self.call.patient.get("birthDate"))
        family, _given = family_and_given(self.call.patient)
        for number in dict.fromkeys(one for one in numbers if one):
            if number not in self._families:
                self._families[number] = find_members(plan=self.client.plan, number=number)
            fitting = [
                row
                for row in self._families[number]
                if (born is None or row.birth_date in {None, born})
                and (not family or not row.family_name or _folded(family) == _folded(row.family_name))
            ]
            if len(fitting) == 1:
                return fitting[0].linked_to or fitting[0]
        return None

    @property
    def possible(self) -> frozenset[int]:
        """Keys of everybody whom the numbers looked up so far could mean: more than one where a family has one number."""
        return frozenset(row.pk for rows_found in self._families.values() for row in rows_found)

    def _on_file(self, sent: Json, member: Member, on: date) -> Covered:
        born = day(self.call.patient.get("birthDate"))
        is_certain = born is not None and member.birth_date == born
        held = coverage_on(member=member, day=on, known_at=self.at)
        if held is None:
            last = latest_coverage(member=member, known_at=self.at)
            return Covered(
                resource=sent, member=member, held=last, is_certain=is_certain, trouble=NOT_ACTIVE,
                words=WORDS[NOT_ACTIVE],
            )  # fmt: skip
        product = product_of(held, self.client.plan)
        return Covered(resource=sent, member=member, product=product, held=held, is_certain=is_certain)

    def _nobody(self, sent: Json) -> Covered:
        if self.client.enrols_unknown and self.client.plan.is_sandbox:
            product = Product.objects.filter(plan=self.client.plan).order_by("pk").first()
            if product is not None:
                return Covered(resource=sent, product=product)
        if sent:
            return Covered(resource=sent, trouble=NO_MEMBER, words=WORDS[NO_MEMBER])
        why = self.call.pool.trouble
        trouble = TECHNICAL if why is not None and why.is_passing else NO_COVERAGE
        words = f"{WORDS[NO_COVERAGE]} {why.words}" if why is not None else WORDS[NO_COVERAGE]
        return Covered(resource=sent, trouble=trouble, words=words)


def _is_of(coverage: Json, patient_id: str) -> bool:
    beneficiary = text(part(coverage, "beneficiary").get("reference"))
    return not beneficiary or beneficiary.rsplit("/", 1)[-1] == patient_id


def _payor_npi(reference: Json, payor: Json | None) -> str:
    identifier = part(reference, "identifier")
    own = text(identifier.get("value")) if identifier.get("system") == NPI else ""
    return identifier_value(payor or {}, NPI) or own


def _numbers(coverage: Json) -> Iterator[str]:
    yield text(coverage.get("subscriberId"))
    yield from _identifiers(coverage)


def _identifiers(resource: Json) -> Iterator[str]:
    return (text(one.get("value")) for one in rows(resource.get("identifier")))


def _folded(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
