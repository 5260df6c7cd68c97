"""Handing a line over at the end of a shift. Nothing is lost: until a colleague accepts, the holder has it."""

from datetime import datetime
from typing import ClassVar

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.db.text import clean
from openum.db.transactions import atomic
from openum.vocabulary.errors import Conflict, Invalid, NotAllowed
from openum.work.events import HandOverAnswered, HandOverOffered
from openum.work.models import Assignment, HandOver, Placement
from openum.work.queries.people import candidates
from openum.work.queries.waiting import need_of
from openum.work.rules.assigning import is_fit
from openum.work.services.assigning import give

_MOST_WORDS = 600


class HandOverInvalid(Invalid):
    """A hand-over lacks its sentence, its time or a colleague who may do the work."""

    code: ClassVar[str] = "hand-over-invalid"


class NotYours(NotAllowed):
    """Somebody else holds the line, or was asked to take it."""

    code: ClassVar[str] = "not-yours"


class HandOverSettled(Conflict):
    """The hand-over was answered, or the line went elsewhere meanwhile."""

    code: ClassVar[str] = "hand-over-settled"


@atomic
@permitted(Permission.REVIEW_LINES, on="placement.line.case")
def hand_over(*, placement: Placement, taker: User, words: str, due_at: datetime, by: User, at: datetime) -> HandOver:
    """Offer a line one holds to a colleague, with what is open, what comes next, and by when.

    Raises:
        NotYours: somebody else holds it.
        HandOverInvalid: no sentence, a time that is past, or a colleague without the licence or field for it.
        HandOverSettled: it is offered already.
    """
    placement = _lock(placement)
    if placement.holder_id != by.pk or placement.left_at is not None:
        raise NotYours("You do not hold this request. Only who holds it hands it over.")
    return offer(placement, taker, words=words, due_at=due_at, by=by, at=at)


def offer(placement: Placement, taker: User, *, words: str, due_at: datetime, by: User, at: datetime) -> HandOver:
    """Offer a held line to a colleague; the part that a person's hand-over and the on-call cover share (raises as hand_over)."""
    if placement.holder is None:
        raise NotYours("Nobody holds this request. Take it up, or give it to a colleague.")
    if not words.strip():
        raise HandOverInvalid("Say in a sentence what is open and what comes next.")
    if due_at <= at:
        raise HandOverInvalid("The next step lies in the past. Say by when it is to be done.")
    check_may_take(placement, taker, at=at)
    if HandOver.objects.filter(placement=placement, state=HandOver.OFFERED).exists():
        raise HandOverSettled("This request is offered to a colleague already. Take that back first.")
    row = HandOver.objects.create(
        placement=placement, giver=placement.holder, taker=taker, words=clean(words.strip())[:_MOST_WORDS], due_at=due_at,
        offered_by=by, offered_at=at,
    )  # fmt: skip
    line = placement.line
    event = HandOverOffered(
        case_id=line.case.public_id, line_ids=(line.public_id,), hand_over_id=row.public_id, user_id=taker.public_id
    )
    audit.record(event, by=by, at=at)
    return row


def check_may_take(placement: Placement, taker: User, *, at: datetime) -> None:
    """Refuse a colleague who is the holder, works in no queue of the plan, or lacks the licence or field of the line.

    Raises:
        HandOverInvalid: naming what is missing.
    """
    if taker.pk == placement.holder_id:
        raise HandOverInvalid("Choose a colleague.")
    people = {person.user: person for person in candidates(placement.queue.plan, at=at)}
    person = people.get(taker.pk)
    if person is None:
        raise HandOverInvalid("This colleague works in no queue of the plan. Choose one who does.")
    if not is_fit(need_of(placement, is_pressing=False), person):
        asked = placement.queue.licence_kind or "field"
        raise HandOverInvalid(f"This colleague lacks the {asked} that the request needs. Choose another.")


@atomic
@permitted(Permission.REVIEW_LINES, on="row.placement.line.case")
def accept_hand_over(*, row: HandOver, by: User, at: datetime) -> HandOver:
    """Accept a line that a colleague hands over; from now on it is the taker's.

    Raises:
        NotYours: somebody else was asked.
        HandOverSettled: it was answered, or the line went elsewhere.
        HandOverInvalid: the licence or field has run out meanwhile.
    """
    row = _open(row)
    if row.taker_id != by.pk:
        raise NotYours("This was offered to somebody else.")
    check_may_take(row.placement, by, at=at)
    give(
        row.placement, by, how=Assignment.HANDED_OVER, because=f"handed over by {row.giver.name}", by=by, at=at
    )  # fmt: skip
    return _answer(row, HandOver.ACCEPTED, by=by, at=at)


@atomic
@permitted(Permission.REVIEW_LINES, on="row.placement.line.case")
def give_hand_over_back(*, row: HandOver, because: str, by: User, at: datetime) -> HandOver:
    """Give a line back that one was asked to take; it stays with its holder. Who offered it takes it back the same way.

    Raises:
        NotYours: neither asked nor asking.
        HandOverInvalid: the one who was asked says no reason.
        HandOverSettled: it was answered, or the line went elsewhere.
    """
    row = _open(row)
    if by.pk not in {row.taker_id, row.giver_id}:
        raise NotYours("This was offered to somebody else.")
    if by.pk == row.giver_id:
        return _answer(row, HandOver.TAKEN_BACK, by=by, at=at)
    if not because.strip():
        raise HandOverInvalid("Say why you cannot take it, so that your colleague can plan.")
    row.answer = clean(because.strip())[:_MOST_WORDS]
    return _answer(row, HandOver.GIVEN_BACK, by=by, at=at)


def _lock(placement: Placement) -> Placement:
    return (
        Placement.objects.select_for_update(of=("self",))
        .select_related("queue__plan", "queue__backup", "holder", "line__case__product", "line__case__member")
        .get(pk=placement.pk)
    )


def _open(row: HandOver) -> HandOver:
    found = HandOver.objects.select_for_update(of=("self",)).select_related("giver", "taker").get(pk=row.pk)
    found.placement = _lock(found.placement)
    gone = found.placement.left_at is not None or found.placement.holder_id != found.giver_id
    if found.state != HandOver.OFFERED or gone:
        raise HandOverSettled("This was answered, or the request went elsewhere. Reload the page.")
    return found


def _answer(row: HandOver, state: str, *, by: User, at: datetime) -> HandOver:
    row.state, row.answered_at = state, at
    row.save(update_fields=["state", "answered_at", "answer"])
    line = row.placement.line
    event = HandOverAnswered(
        case_id=line.case.public_id, line_ids=(line.public_id,), hand_over_id=row.public_id, answer=state
    )
    audit.record(event, by=by, at=at)
    return row
