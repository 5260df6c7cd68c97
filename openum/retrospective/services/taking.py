"""A lead becomes a retrospective case, through the same door as every other request."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import Case, ServiceLine
from openum.directory.models import Member
from openum.retrospective.events import ClaimTakenUp
from openum.retrospective.models import ClaimLine, Lead
from openum.retrospective.rules.claims import claim_request
from openum.retrospective.rules.findings import check_received
from openum.retrospective.rules.leads import LeadRow, LeadState
from openum.retrospective.services.leads import LeadSettled
from openum.submission.incoming import IncomingMember
from openum.submission.services import Door, accept
from openum.vocabulary.errors import Conflict, Missing


class MemberUnknown(Missing):
    """The person of the claim is no member of this plan."""

    code: ClassVar[str] = "claim-member-unknown"


class ClaimNotAdmitted(Conflict):
    """The door did not admit the claim; the sentence says why."""

    code: ClassVar[str] = "claim-not-admitted"


@permitted(Permission.REVIEW_LINES, on="lead")
@transaction.atomic
def take_up(*, lead: Lead, received_at: datetime, by: User, at: datetime, diagnosis: str = "") -> Case:
    """Open the retrospective case of a claim with all its open leads. The clock runs from the receipt of the claim.

    Args:
        received_at: aware instant at which the plan got the claim.
        diagnosis: where the file names none.

    Raises:
        LeadSettled: dismissed, or under review already.
        MemberUnknown: the person is not on the plan's books.
        ClaimNotAdmitted: no coverage on the day, or an unknown provider.
        Invalid: the receipt lies in the future or before the service, or a line bills nothing.
    """
    leads = list(
        Lead.objects.select_for_update(of=("self",))
        .filter(
            plan=lead.plan, data_source=lead.data_source, claim_id=lead.claim_id, person_id=lead.person_id,
            state=LeadState.OPEN,
        )
        .order_by("claim_line", "pk")
    )  # fmt: skip
    if lead.pk not in {each.pk for each in leads}:
        raise LeadSettled("This lead was settled already. Reload the page.")
    zone = lead.plan.time_zone
    check_received(received_at, first_day=min(each.day for each in leads), zone=zone, at=at)
    member = Member.objects.filter(plan=lead.plan, member_number=lead.person_id).first()
    if member is None:
        raise MemberUnknown("The person of this claim is not on the plan's books. Match the member first.")
    who = IncomingMember(
        member_id=member.member_number, family=member.family_name, given=member.given_name,
        birth_date=member.birth_date, path="patient",
    )  # fmt: skip
    request = claim_request([_row(each) for each in leads], member=who, received_at=received_at, diagnosis=diagnosis)
    accepted = accept(request=request, by=by, plan=lead.plan, door=Door(base="claims", operation="review"), at=at)
    if accepted.case is None or accepted.request is None:
        told = " ".join(problem.text for problem in accepted.problems)
        raise ClaimNotAdmitted(f"The claim cannot be reviewed as a case. {told}".strip())
    _keep(leads, list(accepted.request.lines.order_by("sequence")), by=by, at=at)
    audit.record(
        ClaimTakenUp(
            case_id=accepted.case.public_id, lead_ids=tuple(each.public_id for each in leads),
            line_ids=tuple(accepted.request.lines.values_list("public_id", flat=True)),
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return accepted.case


def _row(lead: Lead) -> LeadRow:
    return LeadRow(
        rule=lead.rule, version=lead.rule_version, person_id=lead.person_id, payer=lead.payer,
        data_source=lead.data_source, claim_id=lead.claim_id, claim_line=lead.claim_line, provider=lead.provider,
        day=lead.day, procedure=lead.procedure, drg=lead.drg, modifiers=tuple(lead.modifiers), place=lead.place,
        diagnosis=lead.diagnosis, units=lead.units, charge_cents=lead.charge_cents, amount_cents=lead.amount_cents,
        evidence=lead.evidence,
    )  # fmt: skip


def _keep(leads: list[Lead], lines: list[ServiceLine], *, by: User, at: datetime) -> None:
    by_number = {line.sequence: line for line in lines}
    kept: dict[int, ClaimLine] = {}
    for lead in leads:
        if lead.claim_line not in kept:
            kept[lead.claim_line] = ClaimLine.objects.create(
                line=by_number[lead.claim_line], data_source=lead.data_source, claim_id=lead.claim_id,
                number=lead.claim_line, billed_by=lead.provider, charge_cents=lead.charge_cents,
                paid_cents=lead.amount_cents,
            )  # fmt: skip
        lead.state, lead.taken_up_as = LeadState.IN_REVIEW, kept[lead.claim_line]
        lead.settled_by, lead.settled_at = by, at
        lead.save()
