"""Whether a line is open for review, and until when an answer is asked for. Pure."""

from datetime import UTC, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import LineOfBusiness, Urgency

_ERISA_LIKE = {LineOfBusiness.ERISA_GROUP, LineOfBusiness.COMMERCIAL_STATE, LineOfBusiness.QHP_FFE}


class AlreadyInReview(Conflict):
    """Somebody else works on the line."""

    code: ClassVar[str] = "already-in-review"


class NotOpen(Conflict):
    """The line waits for nobody."""

    code: ClassVar[str] = "line-not-open"


class SummaryMissing(Invalid):
    """A referral tells the physician the situation."""

    code: ClassVar[str] = "summary-missing"


def answer_until(*, line_of_business: str, urgency: str, asked_at: datetime, zone: ZoneInfo) -> datetime:
    """Return the last instant to answer: days end with the day in the plan's zone, so that none of them is cut short."""
    given = answer_time(line_of_business=line_of_business, urgency=urgency)
    until = asked_at + given
    if given < timedelta(days=3):
        return until
    day = asked_at.astimezone(zone).date() + given
    return datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC)


def answer_time(*, line_of_business: str, urgency: str) -> timedelta:
    """Return how long the provider is given to answer.

    ERISA gives the claimant at least 45 days, 48 hours when urgent (29 CFR 2560.503-1(f)(2)(i), (f)(4)). Elsewhere
    asking stops no clock, so the time is short: 3 days, 24 hours when expedited.
    """
    is_expedited = urgency == Urgency.EXPEDITED
    if line_of_business in _ERISA_LIKE:
        return timedelta(hours=48) if is_expedited else timedelta(days=45)
    return timedelta(hours=24) if is_expedited else timedelta(days=3)
