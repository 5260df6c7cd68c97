"""Reads about actors: their scope, their permissions, their fitness to decide."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from openum.accounts.models import BrokenSeal, OpenedFile, Organization, Plan, User
from openum.accounts.rules import (
    MACHINE_PERMISSIONS,
    REACH_THEIR_OWN,
    ROLE_PERMISSIONS,
    LicenceFact,
    Permission,
    ReviewerFacts,
    check_has_permission,
)
from openum.db import plain
from openum.vocabulary.errors import Missing
from openum.vocabulary.terms import Role

ENGINE_EMAIL = "rules-engine@openum.invalid"


@dataclass(frozen=True)
class Scope:
    """What a user may act on: roles with the plans and organizations they are held for.

    A permission counts only where the role that brings it is held: whoever decides for one plan and takes messages in
    for another decides nothing in the other.
    """

    roles: frozenset[Role]
    plan_ids: frozenset[int]
    organization_ids: frozenset[int]
    permissions: frozenset[Permission]
    plans_by: Mapping[Permission, frozenset[int]] = field(default_factory=dict)
    organizations_by: Mapping[Permission, frozenset[int]] = field(default_factory=dict)

    def plans_with(self, *permissions: Permission) -> frozenset[int]:
        """Return the plans for which any of the permissions is held."""
        return frozenset().union(*(self.plans_by.get(one, frozenset()) for one in permissions))

    def organizations_with(self, *permissions: Permission) -> frozenset[int]:
        """Return the provider organizations and delegates for which any of the permissions is held."""
        return frozenset().union(*(self.organizations_by.get(one, frozenset()) for one in permissions))


def scope_of(user: User) -> Scope:
    """Return the user's scope, read once per user object."""
    known: Scope | None = getattr(user, "_openum_scope", None)
    if known is not None:
        return known
    held = [(Role(row.role), row.plan_id, row.organization_id) for row in user.memberships.all() if user.is_active]
    plans_by: dict[Permission, set[int]] = {}
    organizations_by: dict[Permission, set[int]] = {}
    for role, plan_id, organization_id in held:
        plans = {plan_id} if plan_id is not None and role not in REACH_THEIR_OWN else set()
        organizations = {organization_id} if organization_id is not None else set()
        for permission in ROLE_PERMISSIONS[role] & MACHINE_PERMISSIONS if user.is_machine else ROLE_PERMISSIONS[role]:
            plans_by.setdefault(permission, set()).update(plans)
            organizations_by.setdefault(permission, set()).update(organizations)
    scope = Scope(
        roles=frozenset(role for role, _, _ in held),
        plan_ids=frozenset(plan_id for _, plan_id, _ in held if plan_id is not None),
        organization_ids=frozenset(found for _, _, found in held if found is not None),
        permissions=frozenset(plans_by),
        plans_by={permission: frozenset(found) for permission, found in plans_by.items()},
        organizations_by={permission: frozenset(found) for permission, found in organizations_by.items()},
    )
    user._openum_scope = scope  # type: ignore[attr-defined]  # noqa: SLF001
    return scope


def note_opened(user: User, *, at: datetime) -> None:
    """Read which cases stand open to a person now beyond their scope; the gate of every page does, once a request.

    They are the sealed cases whose seal a member of the staff broke, and the files of a sample that a guest may read.
    """
    permissions = scope_of(user).permissions
    if Permission.BREAK_GLASS in permissions:
        open_now = BrokenSeal.objects.filter(user=user, until__gt=at)
        user._openum_opened = frozenset(open_now.values_list("case_id", flat=True))  # type: ignore[attr-defined]  # noqa: SLF001
    if Permission.SEE_SAMPLED_FILES in permissions:
        files = OpenedFile.objects.filter(user=user, until__gt=at)
        user._openum_sampled = frozenset(files.values_list("case_id", flat=True))  # type: ignore[attr-defined]  # noqa: SLF001


def opened_by(user: User) -> frozenset[UUID]:
    """Return the sealed cases that a person has open; none where no gate was passed."""
    found: frozenset[UUID] = getattr(user, "_openum_opened", frozenset())
    return found


def sampled_to(user: User) -> frozenset[UUID]:
    """Return the cases that a guest may read as files of a sample; none where no gate was passed."""
    found: frozenset[UUID] = getattr(user, "_openum_sampled", frozenset())
    return found


def seals_visible_to(user: User) -> QuerySet[BrokenSeal]:
    """Return who opened what in the plans a person watches, the latest first."""
    rows = BrokenSeal.objects.filter(plan_id__in=scope_of(user).plans_with(Permission.SEE_BROKEN_GLASS))
    return rows.select_related("user", "plan", "judged_by").order_by("-broken_at", "-pk")


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
        specialties=frozenset(each.name for each in user.specialties.all()),
    )


def superiors_of(user: User) -> frozenset[str]:
    """Return the public ids of everybody above a person; a loop in the reporting line ends."""
    found: list[str] = []
    manager = user.manager
    while manager is not None and str(manager.public_id) not in found:
        found.append(str(manager.public_id))
        manager = manager.manager
    return frozenset(found)


def plans_visible_to(user: User, *holding: Permission) -> list[Plan]:
    """Return the plans a user works for; of these, where any of some permissions is held if they are named."""
    scope = scope_of(user)
    return list(Plan.objects.filter(pk__in=scope.plans_with(*holding) if holding else scope.plan_ids).order_by("name"))


def own_plan(user: User, *holding: Permission) -> Plan:
    """Return the first plan for which a user holds any of the permissions.

    Raises:
        Missing: there is none, as for the people of a delegate.
    """
    plans = plans_visible_to(user, *holding)
    if not plans:
        raise Missing("This page is for the people of a plan, and you work for none.")
    return plans[0]


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
