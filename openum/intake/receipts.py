"""How the receipt of what no case holds yet is shown."""

from datetime import datetime

from django.utils.translation import gettext as _

from openum.design.clock import Face
from openum.design.moments import moment
from openum.design.status import CHANNEL_WORDS
from openum.submission.models import Submission


def face_of(submission: Submission, at: datetime) -> Face | None:
    """Return the clock of the earliest deadline a kept message could have; None where no law gives one."""
    if submission.provisional_due_at is None:
        return None
    return Face(
        started_at=submission.received_at, due_at=submission.provisional_due_at, now=at, zone=submission.plan.time_zone,
        ball="payer", rule=submission.provisional_rule, purpose=_("earliest deadline it could have"),
    )  # fmt: skip


def receipt_words(submission: Submission) -> str:
    """Return how and when something came, in the plan's time: Fax, Nov 20, 2026, 9:30 AM ET."""
    channel = CHANNEL_WORDS.get(submission.channel, submission.channel)
    return f"{channel}, {moment(submission.received_at, submission.plan.time_zone)}"
