"""The only writer of complaints and provider disputes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from openum import audit
from openum.accounts.models import Organization, User
from openum.accounts.queries import check_user_may
from openum.accounts.rules import Permission
from openum.appeals.models import Appeal
from openum.appeals.rules.law import Filer
from openum.appeals.services import AppealAsked, file_appeal
from openum.audit import Recorded
from openum.cases.models import Case, Request, ServiceLine
from openum.clocks import services as clocks
from openum.clocks.queries import due_of
from openum.clocks.rules.facts import FactKind
from openum.clocks.rules.rule import Recipient
from openum.clocks.services import NewFact
from openum.db.text import clean
from openum.directory.models import Coverage, Member
from openum.directory.queries import latest_coverage, product_of
from openum.grievances.events import (
    DisputeAnswered,
    DisputeFiled,
    GrievanceAnswered,
    GrievanceFiled,
    GrievanceMoved,
)
from openum.grievances.models import Grievance, ProviderDispute
from openum.grievances.queries import involved_in
from openum.grievances.rules import (
    About,
    AlreadyAnswered,
    AnswerMissing,
    DisputeState,
    GrievanceState,
    check_answer,
    check_may_answer,
    is_fast,
)
from openum.notices.assembly import grievances as letters
from openum.notices.assembly.common import Setting
from openum.notices.content import Letter, LetterKind
from openum.notices.events import NoticeSent
from openum.notices.models import Notice
from openum.notices.services.issuing import Build, Occasion, issue_all
from openum.submission.services import open_empty_case, take_further_request
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import (
    CertificationType,
    Channel,
    ClockPurpose,
    RequestKind,
    Standing,
    Timing,
    Urgency,
)


@dataclass(frozen=True, kw_only=True)
class Complained:
    """What somebody complains about.

    Attributes:
        received_at: aware instant of the first receipt by anybody of the plan.
        filer_name: who complains for the member; empty for the member.
    """

    about: About
    issue: str
    channel: Channel
    received_at: datetime
    filer_name: str = ""
    proof: str = ""


@transaction.atomic
def file_grievance(*, member: Member, case: Case | None, complained: Complained, by: User, at: datetime) -> Grievance:
    """Take a complaint in, about a case or about none; its clock runs from the first receipt.

    Raises:
        Invalid: no words, received in the future, or a case of somebody else.
        Missing: the member has no coverage.
    """
    check_user_may(by, Permission.FILE_GRIEVANCE)
    if not complained.issue.strip():
        raise Invalid("Write what the complaint is about, in a sentence.")
    if complained.received_at > at:
        raise Invalid("A complaint cannot have been received in the future. Check date, time and zone.")
    if case is not None and case.member_id != member.pk:
        raise Invalid("This case belongs to another member. Choose one of the member's own, or none.")
    file = case or _empty_case(member, complained, at=at)
    fast = is_fast(complained.about)
    request = take_further_request(
        case=file, kind=RequestKind.GRIEVANCE, certification=CertificationType.INITIAL,
        urgency=Urgency.EXPEDITED if fast else Urgency.STANDARD, timing=Timing.PROSPECTIVE,
        channel=complained.channel,
        standing=Standing.REPRESENTATIVE if complained.filer_name.strip() else Standing.MEMBER,
        received_at=complained.received_at, received_proof=complained.proof, words=complained.issue, door="complaint",
        by=by, at=at,
    )  # fmt: skip
    count = Grievance.objects.filter(request__case=file).count() + 1
    grievance = Grievance.objects.create(
        number=f"{file.number}-G{count}", request=request, about=complained.about, is_fast=fast,
        filer_name=clean(complained.filer_name.strip()), issue=clean(complained.issue.strip()),
        filed_at=complained.received_at, recorded_by=by,
    )  # fmt: skip
    clocks.start_request(request_id=request.pk, by=by, at=at)
    audit.record(
        GrievanceFiled(
            case_id=file.public_id, cause=complained.about, grievance_id=grievance.public_id,
            request_id=request.public_id, is_fast=fast,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return grievance


def _empty_case(member: Member, complained: Complained, *, at: datetime) -> Case:
    coverage: Coverage | None = latest_coverage(member=member, known_at=at)
    if coverage is None:
        raise Invalid("This member has no coverage here. Forward the complaint to the plan that covers the member.")
    product = product_of(coverage, member.plan)
    return open_empty_case(
        member=member, product=product, coverage=coverage, summary="Complaint", opened_at=complained.received_at, at=at
    )


def _lock(grievance: Grievance) -> Grievance:
    return (
        Grievance.objects.select_for_update(of=("self",))
        .select_related(
            "request__case__plan", "request__case__product", "request__case__member", "request__case__organization"
        )
        .get(pk=grievance.pk)
    )


@transaction.atomic
def answer_grievance(
    *, grievance: Grievance, found: str, done: str, is_substantiated: bool, by: User, at: datetime
) -> Grievance:
    """Answer a complaint; the letter follows, and its clock stops at the proof of sending.

    Raises:
        AlreadyAnswered, AnswerMissing: it is not open, or the answer has no substance.
        NotYourOwnMatter: the complaint is about the answerer's own work.
    """
    check_user_may(by, Permission.MANAGE_GRIEVANCES)
    grievance = _lock(grievance)
    check_answer(state=grievance.state, found=found, done=done)
    check_may_answer(answerer=str(by.public_id), involved=involved_in(grievance), is_machine=by.is_machine)
    grievance.state, grievance.answered_at, grievance.answered_by = GrievanceState.ANSWERED, at, by
    grievance.found, grievance.done, grievance.is_substantiated = found.strip(), done.strip(), is_substantiated
    grievance.save()
    _close_empty(grievance.request.case)
    audit.record(
        GrievanceAnswered(
            case_id=grievance.request.case.public_id, grievance_id=grievance.public_id,
            is_substantiated=is_substantiated,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return grievance


def _close_empty(case: Case) -> None:
    """Close a case that only holds complaints, when none is open."""
    still = Grievance.objects.filter(request__case=case, state=GrievanceState.OPEN).exists()
    if not still and not case.lines.exists():
        Case.objects.filter(pk=case.pk).update(is_open=False)


@transaction.atomic
def move_to_appeal(*, grievance: Grievance, line: ServiceLine, by: User, at: datetime) -> Appeal:
    """Treat a complaint as the appeal that it is; the appeal keeps the complaint's first receipt.

    Raises:
        AlreadyAnswered: it is not open.
        Invalid: the line is another member's.
        NothingToAppeal: no decision can be appealed.
    """
    check_user_may(by, Permission.MANAGE_GRIEVANCES)
    grievance = _lock(grievance)
    if grievance.state != GrievanceState.OPEN:
        raise AlreadyAnswered("This was answered or moved already. Reload the page.")
    if line.case.member_id != grievance.request.case.member_id:
        raise Invalid("This decision is about another member.")
    filer = Filer.REPRESENTATIVE if grievance.filer_name else Filer.MEMBER
    appeal = file_appeal(
        line=line, by=by, at=at,
        asked=AppealAsked(
            filer=filer, name=grievance.filer_name, issue=grievance.issue, channel=Channel(grievance.request.channel),
            received_at=grievance.filed_at, proof=f"came as complaint {grievance.number}",
        ),
    )  # fmt: skip
    grievance.state, grievance.moved_to = GrievanceState.MOVED, appeal
    grievance.save(update_fields=["state", "moved_to"])
    _fact(grievance.request, FactKind.WITHDRAWN, by=by, at=at, reason="moved to an appeal")
    _close_empty(grievance.request.case)
    audit.record(
        GrievanceMoved(
            case_id=grievance.request.case.public_id, grievance_id=grievance.public_id, appeal_id=appeal.public_id
        ),
        by=by,
        at=at,
    )
    return appeal


def _fact(request: Request, kind: FactKind, *, by: User, at: datetime, reason: str = "") -> None:
    clocks.record_facts(request_id=request.pk, facts=[NewFact(kind=kind, at=at, reason=reason)], by=by, at=at)


# -- letters ---------------------------------------------------------------------------------------------------------


def _story(grievance: Grievance) -> letters.Story:
    return letters.Story(
        number=grievance.number, filed_at=grievance.filed_at, filed_by=grievance.filer_name, about=grievance.about
    )


def _issue(grievance: Grievance, build: Build, kind: LetterKind, recorded: Recorded) -> None:
    occasion = Occasion(
        case=grievance.request.case, request=grievance.request, lines=(), event_id=recorded.event_id,
        by=User.objects.get(public_id=recorded.by.public_id), at=recorded.at, to_member_only=True,
    )  # fmt: skip
    issue_all(occasion, build, lambda _: (kind,))


def acknowledge(event: GrievanceFiled, recorded: Recorded) -> None:
    """A complaint came in: its receipt says by when it is answered."""
    grievance = _lock(Grievance.objects.get(public_id=event.grievance_id))
    due = due_of(grievance.request, ClockPurpose.DECIDE) or recorded.at
    answer_by = due.astimezone(ZoneInfo(grievance.request.case.product.time_zone)).date()

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.acknowledgement_letter(setting, _story(grievance), answer_by=answer_by)

    _issue(grievance, build, LetterKind.GRIEVANCE_ACKNOWLEDGEMENT, recorded)


def tell_answer(event: GrievanceAnswered, recorded: Recorded) -> None:
    """A complaint was answered: the letter says what was found and what is done."""
    grievance = _lock(Grievance.objects.get(public_id=event.grievance_id))

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.resolution_letter(setting, _story(grievance), found=grievance.found, done=grievance.done)

    _issue(grievance, build, LetterKind.GRIEVANCE_RESOLUTION, recorded)


def follow_letter(event: NoticeSent, recorded: Recorded) -> None:
    """A letter about a complaint left: the duty to acknowledge or to answer is met."""
    if event.cause not in {LetterKind.GRIEVANCE_ACKNOWLEDGEMENT, LetterKind.GRIEVANCE_RESOLUTION}:
        return
    notice = Notice.objects.select_related("request").get(public_id=event.notice_id)
    by = User.objects.get(public_id=recorded.by.public_id)
    if notice.request is None:
        return
    if event.cause == LetterKind.GRIEVANCE_ACKNOWLEDGEMENT:
        changed = Grievance.objects.filter(request=notice.request, acknowledged_at__isnull=True).update(
            acknowledged_at=recorded.at
        )
        if changed:
            _fact(notice.request, FactKind.ACKNOWLEDGED, by=by, at=recorded.at)
        return
    fact = NewFact(
        kind=FactKind.NOTICE_SENT, at=recorded.at, reason="answered", recipient=Recipient.ENROLLEE,
        channel=event.channel,
    )  # fmt: skip
    clocks.record_facts(request_id=notice.request.pk, facts=[fact], by=by, at=recorded.at)


# -- disputes of providers -------------------------------------------------------------------------------------------


@transaction.atomic
def file_dispute(
    *, line: ServiceLine, organization: Organization, issue: str, channel: Channel, received_at: datetime, by: User,
    at: datetime,
) -> ProviderDispute:  # fmt: skip
    """Take a provider's own dispute in; it has its own clock and takes nothing from the member's rights.

    Raises:
        Invalid: no reasons, or received in the future.
        AlreadyAnswered: one is open on this line.
    """
    check_user_may(by, Permission.FILE_APPEAL)
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
    _fact(request, FactKind.ACKNOWLEDGED, by=by, at=at, reason="shown on the portal")
    _record(dispute.line, DisputeFiled, dispute.public_id, by=by, at=at)
    return dispute


def _record(line: ServiceLine, event: type[DisputeFiled], dispute_id: UUID, *, by: User, at: datetime) -> None:
    audit.record(event(case_id=line.case.public_id, line_ids=(line.public_id,), dispute_id=dispute_id), by=by, at=at)


@transaction.atomic
def answer_dispute(
    *, dispute: ProviderDispute, answer: str, is_for_provider: bool, by: User, at: datetime
) -> ProviderDispute:
    """Answer a provider's dispute. The member's line does not move: that takes an appeal, a talk or a reopening.

    Raises:
        AlreadyAnswered: it is not open.
        AnswerMissing: no reasons.
    """
    check_user_may(by, Permission.MANAGE_APPEALS)
    dispute = (
        ProviderDispute.objects.select_for_update(of=("self",))
        .select_related("line__case", "request")
        .get(pk=dispute.pk)
    )
    if dispute.state != DisputeState.OPEN:
        raise AlreadyAnswered("This dispute was answered already. Reload the page.")
    if not answer.strip():
        raise AnswerMissing("Write the answer with its reasons.")
    dispute.state, dispute.answer, dispute.is_for_provider = DisputeState.ANSWERED, answer.strip(), is_for_provider
    dispute.answered_at, dispute.answered_by = at, by
    dispute.save()
    _fact(dispute.request, FactKind.DECIDED, by=by, at=at, reason="dispute")
    audit.record(
        DisputeAnswered(
            case_id=dispute.line.case.public_id, line_ids=(dispute.line.public_id,), dispute_id=dispute.public_id,
            is_for_provider=is_for_provider,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return dispute
