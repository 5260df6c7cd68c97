"""Complaints: taken in from any door, extended, answered, or moved where they are appeals."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import reviewer_facts, superiors_of
from openum.accounts.rules import Permission
from openum.appeals.models import Appeal
from openum.appeals.rules.law import Filer
from openum.appeals.rules.states import AppealState, check_step
from openum.appeals.services import AppealAsked, file_appeal
from openum.appeals.services.standing import end_as_misdirected
from openum.appeals.services.steps import lock
from openum.cases.models import Case, ContactAttempt, ServiceLine
from openum.cases.services import record_contact_attempt
from openum.clocks import services as clocks
from openum.clocks.models import ClockFact
from openum.clocks.rules.facts import FactKind
from openum.clocks.rules.rule import Recipient
from openum.clocks.services import NewFact
from openum.db.text import clean
from openum.design.moments import local_day
from openum.directory.models import Coverage, Member
from openum.directory.queries import latest_coverage, product_of
from openum.grievances.events import (
    GrievanceAnswered,
    GrievanceExtended,
    GrievanceFiled,
    GrievanceMoved,
)
from openum.grievances.models import Grievance
from openum.grievances.queries import involved_in
from openum.grievances.rules import (
    About,
    AlreadyAnswered,
    Answerer,
    AnswerMissing,
    GrievanceState,
    NotFast,
    check_answer,
    check_may_answer,
    clinicians_law,
    is_fast,
)
from openum.grievances.services.steps import lock_grievance, note_fact
from openum.submission.services import open_empty_case, take_further_request
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import (
    CertificationType,
    Channel,
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


@permitted(Permission.FILE_GRIEVANCE, on="member")
@transaction.atomic
def file_grievance(*, member: Member, case: Case | None, complained: Complained, by: User, at: datetime) -> Grievance:
    """Take a complaint in, about a case or about none; its clock runs from the first receipt.

    Raises:
        Invalid: no words, received in the future, or a case of somebody else.
        Missing: the member has no coverage.
    """
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


@permitted(Permission.MANAGE_GRIEVANCES, on="grievance.request.case")
@transaction.atomic
def answer_grievance(
    *, grievance: Grievance, found: str, done: str, is_substantiated: bool, by: User, at: datetime, words_kept: str = ""
) -> Grievance:
    """Answer a complaint; the letter follows, and its clock stops at the proof of sending.

    Args:
        words_kept: why words stay that are hard for the member to read.

    Raises:
        LetterHardToRead: without a reason why the words stay; nothing is kept.
        AlreadyAnswered, AnswerMissing: it is not open, or the answer has no substance.
        NotYourOwnMatter: the complaint is about the answerer's own work, or that of somebody above them.
        NeedsClinician: speed was refused or it is about the care, and the answerer has no licence valid on the day.
    """
    grievance = lock_grievance(grievance)
    check_answer(state=grievance.state, found=found, done=done)
    product = grievance.request.case.product
    on = local_day(at, product.time_zone)
    check_may_answer(
        Answerer(
            key=str(by.public_id), is_machine=by.is_machine, superiors=superiors_of(by),
            is_licensed=any(licence.is_valid(on=on) for licence in reviewer_facts(by).licences),
        ),
        involved=involved_in(grievance), clinicians_law=clinicians_law(About(grievance.about), product.law),
    )  # fmt: skip
    grievance.state, grievance.answered_at, grievance.answered_by = GrievanceState.ANSWERED, at, by
    grievance.found, grievance.done, grievance.is_substantiated = found.strip(), done.strip(), is_substantiated
    grievance.words_kept = words_kept.strip()
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


@permitted(Permission.MANAGE_GRIEVANCES, on="grievance.request.case")
@transaction.atomic
def extend_grievance(*, grievance: Grievance, reason: str, because: str, by: User, at: datetime) -> Grievance:
    """Take more time to answer a complaint, once, as its law admits; the letter goes out in the same transaction.

    Args:
        reason: a word that the row of law admits, for example `enrollee_asked`.
        because: why, in plain words; the letter says it.

    Raises:
        Invalid: no words.
        AlreadyAnswered: it is not open.
        ExtensionNotAllowed, ExtensionTooLate, ExtensionUsed: the law has none (a fast complaint), or no more.
    """
    if not because.strip():
        raise Invalid("Write why more time is needed, in plain words. The letter says it.")
    grievance = lock_grievance(grievance)
    if grievance.state != GrievanceState.OPEN:
        raise AlreadyAnswered("This was answered or moved already. Reload the page.")
    clocks.take_extension(request=grievance.request, reason=reason, by=by, at=at)
    grievance.extended_at, grievance.extended_because = at, because.strip()
    grievance.save(update_fields=["extended_at", "extended_because"])
    audit.record(
        GrievanceExtended(case_id=grievance.request.case.public_id, cause=reason, grievance_id=grievance.public_id),
        by=by,
        at=at,
    )
    return grievance


@permitted(Permission.MANAGE_GRIEVANCES, on="grievance.request.case")
@transaction.atomic
def tell_by_phone(*, grievance: Grievance, outcome: str, person: str, by: User, at: datetime) -> ContactAttempt:
    """Keep an attempt to tell the answer to a fast complaint by telephone; the letter follows in any case.

    Args:
        outcome: reached, left message, no answer, wrong number.

    Raises:
        NotFast: not a fast complaint.
        AnswerMissing: nothing was found yet that could be told.
        Invalid: no outcome.
    """
    grievance = lock_grievance(grievance)
    if not grievance.is_fast:
        raise NotFast("Only the answer to a fast complaint is told by telephone first. This one gets its letter.")
    if grievance.state != GrievanceState.ANSWERED:
        raise AnswerMissing("Write the answer first, then tell it.")
    attempt = record_contact_attempt(
        case=grievance.request.case, purpose="oral answer to a complaint", channel=Channel.PHONE, outcome=outcome,
        person=person.strip(), by=by, at=at,
    )  # fmt: skip
    told = ClockFact.objects.filter(
        request=grievance.request, kind__in=[FactKind.NOTICE_SENT, FactKind.ORAL_NOTICE]
    ).exists()
    if outcome == "reached" and not told:
        fact = NewFact(kind=FactKind.ORAL_NOTICE, at=at, reason="answered", recipient=Recipient.ENROLLEE)
        clocks.record_facts(request_id=grievance.request_id, facts=[fact], by=by, at=at)
    return attempt


def _close_empty(case: Case) -> None:
    """Close a case that only holds complaints, when none is open."""
    still = Grievance.objects.filter(request__case=case, state=GrievanceState.OPEN).exists()
    if not still and not case.lines.exists():
        Case.objects.filter(pk=case.pk).update(is_open=False)


@permitted(Permission.MANAGE_GRIEVANCES, on="grievance.request.case")
@transaction.atomic
def move_to_appeal(*, grievance: Grievance, line: ServiceLine, by: User, at: datetime) -> Appeal:
    """Treat a complaint as the appeal that it is; the appeal keeps the complaint's first receipt.

    Raises:
        AlreadyAnswered: it is not open.
        Invalid: the line is another member's.
        NothingToAppeal: no decision can be appealed.
    """
    grievance = lock_grievance(grievance)
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
    note_fact(grievance.request, FactKind.WITHDRAWN, by=by, at=at, reason="moved to an appeal")
    _close_empty(grievance.request.case)
    audit.record(
        GrievanceMoved(
            case_id=grievance.request.case.public_id, grievance_id=grievance.public_id, appeal_id=appeal.public_id
        ),
        by=by,
        at=at,
    )
    return appeal


@permitted(Permission.MANAGE_GRIEVANCES, on="appeal.line.case")
@transaction.atomic
def move_to_complaint(*, appeal: Appeal, complained: Complained, by: User, at: datetime) -> Grievance:
    """Treat an appeal as the complaint that it is; the complaint keeps the appeal's first receipt.

    Args:
        complained: what it is about; channel, receipt, proof and who complains are the appeal's own.

    Raises:
        IllegalAppealStep: the appeal is decided or over.
        Invalid: no words.
    """
    appeal = lock(appeal)
    check_step(current=AppealState(appeal.state), target=AppealState.MADE_COMPLAINT)
    case = appeal.line.case
    grievance = file_grievance(
        member=case.member, case=case, by=by, at=at,
        complained=replace(
            complained, channel=Channel(appeal.request.channel), received_at=appeal.filed_at,
            filer_name=appeal.filer_name, proof=f"came as appeal {appeal.number}",
        ),
    )  # fmt: skip
    note = f"Answered as complaint {grievance.number}, with its receipt of {appeal.filed_at.isoformat(timespec='seconds')}."
    end_as_misdirected(appeal, AppealState.MADE_COMPLAINT, note, by=by, at=at)
    return grievance
