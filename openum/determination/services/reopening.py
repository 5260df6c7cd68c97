"""Reopening a decided line with a documented reason (42 CFR 405.980, 422.616)."""

from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.cases.services import lock_line, set_line_status, write_note
from openum.determination.events import LineReopened
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import LineStatus

REOPENING_REASONS = ("new and material evidence", "clerical error", "error on the face of the evidence", "fraud")


@permitted(Permission.DECIDE_ADVERSELY, on="line.case")
@transaction.atomic
def reopen_line(*, line: ServiceLine, reason: str, explanation: str, by: User, at: datetime) -> None:
    """Reopen a denied, dismissed or partially approved line; the earlier decision stays and is superseded by the next.

    The plan's own time to decide again starts; no law gives a reopening that the plan begins a time to finish.

    Raises:
        Invalid: no admitted reason, or no explanation.
        IllegalTransition: the line cannot be reopened.
    """
    if reason not in REOPENING_REASONS:
        raise Invalid("Choose the ground of the reopening: " + ", ".join(REOPENING_REASONS) + ".")
    if not explanation.strip():
        raise Invalid("Explain the reopening. The explanation is part of the record.")
    line = lock_line(line)
    set_line_status(line, LineStatus.REOPENED, by=by, at=at, cause=reason)
    write_note(
        case=line.case,
        line=line,
        text=f"{reason.capitalize()}. {explanation.strip()}",
        purpose="reopening",
        by=by,
        at=at,
    )
    audit.record(LineReopened(case_id=line.case.public_id, line_ids=(line.public_id,), reason=reason), by=by, at=at)
