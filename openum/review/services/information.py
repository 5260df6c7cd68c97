"""Asking the provider for what is missing, and taking the answer in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import check_user_may
from openum.accounts.rules import Permission
from openum.audit import Recorded
from openum.cases import working
from openum.cases.events import InformationReceived
from openum.cases.models import Attachment, Case, InformationItem, InformationRequest, Request, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.cases.services import (
    ItemAsked,
    NewDocument,
    attach,
    lock_line,
    record_information_request,
    set_line_status,
    settle_items,
)
from openum.review.models import Review
from openum.review.rules.answers import NotOpen, answer_until
from openum.review.services.reviews import end_review
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, LineStatus


@permitted(Permission.REVIEW_LINES, on="case")
@transaction.atomic
def ask_for_information(
    *, case: Case, request: Request, items: Sequence[ItemAsked], by: User, at: datetime, message: str = ""
) -> InformationRequest:
    """Ask the provider, item by item; the lines wait with the provider. Software may ask too.

    Raises:
        NotOpen: a line is decided.
        NothingAsked: no item.
    """
    if not by.is_machine:
        check_user_may(by, Permission.REVIEW_LINES)
    return put_question(case=case, request=request, items=items, by=by, at=at, message=message)


@transaction.atomic
def put_question(
    *, case: Case, request: Request, items: Sequence[ItemAsked], by: User, at: datetime, message: str = ""
) -> InformationRequest:
    """Put a question, the common part of the guarded verbs that ask.

    Raises:
        NotOpen: a line is decided.
        NothingAsked: no item.
    """
    for line in {item.line.pk: item.line for item in items}.values():
        locked = lock_line(line)
        if LineStatus(locked.status) not in OPEN_STATUSES:
            raise NotOpen("This line is decided. Nothing can be asked for it any more.")
        if locked.status != LineStatus.PENDED_WITH_PROVIDER:
            set_line_status(locked, LineStatus.PENDED_WITH_PROVIDER, by=by, at=at, cause="information asked for")
            line.status, line.status_since, line.version = locked.status, locked.status_since, locked.version
        if working.new_line(locked.pk) is None:
            _end_nurse_reviews(locked, by=by, at=at)
    product = case.product
    respond_by = answer_until(
        line_of_business=product.line_of_business,
        urgency=request.urgency,
        asked_at=at,
        zone=ZoneInfo(product.time_zone),
    )
    return record_information_request(
        case=case, request=request, items=items, respond_by=respond_by, by=by, at=at, message=message
    )


def _end_nurse_reviews(line: ServiceLine, *, by: User, at: datetime) -> None:
    reviews = Review.objects.select_related("line", "line__case").filter(
        line=line, level=Review.NURSE, ended_at__isnull=True
    )
    for review in reviews:
        end_review(review, ended_with="asked", by=by, at=at)


@permitted(
    Permission.SEND_DOCUMENTS,
    Permission.MATCH_INTAKE,
    Permission.REVIEW_LINES,
    Permission.CAPTURE_REQUEST,
    on="question.case",
)
@transaction.atomic
def receive_information(
    *,
    question: InformationRequest,
    documents: Sequence[NewDocument],
    answered: Sequence[InformationItem],
    channel: Channel,
    by: User,
    at: datetime,
) -> list[Attachment]:
    """Attach what the provider sent and settle the items it answers; nothing is lost if it answers none.

    Raises:
        Invalid: neither a document nor an answered item.
    """
    if not documents and not answered:
        raise Invalid("Choose a file, or say which item it answers.")
    attachments = attach(
        case=question.case, request=question.request, documents=documents, channel=channel, by=by, at=at
    )
    if answered:
        first = attachments[0] if attachments else None
        settle_items(question=question, answers={item.pk: first for item in answered}, by=by, at=at)
    return attachments


def return_to_reviewer(event: InformationReceived, recorded: Recorded) -> None:
    """When nothing asked for is open any more, the lines go back to the plan."""
    if not event.is_complete:
        return
    actor = User.objects.get(public_id=recorded.by.public_id)
    lines: Any = ServiceLine.objects.filter(
        public_id__in=event.line_ids, status=LineStatus.PENDED_WITH_PROVIDER
    ).order_by("pk")
    for line in lines:
        set_line_status(
            lock_line(line), LineStatus.PENDED_WITH_PAYER, by=actor, at=recorded.at, cause="information received"
        )
