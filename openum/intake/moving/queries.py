"""Reads of papers that were moved."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import Case
from openum.intake.models import PaperMove
from openum.vocabulary.errors import Invalid
from openum.vocabulary.numbers import whole


def moves_visible_to(user: User) -> QuerySet[PaperMove]:
    """Moves from cases of the plans a person does intake for, newest first."""
    plans = scope_of(user).plans_with(Permission.MATCH_INTAKE)
    rows = PaperMove.objects.filter(source__plan_id__in=plans)
    return rows.select_related(
        "source__plan", "source__member", "target__member", "target__plan", "moved_by", "undone_by"
    ).order_by("-moved_at", "-pk")


def moves_of(case: Case) -> QuerySet[PaperMove]:
    """Moves from or to a case, newest first."""
    rows = PaperMove.objects.filter(Q(source=case) | Q(target=case))
    return rows.select_related("source", "target", "moved_by", "undone_by").order_by("-moved_at", "-pk")


def page_numbers(text: str) -> Sequence[int]:
    """Read numbers of pages as people write them: `2, 4-6`; nothing means all.

    Raises:
        Invalid: not numbers, or too many.
    """
    found: list[int] = []
    for part in text.replace(";", ",").split(","):
        first, _dash, last = part.strip().partition("-")
        if not first.strip():
            continue
        start = whole(first.strip())
        end = whole(last.strip()) if last.strip() else start
        if start is None or end is None or end < start or end - start > 500:
            raise Invalid("Write the pages as numbers: 2, 4-6. Leave it empty for the whole paper.")
        found += range(start, end + 1)
    return found
