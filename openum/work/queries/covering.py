"""Reads of hand-overs and of who is on call."""

from datetime import datetime

from django.db.models import F, QuerySet

from openum.accounts.models import Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.work.models import HandOver, OnCall, Placement


def on_call_now(plan: Plan, *, at: datetime) -> list[OnCall]:
    """Return who covers the open queues of a plan at an instant."""
    rows = OnCall.objects.filter(
        queue__plan=plan, queue__is_open=True, cancelled_at__isnull=True, starts_at__lte=at, ends_at__gt=at,
        user__is_active=True,
    )  # fmt: skip
    return list(rows.select_related("queue", "user").order_by("pk"))


def covers_of(user: User, *, at: datetime) -> list[OnCall]:
    """Return what a person covers now."""
    rows = OnCall.objects.filter(user=user, cancelled_at__isnull=True, starts_at__lte=at, ends_at__gt=at)
    return list(rows.select_related("queue__plan").order_by("ends_at", "pk"))


def on_call_visible_to(user: User) -> QuerySet[OnCall]:
    """Covers of the queues of a person's plans."""
    plans = scope_of(user).plans_with(Permission.SEE_PLAN_CASES)
    return OnCall.objects.filter(queue__plan_id__in=plans).select_related("queue__plan", "user")


def _standing() -> QuerySet[HandOver]:
    """Offers that still stand: unanswered, and the line is with whoever offered it."""
    return (
        HandOver.objects.filter(state=HandOver.OFFERED, placement__left_at__isnull=True, placement__holder=F("giver"))
        .select_related(
            "giver", "taker", "placement__queue__plan", "placement__line__case__member", "placement__line__case__plan"
        )
        .order_by("due_at", "pk")
    )


def handed_to(user: User) -> list[HandOver]:
    """Return what colleagues ask a person to take, the next step that is due first."""
    plans = scope_of(user).plans_with(Permission.REVIEW_LINES)
    return list(_standing().filter(taker=user, placement__queue__plan_id__in=plans))


def handed_by(user: User) -> list[HandOver]:
    """Return what a person offered and nobody has answered yet."""
    return list(_standing().filter(giver=user))


def handed_and_open(user: User) -> list[HandOver]:
    """Return what nobody has accepted yet in the plans whose work a person keeps."""
    return list(_standing().filter(placement__queue__plan_id__in=scope_of(user).plans_with(Permission.KEEP_WORK)))


def held_lines(user: User, lines: QuerySet[ServiceLine]) -> list[Placement]:
    """Return the placements that a person holds, of lines the person may see."""
    rows = Placement.objects.filter(holder=user, left_at__isnull=True, line__in=lines)
    return list(
        rows.select_related("queue__plan", "line__case__member", "line__case__plan").order_by("placed_at", "pk")[:200]
    )


def last_given_back(user: User) -> list[HandOver]:
    """Return the last offers of a person that were given back and whose line the person still holds."""
    rows = HandOver.objects.filter(
        giver=user, state=HandOver.GIVEN_BACK, placement__left_at__isnull=True, placement__holder=user
    )
    return list(rows.select_related("taker", "placement__line__case__plan").order_by("-answered_at")[:20])
