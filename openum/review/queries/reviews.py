"""Reads of reviews: worklists, evidence opened, what was typed and not sent."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from openum.accounts.models import User
from openum.cases.holdings import holds
from openum.cases.models import Attachment, Case, ServiceLine
from openum.cases.queries import lines_visible_to, not_replaced
from openum.cases.rules import OPEN_STATUSES
from openum.db.reading import once_a_page
from openum.review.models import EvidenceOpened, Review, UnsentForm
from openum.vocabulary.terms import LineStatus


def lines_for_nurses(user: User) -> QuerySet[ServiceLine]:
    """Open lines of the plans a reviewer works for that wait for a nurse or for the provider."""
    return (
        lines_visible_to(user)
        .filter(not_replaced(), status__in=sorted(OPEN_STATUSES - {LineStatus.PENDED_WITH_PHYSICIAN}))
        .select_related("case", "case__member", "case__product", "case__plan", "request")
    )


def lines_for_physicians(user: User) -> QuerySet[ServiceLine]:
    """Lines that wait for a physician."""
    return (
        lines_visible_to(user)
        .filter(not_replaced(), status=LineStatus.PENDED_WITH_PHYSICIAN)
        .select_related("case", "case__member", "case__product", "case__plan", "request")
    )


def unsent_forms(line: ServiceLine, by: User) -> dict[str, UnsentForm]:
    """Return what a person typed into forms about a line and has not sent, by form."""
    rows = UnsentForm.objects.filter(line=line, writer=by) if holds(line.case, UnsentForm) else ()
    return {row.form: row for row in rows}


def open_review(line: ServiceLine, level: str) -> Review | None:
    """Return the review that runs at a level."""
    return Review.objects.select_related("reviewer").filter(line=line, level=level, ended_at__isnull=True).first()


def lines_in_review(line_ids: Collection[int]) -> set[int]:
    """Return those of the lines, by primary key, that somebody has open for review."""
    return set(Review.objects.filter(line_id__in=line_ids, ended_at__isnull=True).values_list("line_id", flat=True))


def last_referral(line: ServiceLine) -> Review | None:
    """Return the nurse's last referral: summary and recommendation for the physician."""
    if not holds(line.case, Review):
        return None
    return (
        Review.objects.select_related("reviewer")
        .filter(line=line, level=Review.NURSE, ended_with="referred")
        .order_by("-ended_at", "-pk")
        .first()
    )


@once_a_page(lambda case: case.pk)
def documents_to_open(case: Case) -> list[Attachment]:
    """Return the documents of a case that a decision must have looked at, oldest first, without their bytes."""
    if not holds(case, Attachment):
        return []
    return list(
        Attachment.objects.defer("content")
        .filter(case=case, kind=Attachment.DOCUMENT, moved_to__isnull=True)
        .order_by("received_at", "pk")
    )


@once_a_page(lambda reader, case: (reader.pk, case.pk))
def openings_by(reader: User, case: Case) -> dict[int, datetime]:
    """Return when a reader first opened each document of a case, by attachment key."""
    opened: dict[int, datetime] = {}
    rows = EvidenceOpened.objects.filter(reader=reader, attachment__case=case).order_by("at", "pk")
    for row in rows:
        opened.setdefault(row.attachment_id, row.at)
    return opened
