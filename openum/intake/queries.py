"""Reads of what intake found."""

from django.db.models import QuerySet

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases import working
from openum.cases.models import ServiceLine
from openum.cases.queries import cases_listed_to, cases_visible_to
from openum.cases.rules import OPEN_STATUSES
from openum.intake.models import DuplicateHint, EligibilityCheck


def latest_check(line: ServiceLine) -> EligibilityCheck | None:
    """Return the last eligibility check of a line."""
    at_hand: EligibilityCheck | None = working.recall(("check", line.pk))
    return at_hand or EligibilityCheck.objects.filter(line=line).order_by("-checked_at", "-pk").first()


def lines_at_intake(user: User) -> QuerySet[ServiceLine]:
    """Open lines whose code was not valid on the service date: intake must put them right."""
    if Permission.MATCH_INTAKE not in scope_of(user).permissions:
        return ServiceLine.objects.none()
    return (
        ServiceLine.objects.filter(case__in=cases_listed_to(user).values("pk"))
        .filter(status__in=sorted(OPEN_STATUSES), eligibility_checks__is_code_valid=False)
        .select_related("case", "request")
        .distinct()
        .order_by("status_since", "pk")
    )


def hints_visible_to(user: User) -> QuerySet[DuplicateHint]:
    """Look-alikes that wait for a person's word."""
    if Permission.MATCH_INTAKE not in scope_of(user).permissions:
        return DuplicateHint.objects.none()
    return (
        DuplicateHint.objects.filter(
            request__case__plan_id__in=scope_of(user).plans_with(Permission.MATCH_INTAKE),
            settled_at__isnull=True,
            request__case__in=cases_visible_to(user).values("pk"),
        )
        .select_related("request", "request__case", "looks_like")
        .order_by("noticed_at", "pk")
    )
