"""Reads about actors: their scope, their permissions, their fitness to decide."""

from dataclasses import dataclass

from openum.accounts.models import Organization, Plan, User
from openum.accounts.rules import (
    MACHINE_PERMISSIONS,
    ROLE_PERMISSIONS,
    LicenceFact,
    Permission,
    ReviewerFacts,
    check_has_permission,
)
from openum.db import plain
from openum.vocabulary.terms import Role

ENGINE_EMAIL = "rules-engine@openum.invalid"


@dataclass(frozen=True)
class Scope:
    """What a user may act on: roles with the plans and organizations they are held for."""

    roles: frozenset[Role]
    plan_ids: frozenset[int]
    organization_ids: frozenset[int]
    permissions: frozenset[Permission]


def scope_of(user: User) -> Scope:
    """Return the user's scope, read once per user object."""
    known: Scope | None = getattr(user, "_openum_scope", None)
    if known is not None:
        return known
    roles: set[Role] = set()
    plans: set[int] = set()
    organizations: set[int] = set()
    permissions: set[Permission] = set()
    if user.is_active:
        for membership in user.memberships.all():
            role = Role(membership.role)
            roles.add(role)
            permissions |= ROLE_PERMISSIONS[role]
            if membership.plan_id is not None:
                plans.add(membership.plan_id)
            if membership.organization_id is not None:
                organizations.add(membership.organization_id)
    if user.is_machine:
        permissions &= MACHINE_PERMISSIONS
    scope = Scope(frozenset(roles), frozenset(plans), frozenset(organizations), frozenset(permissions))
    user._openum_scope = scope  # type: ignore[attr-defined]  # noqa: SLF001
    return scope


def check_user_may(user: User, needed: Permission) -> None:
    """Refuse a user without a permission (PermissionRefused)."""
    check_has_permission(scope_of(user).permissions, needed)


def user_may(user: User, needed: Permission) -> bool:
    """Say whether a user holds a permission."""
    return needed in scope_of(user).permissions


def reviewer_facts(user: User) -> ReviewerFacts:
    """Return what decides whether a person is fit to decide, read now: licences can lapse between two clicks."""
    return ReviewerFacts(
        is_machine=user.is_machine,
        permissions=scope_of(user).permissions if not user.is_machine else frozenset(),
        licences=tuple(
            LicenceFact(row.kind, row.state, row.status, row.valid_from, row.valid_to) for row in user.licences.all()
        ),
        specialties=frozenset(user.specialties.values_list("name", flat=True)),
    )


def plans_visible_to(user: User) -> list[Plan]:
    """Return the plans a user works for."""
    return list(Plan.objects.filter(pk__in=scope_of(user).plan_ids).order_by("name"))


def organizations_visible_to(user: User) -> list[Organization]:
    """Return the provider organizations and delegates a user acts for."""
    return list(Organization.objects.filter(pk__in=scope_of(user).organization_ids).order_by("name"))


def offices_of(user: User) -> list[Organization]:
    """Return the provider organizations a user acts for."""
    return [item for item in organizations_visible_to(user) if item.kind == Organization.PROVIDER]


def plans_open_to(offices: list[Organization]) -> list[Plan]:
    """Return the plans that provider organizations may ask."""
    return list(Plan.objects.filter(tenant_id__in={item.tenant_id for item in offices}).order_by("is_sandbox", "name"))


def rules_engine() -> User:
    """Return the machine actor that runs published rules; made at the first migration of data."""
    return plain.select_where(User, "email = %s", [ENGINE_EMAIL])[0]
