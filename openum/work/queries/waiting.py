"""Lines that wait for somebody, in the order of the clock that binds them, without sorting all open cases."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from openum.accounts.models import Plan
from openum.cases.models import ServiceLine
from openum.clocks.models import Clock
from openum.vocabulary.terms import LineStatus
from openum.work.models import Placement
from openum.work.rules.assigning import Need

PRESSING = timedelta(hours=4)
_BINDING = Clock.objects.filter(binds=True, stopped_at__isnull=True, due_at__isnull=False)


def unassigned(plan: Plan, *, count: int, queue_ids: Collection[int] | None = None) -> list[Placement]:
    """Return up to so many placements nobody holds, the earliest deadline first; those without a deadline last.

    Args:
        plan: whose lines.
        count: how many at most.
        queue_ids: only these queues; else every open queue that gives its lines out.
    """
    rows = workable(plan).filter(holder__isnull=True)
    rows = (
        rows.filter(queue__gives_out=True, queue__is_open=True)
        if queue_ids is None
        else rows.filter(queue_id__in=queue_ids)
    )
    return earliest(rows, count=count)


def earliest(rows: QuerySet[Placement], *, count: int) -> list[Placement]:
    """Return up to so many of the placements, the earliest deadline first; those without a deadline last."""
    waiting = _by_deadline(rows, _BINDING, count=count)
    if len(waiting) < count:
        clocks = _BINDING.filter(case_id=OuterRef("line__case_id"))
        waiting += _with_all(rows.filter(~Exists(clocks)).order_by("placed_at", "pk")[: count - len(waiting)])
    return waiting


def pressing(rows: QuerySet[Placement], *, at: datetime, count: int) -> list[Placement]:
    """Return up to so many of the placements whose deadline is near, the earliest first."""
    return _by_deadline(rows, _BINDING.filter(_is_pressing(at)), count=count)


def _by_deadline(rows: QuerySet[Placement], clocks: QuerySet[Clock], *, count: int) -> list[Placement]:
    dated = clocks.filter(Exists(rows.filter(line__case_id=OuterRef("case_id"))))
    order = list(dict.fromkeys(dated.order_by("due_at", "pk").values_list("case_id", flat=True)[: count * 3]))[:count]
    found: dict[int, list[Placement]] = {case_id: [] for case_id in order}
    for row in _with_all(rows.filter(line__case_id__in=order).order_by("pk")):
        found[row.line.case_id].append(row)
    return [row for case_id in order for row in found[case_id]][:count]


def _with_all(rows: QuerySet[Placement]) -> list[Placement]:
    return list(
        rows.select_related("queue", "queue__backup", "line", "line__case", "line__case__product", "line__case__member")
    )


def pressing_cases(case_ids: Collection[int], *, at: datetime) -> set[int]:
    """Return the cases whose binding clock is at its warning, or within hours of its end."""
    return set(_BINDING.filter(_is_pressing(at), case_id__in=case_ids).values_list("case_id", flat=True))


def _is_pressing(at: datetime) -> Q:
    return Q(due_at__lte=at + PRESSING) | Q(warn_at__lte=at)


def need_of(placement: Placement, *, is_pressing: bool) -> Need:
    """Return what a placed line asks of whoever takes it."""
    queue, line = placement.queue, placement.line
    return Need(
        line=line.pk, case=line.case_id, points=placement.points, queue=queue.key,
        backup=queue.backup.key if queue.backup else "", licence_kind=queue.licence_kind, state=line.case.product.state,
        skills=frozenset(queue.skills), specialty=line.specialty, language=line.case.member.language, is_pressing=is_pressing,
    )  # fmt: skip


def workable(plan: Plan) -> QuerySet[Placement]:
    """Return what lies in a plan's queues and could be worked on now, held or not."""
    rows = Placement.objects.filter(left_at__isnull=True, queue__plan=plan)
    return rows.exclude(line__status=LineStatus.PENDED_WITH_PROVIDER)


def open_placement(line: ServiceLine) -> Placement | None:
    """Return where a line is now."""
    return (
        Placement.objects.filter(line=line, left_at__isnull=True)
        .select_related("queue", "holder", "line", "line__case")
        .first()
    )
