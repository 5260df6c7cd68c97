"""Holding the payment of a claim line, and releasing it. No clock hears of it."""

from datetime import datetime
from typing import ClassVar

from django.db import IntegrityError, transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.rules import OPEN_STATUSES
from openum.db.text import clean
from openum.retrospective.events import ClaimHeld, ClaimReleased
from openum.retrospective.models import ClaimHold, ClaimLine
from openum.vocabulary.errors import Conflict, Invalid


class CannotHold(Conflict):
    """The line is decided, held already, or not held."""

    code: ClassVar[str] = "cannot-hold"


@permitted(Permission.REVIEW_LINES, on="claim_line.line.case")
@transaction.atomic
def hold_claim(*, claim_line: ClaimLine, because: str, by: User, at: datetime) -> ClaimHold:
    """Hold the payment of an open claim line. Neither the time to decide nor the time to pay stops.

    Raises:
        Invalid: no reason.
        CannotHold: decided, or held already.
    """
    if not because.strip():
        raise Invalid("Say why the payment is held. The time to pay the claim runs on.")
    if claim_line.line.status not in OPEN_STATUSES:
        raise CannotHold("This line is decided. Nothing of it can be held.")
    try:
        with transaction.atomic():
            hold = ClaimHold.objects.create(
                claim_line=claim_line, because=clean(because.strip()), held_by=by, held_at=at
            )
    except IntegrityError as conflict:
        raise CannotHold("This line is held already. Reload the page.") from conflict
    line = claim_line.line
    audit.record(
        ClaimHeld(case_id=line.case.public_id, line_ids=(line.public_id,), hold_id=hold.public_id), by=by, at=at
    )
    return hold


@permitted(Permission.REVIEW_LINES, on="claim_line.line.case")
@transaction.atomic
def release_claim(*, claim_line: ClaimLine, by: User, at: datetime) -> ClaimHold:
    """End the hold of a claim line.

    Raises:
        CannotHold: it is not held.
    """
    hold = (
        ClaimHold.objects.select_for_update(of=("self",))
        .filter(claim_line=claim_line, released_at__isnull=True)
        .first()
    )
    if hold is None:
        raise CannotHold("This line is not held. Reload the page.")
    hold.released_by, hold.released_at = by, at
    hold.save()
    line = claim_line.line
    audit.record(
        ClaimReleased(case_id=line.case.public_id, line_ids=(line.public_id,), hold_id=hold.public_id), by=by, at=at
    )
    return hold
