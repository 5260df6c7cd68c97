"""Publish a plan's routing, and put lines into queues by it: each time with rule, reason and version."""

from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from openum import audit, jobs
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.audit import Recorded
from openum.cases import working
from openum.cases.events import LineStatusChanged
from openum.cases.models import ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.db import plain
from openum.db.transactions import atomic
from openum.directory.models import Policy
from openum.directory.services import publish_policy
from openum.vocabulary.errors import Conflict
from openum.vocabulary.packs import read_yaml
from openum.work.events import LineRouted
from openum.work.models import Assignment, Placement, Queue
from openum.work.queries.routing import (
    ROUTING,
    InForce,
    current_placements,
    facts_of,
    in_chunks,
    is_any_published,
    open_counts,
    open_lines,
    queues_of,
    routing_for,
    stage_of,
)
from openum.work.rules.routing import Routing, check_queues, complexity_of, read_routing, rule_for

REROUTE_JOB = "work.reroute"
_ENDED = "the line is not open any more"
_OTHER_STAGE = "the line went to the other stage"


class NotSimulated(Conflict):
    """A document is published only after it was simulated as it stands."""

    code: ClassVar[str] = "not-simulated"


def check_routing(*, text: str, plan: Plan) -> Routing:
    """Read a document and check it against the queues of a plan, as publishing does.

    Raises:
        RoutingInvalid: a rule, a queue or an example has a fault.
    """
    routing = read_routing(text)
    queues = queues_of(plan)
    check_queues(
        routing,
        known={key: queue.stage for key, queue in queues.items()},
        without_owner={key for key, queue in queues.items() if queue.owner_id is None},
    )
    return routing


@atomic
@permitted(Permission.KEEP_WORK, on="plan", serves_software=True)
def publish_routing(*, text: str, plan: Plan, by: User, at: datetime) -> Policy:
    """Publish a plan's routing document as an immutable row.

    Raises:
        PermissionRefused: the person may not keep the plan's work. Software that loads policies may.
        RoutingInvalid: a rule, a queue or an example has a fault; nothing is published.
        PolicyVersionChanged: the version is published with other content.
    """
    routing = check_routing(text=text, plan=plan)
    front: dict[str, Any] = read_yaml(text)
    return publish_policy(
        kind=ROUTING, key=ROUTING, version=routing.version, body=text, source=routing.source, plan=plan, by=by, at=at,
        effective_from=routing.effective_from, effective_to=routing.effective_to,
        source_verified=bool(front.get("source_verified", False)),
    )  # fmt: skip


def follow_status(event: LineStatusChanged, recorded: Recorded) -> None:
    """Route a line when it comes to a stage, and take it out of its queue when it is open no more."""
    if not is_any_published():
        return
    is_open = event.after in OPEN_STATUSES
    for line in working.lines_by_public_id(event.line_ids):
        is_new = working.new_line(line.pk) is not None
        if not is_open:
            if not is_new:
                _leave(line, because=_ENDED, at=recorded.at)
            continue
        known = None if is_new else Placement.objects.filter(line=line, left_at__isnull=True).first()
        if known is not None and known.stage == stage_of(line):
            continue
        if known is not None:
            close_placement(known, because=_OTHER_STAGE, at=recorded.at)
        route_line(line=line, by=recorded.by, at=recorded.at)


@atomic
def route_line(*, line: ServiceLine, by: User, at: datetime) -> Placement | None:
    """Put an open line that is in no queue into the one its plan's rules say; None where no rules are in force."""
    in_force = routing_for(line.case.plan, at=at)
    if in_force is None:
        return None
    at_hand = working.current()
    if at_hand is not None and working.new_line(line.pk) is not None:
        count = sum(1 for each in at_hand.lines if each.status in OPEN_STATUSES)
    else:
        count = open_counts([line])[line.case_id]
    return _place_by_rule(line, in_force, _queues(line.case.plan), lines=count, by=by, at=at)


def _queues(plan: Plan) -> dict[str, Queue]:
    return {queue.key: queue for queue in plain.select_where(Queue, "plan_id = %s AND is_open", [plan.pk])}


def _place_by_rule(
    line: ServiceLine, in_force: InForce, queues: dict[str, Queue], *, lines: int, by: User, at: datetime
) -> Placement | None:
    facts = facts_of(line, lines=lines, on=at.astimezone(ZoneInfo(line.case.plan.time_zone)).date())
    complexity = complexity_of(in_force.routing, facts)
    rule = rule_for(in_force.routing, facts, complexity.points)
    queue = queues.get(rule.queue)
    if queue is None:  # closed since the rules were published; the owner sees the line among those in no queue
        return None
    return place(
        line, queue, because=rule.because, points=complexity.points, points_because=complexity.why, policy=in_force.policy,
        rule=rule.key, version=in_force.routing.version, facts=facts.stored(), by=by, at=at,
    )  # fmt: skip


def place(
    line: ServiceLine, queue: Queue, *, because: str, points: int, by: User, at: datetime, **said: Any
) -> Placement:
    """Write one stay in a queue. The line is in none when this is called."""
    said["points_because"] = list(said.get("points_because", ()))
    placement = plain.new(
        Placement, line=line, queue=queue, stage=stage_of(line), because=because, points=points, placed_by_id=by.pk,
        placed_at=at, **said,
    )  # fmt: skip
    plain.insert([placement])
    audit.record(
        LineRouted(
            case_id=line.case.public_id, line_ids=(line.public_id,), placement_id=placement.public_id,
            queue_id=queue.public_id, rule=placement.rule, version=placement.version,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return placement


def close_placement(placement: Placement, *, because: str, at: datetime) -> None:
    """End a stay in a queue, and with it whoever has the line from there."""
    Assignment.objects.filter(placement=placement, ended_at__isnull=True).update(ended_at=at, ended_because=because)
    placement.left_at, placement.left_because = at, because
    placement.save(update_fields=["left_at", "left_because"])


def _leave(line: ServiceLine, *, because: str, at: datetime) -> None:
    placement = Placement.objects.filter(line=line, left_at__isnull=True).first()
    if placement is not None:
        close_placement(placement, because=because, at=at)


@atomic
@permitted(Permission.KEEP_WORK, on="plan")
def ask_to_reroute(*, plan: Plan, by: User, at: datetime) -> bool:
    """Let the worker route the plan's open lines anew by the rules in force. Lines somebody holds stay where they are.

    Returns:
        Whether a job was added; one that waits already is enough.
    """
    policy = routing_for(plan, at=at)
    if policy is None:
        return False
    return jobs.enqueue(
        REROUTE_JOB, {"plan": plan.public_id, "by": by.public_id, "after": 0}, run_at=at,
        dedupe_key=f"{REROUTE_JOB}@{plan.public_id}@{policy.policy.public_id}@{at.isoformat()}",
    )  # fmt: skip


def reroute_open_lines(*, plan: Plan, after: int, count: int, by: User, at: datetime) -> tuple[int, int]:
    """Route a chunk of open lines anew, those with a key above `after`.

    Returns:
        How many lines went elsewhere, and the key of the last one looked at; 0 when nothing is left.
    """
    in_force = routing_for(plan, at=at)
    chunk = next(in_chunks(open_lines(plan).filter(pk__gt=after), size=count), [])
    if in_force is None or not chunk:
        return 0, 0
    queues, counts = _queues(plan), open_counts(chunk)
    known = current_placements([line.pk for line in chunk])
    moved = 0
    for line in chunk:
        placement = known.get(line.pk)
        if placement is not None and placement.holder_id is not None:
            continue
        moved += _move(line, placement, in_force, queues, lines=counts[line.case_id], by=by, at=at)
    return moved, chunk[-1].pk


def _move(
    line: ServiceLine, placement: Placement | None, in_force: InForce, queues: dict[str, Queue], *, lines: int, by: User,
    at: datetime,
) -> bool:  # fmt: skip
    facts = facts_of(line, lines=lines, on=at.astimezone(ZoneInfo(line.case.plan.time_zone)).date())
    rule = rule_for(in_force.routing, facts, complexity_of(in_force.routing, facts).points)
    if placement is not None:
        if placement.queue.key == rule.queue:
            return False
        close_placement(placement, because=Placement.NEW_RULES, at=at)
    return _place_by_rule(line, in_force, queues, lines=lines, by=by, at=at) is not None
