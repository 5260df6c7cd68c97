"""Who books and who speaks in the ordering doctor's place, and the answer in writing instead of a call."""

from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.review.events import DelegateEnded, DelegateNamed, PeerToPeerWritten
from openum.review.models import PeerToPeer, PeerToPeerDelegate, PeerToPeerStatement
from openum.review.queries import is_ordering_doctor, logins_of_practice
from openum.review.rules.offers import DelegateKind, DelegateNotUsable, NoConversationOffered, check_delegate
from openum.review.services.invitations import call_off_invitations
from openum.review.services.peer_to_peer import check_open, lock_conversation
from openum.review.terms import terms_of
from openum.vocabulary.errors import Invalid


@permitted(Permission.BOOK_PEER_TO_PEER, on="conversation.line.case")
@transaction.atomic
def name_delegate(
    *,
    conversation: PeerToPeer,
    kind: DelegateKind,
    may_book: bool,
    may_speak: bool,
    by: User,
    at: datetime,
    name: str = "",
    user: User | None = None,
    on_word_of: str = "",
) -> PeerToPeerDelegate:
    """Name a colleague or a staff member who may book, speak, or both.

    Args:
        user: a login of the same practice; needed to book. The name is then theirs.
        on_word_of: the ordering doctor, where somebody else of the practice writes the delegate down.

    Raises:
        NoConversationOffered: it is closed.
        DelegateNotUsable, MayNotSpeak: see check_delegate; or the login is of another practice.
    """
    conversation = lock_conversation(conversation)
    check_open(conversation)
    if user is not None and user not in logins_of_practice(conversation):
        raise DelegateNotUsable("This login is not of your practice. Choose one that is.")
    name = user.name if user is not None else name
    is_doctor = is_ordering_doctor(conversation.line, by)
    check_delegate(
        kind=kind, name=name, may_book=may_book, may_speak=may_speak, has_login=user is not None,
        is_named_by_doctor=is_doctor, on_word_of=on_word_of, terms=terms_of(conversation.line, at=at)[0],
    )  # fmt: skip
    delegate = PeerToPeerDelegate.objects.create(
        conversation=conversation, kind=kind, name=name.strip(), user=user, may_book=may_book, may_speak=may_speak,
        named_by=by, named_at=at, on_word_of="" if is_doctor else on_word_of.strip(),
    )  # fmt: skip
    audit.record(
        DelegateNamed(
            case_id=conversation.case.public_id, line_ids=(conversation.line.public_id,),
            conversation_id=conversation.public_id, delegate_id=delegate.public_id,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return delegate


@permitted(Permission.BOOK_PEER_TO_PEER, on="delegate.conversation.line.case")
@transaction.atomic
def end_delegate(*, delegate: PeerToPeerDelegate, by: User, at: datetime) -> None:
    """Take a delegate's part back. A call that is booked for them stays booked; move it to name somebody else.

    Raises:
        NoConversationOffered: it has ended already.
    """
    conversation = lock_conversation(delegate.conversation)
    delegate = PeerToPeerDelegate.objects.select_for_update(of=("self",)).get(pk=delegate.pk)
    if delegate.ended_at is not None:
        raise NoConversationOffered("This person's part has ended already.")
    delegate.ended_at = at
    delegate.save(update_fields=["ended_at"])
    audit.record(
        DelegateEnded(
            case_id=conversation.case.public_id, line_ids=(conversation.line.public_id,),
            conversation_id=conversation.public_id, delegate_id=delegate.public_id,
        ),
        by=by,
        at=at,
    )  # fmt: skip


@permitted(Permission.BOOK_PEER_TO_PEER, on="conversation.line.case")
@transaction.atomic
def answer_in_writing(
    *, conversation: PeerToPeer, author: str, text: str, by: User, at: datetime
) -> PeerToPeerStatement:
    """Take the ordering doctor's written answer instead of a call; a booked time is given back.

    The plan's physician must read it and record what came of it, as after a call.

    Raises:
        NoConversationOffered: it is closed, its window is over, or the plan's rules know no answer in writing.
        Invalid: no text or no author.
    """
    conversation = lock_conversation(conversation)
    check_open(conversation)
    if not terms_of(conversation.line, at=at)[0].in_writing:
        raise NoConversationOffered("Here the answer is given in a conversation. Book a time.")
    if conversation.state == PeerToPeer.OFFERED and conversation.open_until and conversation.open_until < at:
        raise NoConversationOffered("The time for this conversation is over. Ask the plan for a new one.")
    if not text.strip() or not author.strip():
        raise Invalid("Write the answer, and who gives it.")
    call_off_invitations(conversation, by=by, at=at)
    conversation.state, conversation.slot = PeerToPeer.WRITTEN, None
    conversation.attendee = author.strip()
    conversation.save(update_fields=["state", "slot", "attendee"])
    statement = PeerToPeerStatement.objects.create(
        conversation=conversation, author=author.strip(), text=text.strip(), sent_by=by, sent_at=at
    )
    audit.record(
        PeerToPeerWritten(
            case_id=conversation.case.public_id, line_ids=(conversation.line.public_id,),
            conversation_id=conversation.public_id, statement_id=statement.public_id,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return statement
