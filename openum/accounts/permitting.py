"""The gate of every service: the one who acts holds the permission for the plan or organization the row belongs to."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, ClassVar, ParamSpec, TypeVar

from openum.accounts.models import Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import PEOPLES_PERMISSIONS, Permission, PermissionRefused, check_has_permission
from openum.vocabulary.errors import Missing

Given = ParamSpec("Given")
Result = TypeVar("Result")


class OutOfReach(Missing):
    """The row belongs to a plan or organization for which the actor does not hold the permission."""

    code: ClassVar[str] = "out-of-reach"


def permitted(
    *permissions: Permission,
    on: str = "",
    refusal: Callable[[], PermissionRefused] | None = None,
    serves_software: bool = False,
) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Guard a service: `by` holds any of the permissions where the row lies.

    Args:
        on: the way from a parameter to what has a plan, an organization or a member, such as `line.case`; empty for
            what is the actor's own, such as a calendar.
        refusal: makes a refusal of its own kind for who holds none of them, where its sentence says more.
        serves_software: jobs and commands call it as well, in the name of software.

    Software is bound by the door it came through (its client's plan and organization) and by the rules of the service;
    here it is only kept from the verbs that are people's alone (`PEOPLES_PERMISSIONS`).

    Raises:
        PermissionRefused: no role of the actor includes it.
        OutOfReach: it is held, but not for this row; the row does not exist for the actor.
    """

    def guard(service: Callable[Given, Result]) -> Callable[Given, Result]:
        names = inspect.signature(service)
        parameter, *steps = on.split(".") if on else [""]

        @functools.wraps(service)
        def guarded(*args: Given.args, **kwargs: Given.kwargs) -> Result:
            given = names.bind(*args, **kwargs).arguments
            row = given.get(parameter)
            reached = functools.reduce(getattr, steps, row) if row is not None else None
            if not (serves_software and given["by"].is_machine):
                check_reach(given["by"], permissions, reached, refusal=refusal)
            return service(*args, **kwargs)

        guarded.permissions = permissions  # type: ignore[attr-defined]
        guarded.reaches = on  # type: ignore[attr-defined]
        return guarded

    return guard


def check_reach(
    by: User,
    permissions: tuple[Permission, ...],
    row: Any,
    *,
    refusal: Callable[[], PermissionRefused] | None = None,
) -> None:
    """Refuse an actor who holds none of the permissions for the plan, the organization or the member of a row.

    Raises:
        PermissionRefused, OutOfReach: see `permitted`.
    """
    scope = scope_of(by)
    if PEOPLES_PERMISSIONS.issuperset(permissions) if by.is_machine else scope.permissions.isdisjoint(permissions):
        if refusal is not None:
            raise refusal()
        check_has_permission(scope.permissions, permissions[0])
    if by.is_machine:
        return
    if row is not None and not _lies_within(by, permissions, row):
        raise OutOfReach("This does not exist, or not for you.")


def _lies_within(by: User, permissions: tuple[Permission, ...], row: Any) -> bool:
    scope = scope_of(by)
    plan_id = row.pk if isinstance(row, Plan) else getattr(row, "plan_id", None)
    practices = {getattr(row, "organization_id", None), getattr(row, "delegate_id", None)} - {None}
    if plan_id in scope.plans_with(*permissions) or practices & scope.organizations_with(*permissions):
        return True
    if plan_id is None and not practices:
        return True  # it belongs to the installation, as a guideline of all plans does
    member = getattr(row, "member", None) or row
    return Permission.SEE_OWN_CASES in scope.permissions and getattr(member, "user_id", None) == by.pk
