"""Disputes of providers: another right than the member's, with its own clock and letters. No line moves by one."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from openum import audit
from openum.accounts.models import Organization, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.appeals.queries import involved_in
from openum.cases.models import ServiceLine
from openum.clocks import services as clocks
from openum.clocks.rules.facts import FactKind
from openum.db.text import clean
from openum.grievances.events import (
    DisputeAnswered,
    DisputeFiled,
)
from openum.grievances.models import ProviderDispute
from openum.grievances.rules import (
    AlreadyAnswered,
    AnswerMissing,
    DisputeState,
    check_may_answer_dispute,
)
from openum.grievances.services.steps import note_fact
from openum.submission.services import take_further_request
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import (
    CertificationType,
    Channel,
    RequestKind,
    Standing,
    Timing,
    Urgency,
)


@permitted(Permission.FILE_APPEAL, on="line.case")
@transaction.atomic
def file_dispute(
    *, line: ServiceLine, organization: Organization, issue: str, channel: Channel, received_at: datetime, by: User,
    at: datetime,
) -> ProviderDispute:  # fmt: skip
    """Take a provider's own dispute in; it has its own clock and takes nothing from the member's rights.

    Raises:
        Invalid: no reasons, received in the future, or a decision for somebody else's request.
        AlreadyAnswered: one is open on this line.
    """
    if line.case.organization_id != organization.pk:
        raise Invalid("Only the practice that asked can dispute this decision for itself.")
    if not issue.strip():
        raise Invalid("Write what is disputed and why.")
    if received_at > at:
        raise Invalid("A dispute cannot have been received in the future. Check date, time and zone.")
    request = take_further_request(
        case=line.case, kind=RequestKind.PROVIDER_DISPUTE, certification=CertificationType.INITIAL,
        urgency=Urgency.STANDARD, timing=Timing(line.request.timing), channel=channel, standing=Standing.PROVIDER,
        received_at=received_at, received_proof="", words=issue, door="dispute", by=by, at=at, relates_to=line.request,
        organization=organization,
    )  # fmt: skip
    dispute = ProviderDispute(
        number=f"{line.case.number}-D{ProviderDispute.objects.filter(line__case=line.case).count() + 1}",
        request=request, line=line, organization=organization, issue=clean(issue.strip()), filed_at=received_at,
        filed_by=by,
    )  # fmt: skip
    try:
        with transaction.atomic():
            dispute.save()
    except IntegrityError as conflict:
        raise AlreadyAnswered("A dispute about this is open already. Add to it, or wait for its answer.") from conflict
    clocks.start_request(request_id=request.pk, by=by, at=at)
    _record(dispute.line, DisputeFiled, dispute.public_id, by=by, at=at)
    return dispute


def _record(line: ServiceLine, event: type[DisputeFiled], dispute_id: UUID, *, by: User, at: datetime) -> None:
    audit.record(event(case_id=line.case.public_id, line_ids=(line.public_id,), dispute_id=dispute_id), by=by, at=at)


@permitted(Permission.MANAGE_APPEALS, on="dispute.line.case")
@transaction.atomic
def answer_dispute(
    *, dispute: ProviderDispute, answer: str, is_for_provider: bool, by: User, at: datetime
) -> ProviderDispute:
    """Answer a provider's dispute. The member's line does not move: that takes an appeal, a talk or a reopening.

    Raises:
        AlreadyAnswered: it is not open.
        DeciderInvolved: the answerer took part in the decision.
        AnswerMissing: no reasons.
    """
    dispute = (
        ProviderDispute.objects.select_for_update(of=("self",))
        .select_related("line__case", "request")
        .get(pk=dispute.pk)
    )
    if dispute.state != DisputeState.OPEN:
        raise AlreadyAnswered("This dispute was answered already. Reload the page.")
    check_may_answer_dispute(
        answerer=str(by.public_id), is_machine=by.is_machine,
        involved=frozenset(str(user.public_id) for user in involved_in(dispute.line)),
    )  # fmt: skip
    if not answer.strip():
        raise AnswerMissing("Write the answer with its reasons.")
    dispute.state, dispute.answer, dispute.is_for_provider = DisputeState.ANSWERED, answer.strip(), is_for_provider
    dispute.answered_at, dispute.answered_by = at, by
    dispute.save()
    note_fact(dispute.request, FactKind.DECIDED, by=by, at=at, reason="dispute")
    audit.record(
        DisputeAnswered(
            case_id=dispute.line.case.public_id, line_ids=(dispute.line.public_id,), dispute_id=dispute.public_id,
            is_for_provider=is_for_provider,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return dispute
