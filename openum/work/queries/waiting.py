"""Lines that wait for somebody, in the order of the clock that binds them, without sorting all open cases."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from openum.accounts.models import Plan
from openum.cases.models import ServiceLine
from openum.clocks.models import Clock
from openum.vocabulary.terms import LineStatus
from openum.work.models import Placement
from openum.work.rules.assigning import Need

PRESSING = timedelta(hours=4)


def unassigned(plan: Plan, *, count: int, queue_ids: Collection[int] | None = None) -> list[Placement]:
    """Return up to so many placements nobody holds, the earliest deadline first; those without a deadline last.

    Args:
        plan: whose lines.
        count: how many at most.
        queue_ids: only these queues; else every open queue that gives its lines out.
    """
    rows = Placement.objects.filter(left_at__isnull=True, holder__isnull=True, queue__plan=plan).exclude(
        line__status=LineStatus.PENDED_WITH_PROVIDER
    )
    rows = (
        rows.filter(queue__gives_out=True, queue__is_open=True)
        if queue_ids is None
        else rows.filter(queue_id__in=queue_ids)
    )
    dated = Clock.objects.filter(binds=True, stopped_at__isnull=True, due_at__isnull=False).filter(
        Exists(rows.filter(line__case_id=OuterRef("case_id")))
    )
    order = list(dict.fromkeys(dated.order_by("due_at", "pk").values_list("case_id", flat=True)[: count * 3]))[:count]
    found: dict[int, list[Placement]] = {case_id: [] for case_id in order}
    for row in _with_all(rows.filter(line__case_id__in=order)):
        found[row.line.case_id].append(row)
    waiting = [row for case_id in order for row in found[case_id]][:count]
    if len(waiting) < count:
        clocks = Clock.objects.filter(
            case_id=OuterRef("line__case_id"), binds=True, stopped_at__isnull=True, due_at__isnull=False
        )
        waiting += _with_all(rows.filter(~Exists(clocks)).order_by("placed_at", "pk")[: count - len(waiting)])
    return waiting


def _with_all(rows: QuerySet[Placement]) -> list[Placement]:
    return list(
        rows.select_related("queue", "queue__backup", "line", "line__case", "line__case__product", "line__case__member")
    )


def pressing_cases(case_ids: Collection[int], *, at: datetime) -> set[int]:
    """Return the cases whose binding clock is at its warning, or within hours of its end."""
    rows = Clock.objects.filter(case_id__in=case_ids, binds=True, stopped_at__isnull=True, due_at__isnull=False)
    return {
        case_id
        for case_id, due_at, warn_at in rows.values_list("case_id", "due_at", "warn_at")
        if (due_at is not None and due_at - at <= PRESSING) or (warn_at is not None and warn_at <= at)
    }


def need_of(placement: Placement, *, is_pressing: bool) -> Need:
    """Return what a placed line asks of whoever takes it."""
    queue, line = placement.queue, placement.line
    return Need(
        line=line.pk, case=line.case_id, points=placement.points, queue=queue.key,
        backup=queue.backup.key if queue.backup else "", licence_kind=queue.licence_kind, state=line.case.product.state,
        skills=frozenset(queue.skills), specialty=line.specialty, language=line.case.member.language, is_pressing=is_pressing,
    )  # fmt: skip


def held_by(user_ids: Collection[int], plan: Plan) -> list[Placement]:
    """Return what people hold in a plan and could work on now."""
    rows = Placement.objects.filter(left_at__isnull=True, holder_id__in=user_ids, queue__plan=plan)
    return _with_all(rows.exclude(line__status=LineStatus.PENDED_WITH_PROVIDER).order_by("pk"))


def held_in(queue_ids: Collection[int]) -> list[Placement]:
    """Return what lies in queues and could be worked on now, held or not."""
    rows = Placement.objects.filter(left_at__isnull=True, queue_id__in=queue_ids)
    return _with_all(rows.exclude(line__status=LineStatus.PENDED_WITH_PROVIDER).order_by("pk"))


def open_placement(line: ServiceLine) -> Placement | None:
    """Return where a line is now."""
    return (
        Placement.objects.filter(line=line, left_at__isnull=True)
        .select_related("queue", "holder", "line", "line__case")
        .first()
    )
