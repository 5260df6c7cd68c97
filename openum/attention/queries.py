"""Suggestions of help as people may see them."""

from collections.abc import Sequence

from django.db.models import Count, Max, Q, QuerySet

from openum.accounts.models import Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.attention.models import ModelRun, Suggestion
from openum.attention.rules.scores import Answered


def suggestions_visible_to(user: User) -> QuerySet[Suggestion]:
    """Return the suggestions of the plans for which a person offers help, the likeliest first."""
    plans = scope_of(user).plans_with(Permission.OFFER_HELP)
    rows = Suggestion.objects.filter(run__plan_id__in=plans).select_related("run", "run__plan", "member", "answered_by")
    return rows.order_by("-probability", "pk")


def waiting_for(user: User) -> QuerySet[Suggestion]:
    """Return the open suggestions of the newest run of each plan and model; older ones are overtaken."""
    newest = ModelRun.objects.order_by().values("plan", "model").annotate(last=Max("pk")).values("last")
    return suggestions_visible_to(user).filter(state=Answered.OPEN, run__in=newest)


def runs_of(plans: Sequence[Plan]) -> QuerySet[ModelRun]:
    """Return what was taken in for plans, the newest first, with what people did with it."""
    done = ~Q(suggestions__state=Answered.OPEN)
    offered = Q(suggestions__state=Answered.HELP_OFFERED)
    return (
        ModelRun.objects.filter(plan__in=plans).select_related("plan", "taken_in_by")
        .annotate(people=Count("suggestions"), done=Count("suggestions", filter=done), offered=Count("suggestions", filter=offered))
        .order_by("-pk")
    )  # fmt: skip
