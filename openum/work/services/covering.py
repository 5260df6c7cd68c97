"""On-call cover: who covers a queue when, and what comes to them when a deadline nears outside its hours."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import ClassVar

from django.db.models import Q

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.db.transactions import atomic
from openum.vocabulary.errors import Invalid
from openum.work.events import OnCallRecorded
from openum.work.in_hand import lines_in_hand
from openum.work.models import Assignment, HandOver, OnCall, Placement, Queue
from openum.work.queries.covering import on_call_now
from openum.work.queries.people import candidates
from openum.work.queries.waiting import need_of, pressing, workable
from openum.work.rules.assigning import is_fit
from openum.work.rules.hours import is_open
from openum.work.services.assigning import AT_ONCE, LOOKED_AT, give
from openum.work.services.handing import offer

_MOST_HOURS = 24 * 14


class OnCallInvalid(Invalid):
    """A time on call cannot be kept as given."""

    code: ClassVar[str] = "on-call-invalid"


@atomic
@permitted(Permission.KEEP_WORK, on="queue")
def record_on_call(
    *, queue: Queue, user: User, starts_at: datetime, ends_at: datetime, by: User, at: datetime
) -> OnCall:
    """Write down who covers a queue and when.

    Raises:
        OnCallInvalid: it does not run forward, is over, lasts over two weeks, overlaps another of the queue, or the
            person works in no queue of the plan or lacks its licence.
    """
    if ends_at <= starts_at or ends_at <= at:
        raise OnCallInvalid("The cover ends after it begins, and not in the past.")
    if (ends_at - starts_at).total_seconds() > _MOST_HOURS * 3600:
        raise OnCallInvalid("One cover lasts at most two weeks. Write the next one down separately.")
    person = next((one for one in candidates(queue.plan, at=at) if one.user == user.pk), None)
    if person is None:
        raise OnCallInvalid("This person works in no queue of the plan. Add them to one first.")
    if queue.licence_kind and queue.licence_kind not in {kind for kind, _state in person.licences}:
        raise OnCallInvalid(f"This person has no valid {queue.licence_kind} licence, which the queue asks for.")
    standing = OnCall.objects.filter(
        queue=queue, cancelled_at__isnull=True, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    if standing.exists():
        raise OnCallInvalid("Somebody covers this queue then already. Take that back first.")
    row = OnCall.objects.create(
        queue=queue, user=user, starts_at=starts_at, ends_at=ends_at, recorded_by=by, recorded_at=at
    )
    audit.record(OnCallRecorded(on_call_id=row.public_id, user_id=user.public_id), by=by, at=at)
    return row


@atomic
@permitted(Permission.KEEP_WORK, on="row.queue")
def cancel_on_call(*, row: OnCall, by: User, at: datetime) -> None:
    """Take a cover back. A second time changes nothing."""
    if OnCall.objects.filter(pk=row.pk, cancelled_at__isnull=True).update(cancelled_at=at):
        event = OnCallRecorded(on_call_id=row.public_id, user_id=row.user.public_id, is_cancelled=True)
        audit.record(event, by=by, at=at)


@atomic
def cover(*, plan: Plan, by: User, at: datetime) -> int:
    """Bring pressing lines of queues that are closed now to whoever covers them; licence and field hold as always.

    What nobody holds, or somebody without a review open, is given; what its holder has open for review is offered, so
    that nothing is pulled from under a person who is still working. Where the person on call is not fit, or holds it,
    nothing moves: the ladder of the deadline tells the next desk.

    Returns:
        How many lines came to somebody on call.
    """
    covering = {
        row.queue_id: row for row in on_call_now(plan, at=at)
        if row.queue.hours and not is_open(row.queue.hours, zone=plan.time_zone, at=at)
    }  # fmt: skip
    if not covering:
        return 0
    of_others = (Q(queue=pk) & ~Q(holder=call.user_id) for pk, call in covering.items())
    rows = pressing(workable(plan).filter(reduce(or_, of_others)), at=at, count=LOOKED_AT)
    on_call = {row.user_id for row in covering.values()}
    people = {person.user: person for person in candidates(plan, at=at) if person.user in on_call}
    in_hand = lines_in_hand([row.line_id for row in rows])
    offered = set(
        HandOver.objects.filter(placement__in=rows, state=HandOver.OFFERED).values_list("placement_id", flat=True)
    )
    moved = 0
    for row in rows:
        call = covering[row.queue_id]
        person = people.get(call.user_id)
        if moved == AT_ONCE:
            break
        if person is None or not is_fit(need_of(row, is_pressing=True), person):
            continue
        if row.holder_id is not None and row.line_id in in_hand:
            moved += _offer(row, call, is_offered=row.pk in offered, by=by, at=at)
        else:
            give(row, call.user, how=Assignment.ON_CALL, because=_why(row), by=by, at=at)
            moved += 1
    return moved


def _offer(row: Placement, call: OnCall, *, is_offered: bool, by: User, at: datetime) -> int:
    if is_offered or HandOver.objects.filter(placement=row, taker=call.user, offered_by=by).exists():
        return 0
    offer(
        row, call.user, words=f"On call: {_why(row)}. Its holder has a review open.", due_at=call.ends_at, by=by, at=at
    )
    return 1


def _why(row: Placement) -> str:
    return f"on call for {row.queue.name}; the deadline is near and the queue is closed now"
