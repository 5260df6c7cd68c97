"""Reads of requests that were sent on."""

from django.db.models import Q, QuerySet

from openum.accounts.models import Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.intake.models import Forwarding


def forwardings_visible_to(user: User) -> QuerySet[Forwarding]:
    """What the plans a user does intake for sent on or were sent, the newest first."""
    plans = scope_of(user).plans_with(Permission.MATCH_INTAKE)
    return (
        Forwarding.objects.filter(Q(plan_id__in=plans) | Q(to_plan_id__in=plans))
        .select_related(
            "plan", "to_plan", "submission", "became", "became__case", "forwarded_by", "acknowledged_by", "told_by"
        )
        .defer("submission__raw", "submission__answer", "became__raw", "became__answer")
        .order_by("-forwarded_at", "-pk")
    )


def plans_beside(plan: Plan) -> list[Plan]:
    """Return the plans of the installation that a plan's requests can be sent on to."""
    beside = Plan.objects.filter(tenant=plan.tenant, is_sandbox=plan.is_sandbox).exclude(pk=plan.pk)
    return list(beside.order_by("name", "pk"))
