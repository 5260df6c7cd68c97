"""How the receipt of what no case holds yet is shown."""

from datetime import datetime

from django.utils.translation import gettext as _

from openum.design.clock import Face
from openum.submission.models import Submission


def face_of(submission: Submission, at: datetime) -> Face | None:
    """Return the clock of the earliest deadline a kept message could have; None where no law gives one."""
    if submission.provisional_due_at is None:
        return None
    return Face(
        started_at=submission.received_at, due_at=submission.provisional_due_at, now=at, zone=submission.plan.time_zone,
        ball="payer", rule=submission.provisional_rule, purpose=_("earliest deadline it could have"),
    )  # fmt: skip
