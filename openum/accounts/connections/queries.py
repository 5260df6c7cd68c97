"""Reads of registrations: which clients a person sees, and for which plans and organizations a person registers them."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from openum.accounts.models import ApiClient, Organization, Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission

Held = tuple[set[int], set[int]]
"""Keys of plans and of organizations."""


def held_for(user: User, permission: Permission) -> Held:
    """Return the plans and organizations for which a user holds a permission; other roles' scopes do not count."""
    scope = scope_of(user)
    return set(scope.plans_with(permission)), set(scope.organizations_with(permission))


def clients_visible_to(user: User) -> QuerySet[ApiClient]:
    """A plan's people see the plan's clients, an organization's people the organization's, and everybody their own."""
    plans, organizations = held_for(user, Permission.REGISTER_CONNECTIONS)
    approved_for, _ = held_for(user, Permission.APPROVE_CONNECTIONS)
    visible = Q(plan_id__in=plans | approved_for) | Q(organization_id__in=organizations) | Q(requested_by=user)
    found = ApiClient.objects.filter(visible)
    return found.select_related("plan", "organization", "requested_by", "approved_by", "revoked_by")


def has_origin(origin: str) -> bool:
    """Say whether some active client's web pages have this origin."""
    if not origin:
        return False
    listed = ApiClient.objects.filter(is_active=True, browser_origins__contains=origin)
    return any(origin in one.split() for one in listed.values_list("browser_origins", flat=True))


def servers_of(organization_ids: Collection[int]) -> list[str]:
    """Return the FHIR servers that the active clients of organizations registered."""
    listed = ApiClient.objects.filter(is_active=True, organization_id__in=organization_ids).exclude(fhir_server="")
    return sorted(set(listed.values_list("fhir_server", flat=True)))


def plans_open_to(user: User) -> list[Plan]:
    """The plans for which a user registers clients: of the tenants the user's plans and organizations belong to."""
    plans, organizations = held_for(user, Permission.REGISTER_CONNECTIONS)
    tenants = Q(tenant__plans__in=plans) | Q(tenant__organizations__in=organizations)
    return list(Plan.objects.filter(tenants).distinct().order_by("-is_sandbox", "name"))


def organizations_open_to(user: User) -> list[Organization]:
    """The organizations for which a user registers clients; a plan's people do it for every provider of its tenant."""
    plans, organizations = held_for(user, Permission.REGISTER_CONNECTIONS)
    providers = Q(kind=Organization.PROVIDER, tenant__plans__in=plans)
    return list(Organization.objects.filter(Q(pk__in=organizations) | providers).distinct().order_by("name"))
