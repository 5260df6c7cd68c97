"""The intake list: a person matches a kept message to a member and admits it, or closes it with a reason."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.directory.models import Member
from openum.submission.events import SubmissionSettled
from openum.submission.incoming import IncomingRequest
from openum.submission.models import AttachmentMessage, Submission
from openum.submission.rules import AlreadyAdmitted
from openum.submission.services.people import resolve
from openum.submission.services.requests import Admitted, admit
from openum.vocabulary.errors import Invalid


def _lock_waiting(submission: Submission) -> Submission:
    locked = (
        Submission.objects.select_for_update(of=("self",))
        .select_related("plan", "client", "organization")
        .get(pk=submission.pk)
    )
    if locked.state not in {Submission.WAITING, Submission.REFUSED}:
        raise AlreadyAdmitted("This message was dealt with meanwhile. Reload the list.")
    return locked


@permitted(Permission.MATCH_INTAKE, on="submission")
@transaction.atomic
def admit_waiting(
    *, submission: Submission, request: IncomingRequest, member: Member, by: User, at: datetime
) -> Admitted:
    """Admit a kept message for a member whom a person has matched. The receipt stays the first one.

    Args:
        request: the message read again by its adapter, with what the person corrected.

    Raises:
        AlreadyAdmitted: somebody was faster.
        Invalid: the member has never had coverage with the plan.
    """
    submission = _lock_waiting(submission)
    member = member.linked_to or member
    kept = replace(request, received_at=submission.received_at)
    with audit.batch():
        people = resolve(request=kept, plan=submission.plan, client=submission.client, by=by, at=at, member=member)
        if people.product is None:
            raise Invalid("This member never had coverage with the plan. Choose another member, or close the message.")
        submission.settled_by, submission.settled_at = by, at
        submission.settled_note = "matched and admitted"
        admitted = admit(
            request=kept, submission=submission, people=people, by=by, client=submission.client,
            organization=submission.organization, at=at,
        )  # fmt: skip
        if admitted.problems:
            raise Invalid(admitted.problems[0].text)
        audit.record(
            SubmissionSettled(
                case_id=admitted.case.public_id if admitted.case else None, submission_id=submission.public_id
            ),
            by=by,
            at=at,
        )
    return admitted


@permitted(Permission.MATCH_INTAKE, on="submission")
@transaction.atomic
def close_waiting(*, submission: Submission, reason: str, by: User, at: datetime) -> None:
    """Close a kept message without a case: junk, a test, sent again rightly, not ours. No determination is made.

    Raises:
        Invalid: no reason.
        AlreadyAdmitted: somebody was faster.
    """
    if not reason.strip():
        raise Invalid("Say why the message needs no case. The reason is kept with it.")
    submission = _lock_waiting(submission)
    submission.state, submission.settled_by, submission.settled_at = Submission.SETTLED, by, at
    submission.settled_note = reason.strip()
    submission.save(update_fields=["state", "settled_by", "settled_at", "settled_note"])
    AttachmentMessage.objects.filter(submission=submission).update(is_held=False)
    audit.record(SubmissionSettled(submission_id=submission.public_id), by=by, at=at)
