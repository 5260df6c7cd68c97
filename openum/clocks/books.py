"""The book of deadline rows of a plan: its own published rows over the common ones. Kept in memory until a row is added.

A plan without any published row uses the packs shipped beside the program, without the accreditation overlays.
"""

import json
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q

from openum.clocks.rules.book import OVERLAYS, RuleBook, book_from_rows, rows_of
from openum.directory.models import Policy
from openum.directory.queries import last_publication

KIND = "deadline-rule"
_books: dict[int, tuple[str, RuleBook, dict[tuple[str, int], int]]] = {}


def pack_directory() -> Path:
    """Return where the shipped deadline rows are."""
    return Path(settings.OPENUM_POLICIES) / "deadlines"


def pack_names(directory: Path) -> list[str]:
    """Return the packs of a directory: file names without their ending."""
    return sorted(path.stem for path in directory.glob("*.yaml"))


def rows_of_packs(directory: Path, names: Iterable[str]) -> list[dict[str, Any]]:
    """Read the complete rows of packs."""
    return [row for name in names for row in rows_of((directory / f"{name}.yaml").read_text(encoding="utf-8"))]


@lru_cache(maxsize=4)
def _shipped(directory: Path) -> RuleBook:
    return book_from_rows(rows_of_packs(directory, [name for name in pack_names(directory) if name not in OVERLAYS]))


def book_for(plan_id: int) -> tuple[RuleBook, dict[tuple[str, int], int]]:
    """Return the plan's rows, and the primary key of the published policy of each (id, version)."""
    newest = last_publication()
    if newest is None:
        return _shipped(pack_directory()), {}
    known = _books.get(plan_id)
    if known is None or known[0] != newest:
        known = _books[plan_id] = (newest, *_read(plan_id))
    return known[1], known[2]


def _read(plan_id: int) -> tuple[RuleBook, dict[tuple[str, int], int]]:
    published = list(
        Policy.objects.filter(Q(plan__isnull=True) | Q(plan_id=plan_id), kind=KIND)
        .order_by("key", "effective_from", "pk")
        .values_list("pk", "plan_id", "key", "version", "body")
    )
    if not published:
        return _shipped(pack_directory()), {}
    own = {key for _, plan, key, _, _ in published if plan == plan_id}
    chosen = [row for row in published if row[1] == plan_id or row[2] not in own]
    book = book_from_rows(_in_turn([json.loads(body) for *_, body in chosen]))
    return book, {(key, int(version)): pk for pk, _, key, version, _ in chosen}


def _in_turn(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let a later version end the one before it, from its own first day: of two for one day, the corrected one holds.

    The version before stays in the book for the clocks that it opened.
    """
    for row, after in pairwise(rows):
        if row["id"] == after["id"] and (not row.get("effective_to") or row["effective_to"] > after["effective_from"]):
            row["effective_to"] = after["effective_from"]
    return rows
