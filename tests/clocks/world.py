"""A plan, a member and a request, straight into the tables: clocks look at nothing else."""

from itertools import count

from openum.accounts.models import Membership, Plan, Tenant, User
from openum.accounts.rules import Role
from openum.cases.models import Case, Diagnosis, InformationRequest, Request, ServiceLine
from openum.directory.models import Member, Product
from openum.submission.models import Submission

_numbers = count(1)


def _plan() -> Plan:
    tenant, _ = Tenant.objects.get_or_create(name="Tenant")
    plan, _ = Plan.objects.get_or_create(key="plan", defaults={"tenant": tenant, "name": "Plan"})
    return plan


def machine() -> User:
    user, _ = User.objects.get_or_create(
        email="rules-engine@openum.invalid", defaults={"kind": User.MACHINE, "name": "rules", "version": "1"}
    )
    return user


def person(name: str = "nurse") -> User:
    """Return somebody of the plan that the requests belong to, who may review them."""
    user, _ = User.objects.get_or_create(email=f"{name}@example.invalid", defaults={"kind": User.PERSON, "name": name})
    Membership.objects.get_or_create(user=user, role=Role.NURSE, plan=_plan())
    return user


def request_of(
    business: str,
    received_at,
    *,
    state: str = "",
    urgency: str = "standard",
    channel: str = "portal",
    lines: int = 1,
    network: str = "in_network",
    code: str = "T1019",
    modifiers: tuple[str, ...] = (),
    diagnosis: str = "",
    code_system: str = "",
    benefit: str = "medical",
    **product,
) -> Request:
    """Make a case with one request received at an instant."""
    number = next(_numbers)
    plan = _plan()
    made = Product.objects.create(
        plan=plan, key=f"p{number}", name="Product", line_of_business=business, state=state, **product
    )
    member = Member.objects.create(plan=plan, member_number=str(number), family_name="A", given_name="B")
    case = Case.objects.create(number=f"C-{number}", plan=plan, product=made, member=member, opened_at=received_at)
    submission = Submission.objects.create(
        plan=plan, submitted_by=person(), channel=channel, received_at=received_at, entered_at=received_at,
        raw_digest="0", raw_size=0, state="admitted", case=case,
    )  # fmt: skip
    request = Request.objects.create(
        case=case, submission=submission, kind="authorization", certification="initial", timing="prospective",
        urgency=urgency, channel=channel, standing="provider", received_at=received_at, entered_at=received_at,
    )  # fmt: skip
    for sequence in range(1, lines + 1):
        ServiceLine.objects.create(
            case=case, request=request, sequence=sequence, status="received", status_since=received_at,
            network_status=network, code=code, modifiers=list(modifiers), code_system=code_system, benefit=benefit,
        )  # fmt: skip
    if diagnosis:
        Diagnosis.objects.create(
            request=request, sequence=1, system="http://hl7.org/fhir/sid/icd-10-cm", code=diagnosis
        )
    return request


def question(request: Request, at, respond_by=None) -> InformationRequest:
    return InformationRequest.objects.create(
        case=request.case, request=request, asked_by=person(), asked_at=at, respond_by=respond_by
    )
