"""Reads of the case file. Every one starts from what the actor may see; there is no unscoped way in."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import Attachment, Case, InformationRequest, Request, ServiceLine
from openum.cases.rules import OPEN_STATUSES, case_status
from openum.vocabulary.terms import LineStatus


def _scope_filter(user: User, prefix: str = "") -> Q:
    """Say which cases an actor may see, as a filter on `prefix` + case columns."""
    scope = scope_of(user)
    visible = Q(pk__in=[])
    if Permission.SEE_PLAN_CASES in scope.permissions:
        visible |= Q(**{f"{prefix}plan_id__in": scope.plan_ids})
        if scope.organization_ids:
            visible |= Q(**{f"{prefix}delegate_id__in": scope.organization_ids})
    if Permission.SEE_ORGANIZATION_CASES in scope.permissions and scope.organization_ids:
        visible |= Q(**{f"{prefix}organization_id__in": scope.organization_ids})
    if Permission.SEE_OWN_CASES in scope.permissions:
        visible |= Q(**{f"{prefix}member__user_id": user.pk})
    return visible


def cases_visible_to(user: User) -> QuerySet[Case]:
    """Cases of the actor's plans, delegate, provider organization, or the actor's own as a member."""
    return Case.objects.filter(_scope_filter(user))


def lines_visible_to(user: User) -> QuerySet[ServiceLine]:
    """Lines of visible cases."""
    return ServiceLine.objects.filter(_scope_filter(user, "case__"))


def requests_visible_to(user: User) -> QuerySet[Request]:
    """Requests of visible cases."""
    return Request.objects.filter(_scope_filter(user, "case__"))


def attachments_visible_to(user: User) -> QuerySet[Attachment]:
    """Attachments of visible cases that were not moved away. A member sees no working documents of others' making."""
    return Attachment.objects.filter(_scope_filter(user, "case__"), moved_to__isnull=True)


def information_requests_visible_to(user: User) -> QuerySet[InformationRequest]:
    """Questions asked on visible cases."""
    return InformationRequest.objects.filter(_scope_filter(user, "case__"))


def current_lines(case: Case) -> list[ServiceLine]:
    """Return the lines of a case in order, without those that a revised line replaced."""
    return list(ServiceLine.objects.filter(case=case, replaced_by__isnull=True).order_by("sequence", "pk"))


def open_lines(case: Case) -> list[ServiceLine]:
    """Return the lines that still wait for a decision."""
    return [line for line in current_lines(case) if line.status in OPEN_STATUSES]


def status_of(case: Case) -> LineStatus:
    """Derive the status of a case from its current lines."""
    return case_status([LineStatus(line.status) for line in current_lines(case)])


def initial_request(case: Case) -> Request:
    """Return the request that opened the case."""
    return Request.objects.filter(case=case).order_by("received_at", "pk")[0]


def open_information_requests(case: Case) -> list[InformationRequest]:
    """Return the questions that still wait for an answer."""
    return list(
        InformationRequest.objects.filter(case=case, closed_at__isnull=True)
        .prefetch_related("items", "items__line")
        .order_by("asked_at", "pk")
    )


def statuses_of(cases: Collection[Case]) -> dict[int, LineStatus]:
    """Return the derived status of many cases with one query, by primary key."""
    statuses: dict[int, list[LineStatus]] = {case.pk: [] for case in cases}
    rows = ServiceLine.objects.filter(case_id__in=statuses, replaced_by__isnull=True).values_list("case_id", "status")
    for case_id, status in rows:
        statuses[case_id].append(LineStatus(status))
    return {case_id: case_status(found) for case_id, found in statuses.items()}
