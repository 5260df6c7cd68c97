"""When the ordering clinician must be offered a conversation, who may book and speak, what it may lead to. Pure.

The terms are published rows (`policies/peer_to_peer`). A conversation stops no clock that decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from openum.accounts.rules import ReviewerFacts
from openum.vocabulary.errors import Conflict, Invalid, Missing, NotAllowed
from openum.vocabulary.terms import LineOfBusiness, Timing

OFFERS = "peer-to-peer"
"""Kind of the published policy that holds the rows."""


class NoConversationOffered(Conflict):
    """There is no open conversation on the line."""

    code: ClassVar[str] = "no-conversation-offered"


class NoOfferTerms(Missing):
    """No published row says when a conversation is offered."""

    code: ClassVar[str] = "no-offer-terms"


class TooLateToTalk(Conflict):
    """After the notice a conversation cannot change the decision, or its window is over."""

    code: ClassVar[str] = "too-late-to-talk"


class MayNotSpeak(NotAllowed):
    """The person named may not take this call."""

    code: ClassVar[str] = "may-not-speak"


class MayNotHold(NotAllowed):
    """The physician of the plan is not the peer whom the law wants on the call."""

    code: ClassVar[str] = "may-not-hold"


class MayNotBook(NotAllowed):
    """The ordering doctor named others to book."""

    code: ClassVar[str] = "may-not-book"


class DelegateNotUsable(Invalid):
    """Something is missing to name a delegate."""

    code: ClassVar[str] = "delegate-not-usable"


class OutcomeNotUsable(Invalid):
    """The outcome does not fit what happened."""

    code: ClassVar[str] = "outcome-not-usable"


class Outcome(StrEnum):
    """What came of a conversation."""

    APPROVED = "approved"
    CHANGED_REQUEST = "agreed alternative"
    UPHELD = "upheld"
    NEW_EVIDENCE = "new information"
    NOT_REACHED = "not reached"


class DelegateKind(StrEnum):
    """Who speaks or books in the ordering doctor's place."""

    COLLEAGUE = "colleague"
    STAFF = "staff"


@dataclass(frozen=True, kw_only=True)
class OfferTerms:
    """One published row: when the conversation is offered, and on which terms.

    Attributes:
        comes_first: the opportunity must stand before an adverse decision.
        window_before, window_after: the deadline rows that say how long; empty where no time is set.
        attempts: logged attempts that stand for the window; 0 where none do.
        reconsideration: the deadline row the plan owes when no discussion was attempted before; empty elsewhere.
        reminders: minutes before the conversation.
        peer_of_the_state: the plan's side needs a physician's licence in the product's state.
        peer_of_the_field: the plan's side is of the service's field or a similar one, where the field is known.
        similar_fields: circles of fields that count as similar; the file's, the same for each row.
    """

    key: str
    lines_of_business: frozenset[str]
    states: frozenset[str]
    timings: frozenset[str]
    citation: str
    source_verified: bool
    comes_first: bool
    offered_with_notice: bool
    window_before: str
    window_after: str
    attempts: int
    may_change_after_notice: bool
    may_be_asked_for: bool
    reconsideration: str
    staff_may_speak: bool
    in_writing: bool
    reminders: tuple[int, ...]
    peer_of_the_state: bool = False
    peer_of_the_field: bool = False
    similar_fields: tuple[frozenset[str], ...] = ()

    @property
    def weight(self) -> int:
        """The more a row names, the more it counts."""
        return bool(self.states) * 4 + bool(self.timings) * 2 + bool(self.lines_of_business)

    def applies(self, *, line_of_business: str, state: str, timing: str) -> bool:
        """Say whether the row speaks of this request; an empty set in the row means any."""
        return (
            (not self.lines_of_business or line_of_business in self.lines_of_business)
            and (not self.states or state in self.states)
            and (not self.timings or timing in self.timings)
        )


def read_terms(front: Mapping[str, Any]) -> tuple[OfferTerms, ...]:
    """Build the rows of one file.

    Raises:
        KeyError, TypeError, ValueError: a field is missing or unknown, or a word is not one of the vocabulary.
    """
    similar = tuple(frozenset(circle) for circle in front.get("similar_fields", []))
    return tuple(_terms(row, similar) for row in front["rows"])


def _terms(row: Mapping[str, Any], similar: tuple[frozenset[str], ...]) -> OfferTerms:
    unknown = set(row) - set(OfferTerms.__dataclass_fields__)
    if unknown:
        raise ValueError(f"{row.get('key', 'a row')}: unknown field {', '.join(sorted(unknown))}")
    reminders = tuple(int(minutes) for minutes in row["reminders"])
    if any(minutes <= 0 for minutes in reminders) or int(row["attempts"]) < 0:
        raise ValueError(f"{row['key']}: reminders and attempts are positive numbers")
    return OfferTerms(
        key=row["key"],
        lines_of_business=frozenset(LineOfBusiness(word) for word in row["lines_of_business"]),
        states=frozenset(row.get("states", [])),
        timings=frozenset(Timing(word) for word in row.get("timings", [])),
        citation=row["citation"],
        source_verified=bool(row["source_verified"]),
        comes_first=bool(row["comes_first"]),
        offered_with_notice=bool(row["offered_with_notice"]),
        window_before=row["window_before"],
        window_after=row["window_after"],
        attempts=int(row["attempts"]),
        may_change_after_notice=bool(row["may_change_after_notice"]),
        may_be_asked_for=bool(row["may_be_asked_for"]),
        reconsideration=row["reconsideration"],
        staff_may_speak=bool(row["staff_may_speak"]),
        in_writing=bool(row["in_writing"]),
        reminders=reminders,
        peer_of_the_state=bool(row.get("peer_of_the_state", False)),
        peer_of_the_field=bool(row.get("peer_of_the_field", False)),
        similar_fields=similar,
    )


def choose_terms(rows: Sequence[OfferTerms], *, line_of_business: str, state: str, timing: str) -> OfferTerms:
    """Choose the row that speaks most exactly of a request.

    Raises:
        NoOfferTerms: none does.
    """
    fitting = [row for row in rows if row.applies(line_of_business=line_of_business, state=state, timing=timing)]
    if not fitting:
        raise NoOfferTerms("No published rule says when a conversation is offered here. Ask compliance to publish one.")
    return max(fitting, key=lambda row: (row.weight, row.key))


class Opportunity(StrEnum):
    """How the clinician's opportunity to talk stands before a no."""

    NOT_OWED = "not owed"
    NOT_OFFERED = "not offered"
    BOOKED = "booked"
    TO_BE_RECORDED = "to be recorded"
    WRITING_UNREAD = "writing unread"
    WINDOW_RUNS = "window runs"
    HELD = "held"
    DECLINED = "declined"
    ATTEMPTED = "attempted"
    RAN_OUT = "ran out"


STILL_OPEN = frozenset(
    {
        Opportunity.NOT_OFFERED,
        Opportunity.BOOKED,
        Opportunity.TO_BE_RECORDED,
        Opportunity.WRITING_UNREAD,
        Opportunity.WINDOW_RUNS,
    }
)
"""Where an adverse decision must wait."""


@dataclass(frozen=True, kw_only=True)
class TalkFacts:
    """What happened on a line so far.

    Attributes:
        attempts: logged attempts to reach the clinician since the plan itself last missed or called off a conversation.
        window_ends_at: when the opportunity is over; None where no time is set.
        booked_for: when the booked conversation starts.
        decide_by: when the decision is due. A window that ends no earlier never forces a late decision.
    """

    was_offered: bool = False
    was_held: bool = False
    was_declined: bool = False
    has_unread_writing: bool = False
    attempts: int = 0
    window_ends_at: datetime | None = None
    booked_for: datetime | None = None
    decide_by: datetime | None = None


def opportunity(terms: OfferTerms, facts: TalkFacts, *, at: datetime) -> Opportunity:
    """Say how the opportunity to talk stands, before an adverse decision at an instant.

    Where it comes first, the offer must have been made and then: held, declined, its window over, or as many logged
    attempts as the row lets stand for it. When the decision falls due before the window ends, one logged attempt counts:
    a guard never forces a breach.
    """
    if facts.was_held:
        return Opportunity.HELD
    if facts.was_declined:
        return Opportunity.DECLINED
    if not terms.comes_first:
        return Opportunity.ATTEMPTED if facts.attempts else Opportunity.NOT_OWED
    if not facts.was_offered:
        return Opportunity.NOT_OFFERED
    if facts.has_unread_writing:
        return Opportunity.WRITING_UNREAD
    due = facts.decide_by
    if facts.booked_for is not None and (due is None or facts.booked_for < due):
        return Opportunity.BOOKED if facts.booked_for > at else Opportunity.TO_BE_RECORDED
    is_pressed = due is not None and (facts.window_ends_at is None or due <= facts.window_ends_at)
    enough = 1 if is_pressed else terms.attempts
    if enough and facts.attempts >= enough:
        return Opportunity.ATTEMPTED
    if facts.window_ends_at is not None and facts.window_ends_at <= at:
        return Opportunity.RAN_OUT
    return Opportunity.WINDOW_RUNS


def check_may_hold(terms: OfferTerms, *, holder: ReviewerFacts, specialty: str, state: str, on: date) -> None:
    """Refuse a physician of the plan who is not the peer that the law of the place wants on the call.

    Args:
        specialty: the field that judges the service; empty where none is named.
        state: of the product; empty where no state's law holds.

    Raises:
        MayNotHold: naming what is missing.
    """
    missing = []
    if terms.peer_of_the_state and state:
        held = any(one.kind == "physician" and one.state == state and one.is_valid(on=on) for one in holder.licences)
        missing += [] if held else [f"a physician's licence in {state} that is valid on the day"]
    if terms.peer_of_the_field and specialty:
        alike = frozenset({specialty}).union(*(circle for circle in terms.similar_fields if specialty in circle))
        missing += [] if holder.specialties & alike else [f"the field of {specialty} or a similar one"]
    if missing:
        raise MayNotHold(
            f"Here the plan's side of the conversation needs {' and '.join(missing)} ({terms.citation}). "
            "Let a colleague who has it hold the conversation."
        )


def check_may_ask(
    terms: OfferTerms,
    *,
    is_decided: bool,
    is_adverse: bool,
    was_held: bool,
    window_ended_at: datetime | None,
    at: datetime,
) -> None:
    """Refuse a practice's wish to talk where it can lead nowhere; an appeal or a reopening is then the way.

    Raises:
        TooLateToTalk: the answer was a yes, the notice binds (42 CFR 422.616), or the window is over.
        NoConversationOffered: the plan's rules do not let practices ask.
    """
    if not terms.may_be_asked_for:
        raise NoConversationOffered("The plan offers conversations itself. Call the plan.")
    if not is_decided:
        return
    if not is_adverse:
        raise TooLateToTalk("This line is closed, and there is no denial to talk about.")
    if not terms.may_change_after_notice:
        raise TooLateToTalk(
            "The notice has gone out. In Medicare Advantage an appeal or a reopening can change the decision; a "
            "conversation cannot."
        )
    if was_held:
        raise TooLateToTalk("The conversation after this decision has taken place. File an appeal to go on.")
    if window_ended_at is not None and window_ended_at <= at:
        raise TooLateToTalk("The time for a conversation about this decision is over. File an appeal to go on.")


def check_delegate(
    *, kind: DelegateKind, name: str, may_book: bool, may_speak: bool, has_login: bool, is_named_by_doctor: bool,
    on_word_of: str, terms: OfferTerms,
) -> None:  # fmt: skip
    """Refuse a delegate who could do nothing, or whom the ordering doctor did not name.

    Raises:
        DelegateNotUsable: no name, nothing to do, booking without a login, or nobody's word.
        MayNotSpeak: the plan's rules want a clinician on the call.
    """
    if not name.strip():
        raise DelegateNotUsable("Write the name of the person.")
    if not may_book and not may_speak:
        raise DelegateNotUsable("Say what the person may do: book, speak, or both.")
    if may_book and not has_login:
        raise DelegateNotUsable(
            "Somebody who books needs a login of your practice. Choose one, or let the person speak."
        )
    if not is_named_by_doctor and not on_word_of.strip():
        raise DelegateNotUsable("Only the ordering doctor names a delegate. Say which doctor told you so.")
    if may_speak and kind is DelegateKind.STAFF and not terms.staff_may_speak:
        raise MayNotSpeak(
            f"Here a clinician takes the call ({terms.citation}). Name a colleague, or let the person book."
        )


def check_may_book(*, booker: int, named_to_book: frozenset[int], named_by: frozenset[int], is_doctor: bool) -> None:
    """Refuse somebody else of the practice once the ordering doctor has named who books.

    Raises:
        MayNotBook: ask one of those named, or the doctor.
    """
    if named_to_book and booker not in named_to_book | named_by and not is_doctor:
        raise MayNotBook("The ordering doctor named somebody else to book this conversation. Ask them, or the doctor.")
