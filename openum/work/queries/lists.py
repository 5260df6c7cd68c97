"""Work as lists show it: who has which line and why, the queues with their counts, and filters of a worklist."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.clocks.models import Clock
from openum.db import plain
from openum.vocabulary.terms import Urgency
from openum.work.models import Assignment, Placement, Queue, QueueMember, Tag

SMALL = 2000
"""Up to so many lines are sorted by themselves; above, a list walks the clocks in due order."""
ME = "me"
NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a reader wants to see of the open work; empty parts choose nothing."""

    queue: str = ""
    holder: str = ""
    urgency: str = ""
    tag: str = ""

    def __bool__(self) -> bool:
        """Say whether anything is chosen."""
        return bool(self.queue or self.holder or self.urgency or self.tag)

    def stored(self) -> dict[str, str]:
        """Return what is chosen as plain values."""
        return {key: value for key, value in vars(self).items() if value}


def chosen(lines: QuerySet[ServiceLine], choice: Choice, user: User) -> QuerySet[ServiceLine]:
    """Keep the lines that a reader chose, by indexed questions about each line."""
    here = Placement.objects.filter(line_id=OuterRef("pk"), left_at__isnull=True)
    wanted = _placed(choice, user)
    if wanted is not None:
        lines = lines.filter(Exists(here.filter(wanted)))
    if choice.tag:
        tags = Tag.objects.filter(case_id=OuterRef("case_id"), word=choice.tag, removed_at__isnull=True)
        lines = lines.filter(Exists(tags))
    if choice.urgency in set(Urgency):
        lines = lines.filter(request__urgency=choice.urgency)
    return lines


def _placed(choice: Choice, user: User) -> Q | None:
    if not choice.queue and not choice.holder:
        return None
    wanted = Q()
    if choice.queue == ME:
        wanted &= Q(queue_id__in=list(QueueMember.objects.filter(user=user).values_list("queue_id", flat=True)))
    elif choice.queue:
        wanted &= Q(queue__public_id=choice.queue)
    if choice.holder == ME:
        wanted &= Q(holder=user)
    elif choice.holder == NOBODY:
        wanted &= Q(holder__isnull=True)
    elif choice.holder:
        wanted &= Q(holder__public_id=choice.holder)
    return wanted


def few_lines(choice: Choice, user: User) -> list[int] | None:
    """Return the lines of a choice by primary key when they are few, else None; tag and urgency are not looked at."""
    wanted = _placed(choice, user)
    rows: QuerySet[ServiceLine] | QuerySet[Placement]
    if wanted is not None:
        rows = Placement.objects.filter(wanted, left_at__isnull=True)
        found = list(rows.values_list("line_id", flat=True)[: SMALL + 1])
    elif choice.tag:
        cases = Tag.objects.filter(word=choice.tag, removed_at__isnull=True).values("case_id")
        found = list(ServiceLine.objects.filter(case_id__in=cases).values_list("pk", flat=True)[: SMALL + 1])
    else:
        return None
    return found if len(found) <= SMALL else None


def sorted_by_due(lines: Collection[tuple[int, int]]) -> list[int]:
    """Return lines (line and case by primary key) in the order of the clock that binds their case; undated ones last."""
    due: dict[int, datetime] = dict(
        Clock.objects.filter(
            case_id__in={case for _, case in lines}, binds=True, stopped_at__isnull=True, due_at__isnull=False
        )
        .values_list("case_id")
        .annotate(first=Min("due_at"))
    )
    return [
        line
        for line, _ in sorted(
            lines, key=lambda pair: (pair[1] not in due, due[pair[1]].timestamp() if pair[1] in due else 0, pair[0])
        )
    ]


@dataclass(frozen=True)
class Held:
    """Where a line of a list is: its queue, who has it, and why."""

    queue: str
    holder: str
    because: str
    points: int


_HELD = """
SELECT placement.line_id, queue.name, holder.name, placement.because, placement.points
FROM work_placement placement JOIN work_queue queue ON queue.id = placement.queue_id
LEFT JOIN accounts_user holder ON holder.id = placement.holder_id
WHERE placement.left_at IS NULL AND placement.line_id IN ({})
"""


def held_of(line_ids: Sequence[int]) -> dict[int, Held]:
    """Return where the lines of a page are, with one query."""
    rows = plain.among(_HELD, line_ids)
    return {line: Held(queue, holder or "", because, points) for line, queue, holder, because, points in rows}


_TAGS = "SELECT case_id, word FROM work_tag WHERE removed_at IS NULL AND case_id IN ({}) ORDER BY word"


def tags_of(case_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the team's words on cases."""
    found: dict[int, list[str]] = {}
    for case_id, word in plain.among(_TAGS, case_ids):
        found.setdefault(case_id, []).append(word)
    return found


def queues_visible_to(user: User) -> QuerySet[Queue]:
    """Return the open queues of a person's plans."""
    return (
        Queue.objects.filter(plan_id__in=scope_of(user).plans_with(Permission.SEE_PLAN_CASES), is_open=True)
        .select_related("plan", "owner", "backup").order_by("stage", "name", "pk")
    )  # fmt: skip


def people_of_queues(user: User) -> list[User]:
    """Return who works in the open queues of a person's plans."""
    return list(
        User.objects.filter(
            queue_memberships__queue__in=queues_visible_to(user).order_by(),
            is_active=True,
        ).distinct().order_by("name", "pk")
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One queue of the board: how many lines, how many without a holder, the oldest, and what is due next."""

    queue: Queue
    lines: int
    waiting: int
    oldest: datetime | None
    next_due: datetime | None
    people: int


def board(queues: Sequence[Queue]) -> list[Standing]:
    """Return how queues stand."""
    keys = [queue.pk for queue in queues]
    open_ = Placement.objects.filter(left_at__isnull=True, queue_id__in=keys).order_by()
    counts = {
        queue: (lines, lines - held)
        for queue, lines, held in open_.values_list("queue_id").annotate(Count("pk"), Count("holder"))
    }
    people = dict(QueueMember.objects.filter(queue_id__in=keys).values_list("queue_id").annotate(Count("pk")))
    found = []
    for queue in queues:
        here = Placement.objects.filter(left_at__isnull=True, queue=queue)
        lines, waiting = counts.get(queue.pk, (0, 0))
        found.append(
            Standing(
                queue=queue, lines=lines, waiting=waiting, people=people.get(queue.pk, 0),
                oldest=here.order_by("placed_at").values_list("placed_at", flat=True).first() if lines else None,
                next_due=_next_due(here, lines) if lines else None,
            )
        )  # fmt: skip
    return found


def _next_due(here: QuerySet[Placement], lines: int) -> datetime | None:
    """Return the earliest binding deadline among placed lines: of few by their cases, of many by walking the clocks."""
    clocks = Clock.objects.filter(binds=True, stopped_at__isnull=True, due_at__isnull=False)
    if lines <= SMALL:
        first: datetime | None = clocks.filter(case_id__in=here.values("line__case_id")).aggregate(first=Min("due_at"))[
            "first"
        ]
        return first
    due = clocks.filter(Exists(here.filter(line__case_id=OuterRef("case_id"))))
    return due.order_by("due_at").values_list("due_at", flat=True).first()


def history_of(line_ids: Sequence[int]) -> dict[int, list[Placement]]:
    """Return all stays of lines in queues, the latest first, each with who had it."""
    found: dict[int, list[Placement]] = {}
    rows = (
        Placement.objects.filter(line_id__in=line_ids).select_related("queue", "holder", "placed_by", "policy")
        .prefetch_related("assignments__user").order_by("-placed_at", "-pk")
    )  # fmt: skip
    for row in rows:
        found.setdefault(row.line_id, []).append(row)
    return found


def standing_assignment(placement: Placement) -> Assignment | None:
    """Return who has a placed line and why, from assignments read beside it."""
    return next((each for each in placement.assignments.all() if each.ended_at is None), None)
