"""Reading an appeal under a lock and moving it to its next state. Every service of appeals goes through here."""

from collections.abc import Iterable
from datetime import datetime

from openum import audit
from openum.accounts.models import User
from openum.appeals.events import AppealMoved
from openum.appeals.models import Appeal
from openum.appeals.rules.law import OUTSIDE, Body
from openum.appeals.rules.states import AppealState, check_step


def lock(appeal: Appeal) -> Appeal:
    """Read an appeal again under a lock, with what its steps need."""
    return (
        Appeal.objects.select_for_update(of=("self",))
        .select_related(
            "line__case__plan",
            "line__case__product__plan",
            "line__case__member",
            "line__case__organization",
            "line__request",
            "request__case__product",
            "request__case__plan",
            "request__case__member",
            "law_policy",
            "determination",
            "assigned_to",
            "follows__request",
        )
        .get(pk=appeal.pk)
    )


def ready_state(body: str) -> AppealState:
    """Return where an appeal to a body stands once nothing is awaited of who files it."""
    if body not in OUTSIDE:
        return AppealState.OPEN
    return AppealState.PRELIMINARY if body == Body.EXTERNAL else AppealState.TO_BE_SENT


def move(
    appeal: Appeal, target: AppealState, *, by: User, at: datetime, cause: str, fields: Iterable[str] = ()
) -> None:
    """Move a locked appeal to a state and save it with the fields that changed beside.

    Raises:
        IllegalAppealStep: the state cannot follow.
    """
    before = AppealState(appeal.state)
    check_step(current=before, target=target)
    appeal.state, appeal.state_since = target, at
    appeal.save(update_fields=["state", "state_since", *fields])
    audit.record(
        AppealMoved(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), appeal_id=appeal.public_id,
            before=before, after=target, cause=cause,
        ),
        by=by,
        at=at,
    )  # fmt: skip
