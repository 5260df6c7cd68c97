"""Records sent apart from a request: tied to it by number, now, when it comes, or by a person at intake.

They answer what was asked for, line by line and kind by kind; what is attached is evaluated by what follows.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import ApiClient, Organization, Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.audit import Recorded
from openum.cases import working
from openum.cases.models import Attachment, Case, InformationItem, InformationRequest, Request
from openum.cases.queries import open_information_requests
from openum.cases.services import attach, settle_items
from openum.db import plain
from openum.db.transactions import one_at_a_time, whole
from openum.submission.attachment_readers import read_attachment_again
from openum.submission.events import CaseSubmitted, RequestAdded, SubmissionReceived, SubmissionSettled
from openum.submission.incoming import IncomingAttachment, SentDocument
from openum.submission.models import AttachmentMessage, Submission
from openum.submission.prior import told_as
from openum.submission.queries import cases_for_attachments, held_for, numbers_of
from openum.submission.rules import AlreadyAdmitted, answers, attachment_key, plain_number, problem
from openum.submission.services.door import Door
from openum.submission.services.requests import new_document
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel

_ANY_HELD = "SELECT 1 FROM submission_attachmentmessage WHERE is_held AND member_number IN (%s, %s) LIMIT 1"
"""Every submission passes here; mostly nothing is held."""


@dataclass(frozen=True, kw_only=True)
class AcceptedAttachment:
    """What became of records: on a case, or held; or the bytes that answered the same message before."""

    submission: Submission
    case: Case | None = None
    open_items: int = 0
    replayed: bytes | None = None
    replayed_status: int | None = None


def accept_attachment(
    *,
    sent: IncomingAttachment,
    by: User,
    plan: Plan,
    door: Door,
    at: datetime,
    client: ApiClient | None = None,
    organization: Organization | None = None,
) -> AcceptedAttachment:
    """Take records in. The same content from the same sender is answered once; what fits no request is held for it."""
    sender = f"client:{client.public_id}" if client else f"user:{by.public_id}"
    key = attachment_key(sender=sender, door=str(door), sent=sent)
    with whole(), audit.batch():
        one_at_a_time(f"retry:{key}")
        earlier = _earlier(key)
        if earlier is not None:
            return earlier
        submission = plain.new(
            Submission, plan=plan, client=client, submitted_by=by, organization=organization, channel=sent.channel,
            door=str(door), received_at=sent.received_at, entered_at=at, raw=sent.raw,
            raw_digest=hashlib.sha256(sent.raw).hexdigest(), raw_size=len(sent.raw), retry_key=key,
            state=Submission.WAITING,
        )  # fmt: skip
        return _take(submission, sent, by=by, at=at)


def _earlier(key: str) -> AcceptedAttachment | None:
    found = Submission.objects.filter(retry_key=key).exclude(retry_key="").select_related("case").first()
    if found is None:
        return None
    return AcceptedAttachment(
        submission=found,
        case=found.case,
        replayed=bytes(found.answer) if found.answer is not None else None,
        replayed_status=found.answer_status,
    )


def _take(submission: Submission, sent: IncomingAttachment, *, by: User, at: datetime) -> AcceptedAttachment:
    case = _case_meant(submission, sent)
    if case is not None:
        submission.state, submission.case = Submission.ADMITTED, case
    else:
        unmatched = problem("attachment-unmatched", path="TrackingId")
        submission.problems = [{"code": unmatched.code, "path": unmatched.path, "text": unmatched.text}]
    submission.save()
    AttachmentMessage.objects.create(
        submission=submission, member_number=sent.member_number, tracking_system=sent.tracking.system,
        tracking_value=sent.tracking.value, administrative_number=sent.administrative_number, is_final=sent.is_final,
        is_held=case is None,
    )  # fmt: skip
    audit.record(
        SubmissionReceived(
            case_id=case.public_id if case else None, submission_id=submission.public_id, state=submission.state
        ),
        by=by,
        at=at,
    )
    if case is None:
        return AcceptedAttachment(submission=submission)
    put_on_case(case=case, sent=sent, by=by, at=at)
    return AcceptedAttachment(submission=submission, case=case, open_items=_open_items(case))


def _case_meant(submission: Submission, sent: IncomingAttachment) -> Case | None:
    """Return the sender's case of this member that has the tracking or administrative number; of several, the newest."""
    wanted = {plain_number(one) for one in (sent.tracking.value, sent.administrative_number) if one}
    cases = cases_for_attachments(
        plan=submission.plan,
        client=submission.client,
        organization=submission.organization,
        member_number=sent.member_number,
    )
    return next((case for case in cases if wanted & numbers_of(case)), None)


def put_on_case(
    *, case: Case, sent: IncomingAttachment, by: User, at: datetime, request: Request | None = None
) -> list[Attachment]:
    """Attach records and settle what they answer; more may follow when they are not final."""
    rows: list[Attachment] = []
    for document in sent.documents:
        rows += attach(
            case=case, request=request, documents=[new_document(item) for item in document.evidence],
            channel=Channel(sent.channel), by=by, at=at,
        )  # fmt: skip
    if sent.is_final:
        settle_what_is_answered(
            case=case, documents=sent.documents, code_of_kind=sent.code_of_kind, attachment=rows[0] if rows else None,
            by=by, at=at,
        )  # fmt: skip
    return rows


def settle_what_is_answered(
    *,
    case: Case,
    documents: Sequence[SentDocument],
    code_of_kind: dict[str, str],
    attachment: Attachment | None,
    by: User,
    at: datetime,
) -> None:
    """Mark the open items that documents answer as received."""
    for question in open_information_requests(case):
        told = told_as(question.request, case.lines.all())
        answered = [
            item
            for item in question.items.all()
            if item.state == InformationItem.REQUESTED
            and any(
                answers(
                    one,
                    line=told.get(item.line.sequence, item.line.sequence),
                    wanted=code_of_kind.get(item.document_kind, ""),
                )
                for one in documents
            )
        ]
        if answered:
            settle_items(
                question=question, answers=dict.fromkeys((item.pk for item in answered), attachment), by=by, at=at
            )


def _open_items(case: Case) -> int:
    questions = InformationRequest.objects.filter(case=case, closed_at__isnull=True)
    return InformationItem.objects.filter(information_request__in=questions, state=InformationItem.REQUESTED).count()


def take_held_attachments(event: CaseSubmitted | RequestAdded, recorded: Recorded) -> None:
    """When a request comes in, put the records on its case that were sent ahead of it."""
    at_hand = working.current()
    if at_hand is None:
        return
    case = at_hand.case
    numbers = {case.member.member_number, case.coverage.subscriber_number if case.coverage else ""} - {""}
    if not plain.execute(_ANY_HELD, [*sorted(numbers), *[""] * (2 - len(numbers))]):
        return
    held = held_for(plan=case.plan, numbers=numbers, client=at_hand.request.client)
    known = numbers_of(case)
    for message in held:
        wanted = {plain_number(one) for one in (message.tracking_value, message.administrative_number) if one}
        if wanted & known:
            at_hand.attachments += _release(message, case=case, by_whom=message.submission.submitted_by, at=recorded.at)


_RECORDS = frozenset({"QuestionnaireResponse", "DocumentReference", "DiagnosticReport"})


def answer_with_update(event: RequestAdded, recorded: Recorded) -> None:
    """When a requester sends new records with an update, they answer what is still asked for on the case."""
    at_hand = working.current()
    if at_hand is None or at_hand.is_new_case:
        return
    new = [row for row in at_hand.attachments if row.request_id == at_hand.request.pk and _is_record(row)]
    if new:
        by = User.objects.get(public_id=recorded.by.public_id)
        everything = [SentDocument(evidence=())]
        settle_what_is_answered(
            case=at_hand.case, documents=everything, code_of_kind={}, attachment=new[0], by=by, at=recorded.at
        )


def _is_record(row: Attachment) -> bool:
    return row.kind == Attachment.DOCUMENT or (row.resource or {}).get("resourceType") in _RECORDS


def _release(message: AttachmentMessage, *, case: Case, by_whom: User, at: datetime) -> list[Attachment]:
    submission = message.submission
    submission.state, submission.case, submission.problems = Submission.ADMITTED, case, []
    submission.save(update_fields=["state", "case", "problems"])
    message.is_held = False
    message.save(update_fields=["is_held"])
    sent = read_attachment_again(submission)
    rows = put_on_case(case=case, sent=sent, by=by_whom, at=at)
    audit.record(
        SubmissionSettled(case_id=case.public_id, submission_id=submission.public_id, cause="its request came in"),
        by=by_whom,
        at=at,
    )
    return rows


@permitted(Permission.MATCH_INTAKE, on="submission")
@transaction.atomic
def match_attachment(*, submission: Submission, case: Case, by: User, at: datetime) -> list[Attachment]:
    """Put held records on the case that a person at intake has chosen.

    Raises:
        PermissionRefused: not a person of intake.
        Invalid: these are no records sent apart, or the case belongs to another plan.
        AlreadyAdmitted: somebody was faster, or the request came in.
    """
    message = AttachmentMessage.objects.select_related("submission").filter(submission=submission).first()
    if message is None:
        raise Invalid("These are no records that were sent apart. Match the message to a member instead.")
    if case.plan_id != submission.plan_id:
        raise Invalid("The case belongs to another plan. Choose a case of the plan that the records were sent to.")
    message = AttachmentMessage.objects.select_for_update(of=("self",)).select_related("submission").get(pk=message.pk)
    if not message.is_held or message.submission.state != Submission.WAITING:
        raise AlreadyAdmitted("These records were dealt with meanwhile. Reload the list.")
    held = message.submission
    held.settled_by, held.settled_at, held.settled_note = by, at, "records matched to a case"
    held.save(update_fields=["settled_by", "settled_at", "settled_note"])
    with audit.batch():
        return _release(message, case=case, by_whom=by, at=at)
