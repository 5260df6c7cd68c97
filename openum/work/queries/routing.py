"""The routing document in force, and lines as its rules see them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from openum.accounts.models import Plan
from openum.cases.models import ServiceLine
from openum.cases.queries import not_replaced
from openum.cases.rules import OPEN_STATUSES
from openum.directory.models import Member, Policy
from openum.directory.queries import policies_of_kind, policy_on
from openum.vocabulary.terms import LineStatus
from openum.work.models import Placement, Queue
from openum.work.rules.facts import Facts, Flag, Stage
from openum.work.rules.routing import Routing, read_routing

ROUTING = "routing"
ADULT_AT = 18


@dataclass(frozen=True)
class InForce:
    """A published document and its row."""

    policy: Policy
    routing: Routing


def is_any_published() -> bool:
    """Say whether any plan routes by rules at all."""
    return bool(policies_of_kind(ROUTING))


def routing_for(plan: Plan, *, at: datetime) -> InForce | None:
    """Return the plan's document in force when work is routed; routing is work of today, so today governs it."""
    row = policy_on(plan=plan, kind=ROUTING, key=ROUTING, on=at.astimezone(ZoneInfo(plan.time_zone)).date())
    return None if row is None else InForce(row, read_routing(row.body))


def queues_of(plan: Plan) -> dict[str, Queue]:
    """Return the open queues of a plan by key."""
    return {queue.key: queue for queue in Queue.objects.filter(plan=plan, is_open=True).order_by("name", "key")}


def stage_of(line: ServiceLine) -> Stage:
    """Say whose turn a line is."""
    return Stage.PHYSICIAN if line.status == LineStatus.PENDED_WITH_PHYSICIAN else Stage.NURSE


def facts_of(line: ServiceLine, *, lines: int, on: date) -> Facts:
    """Return an open line as the rules see it; case, member, product and request are read from the line.

    Args:
        line: the line.
        lines: how many open lines its case has.
        on: the day, for the member's age.
    """
    case, request = line.case, line.request
    return Facts(
        stage=stage_of(line), product=case.product.key, line_of_business=case.product.line_of_business,
        service=line.code, category=line.category, specialty=line.specialty, service_class=line.service_class,
        benefit=line.benefit, place=line.place, urgency=request.urgency, timing=request.timing, kind=request.kind,
        certification=request.certification, channel=request.channel, standing=request.standing,
        network=line.network_status, language=case.member.language, flags=flags_of(case.member, on), lines=lines,
    )  # fmt: skip


def flags_of(member: Member, on: date) -> frozenset[str]:
    """Return what asks for special care with a member."""
    born = member.birth_date
    is_minor = born is not None and (
        on.year - born.year - ((on.month, on.day) < (born.month, born.day)) < ADULT_AT
    )  # fmt: skip
    return frozenset(
        flag
        for flag, is_so in (
            (Flag.MINOR, is_minor),
            (Flag.CONFIDENTIAL, member.is_confidential),
            (Flag.COURT_ORDER, member.has_court_order),
            (Flag.ACCOMMODATION, bool(member.accommodations)),
            (Flag.PROVISIONAL, member.is_provisional),
        )
        if is_so
    )


def open_lines(plan: Plan) -> QuerySet[ServiceLine]:
    """Return the open lines of a plan with what the rules look at beside them."""
    return (
        ServiceLine.objects.filter(not_replaced(), case__plan=plan, status__in=sorted(OPEN_STATUSES))
        .select_related("request", "case", "case__member", "case__product", "case__plan")
        .order_by("pk")
    )


def current_placements(line_ids: Sequence[int]) -> dict[int, Placement]:
    """Return where lines are now, by line."""
    rows = Placement.objects.filter(line_id__in=line_ids, left_at__isnull=True).select_related("queue", "holder")
    return {row.line_id: row for row in rows}


def in_chunks(rows: QuerySet[ServiceLine], *, size: int = 500, most: int | None = None) -> Iterator[list[ServiceLine]]:
    """Walk lines in chunks by key, so that a hundred thousand never stand in memory."""
    last, walked = 0, 0
    while most is None or walked < most:
        count = size if most is None else min(size, most - walked)
        chunk = list(rows.filter(pk__gt=last)[:count])
        if not chunk:
            return
        last, walked = chunk[-1].pk, walked + len(chunk)
        yield chunk


def open_counts(chunk: Sequence[ServiceLine]) -> dict[int, int]:
    """Return how many open lines the cases of a chunk have."""
    counts: dict[int, int] = {}
    rows = ServiceLine.objects.filter(
        case_id__in={line.case_id for line in chunk}, status__in=sorted(OPEN_STATUSES), replaced_by__isnull=True
    )
    for case_id in rows.values_list("case_id", flat=True):
        counts[case_id] = counts.get(case_id, 0) + 1
    return counts
