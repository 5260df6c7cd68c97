"""What a person may do to many lines at once: give, route, tag. Never a decision. Each can be taken back for ten seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db.models import Q

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import Case, ServiceLine
from openum.cases.queries import cases_visible_to, lines_visible_to
from openum.cases.rules import OPEN_STATUSES
from openum.db.text import clean
from openum.db.transactions import atomic
from openum.vocabulary.errors import Conflict, Invalid, NotAllowed
from openum.work.events import BulkChangeUndone, CaseTagged
from openum.work.models import Assignment, BulkChange, Placement, Queue, SavedView, Tag
from openum.work.queries.people import candidates
from openum.work.queries.routing import stage_of
from openum.work.queries.waiting import need_of
from openum.work.rules.assigning import Choice, choose
from openum.work.services.assigning import give, put_back, willing
from openum.work.services.routing import close_placement, place

MOST_AT_ONCE = 100
UNDO = timedelta(seconds=10)
LONGEST_TAG = 40


class NothingChosen(Invalid):
    """Nothing that could be changed was chosen."""

    code: ClassVar[str] = "nothing-chosen"


class NotFitForLine(NotAllowed):
    """The person lacks what the queue asks of whoever works a line."""

    code: ClassVar[str] = "not-fit-for-line"


class TooLateToUndo(Conflict):
    """The time to take it back is over, or it was taken back already."""

    code: ClassVar[str] = "too-late-to-undo"


@dataclass(frozen=True)
class Changed:
    """What came of a change to many: the change itself, how many lines it took, and sentences about the others."""

    change: BulkChange
    count: int
    left_out: tuple[str, ...] = ()


def _lines(line_ids: Sequence[UUID], by: User) -> list[ServiceLine]:
    """Return the open lines among those chosen that the person may see."""
    if not line_ids:
        raise NothingChosen("Choose at least one request.")
    if len(line_ids) > MOST_AT_ONCE:
        raise NothingChosen(f"Choose at most {MOST_AT_ONCE} requests at once.")
    scope = scope_of(by)
    theirs = Q(case__plan_id__in=scope.plans_with(Permission.GIVE_WORK))
    theirs |= Q(case__delegate_id__in=scope.organizations_with(Permission.GIVE_WORK))
    rows = lines_visible_to(by).filter(theirs, public_id__in=line_ids, status__in=sorted(OPEN_STATUSES))
    found = list(rows.select_related("case", "case__plan", "case__product", "case__member", "request").order_by("pk"))
    if not found:
        raise NothingChosen("None of the chosen requests is open any more. Reload the list.")
    return found


def _placements(lines: Sequence[ServiceLine]) -> dict[int, Placement]:
    rows = Placement.objects.select_for_update(of=("self",)).filter(line__in=lines, left_at__isnull=True)
    return {row.line_id: row for row in rows.select_related("queue", "queue__backup", "holder")}


@atomic
@permitted(Permission.GIVE_WORK)
def give_lines(*, line_ids: Sequence[UUID], to: User, by: User, at: datetime) -> Changed:
    """Give lines to a person. Licence and field are checked, capacity is not: whoever gives sees the load.

    Raises:
        NothingChosen: no open line among them.
        NotFitForLine: the person fits none of them.
    """
    lines = _lines(line_ids, by)
    placements = _placements(lines)
    left_out: list[str] = []
    fit: list[Placement] = []
    for line in lines:
        placement = placements.get(line.pk)
        if placement is None:
            left_out.append(f"{line.case.number} is in no queue. Route it first.")
            continue
        placement.line = line
        why_not = _why_not(placement, to, at=at)
        if why_not:
            left_out.append(f"{line.case.number}: {why_not}")
        else:
            fit.append(placement)
    if not fit:
        raise NotFitForLine(" ".join(left_out))
    change = BulkChange.objects.create(kind=BulkChange.GIVE, by=by, at=at)
    for placement in fit:
        give(
            placement, to, how=Assignment.BY_PERSON, because=f"given by {by.name}", by=by, at=at, change=change
        )  # fmt: skip
    return Changed(change, len(fit), tuple(left_out))


def _why_not(placement: Placement, to: User, *, at: datetime) -> str:
    """Say why a person may not be given a line, or nothing."""
    plan = placement.line.case.plan
    needed = Permission.DECIDE_ADVERSELY if placement.stage == "physician" else Permission.REVIEW_LINES
    if to.is_machine or plan.pk not in scope_of(to).plans_with(needed):
        return f"{to.name} does not review this plan's requests at that stage."
    known = next((person for person in candidates(plan, at=at) if person.user == to.pk), None)
    if known is None:
        return f"{to.name} works in none of the plan's queues."
    need = need_of(placement, is_pressing=True)
    choice = choose(need, [willing(known, need.queue)])
    return "" if isinstance(choice, Choice) else f"{to.name} lacks what the queue {placement.queue.name} asks for."


@atomic
@permitted(Permission.GIVE_WORK, on="queue.plan")
def route_lines(*, line_ids: Sequence[UUID], queue: Queue, because: str, by: User, at: datetime) -> Changed:
    """Put lines into another queue by hand, with the reason.

    Raises:
        NothingChosen: no open line among them, or no reason.
    """
    because = clean(because.strip())
    if not because:
        raise NothingChosen("Say why they belong in the other queue. The reason is kept.")
    lines = _lines(line_ids, by)
    if not queue.is_open:
        raise NothingChosen(f"The queue {queue.name} is closed. Choose another one.")
    placements = _placements(lines)
    left_out: list[str] = []
    change = BulkChange.objects.create(kind=BulkChange.ROUTE, by=by, at=at)
    count = 0
    for line in lines:
        placement = placements.get(line.pk)
        if line.case.plan_id != queue.plan_id or stage_of(line) != queue.stage:
            left_out.append(f"{line.case.number} is of another plan or stage than the queue {queue.name}.")
        elif placement is not None and placement.queue_id == queue.pk:
            left_out.append(f"{line.case.number} is in the queue {queue.name} already.")
        else:
            if placement is not None:
                close_placement(placement, because=Placement.BY_HAND, at=at)
            place(
                line, queue, because=because, points=placement.points if placement else 1, by=by, at=at, change=change,
                points_because=placement.points_because if placement else (), facts=placement.facts if placement else {},
            )  # fmt: skip
            count += 1
    if not count:
        raise NothingChosen(" ".join(left_out))
    return Changed(change, count, tuple(left_out))


@atomic
@permitted(Permission.GIVE_WORK)
def tag_cases(*, line_ids: Sequence[UUID], word: str, by: User, at: datetime) -> Changed:
    """Put a word of the team on the cases of lines.

    Raises:
        NothingChosen: no open line among them, no word, or a long one.
    """
    word = " ".join(clean(word).split()).casefold()
    if not word or len(word) > LONGEST_TAG:
        raise NothingChosen(f"A tag is a word or two, at most {LONGEST_TAG} letters.")
    lines = _lines(line_ids, by)
    cases = {line.case_id: line.case for line in lines}
    tagged = set(
        Tag.objects.filter(case__in=cases, word=word, removed_at__isnull=True).values_list("case_id", flat=True)
    )
    fresh = [case for pk, case in cases.items() if pk not in tagged]
    if not fresh:
        raise NothingChosen("All of them have this tag already.")
    change = BulkChange.objects.create(kind=BulkChange.TAG, by=by, at=at)
    for case in fresh:
        Tag.objects.create(case=case, word=word, by=by, at=at, change=change)
        audit.record(CaseTagged(case_id=case.public_id), by=by, at=at)
    return Changed(change, len(fresh))


@atomic
@permitted(Permission.GIVE_WORK, on="case")
def untag_case(*, case: Case, word: str, by: User, at: datetime) -> None:
    """Take a word off a case."""
    for tag in Tag.objects.filter(case__in=cases_visible_to(by).filter(pk=case.pk), word=word, removed_at__isnull=True):
        _remove(tag, by=by, at=at)


def _remove(tag: Tag, *, by: User, at: datetime) -> None:
    tag.removed_at = at
    tag.save(update_fields=["removed_at"])
    audit.record(CaseTagged(case_id=tag.case.public_id, is_removed=True), by=by, at=at)


@atomic
def undo_change(*, change: BulkChange, by: User, at: datetime) -> int:
    """Take back what a person has just done to many lines; return how many went back.

    What somebody changed since stays as they made it.

    Raises:
        NotAllowed: somebody else did it.
        TooLateToUndo: more than ten seconds ago, or taken back already.
    """
    change = BulkChange.objects.select_for_update().get(pk=change.pk)
    if change.by_id != by.pk:
        raise NotAllowed("Only the person who did it can take it back.")
    if change.undone_at is not None or at - change.at > UNDO:
        raise TooLateToUndo("The time to take it back is over. Give or route the requests again.")
    back = {BulkChange.GIVE: _ungive, BulkChange.ROUTE: _unroute, BulkChange.TAG: _untag}[change.kind]
    count = back(change, by, at)
    change.undone_at = at
    change.save(update_fields=["undone_at"])
    audit.record(BulkChangeUndone(change_id=change.public_id), by=by, at=at)
    return count


def _ungive(change: BulkChange, by: User, at: datetime) -> int:
    rows = Assignment.objects.filter(change=change, ended_at__isnull=True)
    given = list(rows.select_related("placement", "placement__line", "placement__line__case").order_by("pk"))
    for assignment in given:
        placement = assignment.placement
        before = (
            Assignment.objects.filter(placement=placement, ended_at=change.at).exclude(pk=assignment.pk)
            .select_related("user").order_by("-pk").first()
        )  # fmt: skip
        if before is None:
            put_back(placement, because=Placement.TAKEN_BACK, by=by, at=at)
        else:
            give(placement, before.user, how=Assignment.UNDONE, because=before.because, by=by, at=at)
    return len(given)


def _unroute(change: BulkChange, by: User, at: datetime) -> int:
    rows = Placement.objects.filter(change=change, left_at__isnull=True)
    routed = list(rows.select_related("line", "line__case", "line__request").order_by("pk"))
    for placement in routed:
        line = placement.line
        before = (
            Placement.objects.filter(line=line, left_at=change.at).select_related("queue", "holder").order_by("-pk").first()
        )  # fmt: skip
        close_placement(placement, because=Placement.TAKEN_BACK, at=at)
        if before is None:
            continue
        again = place(
            line, before.queue, because=before.because, points=before.points, points_because=before.points_because,
            policy_id=before.policy_id, rule=before.rule, version=before.version, facts=before.facts, by=by, at=at,
        )  # fmt: skip
        if before.holder is not None:
            give(again, before.holder, how=Assignment.UNDONE, because="had it before", by=by, at=at)
    return len(routed)


def _untag(change: BulkChange, by: User, at: datetime) -> int:
    tags = list(Tag.objects.filter(change=change, removed_at__isnull=True).select_related("case"))
    for tag in tags:
        _remove(tag, by=by, at=at)
    return len(tags)


@atomic
def save_view(
    *, name: str, choices: dict[str, str], queue: Queue | None, by: User, at: datetime
) -> SavedView:  # fmt: skip
    """Keep a worklist's filters under a name; the same name again replaces it. With a queue, its people share it.

    Raises:
        Invalid: no name.
    """
    name = " ".join(clean(name).split())
    if not name or len(name) > 60:
        raise Invalid("Give the view a name of at most 60 letters.")
    view, _ = SavedView.objects.update_or_create(
        owner=by, name=name, defaults={"choices": choices, "queue": queue, "saved_at": at}
    )
    return view
