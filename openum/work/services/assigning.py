"""Give lines to people, take a line up, hand on what somebody cannot work. Each time the reason is kept."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from django.db.models import Q

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.audit import Event, Recorded
from openum.db.transactions import atomic
from openum.vocabulary.errors import Missing
from openum.work.events import AssignmentEnded, LineAssigned
from openum.work.in_hand import lines_in_hand
from openum.work.models import Assignment, BulkChange, Placement, QueueMember
from openum.work.queries.people import candidates, capacities_on, loads_of, local_day
from openum.work.queries.routing import is_any_published
from openum.work.queries.waiting import earliest, need_of, pressing, pressing_cases, unassigned, workable
from openum.work.rules.assigning import Candidate, Choice, assign_all, choose

AT_ONCE = 200
"""How many lines one round gives out, or takes from who is away."""
LOOKED_AT = 1_000
"""How many pressing lines of people whose day is over-full one round looks at, the earliest deadline first."""


class NothingWaits(Missing):
    """No line waits that this person could take."""

    code: ClassVar[str] = "nothing-waits"


@atomic
def give(
    placement: Placement, user: User, *, how: str, because: str, by: User, at: datetime,
    change: BulkChange | None = None,
) -> Assignment:  # fmt: skip
    """Give a placed line to a person; whoever had it has it no more."""
    _end(placement, because="somebody else has it now", at=at)
    assignment = Assignment.objects.create(
        placement=placement, user=user, how=how, because=because, given_by=by, given_at=at, change=change
    )
    placement.holder = user
    placement.save(update_fields=["holder"])
    line = placement.line
    audit.record(
        LineAssigned(
            case_id=line.case.public_id, line_ids=(line.public_id,), assignment_id=assignment.public_id,
            user_id=user.public_id, how=how,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return assignment


@atomic
def put_back(placement: Placement, *, because: str, by: User, at: datetime) -> None:
    """Let a line wait in its queue again, without a holder."""
    ended = _end(placement, because=because, at=at)
    placement.holder = None
    placement.save(update_fields=["holder"])
    if ended is not None:
        line = placement.line
        audit.record(
            AssignmentEnded(
                case_id=line.case.public_id, line_ids=(line.public_id,), assignment_id=ended.public_id,
                user_id=ended.user.public_id, cause=because,
            ),
            by=by,
            at=at,
        )  # fmt: skip


def _end(placement: Placement, *, because: str, at: datetime) -> Assignment | None:
    standing = (
        Assignment.objects.select_related("user").filter(placement=placement, ended_at__isnull=True).first()
    )  # fmt: skip
    if standing is not None:
        standing.ended_at, standing.ended_because = at, because
        standing.save(update_fields=["ended_at", "ended_because"])
    return standing


@atomic
def give_out(*, plan: Plan, by: User, at: datetime, most: int = AT_ONCE) -> int:
    """Give waiting lines to people by skill, licence, language and capacity; return how many found somebody."""
    waiting = unassigned(plan, count=most)
    if not waiting:
        return 0
    case_ids = {placement.line.case_id for placement in waiting}
    near = pressing_cases(case_ids, at=at)
    people = candidates(plan, at=at, case_ids=case_ids)
    needs = [need_of(placement, is_pressing=placement.line.case_id in near) for placement in waiting]
    by_line = {placement.line_id: placement for placement in waiting}
    users = User.objects.in_bulk([person.user for person in people])
    given = 0
    for need, choice in assign_all(needs, people):
        if isinstance(choice, Choice):
            give(
                by_line[need.line], users[choice.user], how=Assignment.BY_SKILL, because=choice.because, by=by, at=at
            )  # fmt: skip
            given += 1
    return given


@atomic
def hand_on(*, plan: Plan, by: User, at: datetime) -> int:
    """Hand on lines of people who are away today, and pressing ones of people whose day is over-full.

    What somebody who is here has open for review stays with them. Where nobody fits, a line of somebody away waits in
    its queue again; one of somebody over-full stays.

    Returns:
        How many lines changed hands or went back.
    """
    held = Placement.objects.filter(left_at__isnull=True, holder__isnull=False, queue__plan=plan)
    holders = User.objects.filter(pk__in=held.values("holder_id"))
    user_ids = list(holders.values_list("pk", flat=True))
    capacities, loads = capacities_on(local_day(plan, at), user_ids), loads_of(user_ids)
    here = set(holders.filter(is_active=True).values_list("pk", flat=True))
    away = {pk for pk in user_ids if capacities[pk] == 0 or pk not in here}
    full = {pk for pk in user_ids if pk not in away and loads.get(pk, 0) > capacities[pk]}
    if not away and not full:
        return 0
    left = earliest(workable(plan).filter(holder_id__in=away), count=AT_ONCE) if away else []
    over = _over(plan, full, at=at) if full else []
    rows = left + over
    case_ids = {row.line.case_id for row in rows}
    near = pressing_cases({row.line.case_id for row in left}, at=at)
    people = {person.user: person for person in candidates(plan, at=at, case_ids=case_ids)}
    return sum(
        _hand_on(row, people, is_away=row.holder_id in away, is_near=row.line.case_id in near, by=by, at=at)
        for row in rows
    )


def _over(plan: Plan, full: Collection[int], *, at: datetime) -> list[Placement]:
    """Return pressing lines of people whose day is over-full, where somebody of the queue or its backup has room."""
    open_to = {queue for person in candidates(plan, at=at) if person.load < person.capacity for queue in person.queues}
    held = workable(plan).filter(
        Q(queue__key__in=open_to) | Q(queue__backup__key__in=open_to), holder_id__in=full
    )  # fmt: skip
    rows = pressing(held, at=at, count=LOOKED_AT) if open_to else []
    in_hand = lines_in_hand([row.line_id for row in rows])
    return [row for row in rows if row.line_id not in in_hand]


def _hand_on(
    row: Placement, people: dict[int, Candidate], *, is_away: bool, is_near: bool, by: User, at: datetime
) -> bool:
    others = [person for person in people.values() if person.user != row.holder_id]
    choice = choose(need_of(row, is_pressing=is_near and is_away), others)
    name = row.holder.name if row.holder else ""
    if isinstance(choice, Choice):
        why = f"{name} is away" if is_away else f"the deadline is near and {name}'s day is full"
        give(
            row, User.objects.get(pk=choice.user), how=Assignment.ABSENCE if is_away else Assignment.DEADLINE,
            because=f"{choice.because}; {why}", by=by, at=at,
        )  # fmt: skip
        person = people[choice.user]
        people[choice.user] = _with(person, row)
        return True
    if is_away:
        put_back(row, because=f"{name} is away. {choice.because}", by=by, at=at)
    return is_away


def _with(person: Candidate, row: Placement) -> Candidate:
    return replace(person, load=person.load + row.points, cases=person.cases | {row.line.case_id})


@atomic
@permitted(Permission.REVIEW_LINES, on="plan")
def take_next(*, plan: Plan, by: User, at: datetime) -> Placement:
    """Give a person the most urgent waiting line that fits them, from the queues they work in.

    Raises:
        PermissionRefused: the person may not review.
        NothingWaits: nothing that waits fits.
    """
    own = list(
        QueueMember.objects.filter(user=by, queue__plan=plan, queue__is_open=True).values_list("queue_id", flat=True)
    )
    waiting = unassigned(plan, count=AT_ONCE, queue_ids=own)
    me = [person for person in candidates(plan, at=at) if person.user == by.pk]
    for placement in waiting:
        need = need_of(placement, is_pressing=True)
        choice = choose(need, [willing(person, need.queue) for person in me])
        if isinstance(choice, Choice):
            give(placement, by, how=Assignment.TAKEN, because="asked for the next line", by=by, at=at)
            return placement
    raise NothingWaits("Nothing waits in your queues that you could take now.")


def willing(person: Candidate, queue: str) -> Candidate:
    """Return a person as free for a queue: who asks, or is asked, takes a line outside its hours and above usual points."""
    return replace(person, queues=person.queues | {queue}, capacity=max(person.capacity, 1))


def note_taken_up(event: Event, recorded: Recorded) -> None:
    """Whoever begins a review has the line from then on."""
    if recorded.by.is_machine or not is_any_published():
        return
    rows = Placement.objects.filter(line__public_id__in=event.line_ids, left_at__isnull=True)
    for placement in rows.exclude(holder=recorded.by).select_related("line", "line__case", "queue"):
        give(
            placement, recorded.by, how=Assignment.TAKEN, because="took the line up for review", by=recorded.by,
            at=recorded.at,
        )  # fmt: skip
