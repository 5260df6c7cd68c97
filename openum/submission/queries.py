"""Reads at the door: the prior request of an update, the intake list, and what an inquiry may find."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from openum.accounts.models import ApiClient, Organization, Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import Case, Request
from openum.directory.models import Member
from openum.submission.incoming import Identifier, IncomingRequest
from openum.submission.models import Draft, Submission


def prior_case(
    *,
    request: IncomingRequest,
    member: Member | None,
    plan: Plan,
    client: ApiClient | None = None,
    organization: Organization | None = None,
) -> Case | None:
    """Return the case that an update, extension or cancellation speaks of: by the prior claim's identifier, by an
    authorization or administrative number of its lines, for the same member of the same plan.

    A client or an organization changes its own requests only; for others' they do not exist.
    """
    if member is None or not (request.related or request.relationship):
        return None
    rows = Request.objects.select_related("case", "case__product", "case__plan", "case__member").filter(
        case__member=member, case__plan=plan
    )
    if client is not None:
        own = Q(client=client)
        if client.organization_id is not None:
            own |= Q(case__organization_id=client.organization_id)
        rows = rows.filter(own)
    elif organization is not None:
        rows = rows.filter(case__organization=organization)
    wanted = _any_identifier(request.related)
    if wanted is not None:
        found = rows.filter(wanted).order_by("-received_at", "-pk").first()
        if found is not None:
            return found.case
    numbers = {line.administrative_number for line in request.lines if line.administrative_number}
    if numbers:
        found = rows.filter(Q(administrative_number__in=numbers) | Q(lines__administrative_number__in=numbers)).first()
        if found is not None:
            return found.case
    return None


def _any_identifier(identifiers: Iterable[Identifier]) -> Q | None:
    wanted: Q | None = None
    for item in identifiers:
        if item.value:
            part = Q(identifier_value=item.value)
            if item.system:
                part &= Q(identifier_system=item.system)
            wanted = part if wanted is None else wanted | part
    return wanted


def submissions_without_case(user: User) -> QuerySet[Submission]:
    """The intake list: messages kept without a case, of the plans a user does intake for, oldest first."""
    scope = scope_of(user)
    if Permission.MATCH_INTAKE not in scope.permissions:
        return Submission.objects.none()
    return (
        Submission.objects.filter(plan_id__in=scope.plan_ids, state__in=[Submission.WAITING, Submission.REFUSED])
        .select_related("client", "plan", "submitted_by")
        .defer("raw", "answer")
        .order_by("received_at", "pk")
    )


def submissions_visible_to(user: User) -> QuerySet[Submission]:
    """Messages of the plans a user works for, or sent by the user's organizations."""
    scope = scope_of(user)
    visible = Q(pk__in=[])
    if Permission.SEE_PLAN_CASES in scope.permissions:
        visible |= Q(plan_id__in=scope.plan_ids)
    if Permission.SEE_ORGANIZATION_CASES in scope.permissions:
        visible |= Q(organization_id__in=scope.organization_ids)
    return Submission.objects.filter(visible)


def drafts_visible_to(user: User) -> QuerySet[Draft]:
    """Drafts a user started, and those shared in the user's organizations, not sent yet."""
    scope = scope_of(user)
    return Draft.objects.filter(
        Q(started_by=user) | Q(organization_id__in=scope.organization_ids), submission__isnull=True
    ).order_by("-saved_at", "pk")


def cases_findable_by(client: ApiClient) -> QuerySet[Case]:
    """Cases an API client may inquire about: of its plan, and of its organization if it has one, or its own."""
    cases = Case.objects.filter(plan=client.plan)
    if client.organization_id is not None:
        return cases.filter(Q(organization_id=client.organization_id) | Q(requests__client=client)).distinct()
    return cases.filter(Q(requests__client=client)).distinct()
