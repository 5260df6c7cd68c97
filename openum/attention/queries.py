"""Suggestions of help, and lists of who may want it, as people may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, F, Max, Q, QuerySet

from openum.accounts.models import Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.attention.models import Listed, Lists, ModelRun, Suggestion
from openum.attention.rules.lists import ListKind, ListsState
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


COLUMN: Final = {
    ListKind.HIGH_COST: "is_high_cost", ListKind.RISING: "is_rising", ListKind.DISCHARGED: "is_discharged",
    ListKind.ILL: "is_ill", ListKind.HCC: "is_hcc", ListKind.EXPECTED: "is_expected",
}  # fmt: skip
ORDER: Final = {
    ListKind.HIGH_COST: (F("rank").asc(),),
    ListKind.RISING: (F("rise").desc(),),
    ListKind.DISCHARGED: (F("lace").desc(), F("hospital").desc()),
    ListKind.ILL: (F("charlson").desc(), F("elixhauser").desc()),
    ListKind.HCC: (F("hcc").desc(),),
    ListKind.EXPECTED: (F("expected").desc(),),
}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody looks for among the lists."""

    kind: ListKind = ListKind.HIGH_COST
    least_dollars: int = 0
    """Threshold that high-cost members have passed, in whole dollars."""
    only_open: bool = True


def newest_lists(user: User) -> list[Lists]:
    """Return the newest lists of each plan whose work a person keeps or for which help is offered."""
    plans = scope_of(user).plans_with(Permission.OFFER_HELP) | scope_of(user).plans_with(Permission.KEEP_WORK)
    ready = Lists.objects.filter(plan_id__in=plans, state=ListsState.READY).order_by()
    newest = ready.values("plan").annotate(last=Max("pk")).values("last")
    return list(Lists.objects.filter(pk__in=newest).select_related("plan").order_by("plan__name"))


def unmade_lists(user: User) -> Lists | None:
    """Return the newest lists when they are being made or could not be."""
    plans = scope_of(user).plans_with(Permission.OFFER_HELP) | scope_of(user).plans_with(Permission.KEEP_WORK)
    row = Lists.objects.filter(plan_id__in=plans).select_related("plan").order_by("-made_at", "-pk").first()
    return row if row is not None and row.state != ListsState.READY else None


def listed_visible_to(user: User) -> QuerySet[Listed]:
    """Return the people on the lists of the plans for which a person offers help, also on older ones."""
    plans = scope_of(user).plans_with(Permission.OFFER_HELP)
    rows = Listed.objects.filter(lists__plan_id__in=plans)
    return rows.select_related("lists__plan", "member", "answered_by", "task__owner")


def people_on(user: User, wanted: Wanted) -> QuerySet[Listed]:
    """Return the people on one of the newest lists, those first who stand out most."""
    rows = listed_visible_to(user).filter(lists__in=newest_lists(user), **{COLUMN[wanted.kind]: True})
    if wanted.kind is ListKind.HIGH_COST and wanted.least_dollars:
        rows = rows.filter(threshold__gte=wanted.least_dollars)
    if wanted.only_open:
        rows = rows.filter(state=Answered.OPEN)
    return rows.annotate(rise=F("paid_6m") - F("paid_6m_before")).order_by(*ORDER[wanted.kind], "pk")


def counts_of(lists: list[Lists]) -> dict[ListKind, tuple[int, int]]:
    """Return how many people stand on each list, and with how many of them something was done."""
    rows = Listed.objects.filter(lists__in=lists)
    done = ~Q(state=Answered.OPEN)
    found = rows.aggregate(
        **{f"n_{name}": Count("pk", filter=Q(**{name: True})) for name in COLUMN.values()},
        **{f"d_{name}": Count("pk", filter=Q(**{name: True}) & done) for name in COLUMN.values()},
    )
    return {kind: (found[f"n_{name}"], found[f"d_{name}"]) for kind, name in COLUMN.items()}
