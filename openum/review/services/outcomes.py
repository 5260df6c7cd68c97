"""What came of a conversation. The outcome is recorded here; what it leads to is done by the services that always do it."""

from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import reviewer_facts
from openum.accounts.rules import Permission
from openum.cases.rules import OPEN_STATUSES
from openum.cases.services import ItemAsked, record_contact_attempt, write_note
from openum.review.events import PeerToPeerHeld, PeerToPeerNotReached
from openum.review.models import PeerToPeer
from openum.review.rules.offers import Outcome, OutcomeNotUsable, check_may_hold
from openum.review.services.information import ask_for_information
from openum.review.services.invitations import call_off_invitations
from openum.review.services.peer_to_peer import check_open, lock_conversation
from openum.review.terms import local_day_of, terms_of
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, LineStatus

_TALKED = {Outcome.APPROVED, Outcome.CHANGED_REQUEST, Outcome.UPHELD, Outcome.NEW_EVIDENCE}


@permitted(Permission.HOLD_PEER_TO_PEER, on="conversation.line.case")
@transaction.atomic
def record_conversation(
    *,
    conversation: PeerToPeer,
    held_from: datetime,
    held_to: datetime,
    outcome: str,
    note: str,
    by: User,
    at: datetime,
    conclusion: str = "",
) -> PeerToPeer:
    """Keep that the conversation took place, or that the written answer was read, and what came of it.

    An approval follows at once by the ordinary service (`openum/lifecycle`); where it may not, nothing is recorded.
    For new evidence the `conclusion`, one item a line, is asked for as information while the line is open.

    Args:
        conclusion: why approved, what was agreed, or what the practice will send.

    Raises:
        PermissionRefused: not a physician of the plan.
        MayNotHold: not the peer whom the law of the place wants, as in Texas one licensed there and of a like field.
        Invalid: it ends before it starts, lies in the future, or has no note.
        OutcomeNotUsable: no outcome of a talk, or its conclusion is missing.
        NoConversationOffered: it is closed.
    """
    if held_to < held_from or held_to > at:
        raise Invalid("The conversation must end after it starts, and not in the future. Check both times.")
    if not note.strip():
        raise Invalid("Write what was said.")
    if outcome not in _TALKED:
        raise OutcomeNotUsable("Choose what came of the conversation.")
    if outcome in {Outcome.APPROVED, Outcome.CHANGED_REQUEST} and not conclusion.strip():
        raise OutcomeNotUsable("Say in a sentence why you approve, or what was agreed. What follows rests on it.")
    conversation = lock_conversation(conversation)
    check_open(conversation)
    line = conversation.line
    check_may_hold(
        terms_of(line, at=at)[0], holder=reviewer_facts(by), specialty=line.specialty, state=line.case.product.state,
        on=local_day_of(line.case, held_from),
    )  # fmt: skip
    if conversation.slot is not None and conversation.slot.starts_at > at:
        call_off_invitations(conversation, by=by, at=at)
        conversation.slot = None
    conversation.state, conversation.held_by = PeerToPeer.HELD, by
    conversation.held_from, conversation.held_to = held_from, held_to
    conversation.outcome, conversation.note, conversation.conclusion = outcome, note.strip(), conclusion.strip()
    conversation.save()
    write_note(case=conversation.case, line=conversation.line, text=note, purpose="peer-to-peer", by=by, at=at)
    audit.record(
        PeerToPeerHeld(
            case_id=conversation.case.public_id, line_ids=(conversation.line.public_id,),
            conversation_id=conversation.public_id, outcome=conversation.outcome,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    if outcome == Outcome.NEW_EVIDENCE:
        _ask_for_promised(conversation, by=by, at=at)
    return conversation


def _ask_for_promised(conversation: PeerToPeer, *, by: User, at: datetime) -> None:
    line = conversation.line
    promised = [text.strip() for text in conversation.conclusion.splitlines() if text.strip()]
    if not promised or LineStatus(line.status) not in OPEN_STATUSES:
        return
    ask_for_information(
        case=conversation.case, request=line.request, by=by, at=at, message="As said in the conversation.",
        items=[ItemAsked(line=line, text=text) for text in promised],
    )  # fmt: skip


@permitted(Permission.REVIEW_LINES, on="conversation.line.case")
@transaction.atomic
def record_conversation_attempt(
    *,
    conversation: PeerToPeer,
    outcome: str,
    address: str,
    person: str,
    note: str,
    is_final: bool,
    by: User,
    at: datetime,
) -> PeerToPeer:
    """Log an attempt to reach the clinician; a final one closes the offer as not reached or declined.

    Raises:
        PermissionRefused: not a reviewer of the plan.
        NoConversationOffered: it is closed.
    """
    conversation = lock_conversation(conversation)
    check_open(conversation)
    record_contact_attempt(
        case=conversation.case, purpose="peer-to-peer", channel=Channel.PHONE, outcome=outcome, address=address,
        person=person, note=note, by=by, at=at,
    )  # fmt: skip
    if is_final:
        call_off_invitations(conversation, by=by, at=at)
        conversation.state = PeerToPeer.DECLINED if outcome == "declined" else PeerToPeer.NOT_REACHED
        conversation.outcome = outcome if outcome == "declined" else Outcome.NOT_REACHED
        conversation.slot = None
        conversation.save()
        audit.record(
            PeerToPeerNotReached(
                case_id=conversation.case.public_id, line_ids=(conversation.line.public_id,),
                conversation_id=conversation.public_id, outcome=conversation.outcome,
            ),
            by=by,
            at=at,
        )  # fmt: skip
    return conversation
