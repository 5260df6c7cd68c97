"""Priya Raman's device, as D6 begins: complete on 3 August, denied on the 5th for her body mass index."""

from datetime import date
from decimal import Decimal

import orjson

from openum.accounts.models import User
from openum.accounts.services import register_person
from openum.appeals.rules.law import Body
from openum.appeals.services import enter_review_organization
from openum.cases.models import ServiceLine
from openum.cases.queries import current_lines
from openum.determination.queries import open_leaves
from openum.determination.rules import GuardAnswer
from openum.determination.services import deny_line
from openum.review.queries import documents_to_open
from openum.review.services import open_evidence, refer_to_physician
from openum.submission.incoming import (
    Identifier,
    IncomingDiagnosis,
    IncomingEvidence,
    IncomingLine,
    IncomingMember,
    IncomingProvider,
    IncomingRequest,
)
from openum.submission.services import Door, accept
from openum.vocabulary.terms import (
    CertificationType,
    Channel,
    PartyRole,
    RequestKind,
    Role,
    Standing,
    Urgency,
)
from samples import named
from samples.people import PASSWORD
from tests.journeys.lumen import give_login, plan_time
from tests.world import CPT, ICD10, note

NUMBER = "LHC-2000655"
WHY = "Her body mass index is 36.1. The guideline asks for 35 or less."
STILL = "The record shows a body mass index of 36.1 on the day of the request. The guideline asks for 35 or less."


def body_mass() -> IncomingEvidence:
    """The measurement that the record holds, so that nothing is left to ask for."""
    return IncomingEvidence(
        kind="fhir", title="Observation", content_type="application/fhir+json", source_key="Observation/bmi",
        resource={
            "resourceType": "Observation", "id": "bmi", "status": "final", "effectiveDateTime": "2026-07-20",
            "code": {"coding": [{"system": "http://loinc.org", "code": "39156-5"}]},
            "valueQuantity": {
                "value": 36.1, "unit": "kg/m2", "system": "http://unitsofmeasure.org", "code": "kg/m2",
            },
        },
    )  # fmt: skip


def send(lumen) -> object:
    """Hand the request in as the surgeon's practice does."""
    practice = lumen.places.organizations["novak-ent"]
    office = register_person(
        email="office@novak-ent.example", name="Office of Dr. Novak", password=None,
        roles=[(Role.PROVIDER_STAFF, None, practice)],
    )  # fmt: skip
    at = lumen.at("2026-08-03 09:00")
    request = IncomingRequest(
        raw=orjson.dumps({"request": "hns"}), canonical_digest="hns", channel=Channel.PORTAL,
        standing=Standing.PROVIDER, received_at=at, certification=CertificationType.INITIAL,
        kind=RequestKind.AUTHORIZATION, urgency=Urgency.STANDARD,
        identifiers=(Identifier(system="urn:test", value="HNS-1"),),
        member=IncomingMember(
            member_id=NUMBER, family="Raman", given="Priya", birth_date=date(1978, 3, 11)
        ),
        providers=(
            IncomingProvider(role=PartyRole.REQUESTER, npi=practice.npi, name=practice.name, is_organization=True, key="p1"),
            IncomingProvider(role=PartyRole.ORDERING, npi=named.NOVAK, name="Dr. Hana Novak", key="p2"),
        ),
        diagnoses=(IncomingDiagnosis(sequence=1, system=ICD10, code="G47.33"),),
        lines=(
            IncomingLine(
                sequence=1, code_system=CPT, code="64582", units=Decimal(1), unit="UN", first_day=date(2026, 9, 1),
                diagnosis_sequences=(1,), provider_keys=("p2",),
            ),
        ),
        evidence=(
            note("Sleep clinic", "AHI 34 on 2026-05-02. CPAP 1.9 hours a night for 6 months. BMI 36.1."),
            body_mass(),
        ),
    )  # fmt: skip
    return accept(
        request=request, by=office, plan=lumen.places.plan, organization=practice,
        door=Door(base="portal", operation="request"), at=at,
    )  # fmt: skip


def open_all(line, by, at):
    for document in documents_to_open(line.case):
        open_evidence(attachment=document, by=by, at=at)


def deny(lumen, line):
    director = lumen.user("medical_director")
    refer_to_physician(line=line, summary="BMI 36.1.", by=lumen.user("nurse"), at=lumen.at("2026-08-04 10:00"))
    at = lumen.at("2026-08-05 10:00")
    open_all(line, director, at)
    deny_line(
        line=line, by=director, at=at, rationale=WHY, node_answers=dict.fromkeys(open_leaves(line), "BMI 36.1."),
        conversation=GuardAnswer.NOT_APPLICABLE, conversation_reason="The surgeon was called and agrees on the facts.",
    )  # fmt: skip
    lumen.work()


def prepare(lumen) -> tuple[User, str]:
    """Enter three review organizations, a second reviewer and the member's login; return the reviewer and the address."""
    desk = lumen.user("appeals")
    at = plan_time("2026-08-03 08:00")
    for name in ("Alder Independent Review", "Birchwater Review", "Cedar Point Review"):
        enter_review_organization(plan=lumen.places.plan, body=Body.EXTERNAL, name=name, by=desk, at=at)
    amadi = register_person(
        email="ruth.amadi@lumen-harbor.example", name="Dr. Ruth Amadi", password=PASSWORD,
        roles=[(Role.ORTHOPAEDIST, lumen.places.plan, None)], specialties=("ear, nose and throat",),
        licences=(("physician", "EX", "EX-77", date(2015, 1, 1)),),
    )  # fmt: skip
    member = give_login(lumen, next(person for person in lumen.everybody if person.number == NUMBER))
    return amadi, member


def denied_line(lumen) -> ServiceLine:
    """Send the request and deny it, as on 3 and 5 August."""
    line = current_lines(send(lumen).case)[0]
    lumen.work()
    deny(lumen, line)
    return line
