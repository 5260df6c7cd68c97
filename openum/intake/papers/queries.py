"""Reads of papers at the desk."""

from typing import ClassVar
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.intake.models import FieldReading, Paper, PaperPage, PaperStep
from openum.submission.models import Submission
from openum.vocabulary.errors import Missing


class PaperGone(Missing):
    """A paper that an address names does not wait any more, or not for this user."""

    code: ClassVar[str] = "paper-gone"


def papers_visible_to(user: User) -> QuerySet[Paper]:
    """Papers of the plans a user does intake for."""
    scope = scope_of(user)
    if Permission.MATCH_INTAKE not in scope.permissions:
        return Paper.objects.none()
    return (
        Paper.objects.filter(plan_id__in=scope.plans_with(Permission.MATCH_INTAKE))
        .select_related("plan", "submission", "submission__case", "submission__submitted_by", "member", "split_from")
        .defer("submission__raw", "submission__answer")
        .order_by("submission__received_at", "pk")
    )


def open_papers(user: User) -> QuerySet[Paper]:
    """Those that wait to be entered, with their pages counted, oldest receipt first."""
    return papers_visible_to(user).filter(submission__state=Submission.WAITING).annotate(
        page_count=Count("pages"), unread=Count("pages", filter=Q(pages__read_at__isnull=True, pages__not_read_because=""))
    )  # fmt: skip


def paper_asked_for(user: User, key: str) -> Paper | None:
    """Return the open paper that an address names; None where it names none.

    Raises:
        PaperGone: there is no such paper for this user, or somebody dealt with it.
    """
    if not key:
        return None
    try:
        found = open_papers(user).filter(public_id=UUID(key)).first()
    except ValueError:
        found = None
    if found is None:
        raise PaperGone("This paper was dealt with meanwhile, or it is not for you. Go back to the intake list.")
    return found


def pages_of(paper: Paper) -> list[PaperPage]:
    """Return the pages in order, without the bytes they were drawn from."""
    return list(paper.pages.order_by("position", "pk"))


def best_readings(paper: Paper) -> dict[str, FieldReading]:
    """Return one reading a field: what a person settled, else the surest, else the earliest page's."""
    rows = FieldReading.objects.filter(page__paper=paper).select_related("page").order_by("page__position", "pk")
    best: dict[str, FieldReading] = {}
    for row in rows:
        known = best.get(row.key)
        if known is None or (bool(row.settled), row.confidence) > (bool(known.settled), known.confidence):
            best[row.key] = row
    return best


def last_step(paper: Paper) -> PaperStep | None:
    """Return the step that can be undone."""
    return paper.steps.filter(undone_at__isnull=True).select_related("by").order_by("-pk").first()
