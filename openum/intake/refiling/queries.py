"""Reads of requests that were moved, and of those that can be."""

from django.db.models import Q, QuerySet

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import Case, Request, ServiceLine
from openum.cases.queries import cases_visible_to
from openum.directory.models import Member
from openum.directory.queries import members_visible_to
from openum.intake.models import Refiling
from openum.intake.refiling.rules import UNDECIDED

_BESIDE = ("source__plan", "source__member", "target__member", "target__plan", "moved_by", "undone_with__moved_by")


def refilings_visible_to(user: User) -> QuerySet[Refiling]:
    """Moves of requests between cases of the plans a person does intake for, newest first."""
    plans = scope_of(user).plans_with(Permission.MATCH_INTAKE)
    rows = Refiling.objects.filter(source__plan_id__in=plans).select_related(*_BESIDE)
    return rows.order_by("-moved_at", "-pk")


def refilings_of(case: Case) -> QuerySet[Refiling]:
    """Moves of requests from or to a case, newest first."""
    rows = Refiling.objects.filter(Q(source=case) | Q(target=case)).select_related(*_BESIDE)
    return rows.order_by("-moved_at", "-pk")


def requests_visible_to(user: User) -> QuerySet[Request]:
    """Requests of the cases a person sees."""
    return Request.objects.filter(case__in=cases_visible_to(user)).select_related(
        "case__member", "case__plan", "case__product"
    )


def movable_lines(request: Request) -> list[ServiceLine]:
    """Return the lines of a request on which nothing was decided."""
    rows = request.lines.filter(replaced_by__isnull=True, status__in=sorted(UNDECIDED))
    return list(rows.order_by("sequence", "pk"))


def movable_requests(case: Case) -> list[Request]:
    """Return the requests of a case with a service that may be moved."""
    lines = ServiceLine.objects.filter(case=case, replaced_by__isnull=True, status__in=sorted(UNDECIDED))
    return list(case.requests.filter(pk__in=lines.values("request_id")).order_by("received_at", "pk"))


def member_of(case: Case, number: str, user: User) -> Member | None:
    """Return the member of a case's plan with a number, or None."""
    rows = members_visible_to(user).filter(plan_id=case.plan_id, is_provisional=False)
    return rows.filter(member_number=number.strip()).first()
