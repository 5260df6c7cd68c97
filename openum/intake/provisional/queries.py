"""Reads of provisional people and of their ties."""

from django.db.models import Count, Q, QuerySet

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.directory.models import Member
from openum.intake.models import MemberTie


def provisional_members(user: User) -> QuerySet[Member]:
    """Provisional people of the plans a user does intake for, those who wait for their tie first."""
    plans = scope_of(user).plans_with(Permission.MATCH_INTAKE)
    return (
        Member.objects.filter(plan_id__in=plans, is_provisional=True)
        .select_related("plan", "mother", "linked_to")
        .annotate(case_count=Count("cases", distinct=True), is_tied=Count("linked_to", distinct=True))
        .order_by("is_tied", "pk")
    )


def ties_of(member: Member) -> QuerySet[MemberTie]:
    """Return the ties of a provisional person, the newest first."""
    return (
        MemberTie.objects.filter(Q(provisional=member))
        .select_related("member", "tied_by", "undone_by").order_by("-tied_at", "-pk")
    )  # fmt: skip
