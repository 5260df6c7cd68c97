"""What may be written on a line: status, the requester's own acts, amendments, and a corrected receipt."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import check_user_may
from openum.accounts.rules import Permission
from openum.cases import working
from openum.cases.events import LineAmended, LineCancelled, LineStatusChanged, LineWithdrawn, ReceiptCorrected
from openum.cases.models import Amendment, Request, ServiceLine
from openum.cases.rules import OPEN_STATUSES, check_actor_may_set, check_transition
from openum.db import plain
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, LineStatus


class ReasonMissing(Invalid):
    """A reason is part of the record."""

    code: ClassVar[str] = "reason-missing"


class SecondPersonMissing(Invalid):
    """A correction of the receipt takes two people."""

    code: ClassVar[str] = "second-person-missing"


def lock_line(line: ServiceLine) -> ServiceLine:
    """Read a line again under a lock, with what a decision needs beside it; one made just now is at hand."""
    return working.new_line(line.pk) or (
        ServiceLine.objects.select_for_update(of=("self",))
        .select_related("case", "case__plan", "case__product", "case__coverage", "case__member", "request")
        .get(pk=line.pk)
    )


def set_line_status(
    line: ServiceLine, target: LineStatus, *, by: User, at: datetime, cause: str = "", is_requesters_own: bool = False
) -> None:
    """Move a locked line to a status, if the table and the actor admit it, and keep `Case.is_open` in step.

    Raises:
        IllegalTransition: the status cannot follow.
        MachineMayNot: software tried something only a person may do.
    """
    current = LineStatus(line.status)
    check_transition(current=current, target=target)
    check_actor_may_set(target=target, by_machine=by.is_machine, is_requesters_own_act=is_requesters_own)
    line.status, line.status_since, line.version = target, at, line.version + 1
    plain.update([line], ["status", "status_since", "version"])
    audit.record(
        LineStatusChanged(
            case_id=line.case.public_id, line_ids=(line.public_id,), before=current, after=target, cause=cause
        ),
        by=by,
        at=at,
    )
    is_open = target in OPEN_STATUSES or _has_open_sibling(line)
    if is_open != line.case.is_open:
        line.case.is_open = is_open
        plain.update([line.case], ["is_open"])


def _has_open_sibling(line: ServiceLine) -> bool:
    at_hand = working.current()
    if at_hand is not None and at_hand.is_new_case and at_hand.case.pk == line.case_id:
        return any(other.pk != line.pk and other.status in OPEN_STATUSES for other in at_hand.lines)
    return line.case.lines.exclude(pk=line.pk).filter(status__in=sorted(OPEN_STATUSES)).exists()


@permitted(Permission.WITHDRAW_OR_AMEND, on="line.case")
@transaction.atomic
def withdraw_line(
    *, line: ServiceLine, reason: str, requested_by: str, channel: Channel, by: User, at: datetime
) -> Amendment:
    """Record that the requester takes a line back.

    Raises:
        ReasonMissing: no reason or nobody named.
        IllegalTransition: the line is decided.
    """
    check_user_may(by, Permission.WITHDRAW_OR_AMEND) if not by.is_machine else None
    line = lock_line(line)
    amendment = Amendment(
        line=line, field="withdrawal", before=line.status, after=LineStatus.WITHDRAWN, reason=reason.strip(),
        requested_by=requested_by.strip(), channel=channel, is_requesters_own=True, recorded_by=by, at=at,
    )  # fmt: skip
    _keep(amendment)
    set_line_status(
        line, LineStatus.WITHDRAWN, by=by, at=at, cause="withdrawn by the requester", is_requesters_own=True
    )
    audit.record(
        LineWithdrawn(case_id=line.case.public_id, line_ids=(line.public_id,), amendment_id=amendment.public_id),
        by=by,
        at=at,
    )
    return amendment


@transaction.atomic
def cancel_line(
    *, line: ServiceLine, by: User, at: datetime, cause: str, replaced_by: ServiceLine | None = None
) -> None:
    """Cancel a line at the requester's word, or because a revised line of theirs replaces it."""
    line = lock_line(line)
    set_line_status(line, LineStatus.CANCELLED, by=by, at=at, cause=cause, is_requesters_own=True)
    audit.record(
        LineCancelled(
            case_id=line.case.public_id,
            line_ids=(line.public_id,),
            replaced_by=replaced_by.public_id if replaced_by else None,
            cause=cause,
        ),
        by=by,
        at=at,
    )


def _keep(amendment: Amendment) -> None:
    if not amendment.reason or not amendment.requested_by:
        raise ReasonMissing("Say why, and who asked for it. Both are kept with the change.")
    amendment.save(force_insert=True)


@transaction.atomic
def record_amendment(
    *,
    line: ServiceLine,
    field: str,
    before: str,
    after: str,
    reason: str,
    requested_by: str,
    channel: Channel,
    is_requesters_own: bool,
    by: User,
    at: datetime,
    said_at: datetime | None = None,
) -> Amendment:
    """Log a change of a line and its event. The caller has checked that the change is administrative.

    Args:
        said_at: when the requester said so, where that was before it was written down.

    Raises:
        ReasonMissing: no reason or nobody named.
    """
    amendment = Amendment(
        line=line, field=field, before=before, after=after, reason=reason.strip(), requested_by=requested_by.strip(),
        channel=channel, is_requesters_own=is_requesters_own, recorded_by=by, at=said_at or at,
    )  # fmt: skip
    _keep(amendment)
    audit.record(
        LineAmended(
            case_id=line.case.public_id, line_ids=(line.public_id,), amendment_id=amendment.public_id, field=field
        ),
        by=by,
        at=at,
    )
    return amendment


@transaction.atomic
def correct_receipt(
    *, request: Request, received_at: datetime, reason: str, by: User, second: User, at: datetime
) -> Request:
    """Correct when a request was received; the clock follows. Takes a reason and a second person.

    Raises:
        ReasonMissing: no reason.
        SecondPersonMissing: the second person is the first, or software.
        Invalid: the instant lies in the future.
    """
    if not reason.strip():
        raise ReasonMissing("Say why the receipt time is wrong. The reason is kept.")
    if second.pk == by.pk or second.is_machine or by.is_machine:
        raise SecondPersonMissing("A receipt time is corrected by two people. Ask a colleague to confirm it.")
    if received_at > at:
        raise Invalid("A request cannot have been received in the future. Check date, time and zone.")
    request = Request.objects.select_for_update(of=("self",)).select_related("case").get(pk=request.pk)
    request.receipt_corrected_from = request.receipt_corrected_from or request.received_at
    request.received_at = received_at
    request.receipt_corrected_by, request.receipt_corrected_second = by, second
    request.receipt_correction_reason = reason.strip()
    request.save()
    audit.record(
        ReceiptCorrected(case_id=request.case.public_id, request_id=request.public_id, second_person=second.public_id),
        by=by,
        at=at,
    )
    return request
