"""A small world made by the real services: plans, products, people, providers, policies. Everything is invented."""

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import orjson
from django.conf import settings
from django.db.models import Model

from openum.accounts.models import ApiClient, Organization, Plan, Tenant, User
from openum.accounts.services import ensure_rules_engine, register_client, register_person
from openum.appeals.services import publish_appeal_law
from openum.clocks.services import publish_deadlines
from openum.criteria.services import publish as publish_criteria
from openum.determination.services import publish_automation, publish_deciders, publish_sandbox_rule
from openum.directory.models import (
    Affiliation,
    Code,
    CodeList,
    Coverage,
    Facility,
    Member,
    Network,
    Participation,
    Practitioner,
    Product,
)
from openum.needs.services import publish_requirements
from openum.notices.publish import publish as publish_notices
from openum.review.services import publish_offer_terms
from openum.submission.incoming import (
    Identifier,
    IncomingDiagnosis,
    IncomingEvidence,
    IncomingLine,
    IncomingMember,
    IncomingProvider,
    IncomingRequest,
)
from openum.submission.services import Accepted, Door, accept
from openum.vocabulary.identifiers import npi_check_digit
from openum.vocabulary.terms import (
    CertificationType,
    Channel,
    LineOfBusiness,
    PartyRole,
    RequestKind,
    Role,
    Standing,
    Urgency,
)

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CPT = "http://www.ama-assn.org/go/cpt"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
_numbers = itertools.count(1)


def npi(first_nine: int) -> str:
    """An invented provider number: starts with 9 and passes the check digit."""
    return f"{first_nine}{npi_check_digit(str(first_nine))}"


@dataclass
class World:
    """Handles on the rows tests use most."""

    plan: Plan
    sandbox: Plan
    medicare: Product
    commercial: Product
    erisa: Product
    practice: Organization
    member: Member
    commercial_member: Member
    erisa_member: Member
    client: ApiClient
    sandbox_client: ApiClient
    provider: User
    intake: User
    nurse: User
    physician: User
    orthopaedist: User
    member_user: User
    surgeon_npi: str
    facility_npi: str
    engine: User


def build(*, now: datetime) -> World:
    """Make the world; every policy of the project is published."""
    engine = ensure_rules_engine()
    tenant = Tenant.objects.create(name="Test Tenant")
    plan = Plan.objects.create(tenant=tenant, key="harbor", name="Harbor Plan", phone="555-0100", address="1 Quay St")
    sandbox = Plan.objects.create(tenant=tenant, key="sandbox", name="Sandbox Plan", is_sandbox=True, phone="555-0101")
    medicare = _product(plan, "ma", "Harbor Medicare", LineOfBusiness.MEDICARE_ADVANTAGE)
    commercial = _product(plan, "ppo", "Harbor PPO", LineOfBusiness.COMMERCIAL_STATE, state="EX")
    erisa = _product(plan, "erisa", "Harbor TPA", LineOfBusiness.ERISA_GROUP, is_fully_insured=False)
    _product(sandbox, "sandbox", "Sandbox PPO", LineOfBusiness.COMMERCIAL_STATE, state="EX")
    practice = Organization.objects.create(
        tenant=tenant, kind=Organization.PROVIDER, name="Test Practice", npi=npi(900000200), phone="555-0102"
    )
    surgeon = Practitioner.objects.create(
        plan=plan, npi=npi(900000201), family_name="Surgeon", given_name="Sam", specialty="orthopaedics"
    )
    surgeon.licences.create(state="EX", kind="physician", number="L1", valid_from=date(2015, 1, 1))
    Affiliation.objects.create(practitioner=surgeon, organization=practice, valid_from=date(2015, 1, 1))
    facility = Facility.objects.create(plan=plan, npi=npi(900000202), name="Test Pavilion")
    network = Network.objects.create(plan=plan, name="Harbor network")
    network.products.set([medicare, commercial, erisa])
    Participation.objects.bulk_create(
        Participation(network=network, npi=number, valid_from=date(2015, 1, 1))
        for number in (practice.npi, surgeon.npi, facility.npi)
    )
    _codes()
    _publish(engine, now, sandbox)
    world = World(
        plan=plan, sandbox=sandbox, medicare=medicare, commercial=commercial, erisa=erisa, practice=practice,
        member=member(medicare, "M-1", "Osgood", "Mina"),
        commercial_member=member(commercial, "C-1", "Alder", "Rose"),
        erisa_member=member(erisa, "E-1", "Elm", "Egon"),
        client=register_client(name="practice system", plan=plan, token="plan-token", organization=practice),
        sandbox_client=register_client(
            name="sandbox", plan=sandbox, token="sandbox-token", enrols_unknown=True
        ),
        provider=_person("provider", [(Role.PROVIDER_STAFF, None, practice)]),
        intake=_person("intake", [(Role.INTAKE, plan, None)]),
        nurse=_person(
            "nurse", [(Role.NURSE, plan, None)], licences=(("registered nurse", "EX", "RN1", date(2015, 1, 1)),)
        ),
        physician=_person(
            "physician", [(Role.MEDICAL_DIRECTOR, plan, None), (Role.MEDICAL_DIRECTOR, sandbox, None)],
            specialties=("internal medicine",), licences=(("physician", "EX", "MD1", date(2015, 1, 1)),),
        ),
        orthopaedist=_person(
            "orthopaedist", [(Role.ORTHOPAEDIST, plan, None)], specialties=("orthopaedics",),
            licences=(("physician", "EX", "MD2", date(2015, 1, 1)),),
        ),
        member_user=_person("member", [(Role.MEMBER, plan, None)]),
        surgeon_npi=surgeon.npi, facility_npi=facility.npi, engine=engine,
    )  # fmt: skip
    world.member.user = world.member_user
    world.member.save()
    return world


_built: list[World] = []


def build_once(*, now: datetime) -> None:
    """Make the world of a test run."""
    _built[:] = [build(now=now)]


def fresh() -> World:
    """Return the world of the run with rows read again."""
    known = _built[0]
    rows = {
        name: type(value)._default_manager.get(pk=value.pk) if isinstance(value, Model) else value
        for name, value in vars(known).items()
    }
    return World(**rows)


def _product(plan: Plan, key: str, name: str, line_of_business: LineOfBusiness, **facts: object) -> Product:
    return Product.objects.create(
        plan=plan, key=key, name=name, line_of_business=line_of_business, languages=["en", "es"], **facts
    )


def _person(name: str, roles: list, **facts: object) -> User:
    return register_person(
        email=f"{name}@test.invalid", name=name.title(), password="a long test pass phrase", roles=roles, **facts
    )


def member(product: Product, number: str, family: str, given: str, born: date = date(1960, 5, 4)) -> Member:
    """A covered member of a product."""
    row = Member.objects.create(
        plan=product.plan, member_number=number, family_name=family, given_name=given, birth_date=born,
        address="2 Harbor Rd", sex="female", notice_format="electronic",
    )  # fmt: skip
    Coverage.objects.create(
        member=row, product=product, subscriber_number=number, valid_from=date(2024, 1, 1), recorded_from=LONG_AGO
    )
    return row


def _codes() -> None:
    services = CodeList.objects.create(
        system=CPT, name="demo services", source="test", is_complete=False, loaded_at=LONG_AGO
    )
    Code.objects.create(
        code_list=services, code="72148", wording="MRI of the lower back", wording_es="resonancia de la espalda baja",
        specialty="physical medicine",
    )  # fmt: skip
    Code.objects.create(
        code_list=services, code="27447", wording="Knee replacement", wording_es="reemplazo de rodilla",
        specialty="orthopaedics",
    )  # fmt: skip
    Code.objects.create(
        code_list=services, code="97110", wording="Exercise therapy", wording_es="terapia de ejercicios",
        specialty="physical medicine",
    )  # fmt: skip
    Code.objects.create(
        code_list=services, code="99999", wording="Withdrawn service", valid_from=date(2010, 1, 1),
        valid_to=date(2020, 1, 1),
    )  # fmt: skip


def _publish(engine: User, now: datetime, sandbox: Plan) -> None:
    policies = settings.OPENUM_POLICIES
    publish_deadlines(by=engine, at=now)
    publish_criteria(by=engine, at=now)
    publish_notices(root=policies, by=engine, at=now)
    for file in sorted((policies / "deciders").glob("*.yaml")):
        publish_deciders(path=file, by=engine, at=now)
    publish_automation(path=policies / "automation" / "states.yaml", by=engine, at=now)
    publish_appeal_law(path=policies / "appeals" / "levels.yaml", by=engine, at=now)
    publish_offer_terms(path=policies / "peer_to_peer" / "offers.yaml", by=engine, at=now)
    publish_sandbox_rule(path=policies / "sandbox" / "referral.yaml", plan=sandbox, by=engine, at=now)
    for file in sorted((policies / "requirements").glob("*.yaml")):
        publish_requirements(path=file, by=engine, at=now)


def knee_request(world: World, *, of: Member | None = None, at: datetime, **changes: object) -> IncomingRequest:
    """A knee replacement asked for in the portal, without evidence unless given."""
    who = of or world.commercial_member
    number = next(_numbers)
    facts: dict[str, object] = {
        "raw": orjson.dumps({"request": number}),
        "canonical_digest": f"digest-{number}",
        "channel": Channel.PORTAL,
        "standing": Standing.PROVIDER,
        "received_at": at,
        "certification": CertificationType.INITIAL,
        "kind": RequestKind.AUTHORIZATION,
        "urgency": Urgency.STANDARD,
        "identifiers": (Identifier(system="urn:test", value=f"R-{number}"),),
        "member": IncomingMember(
            member_id=who.member_number, family=who.family_name, given=who.given_name, birth_date=who.birth_date
        ),
        "providers": (
            IncomingProvider(role=PartyRole.REQUESTER, npi=world.practice.npi, name="Test Practice", is_organization=True, key="p1"),
            IncomingProvider(role=PartyRole.ORDERING, npi=world.surgeon_npi, name="Sam Surgeon", key="p2"),
            IncomingProvider(role=PartyRole.FACILITY, npi=world.facility_npi, name="Test Pavilion", is_organization=True, key="p3"),
        ),
        "diagnoses": (IncomingDiagnosis(sequence=1, system=ICD10, code="M17.11"),),
        "lines": (
            IncomingLine(
                sequence=1, code_system=CPT, code="27447", modifiers=("RT",), units=Decimal(1), unit="UN",
                first_day=date(2026, 12, 17), diagnosis_sequences=(1,), provider_keys=("p2", "p3"),
            ),
        ),
    }  # fmt: skip
    facts.update(changes)
    return IncomingRequest(**facts)


def send(world: World, request: IncomingRequest, *, at: datetime, by: User | None = None) -> Accepted:
    """Send a request through the one door, as the practice's portal does."""
    return accept(
        request=request, by=by or world.provider, plan=world.plan, organization=world.practice,
        door=Door(base="portal", operation="request"), at=at,
    )  # fmt: skip


def note(title: str, text: str, kind: str = "visit-note") -> IncomingEvidence:
    """A typed document."""
    return IncomingEvidence(
        kind="document", title=title, content_type="text/plain", data=text.encode(), document_kind=kind
    )
