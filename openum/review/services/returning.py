"""A physician gives a line back to the nurses with a question; the clock goes on."""

from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import Note, ServiceLine
from openum.cases.services import lock_line, set_line_status, write_note
from openum.review.events import LineReturned
from openum.review.models import Review
from openum.review.rules.answers import NotOpen
from openum.review.services.reviews import end_review
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import LineStatus

RETURNED = "returned"
"""The purpose of the note that holds the question."""


@permitted(Permission.DECIDE_ADVERSELY, on="line.case")
@transaction.atomic
def return_to_nurse(*, line: ServiceLine, question: str, by: User, at: datetime) -> Note:
    """Give a line back with a question. No clock stops: the plan still has the ball.

    Raises:
        PermissionRefused, OutOfReach: not a physician of this plan.
        Invalid: no question.
        NotOpen: the line does not wait for a physician.
    """
    if not question.strip():
        raise Invalid("Write what the nurse should find out.")
    line = lock_line(line)
    if LineStatus(line.status) is not LineStatus.PENDED_WITH_PHYSICIAN:
        raise NotOpen("This line does not wait for a physician any more. Reload the page.")
    for review in Review.objects.select_related("line__case").filter(
        line=line, level=Review.PHYSICIAN, ended_at__isnull=True
    ):
        end_review(review, ended_with="returned", by=by, at=at)
    note = write_note(case=line.case, line=line, text=question, purpose=RETURNED, by=by, at=at)
    set_line_status(line, LineStatus.PENDED_WITH_PAYER, by=by, at=at, cause="returned to the nurse")
    audit.record(
        LineReturned(case_id=line.case.public_id, line_ids=(line.public_id,), note_id=note.public_id), by=by, at=at
    )
    return note
