"""Tell the next desk before and after a duty of law runs out. Each rung is raised once for a due time."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from openum import audit, jobs
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.audit import Recorded
from openum.clocks.events import ClockDueSoon, ClockEscalated, ClockLapsed, EscalationNoted
from openum.clocks.ladders import ladder_for
from openum.clocks.models import Clock, Escalation
from openum.clocks.rules.escalation import Rung, When, of_kind
from openum.vocabulary.errors import NotAllowed

JOB = "clocks.escalate"


class NotTold(NotAllowed):
    """Somebody wants to note an escalation that was not meant for them."""

    code = "not-told"


def escalate_at_risk(event: ClockDueSoon, recorded: Recorded) -> None:
    """A clock came at risk: tell the first desk, and plan the rungs that come before the due time."""
    _climb(event.clock_ids, When.AT_RISK, When.BEFORE, recorded)


def escalate_lapse(event: ClockLapsed, recorded: Recorded) -> None:
    """A due time passed: tell who answers for it, and plan the rungs that come after."""
    _climb(event.clock_ids, When.PASSED, When.AFTER, recorded)


@transaction.atomic
def raise_rung(*, clock_id: UUID, rung: str, due_at: datetime, by: User, at: datetime) -> Escalation | None:
    """Raise one timed rung; nothing when the duty was met, its due time moved, or the ladder has no such rung now."""
    clock = Clock.objects.select_related("case__plan").filter(public_id=clock_id).first()
    if clock is None or clock.stopped_at is not None or clock.due_at != due_at:
        return None
    step = next((one for one in ladder_for(clock.case.plan, on=at.date()) if one.key == rung), None)
    return _raise(clock, step, due_at, by=by, at=at) if step else None


@permitted(Permission.SEE_PLAN_CASES, on="escalation.case")
@transaction.atomic
def note_escalation(*, escalation: Escalation, by: User, at: datetime) -> Escalation:
    """Record that one of those who were told took note; the first one counts.

    Raises:
        NotTold: the ladder told other roles.
    """
    if scope_of(by).roles.isdisjoint(escalation.tells):
        raise NotTold("This was not addressed to you. Those whom it names take note of it.")
    if not Escalation.objects.filter(pk=escalation.pk, noted_at__isnull=True).update(noted_at=at, noted_by=by):
        return escalation
    escalation.noted_at, escalation.noted_by = at, by
    audit.record(EscalationNoted(case_id=escalation.case.public_id, escalation_id=escalation.public_id), by=by, at=at)
    return escalation


def _climb(clock_ids: Iterable[UUID], now: When, later: When, recorded: Recorded) -> None:
    duties = Clock.objects.filter(public_id__in=list(clock_ids), binds=True, stopped_at=None)
    for clock in duties.select_related("case__plan").order_by("pk"):
        if clock.due_at is None:
            continue
        ladder, due_at = ladder_for(clock.case.plan, on=recorded.at.date()), clock.due_at
        for rung in of_kind(ladder, now):
            _raise(clock, rung, due_at, by=recorded.by, at=recorded.at)
        for rung in of_kind(ladder, later):
            jobs.enqueue(
                JOB,
                {"clock": str(clock.public_id), "rung": rung.key, "due_at": due_at.isoformat()},
                run_at=max(rung.at(due_at), recorded.at),
                dedupe_key=f"escalate:{clock.public_id}:{rung.key}:{due_at.isoformat()}",
            )


def _raise(clock: Clock, rung: Rung, due_at: datetime, *, by: User, at: datetime) -> Escalation:
    row, is_new = Escalation.objects.get_or_create(
        clock=clock, rung=rung.key, due_at=due_at,
        defaults={"case": clock.case, "tells": list(rung.tells), "raised_at": at},
    )  # fmt: skip
    if is_new:
        event = ClockEscalated(
            case_id=clock.case.public_id, escalation_id=row.public_id, rung=rung.key, roles=tuple(rung.tells),
            cause=clock.governing_rule,
        )  # fmt: skip
        audit.record(event, by=by, at=at)
    return row
