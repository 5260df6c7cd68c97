"""Questions to the provider and attempts to reach people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.cases.events import ContactAttempted, InformationReceived, InformationRequested
from openum.cases.models import (
    Attachment,
    Case,
    ContactAttempt,
    InformationItem,
    InformationRequest,
    Party,
    Request,
    ServiceLine,
)
from openum.db import plain
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel


class NothingAsked(Invalid):
    """An information request names at least one thing."""

    code: ClassVar[str] = "nothing-asked"


@dataclass(frozen=True, kw_only=True)
class ItemAsked:
    """One thing to ask for."""

    line: ServiceLine
    text: str
    leaf: str = ""
    document_kind: str = ""
    months_back: int | None = None


@transaction.atomic
def record_information_request(
    *,
    case: Case,
    request: Request,
    items: Sequence[ItemAsked],
    respond_by: datetime | None,
    by: User,
    at: datetime,
    message: str = "",
) -> InformationRequest:
    """Keep an itemised question and record that it was asked; clocks and letters follow the event.

    Raises:
        NothingAsked: no item.
    """
    asked = [item for item in items if item.text.strip()]
    if not asked:
        raise NothingAsked("Choose at least one thing to ask for.")
    question = InformationRequest(
        case=case, request=request, asked_by=by, asked_at=at, respond_by=respond_by, message=message.strip()
    )
    plain.insert([question])
    plain.insert(
        [
            InformationItem(
                information_request=question, line=item.line, leaf=item.leaf, text=item.text.strip(),
                document_kind=item.document_kind, months_back=item.months_back,
            )
            for item in asked
        ]
    )  # fmt: skip
    audit.record(
        InformationRequested(
            case_id=case.public_id,
            line_ids=tuple(dict.fromkeys(item.line.public_id for item in asked)),
            information_request_id=question.public_id,
            request_id=request.public_id,
        ),
        by=by,
        at=at,
    )
    return question


@transaction.atomic
def settle_items(
    *,
    question: InformationRequest,
    answers: dict[int, Attachment | None],
    by: User,
    at: datetime,
    state: str = InformationItem.RECEIVED,
    waived_reason: str = "",
) -> bool:
    """Mark items (by primary key) as received, unreadable or waived; return whether nothing is left open.

    Raises:
        Invalid: waiving without a reason.
    """
    if state == InformationItem.WAIVED and not waived_reason.strip():
        raise Invalid("Say why the item is no longer needed.")
    question = InformationRequest.objects.select_for_update().get(pk=question.pk)
    for item in question.items.filter(pk__in=list(answers), state=InformationItem.REQUESTED):
        item.state, item.settled_at, item.attachment = state, at, answers[item.pk]
        item.waived_reason = waived_reason.strip()
        item.save()
    is_complete = not question.items.filter(state=InformationItem.REQUESTED).exists()
    _record_received(question, is_complete=is_complete, by=by, at=at)
    return is_complete


def _record_received(question: InformationRequest, *, is_complete: bool, by: User, at: datetime) -> None:
    if is_complete and question.closed_at is None:
        question.closed_at = at
        question.save(update_fields=["closed_at"])
    audit.record(
        InformationReceived(
            case_id=question.case.public_id,
            line_ids=tuple(dict.fromkeys(item.line.public_id for item in question.items.select_related("line"))),
            information_request_id=question.public_id,
            request_id=question.request.public_id,
            is_complete=is_complete,
        ),
        by=by,
        at=at,
    )


@transaction.atomic
def close_information_request(*, question: InformationRequest, reason: str, by: User, at: datetime) -> None:
    """Close a question whose open items nobody will send any more, or that an answer made moot; items are waived."""
    open_items = dict.fromkeys(question.items.filter(state=InformationItem.REQUESTED).values_list("pk", flat=True))
    if open_items:
        settle_items(
            question=question, answers=dict(open_items), by=by, at=at, state=InformationItem.WAIVED,
            waived_reason=reason,
        )  # fmt: skip


@transaction.atomic
def record_contact_attempt(
    *,
    case: Case,
    purpose: str,
    channel: Channel,
    outcome: str,
    by: User,
    at: datetime,
    address: str = "",
    person: str = "",
    note: str = "",
    party: Party | None = None,
    question: InformationRequest | None = None,
    line_ids: tuple[UUID, ...] = (),
    made_at: datetime | None = None,
) -> ContactAttempt:
    """Log one attempt to reach somebody.

    Args:
        line_ids: public ids of the lines it was about; empty for all of the case.
        made_at: when it was made, if before it was logged.

    Raises:
        Invalid: no outcome.
    """
    if not outcome.strip():
        raise Invalid("Say how the attempt ended: reached, left message, no answer, wrong number, sent.")
    attempt = ContactAttempt.objects.create(
        case=case, purpose=purpose, channel=channel, outcome=outcome, address=address, person=person, note=note,
        party=party, information_request=question, at=made_at or at, recorded_by=by,
    )  # fmt: skip
    audit.record(
        ContactAttempted(
            case_id=case.public_id, line_ids=line_ids, attempt_id=attempt.public_id, purpose=purpose, outcome=outcome
        ),
        by=by,
        at=at,
    )
    return attempt
