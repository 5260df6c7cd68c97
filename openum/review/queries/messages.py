"""Reads of the messages between offices and the plan."""

from collections.abc import Collection

from django.db.models import QuerySet

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import Case
from openum.cases.queries import cases_visible_to
from openum.review.models import CaseMessage

STAFF = (Permission.REVIEW_LINES, Permission.MATCH_INTAKE)
"""Who writes for the plan."""


def writes_for_office(user: User, case: Case) -> bool:
    """Say whether a person stands on the office's side of a case."""
    return case.organization_id in scope_of(user).organizations_with(Permission.SEE_ORGANIZATION_CASES)


def thread_of(case: Case) -> QuerySet[CaseMessage]:
    """Return the messages of a case, oldest first."""
    rows = CaseMessage.objects.filter(case=case).select_related("written_by", "read_by", "attachment")
    return rows.defer("attachment__content", "attachment__resource").order_by("written_at", "pk")


def unread_for(user: User) -> QuerySet[CaseMessage]:
    """Return what the other side wrote and nobody of the reader's side read yet, oldest first."""
    scope = scope_of(user)
    visible = cases_visible_to(user)
    offices = scope.organizations_with(Permission.SEE_ORGANIZATION_CASES)
    if offices:
        rows = CaseMessage.objects.filter(is_from_office=False, case__in=visible.filter(organization__in=offices))
    else:
        rows = CaseMessage.objects.filter(
            is_from_office=True, case__in=visible.filter(plan__in=scope.plans_with(*STAFF))
        )
    unread = rows.filter(read_at__isnull=True)
    return unread.select_related("case__plan", "case__member", "written_by").order_by("written_at", "pk")


def people_of_office(case: Case) -> list[User]:
    """Return who is told that a message waits: the staff of the case's office."""
    return list(
        User.objects.filter(memberships__organization=case.organization_id, is_active=True, kind=User.PERSON)
        .distinct()
        .order_by("pk")
    )


def unread_of(messages: Collection[CaseMessage], *, for_office: bool) -> list[CaseMessage]:
    """Return those of the other side that were not read yet."""
    return [one for one in messages if one.is_from_office != for_office and one.read_at is None]
