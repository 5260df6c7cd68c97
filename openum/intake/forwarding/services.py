"""Sends a misdirected request on with the first receiver's time, and keeps who has it and what the sender was told."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.clocks.queries import provisional_deadline
from openum.db.text import clean
from openum.intake.events import ForwardingAcknowledged, PaperReceived, RequestForwarded, SenderTold
from openum.intake.forwarding.queries import plans_beside
from openum.intake.models import Forwarding, Paper, PaperPage
from openum.intake.papers.assembling import document_of
from openum.intake.papers.queries import pages_of
from openum.intake.papers.services.receiving import READ_AT_ONCE, READ_PAGE
from openum.jobs.services import enqueue
from openum.submission.events import SubmissionReceived, SubmissionSettled
from openum.submission.models import AttachmentMessage, Submission
from openum.submission.readers import read_again
from openum.submission.rules import AlreadyAdmitted
from openum.vocabulary.errors import Conflict, Invalid, OpenUMError
from openum.vocabulary.terms import Channel, Urgency


class AlreadyTold(Conflict):
    """The receiver acknowledged it, or the sender was told, already."""

    code: ClassVar[str] = "already-told"


@dataclass(frozen=True, kw_only=True)
class Outside:
    """A plan, delegate or department outside the installation, and how the request went there."""

    name: str
    channel: Channel
    address: str


@permitted(Permission.MATCH_INTAKE, on="submission")
@transaction.atomic
def forward_inside(*, submission: Submission, to: Plan, reason: str, by: User, at: datetime) -> Forwarding:
    """Put a request on the intake list of another plan of the installation, with its first receipt and its clock.

    Raises:
        Invalid: no reason, or a plan it cannot go to, or its bytes were not kept.
        AlreadyAdmitted: somebody dealt with it meanwhile.
    """
    locked, reason = _to_send_on(submission, reason)
    if to not in plans_beside(locked.plan):
        raise Invalid("Choose another plan of this installation.")
    paper = Paper.objects.filter(submission=locked).first()
    became = _receipt_there(locked, paper, to, reason, at=at)
    audit.record(SubmissionReceived(submission_id=became.public_id, state=became.state), by=by, at=at)
    if paper is not None:
        _paper_there(paper, became, by=by, at=at)
    row = Forwarding.objects.create(
        submission=locked, plan=locked.plan, to_plan=to, became=became, reason=reason, forwarded_by=by, forwarded_at=at
    )
    return _close(row, locked, to.name, by=by, at=at)


@permitted(Permission.MATCH_INTAKE, on="submission")
@transaction.atomic
def forward_outside(*, submission: Submission, to: Outside, reason: str, by: User, at: datetime) -> Forwarding:
    """Keep that a request was sent on to somebody outside; cover sheet and bytes stand on its page.

    Raises:
        Invalid: no reason, no name, no address, or its bytes were not kept.
        AlreadyAdmitted: somebody dealt with it meanwhile.
    """
    locked, reason = _to_send_on(submission, reason)
    if not to.name.strip() or not to.address.strip():
        raise Invalid("Say to whom it goes, and the fax number, address or mailbox it is sent to.")
    row = Forwarding.objects.create(
        submission=locked, plan=locked.plan, to_name=clean(to.name.strip())[:200], channel=to.channel,
        address=clean(to.address.strip())[:300], reason=reason, forwarded_by=by, forwarded_at=at,
    )  # fmt: skip
    return _close(row, locked, row.to_name, by=by, at=at)


def _to_send_on(submission: Submission, reason: str) -> tuple[Submission, str]:
    if not reason.strip():
        raise Invalid("Say why it belongs elsewhere. The reason goes with it.")
    locked = Submission.objects.select_for_update(of=("self",)).select_related("plan").get(pk=submission.pk)
    if locked.state not in {Submission.WAITING, Submission.REFUSED}:
        raise AlreadyAdmitted("This message was dealt with meanwhile. Reload the list.")
    if AttachmentMessage.objects.filter(submission=locked).exists():
        raise Invalid("These are records without a request. Put them on a case, or close them and tell the sender.")
    if locked.raw is None and not Paper.objects.filter(submission=locked).exists():
        raise Invalid("The bytes were not kept, so there is nothing to send on. Tell the sender where to send it.")
    return locked, clean(reason.strip())


def _receipt_there(first: Submission, paper: Paper | None, to: Plan, reason: str, *, at: datetime) -> Submission:
    raw, digest = first.raw, first.raw_digest
    if paper is not None:
        raw, _ = document_of(pages_of(paper), original=first)
        digest = hashlib.sha256(raw).hexdigest()
    assert raw is not None  # `_to_send_on` refuses what has neither bytes nor pages
    due = provisional_deadline(plan=to, urgency=_urgency(first), received_at=first.received_at)
    told = {"code": "forwarded", "path": "", "text": f"Sent on by {first.plan.name}: {reason}"}
    return Submission.objects.create(
        plan=to, submitted_by=first.submitted_by, organization=first.organization, channel=first.channel,
        door=first.door, received_at=first.received_at, entered_at=at, raw=bytes(raw), raw_digest=digest,
        raw_size=len(raw), state=Submission.WAITING, problems=[told, *first.problems], forwarded_from=first,
        provisional_due_at=due.due_at if due else None, provisional_rule=due.rule_id if due else "",
    )  # fmt: skip


def _urgency(submission: Submission) -> Urgency:
    try:
        return read_again(submission).urgency
    except OpenUMError:
        return Urgency.STANDARD


def _paper_there(paper: Paper, became: Submission, *, by: User, at: datetime) -> None:
    count = paper.pages.count()
    there = Paper.objects.create(plan=became.plan, submission=became, title=paper.title, saved_at=at)
    PaperPage.objects.bulk_create(
        PaperPage(
            paper=there, source=became, source_number=number, position=number,
            not_read_because="" if number <= READ_AT_ONCE else "later",
        )
        for number in range(1, count + 1)
    )  # fmt: skip
    audit.record(PaperReceived(paper_id=there.public_id, submission_id=became.public_id, pages=count), by=by, at=at)
    for page in there.pages.order_by("position")[:READ_AT_ONCE]:
        enqueue(READ_PAGE, {"page": str(page.public_id)}, run_at=at, dedupe_key=f"{READ_PAGE}:{page.public_id}")


def _close(row: Forwarding, submission: Submission, where: str, *, by: User, at: datetime) -> Forwarding:
    submission.state, submission.settled_by, submission.settled_at = Submission.SETTLED, by, at
    submission.settled_note = f"sent on to {where}"
    submission.save(update_fields=["state", "settled_by", "settled_at", "settled_note"])
    audit.record(SubmissionSettled(submission_id=submission.public_id), by=by, at=at)
    audit.record(
        RequestForwarded(forwarding_id=row.public_id, submission_id=submission.public_id), by=by, at=at
    )  # fmt: skip
    return row


@permitted(Permission.MATCH_INTAKE, on="forwarding.to_plan")
def acknowledge_inside(*, forwarding: Forwarding, by: User, at: datetime) -> Forwarding:
    """The plan it was sent on to says that it has it.

    Raises:
        AlreadyTold: it was acknowledged.
    """
    return _acknowledge(forwarding, forwarding.became.public_id.hex[:12] if forwarding.became else "", by=by, at=at)


@permitted(Permission.MATCH_INTAKE, on="forwarding.plan")
def note_acknowledgement(*, forwarding: Forwarding, said: str, by: User, at: datetime) -> Forwarding:
    """Somebody outside told us that they have it.

    Raises:
        Invalid: nothing said who, or it went to a plan of the installation, which says so itself.
        AlreadyTold: it was acknowledged.
    """
    if forwarding.to_plan_id is not None:
        raise Invalid("It went to a plan of this installation. Its own intake acknowledges it.")
    if not said.strip():
        raise Invalid("Say who there has it, or the reference they gave.")
    return _acknowledge(forwarding, clean(said.strip())[:300], by=by, at=at)


@transaction.atomic
def _acknowledge(forwarding: Forwarding, said: str, *, by: User, at: datetime) -> Forwarding:
    row = Forwarding.objects.select_for_update().get(pk=forwarding.pk)
    if row.acknowledged_at is not None:
        raise AlreadyTold("It was acknowledged already. Reload the page.")
    row.acknowledged_by, row.acknowledged_at, row.acknowledgement = by, at, said
    row.save(update_fields=["acknowledged_by", "acknowledged_at", "acknowledgement"])
    audit.record(ForwardingAcknowledged(forwarding_id=row.public_id), by=by, at=at)
    return row


@permitted(Permission.MATCH_INTAKE, on="forwarding.plan")
@transaction.atomic
def note_sender_told(*, forwarding: Forwarding, channel: Channel, whom: str, by: User, at: datetime) -> Forwarding:
    """Keep that the sender was told where the request went, how, and who was told.

    Raises:
        Invalid: nobody named.
        AlreadyTold: the sender was told.
    """
    if not whom.strip():
        raise Invalid("Say who was told: a name, a number or an address.")
    row = Forwarding.objects.select_for_update().get(pk=forwarding.pk)
    if row.told_at is not None:
        raise AlreadyTold("The sender was told already. Reload the page.")
    row.told_by, row.told_at, row.told_channel, row.told_whom = by, at, channel, clean(whom.strip())[:300]
    row.save(update_fields=["told_by", "told_at", "told_channel", "told_whom"])
    audit.record(SenderTold(forwarding_id=row.public_id), by=by, at=at)
    return row
