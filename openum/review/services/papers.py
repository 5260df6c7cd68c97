"""The papers a request should carry: ticked, found unreadable, waived, and asked for in one go."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import Attachment, InformationItem, InformationRequest, Request, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.cases.services import ItemAsked, lock_line, settle_items
from openum.intake.checklist.queries import ShownPaper, paper_of, papers_of
from openum.intake.checklist.rules import PaperState
from openum.intake.checklist.services import mark_paper
from openum.intake.models import PaperMark
from openum.review.services.information import put_question
from openum.vocabulary.errors import Conflict, Invalid, Missing


class NothingMissing(Conflict):
    """Every paper of the list is here, waived, or asked for already."""

    code: ClassVar[str] = "nothing-missing"


@permitted(Permission.REVIEW_LINES, Permission.MATCH_INTAKE, on="request.case")
@transaction.atomic
def ask_for_missing_papers(*, request: Request, by: User, at: datetime) -> InformationRequest:
    """Ask the provider for exactly the papers of the lists that are missing and that nobody has asked for yet.

    Raises:
        NothingMissing: there are none.
    """
    request = (
        Request.objects.select_for_update(of=("self",)).select_related("case__plan", "case__product").get(pk=request.pk)
    )
    missing = [
        each for each in papers_of(request.case) if each.line.request_id == request.pk and each.is_to_be_asked
    ]  # fmt: skip
    if not missing:
        raise NothingMissing("Nothing is missing that was not asked for already.")
    return put_question(case=request.case, request=request, items=_items(missing), by=by, at=at)


def _items(missing: Sequence[ShownPaper]) -> list[ItemAsked]:
    several = len({each.line.pk for each in missing}) > 1
    return [
        ItemAsked(
            line=each.line, text=_words(each, with_code=several), document_kind=each.paper.kind,
            months_back=each.paper.months_back,
        )
        for each in missing
    ]  # fmt: skip


def _words(each: ShownPaper, *, with_code: bool) -> str:
    words = each.paper.in_language("en")
    if with_code and each.line.code:
        words = f"{words} ({each.line.code})"
    if each.paper.months_back is not None:
        words = f"{words} (of the {each.paper.months_back} months before the service)"
    if each.standing.state == PaperState.UNREADABLE:
        words = f"{words}. What was sent could not be read; please send it again"
    return words


@permitted(Permission.REVIEW_LINES, Permission.MATCH_INTAKE, on="line.case")
@transaction.atomic
def tick_paper(*, line: ServiceLine, kind: str, document: Attachment, by: User, at: datetime) -> PaperMark:
    """Say that a document of the case is the paper; an item that asked for it is answered.

    Raises:
        Missing: the list does not name the paper, or the document is of another case.
    """
    shown = _shown(line, kind, document)
    mark = mark_paper(shown=shown, state=PaperState.RECEIVED, document=document, reason="", by=by, at=at)
    _settle(shown, InformationItem.RECEIVED, document=document, reason="", by=by, at=at)
    return mark


@permitted(Permission.REVIEW_LINES, Permission.MATCH_INTAKE, on="line.case")
@transaction.atomic
def say_unreadable(
    *, line: ServiceLine, kind: str, document: Attachment, by: User, at: datetime
) -> InformationRequest | None:
    """Say that a document cannot be read. Unless another one is the paper, the provider is asked for it again.

    Raises:
        Missing: as in `tick_paper`.
    """
    shown = _shown(line, kind, document)
    mark_paper(shown=shown, state=PaperState.UNREADABLE, document=document, reason="", by=by, at=at)
    now_shown = _shown(line, kind, document)
    if not now_shown.is_missing or line.status not in OPEN_STATUSES:
        return None
    _settle(shown, InformationItem.UNREADABLE, document=document, reason="", by=by, at=at)
    fresh = _shown(ServiceLine.objects.select_related("case__plan", "case__product", "request").get(pk=line.pk), kind)
    return put_question(case=fresh.line.case, request=fresh.line.request, items=_items([fresh]), by=by, at=at)


@permitted(Permission.REVIEW_LINES, on="line.case")
@transaction.atomic
def waive_paper(*, line: ServiceLine, kind: str, reason: str, by: User, at: datetime) -> PaperMark:
    """Say, with a reason, that a paper is not needed; nobody waits for it any more.

    Raises:
        Invalid: no reason.
        Missing: the list does not name the paper.
    """
    if not reason.strip():
        raise Invalid("Say why the paper is not needed. The reason is kept.")
    shown = _shown(line, kind)
    mark = mark_paper(shown=shown, state=PaperState.WAIVED, document=None, reason=reason, by=by, at=at)
    _settle(shown, InformationItem.WAIVED, document=None, reason=reason, by=by, at=at)
    return mark


@permitted(Permission.REVIEW_LINES, Permission.MATCH_INTAKE, on="line.case")
@transaction.atomic
def require_paper(
    *, line: ServiceLine, kind: str, by: User, at: datetime, document: Attachment | None = None
) -> PaperMark:  # fmt: skip
    """Take back a waiver, or say that a document is not the paper.

    Raises:
        Missing: as in `tick_paper`.
    """
    shown = _shown(line, kind, document)
    return mark_paper(shown=shown, state=PaperState.REQUIRED, document=document, reason="", by=by, at=at)


def _shown(line: ServiceLine, kind: str, document: Attachment | None = None) -> ShownPaper:
    lock_line(line)
    shown = paper_of(line, kind)
    if shown is None:
        raise Missing("No list in force for this request names this paper.")
    if document is not None and (document.case_id != line.case_id or document.moved_to_id is not None):
        raise Missing("This document is not on the case.")
    return shown


def _settle(
    shown: ShownPaper, state: str, *, document: Attachment | None, reason: str, by: User, at: datetime
) -> None:  # fmt: skip
    if shown.asked is not None:
        settle_items(
            question=shown.asked.information_request, answers={shown.asked.pk: document}, by=by, at=at, state=state,
            waived_reason=reason,
        )  # fmt: skip
