"""Reads of registrations: which clients a person sees, and for which plans and organizations a person registers them."""

from django.db.models import Q, QuerySet

from openum.accounts.models import ApiClient, Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission


def clients_visible_to(user: User) -> QuerySet[ApiClient]:
    """Clients of the plans for which a user approves registrations, of the user's organizations, and the user's own."""
    scope = scope_of(user)
    visible = Q(pk__in=[])
    if Permission.APPROVE_CONNECTIONS in scope.permissions:
        visible |= Q(plan_id__in=scope.plan_ids)
    if Permission.REGISTER_CONNECTIONS in scope.permissions:
        visible |= Q(organization_id__in=scope.organization_ids) | Q(requested_by=user)
    return (
        ApiClient.objects.filter(visible).select_related("plan", "organization", "requested_by").order_by("name", "pk")
    )


def plans_open_to(user: User) -> list[Plan]:
    """The plans for which a user registers clients: of the tenants the user's plans and organizations belong to."""
    scope = scope_of(user)
    if Permission.REGISTER_CONNECTIONS not in scope.permissions:
        return []
    tenants = Q(tenant__plans__in=scope.plan_ids) | Q(tenant__organizations__in=scope.organization_ids)
    return list(Plan.objects.filter(tenants).distinct().order_by("-is_sandbox", "name"))
