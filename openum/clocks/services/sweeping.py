"""Find clocks that ran out, will soon, or whose pause ended. Nothing counts at night: due times are stored and indexed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import QuerySet

from openum import audit
from openum.accounts.models import User
from openum.clocks.events import ClockDueSoon
from openum.clocks.models import Clock
from openum.clocks.rules.reading import ClockState
from openum.clocks.services.movements import lapse_of
from openum.clocks.services.recording import recompute
from openum.clocks.stored import setting_of
from openum.vocabulary.errors import OpenUMError

log = structlog.get_logger("openum.clocks")
BATCH = 200


def lapsed(at: datetime) -> QuerySet[Clock]:
    """Open clocks whose due time passed and was not noticed yet; read through a partial index."""
    return Clock.objects.filter(
        stopped_at__isnull=True, lapsed_at__isnull=True, due_at__isnull=False, due_at__lt=at
    ).order_by("due_at")


def due_soon(at: datetime) -> QuerySet[Clock]:
    """Open clocks that came at risk and were not warned of yet; read through a partial index."""
    return Clock.objects.filter(
        stopped_at__isnull=True, warned_at__isnull=True, lapsed_at__isnull=True, warn_at__isnull=False, warn_at__lte=at
    ).order_by("warn_at")


def resuming(at: datetime) -> QuerySet[Clock]:
    """Clocks whose pause, or whose time to answer, ended by itself."""
    return Clock.objects.filter(stopped_at__isnull=True, resumes_at__isnull=False, resumes_at__lte=at).order_by(
        "resumes_at"
    )


def sweep(*, by: User, at: datetime) -> int:
    """Resume, mark late and warn; return how many clocks were touched. Two workers never claim the same clock."""
    touched = 0
    with audit.batch():
        for find, claim in ((resuming, _resume), (lapsed, _lapse), (due_soon, _warn)):
            touched += _each(find(at), claim, by=by, at=at)
    return touched


def _each(found: QuerySet[Clock], claim: Callable[..., bool], *, by: User, at: datetime) -> int:
    return sum(_alone(claim, clock, by=by, at=at) for clock in list(found[:BATCH]))


def _alone(claim: Callable[..., bool], clock: Clock, *, by: User, at: datetime) -> bool:
    """Treat one clock; what cannot be done for it is logged and tried again, and holds up no other."""
    try:
        return claim(clock, by=by, at=at)
    except OpenUMError as error:
        log.warning("clock_left_for_the_next_sweep", kind=clock.governing_rule, code=error.code)
        return False


@transaction.atomic
def _resume(clock: Clock, *, by: User, at: datetime) -> bool:
    """Let a paused clock run again, or give the ball back; claimed by clearing the instant."""
    if Clock.objects.filter(pk=clock.pk, stopped_at__isnull=True, resumes_at=clock.resumes_at).update(resumes_at=None):
        recompute(request_id=clock.request_id, by=by, at=at)
        return True
    return False


@transaction.atomic
def _lapse(clock: Clock, *, by: User, at: datetime) -> bool:
    """Claim a late clock; record the lapse. The duty stays open and no line changes. A window just closes."""
    claimed = lapsed(at).order_by().filter(pk=clock.pk).update(lapsed_at=at, state=ClockState.LATE)
    if claimed != 1:
        return False
    setting = setting_of(clock.request_id, lock=True)
    if not setting.book.rule(clock.governing_rule, clock.governing_version).is_window:
        audit.record(replace(lapse_of(clock, setting), clock_ids=(clock.public_id,)), by=by, at=at)
    recompute(request_id=clock.request_id, by=by, at=at)
    return True


@transaction.atomic
def _warn(clock: Clock, *, by: User, at: datetime) -> bool:
    """Claim a clock at risk; record the warning once."""
    if due_soon(at).order_by().filter(pk=clock.pk).update(warned_at=at) != 1 or clock.due_at is None:
        return False
    setting = setting_of(clock.request_id)
    audit.record(
        ClockDueSoon(
            case_id=setting.case,
            request_id=setting.request,
            clock_ids=(clock.public_id,),
            due_at=clock.due_at,
            cause=clock.governing_rule,
        ),
        by=by,
        at=at,
    )
    return True
