"""The conversation between clinicians: offered by the plan, asked for by the practice, ended with the line.

It stops no clock that decides. How long the offer stands is a clock of its own.
"""

from datetime import datetime
from pathlib import Path
from typing import ClassVar, Protocol
from uuid import UUID

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.audit import Recorded
from openum.cases import working
from openum.cases.models import ServiceLine
from openum.cases.rules import ADVERSE_STATUSES, OPEN_STATUSES
from openum.cases.services import lock_line
from openum.clocks.models import Clock
from openum.directory.models import Policy
from openum.directory.services import publish_policy
from openum.review.events import PeerToPeerAsked, PeerToPeerClosed, PeerToPeerOffered
from openum.review.models import PeerToPeer
from openum.review.rules.offers import OFFERS, NoConversationOffered, OfferTerms, check_may_ask, read_terms
from openum.review.services.invitations import call_off_invitations
from openum.review.terms import terms_of
from openum.vocabulary.errors import Invalid
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import ClockPurpose, LineStatus

BEFORE_DECISION = "before the decision"
WITH_NOTICE = "with the notice"
ASKED_FOR = "asked for by the practice"
OPEN_STATES = (PeerToPeer.OFFERED, PeerToPeer.BOOKED, PeerToPeer.WRITTEN)


class InvalidOfferTerms(Invalid):
    """A file of conversation terms is not usable."""

    code: ClassVar[str] = "invalid-offer-terms"


class OfDecision(Protocol):
    """A line was decided, withdrawn or cancelled: LineDecided, LineWithdrawn, LineCancelled."""

    line_ids: tuple[UUID, ...]


def publish_offer_terms(*, path: Path, by: User, at: datetime, plan: Plan | None = None) -> Policy:
    """Publish one file of `policies/peer_to_peer/` as an immutable row.

    Raises:
        InvalidOfferTerms: a row lacks a field or uses an unknown word; nothing is published.
    """
    body = path.read_text(encoding="utf-8")
    front = read_yaml(body)
    try:
        read_terms(front)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidOfferTerms(f"{path.name} cannot be used as written: {error}.") from error
    return publish_policy(
        kind=OFFERS, key=front["key"], version=front["version"], body=body, effective_from=front["effective_from"],
        effective_to=front.get("effective_to"), source=front["source"], source_verified=front["source_verified"],
        plan=plan, by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def offer_conversation(
    *, line: ServiceLine, how: str, open_until: datetime | None, by: User, at: datetime
) -> PeerToPeer:
    """Offer a conversation on a line; an open offer is kept.

    Raises:
        NoOfferTerms: no published row speaks of the line.
    """
    line = lock_line(line)
    known = PeerToPeer.objects.filter(line=line, state__in=OPEN_STATES).first()
    if known is not None:
        return known
    conversation = _create(line, how=how, open_until=open_until, by=by, at=at)
    record_offer(conversation, by=by, at=at)
    return conversation


def _create(line: ServiceLine, *, how: str, open_until: datetime | None, by: User, at: datetime) -> PeerToPeer:
    _, policy = terms_of(line, at=at)
    return PeerToPeer.objects.create(
        case=line.case, line=line, offered_by=by, offered_at=at, offered_how=how, open_until=open_until, terms=policy
    )


def record_offer(conversation: PeerToPeer, *, by: User, at: datetime) -> None:
    """Record that a conversation is offered, or offered anew: its window begins with it."""
    audit.record(
        PeerToPeerOffered(
            case_id=conversation.case.public_id, line_ids=(conversation.line.public_id,),
            conversation_id=conversation.public_id, how=conversation.offered_how,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    conversation.refresh_from_db(fields=["open_until"])


@permitted(Permission.BOOK_PEER_TO_PEER, on="line.case")
@transaction.atomic
def ask_for_conversation(*, line: ServiceLine, by: User, at: datetime) -> PeerToPeer:
    """Let the practice ask for a conversation, before the decision or, where it may change it, after the notice.

    A window that runs already goes on; asking does not make it longer.

    Raises:
        PermissionRefused: not of a practice.
        TooLateToTalk: it could change nothing any more.
        NoConversationOffered: the plan's rules do not let practices ask.
    """
    line = lock_line(line)
    earlier = list(PeerToPeer.objects.filter(line=line).order_by("-offered_at", "-pk"))
    open_one = next((item for item in earlier if item.is_open), None)
    if open_one is not None:
        return open_one
    terms, _ = terms_of(line, at=at)
    status = LineStatus(line.status)
    is_decided = status not in OPEN_STATUSES
    window = next((item.open_until for item in earlier if item.open_until is not None), None)
    check_may_ask(
        terms, is_decided=is_decided, is_adverse=status in ADVERSE_STATUSES,
        was_held=is_decided and any(item.state == PeerToPeer.HELD for item in earlier), window_ended_at=window, at=at,
    )  # fmt: skip
    conversation = _create(line, how=ASKED_FOR, open_until=window if window and window > at else None, by=by, at=at)
    tried = any(item.offered_how != WITH_NOTICE for item in earlier)
    audit.record(
        PeerToPeerAsked(
            case_id=line.case.public_id, line_ids=(line.public_id,), conversation_id=conversation.public_id,
            owes_reconsideration=is_decided and bool(terms.reconsideration) and not tried,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    if conversation.open_until is None:
        record_offer(conversation, by=by, at=at)
    return conversation


def lock_conversation(conversation: PeerToPeer) -> PeerToPeer:
    """Lock a conversation until the end of the transaction, and read it again."""
    return (
        PeerToPeer.objects.select_for_update(of=("self",))
        .select_related("line", "line__request", "case", "case__plan", "case__product", "slot", "slot__physician", "line__case")
        .get(pk=conversation.pk)
    )  # fmt: skip


def check_open(conversation: PeerToPeer) -> None:
    """Refuse what a closed conversation cannot take any more (NoConversationOffered)."""
    if not conversation.is_open:
        raise NoConversationOffered("This conversation is already recorded or closed. Ask the plan for a new one.")


def is_of_plan(user: User) -> bool:
    """Say whether a person acts for the plan in a conversation."""
    return user_may(user, Permission.REVIEW_LINES)


def take_window(event: PeerToPeerOffered, recorded: Recorded) -> None:
    """An offer stands as long as the published window says; its clock has just been started by the same event."""
    conversation = (
        PeerToPeer.objects.select_related("line__request", "line__case__plan", "line__case__product")
        .filter(public_id=event.conversation_id, open_until__isnull=True)
        .first()
    )
    if conversation is None:
        return
    terms, _ = terms_of(conversation.line, at=recorded.at)
    clock = _window_clock(conversation, terms)
    if clock is not None:
        conversation.open_until = clock.due_at
        conversation.save(update_fields=["open_until"])


def _window_clock(conversation: PeerToPeer, terms: OfferTerms) -> Clock | None:
    """Return the open clock of the row that the terms name; without one, the newest window of the line."""
    is_before = LineStatus(conversation.line.status) in OPEN_STATUSES
    wanted = terms.window_before if is_before else terms.window_after
    line = str(conversation.line.public_id)
    clocks = [
        clock
        for clock in Clock.objects.filter(
            request=conversation.line.request, purpose=ClockPurpose.PEER_TO_PEER_WINDOW, stopped_at__isnull=True,
            due_at__isnull=False,
        ).order_by("-started_at", "-pk")
        if not clock.line_ids or line in clock.line_ids
    ]  # fmt: skip
    named = [clock for clock in clocks if clock.governing_rule == wanted]
    return next(iter(named or clocks), None)


def end_conversations(event: OfDecision, recorded: Recorded) -> None:
    """A line was decided or taken back: what can change nothing any more is closed, and calendars hear of it.

    After a no, a booked conversation or a written answer stays where it may still change the decision; an offer made
    before gives way to the one with the notice.
    """
    at_hand = working.current()
    if at_hand is not None and set(event.line_ids) <= {line.public_id for line in at_hand.lines}:
        return  # lines made just now have none
    found = list(PeerToPeer.objects.filter(line__public_id__in=event.line_ids, state__in=OPEN_STATES).order_by("pk"))
    if not found:
        return
    by = User.objects.get(public_id=recorded.by.public_id)
    for row in found:
        conversation = lock_conversation(row)
        if _goes_on(conversation, at=recorded.at):
            continue
        call_off_invitations(conversation, by=by, at=recorded.at)
        conversation.state, conversation.slot = PeerToPeer.CLOSED, None
        conversation.save(update_fields=["state", "slot"])
        audit.record(
            PeerToPeerClosed(
                case_id=conversation.case.public_id, line_ids=(conversation.line.public_id,),
                conversation_id=conversation.public_id,
            ),
            by=by,
            at=recorded.at,
        )  # fmt: skip


def _goes_on(conversation: PeerToPeer, *, at: datetime) -> bool:
    if LineStatus(conversation.line.status) not in ADVERSE_STATUSES:
        return False
    if not terms_of(conversation.line, at=at)[0].may_change_after_notice:
        return False
    return conversation.state != PeerToPeer.OFFERED or conversation.offered_how == WITH_NOTICE
