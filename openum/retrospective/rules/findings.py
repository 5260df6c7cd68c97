"""What a finding about a claim is, which reasons a decision may then give, and by when a provider may answer. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

from openum.clocks.rules.counting import end_of, local_day
from openum.vocabulary.errors import Conflict, Invalid, NotAllowed
from openum.vocabulary.terms import ReasonClass


class Issue(StrEnum):
    """What the reviewer holds against a claim line."""

    NONE = "none"
    DUPLICATE = "duplicate"
    UNBUNDLING = "unbundling"
    UNITS = "units"
    CODING = "coding"
    GROUPING = "grouping"
    NO_AUTHORIZATION = "no_authorization"
    NOT_ENROLLED = "not_enrolled"
    LEVEL_OF_CARE = "level_of_care"
    NECESSITY = "necessity"


class Question(StrEnum):
    """The four questions of a review after the service."""

    APPROPRIATE = "appropriate"
    EFFECTIVE = "effective"
    TIMELY = "timely"
    SETTING = "setting"


class Answer(StrEnum):
    """The answers to them."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    NOT_ASKED = "not_asked"


BILLING = frozenset({Issue.DUPLICATE, Issue.UNBUNDLING, Issue.UNITS, Issue.CODING, Issue.GROUPING})
"""Findings about how a service was billed, not about whether it was needed."""

JUDGED = frozenset({Issue.NO_AUTHORIZATION, Issue.LEVEL_OF_CARE, Issue.NECESSITY})
"""Findings that the law forbids for emergencies, or for what was approved."""

REASON_OF: Mapping[Issue, ReasonClass] = {
    Issue.NO_AUTHORIZATION: ReasonClass.OTHER,
    Issue.LEVEL_OF_CARE: ReasonClass.LEVEL_OR_SITE_OF_CARE,
    Issue.NECESSITY: ReasonClass.NOT_MEDICALLY_NECESSARY,
}
"""By which class of reason a judged finding would end in a no."""

_NECESSITY = frozenset(
    {
        ReasonClass.NOT_MEDICALLY_NECESSARY,
        ReasonClass.EXPERIMENTAL,
        ReasonClass.LEVEL_OR_SITE_OF_CARE,
        ReasonClass.OTHER,
    }
)
_OF_BILLING = frozenset({ReasonClass.CODING, ReasonClass.DUPLICATE})
_LEAST_WORDS = 20


class FindingIncomplete(Invalid):
    """A finding answers the four questions, says what was found and where it stands in the record."""

    code: ClassVar[str] = "finding-incomplete"


class FindingMissing(Conflict):
    """Nothing is decided against a claim before a finding went to the provider."""

    code: ClassVar[str] = "finding-missing"


class RebuttalUnanswered(Conflict):
    """A provider's rebuttal waits for its answer."""

    code: ClassVar[str] = "rebuttal-unanswered"


class ReasonNotOfFinding(NotAllowed):
    """The reason of the decision, and so its letter, belongs to another kind of finding."""

    code: ClassVar[str] = "reason-not-of-finding"


class ReplyTooLate(Invalid):
    """The time to answer a finding is over and nobody says why the answer is taken all the same."""

    code: ClassVar[str] = "reply-too-late"


class NothingToRebut(Conflict):
    """There is no sent finding, or it was answered before."""

    code: ClassVar[str] = "nothing-to-rebut"


def check_finding(
    *,
    issue: Issue,
    answers: Mapping[Question, Answer],
    words: str,
    pages: Sequence[Mapping[str, object]],
    has_documents: bool,
    documented: bool,
) -> None:
    """Refuse a finding that nobody could answer.

    Args:
        pages: where it stands: document and page.
        has_documents: whether the file holds any document; without one only a rule speaks (a duplicate, an edit).
        documented: whether it says what the record supports instead.

    Raises:
        FindingIncomplete: naming what is missing.
    """
    missing = [question for question in Question if question not in answers]
    if missing:
        raise FindingIncomplete(f"Answer all four questions; {', '.join(missing)} is open.")
    if len(words.strip()) < _LEAST_WORDS:
        raise FindingIncomplete("Say in a sentence or two what was found. The letter to the provider quotes it.")
    if issue in JUDGED | {Issue.UNITS, Issue.CODING, Issue.GROUPING} and not pages:
        cure = "Link the page that shows it." if has_documents else "Ask for the records first."
        raise FindingIncomplete(f"This finding rests on the record. {cure}")
    if issue in {Issue.UNITS, Issue.CODING, Issue.GROUPING} and not documented:
        raise FindingIncomplete("Say what the record supports instead: the code or the number of units.")


def check_reason(
    *, issue: Issue | None, is_claim: bool, was_sent: bool, has_open_rebuttal: bool, reason: ReasonClass
) -> None:
    """Refuse a no to a claim line that its finding does not carry.

    Args:
        issue: of the latest finding; None where there is none.
        is_claim: whether the line is a claim line under review.

    Raises:
        ReasonNotOfFinding: a coding reason outside claim review; a necessity reason, and so its letter, for a billing
            finding; a billing reason for another finding.
        FindingMissing: no finding, or it was not sent.
        RebuttalUnanswered: the provider's answer waits.
    """
    if not is_claim:
        if reason is ReasonClass.CODING:
            raise ReasonNotOfFinding("How a service was billed is judged on a claim. Choose another reason.")
        return
    if issue is None or not was_sent:
        raise FindingMissing("Write the finding and send it to the provider before you decide against the claim.")
    if has_open_rebuttal:
        raise RebuttalUnanswered("The provider answered the finding. Answer the rebuttal before you decide.")
    if issue is Issue.NONE:
        raise ReasonNotOfFinding(
            "The latest finding holds nothing against this line. Approve it, or revise the finding."
        )
    if issue in BILLING and reason in _NECESSITY:
        raise ReasonNotOfFinding(
            "The finding is about billing. It is never told as a judgement about the care: give a coding reason, or "
            "close a duplicate administratively."
        )
    if issue not in BILLING and reason in _OF_BILLING:
        raise ReasonNotOfFinding("The finding is not about billing. Give the reason that it carries.")
    if reason is ReasonClass.DUPLICATE and issue is not Issue.DUPLICATE:
        raise ReasonNotOfFinding("Only a finding that the claim was billed twice closes it as a duplicate.")


def reply_until(sent_at: datetime, *, days: int, zone: str) -> datetime:
    """Return the end of the last day on which the provider may answer, in the plan's zone."""
    place = ZoneInfo(zone)
    return end_of(local_day(sent_at, place) + timedelta(days=days), place)


def pay_by(received_at: datetime, *, days: int, zone: str) -> datetime:
    """Return by when a claim is to be paid or denied. A hold is no argument: nothing stops this time."""
    place = ZoneInfo(zone)
    return end_of(local_day(received_at, place) + timedelta(days=days), place)


def check_reply(*, received_at: datetime, reply_by: datetime, late_because: str) -> None:
    """Refuse a late answer without a reason to take it.

    Raises:
        ReplyTooLate: after the last day, and no reason.
    """
    if received_at > reply_by and not late_because.strip():
        raise ReplyTooLate("The time to answer was over. Say why the answer is taken all the same.")


def check_received(received_at: datetime, *, first_day: date, zone: str, at: datetime) -> None:
    """Refuse a receipt of a claim in the future, or before its service.

    Raises:
        Invalid: naming which.
    """
    if received_at > at:
        raise Invalid("A claim cannot have been received in the future. Check day, time and zone.")
    if local_day(received_at, ZoneInfo(zone)) < first_day:
        raise Invalid("The claim cannot have come before its service. Check the day of receipt.")
