"""Looking again at what software approved: once for each approval, by a clinician; the approval stands."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.services import lock_line
from openum.determination.drawing import why_drawn
from openum.determination.events import ApprovalLookedAt
from openum.determination.looks import NothingToLookAt, check_look
from openum.determination.models import ApprovalLook, Determination
from openum.determination.queries import licence_to_approve


@permitted(Permission.REVIEW_LINES, on="determination.line.case")
@transaction.atomic
def look_at_approval(*, determination: Determination, agrees: bool, words: str, by: User, at: datetime) -> ApprovalLook:
    """Keep whether a clinician would have approved as well. Nothing is taken back; who keeps the rule reads the reason.

    Raises:
        NothingToLookAt: no approval by software, or somebody looked at it already.
        DifferenceUnsaid: it differs, and nothing says in what.
        ReviewerNotQualified: no licence valid on the day.
        ConflictOfInterest: an interest in the request.
    """
    line = lock_line(determination.line)
    if not determination.decided_by_machine or line.case.is_sandbox:
        raise NothingToLookAt("No rule approved this service for a member. There is nothing to look at again.")
    if ApprovalLook.objects.filter(determination=determination).exists():
        raise NothingToLookAt("Somebody looked at this approval already. Open the next one.")
    check_look(agrees=agrees, words=words)
    on = at.astimezone(ZoneInfo(line.case.product.time_zone)).date()
    licence = licence_to_approve(line, by=by, on=on, is_judged=True)
    look = ApprovalLook.objects.create(
        determination=determination, why=why_drawn(determination, at=at), agrees=agrees, words=words.strip(),
        licence=licence, by=by, at=at,
    )  # fmt: skip
    audit.record(
        ApprovalLookedAt(
            case_id=line.case.public_id, line_ids=(line.public_id,), determination_id=determination.public_id,
            agrees=agrees,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return look
