"""Loads as people may see them."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from openum.accounts.models import Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.loading.models import ClaimsFile, ClaimsLoad, HeaderMapping
from openum.loading.places import store_of
from openum.loading.rules import FileState

if TYPE_CHECKING:
    from pathlib import Path

    from openum.analytics.store.aside import Aside


def loads_visible_to(user: User) -> QuerySet[ClaimsLoad]:
    """Return the loads of the plans whose claims a person keeps, the newest first."""
    plans = scope_of(user).plans_with(Permission.KEEP_CLAIMS)
    return ClaimsLoad.objects.filter(plan_id__in=plans).select_related("plan", "given_by").order_by("-pk")


def files_visible_to(user: User) -> QuerySet[ClaimsFile]:
    """Return the files of these loads, as they were given."""
    plans = scope_of(user).plans_with(Permission.KEEP_CLAIMS)
    return ClaimsFile.objects.filter(load__plan_id__in=plans).select_related("load", "load__plan").order_by("pk")


def may_see_rows(user: User, plan: Plan) -> bool:
    """Say whether somebody who keeps claims also sees the members in them."""
    return plan.pk in scope_of(user).plans_with(Permission.SEE_PLAN_CASES)


def mappings_of(plan: Plan) -> list[HeaderMapping]:
    """Return the kept mappings of a plan, the newest of each name and table."""
    newest: dict[tuple[str, str], HeaderMapping] = {}
    for row in HeaderMapping.objects.filter(plan=plan).order_by("pk"):
        newest[row.name, row.table] = row
    return sorted(newest.values(), key=lambda row: (row.name, row.table))


def aside_file(file: ClaimsFile) -> "Path | None":
    """Return the file of the rows set aside that still wait; None when there are none."""
    from openum.analytics.store.aside import quarantine_of
    from openum.analytics.store.catalogue import Catalogue

    if file.state != FileState.LOADED or not file.set_aside:
        return None
    store = store_of(file.load.plan)
    row = Catalogue(store).find(file.sha256)
    return quarantine_of(store, row) if row else None


def aside(file: ClaimsFile, *, start: int, count: int) -> "list[Aside]":
    """Return some of the rows set aside."""
    from openum.analytics.store.aside import aside_rows

    kept = aside_file(file)
    rows: Iterator[Aside] = aside_rows(kept) if kept else iter(())
    return list(islice(rows, start, start + count))


def changes_of(file: ClaimsFile) -> dict[int, dict[str, str]]:
    """Return the repairs of a file by place of the row and column; the last one counts."""
    found: dict[int, dict[str, str]] = {}
    for repair in file.repairs.order_by("pk"):
        found.setdefault(repair.row, {})[repair.column] = repair.value
    return found
