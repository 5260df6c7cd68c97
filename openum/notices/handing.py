"""When a form that is handed over and signed is in time, and what a late one means. Pure.

Notice of Medicare Non-Coverage (42 CFR 422.624), Important Message from Medicare (42 CFR 422.620), Medicare Outpatient
Observation Notice (42 CFR 489.20(y)).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from openum.vocabulary.errors import Invalid

NOMNC_DAYS: Final = 2
"""Calendar days between handing over and the last covered day (422.624(b)(1))."""
IM_DAYS: Final = 2
"""Calendar days after admission for the first copy (422.620(b)(1))."""
COPY_DAYS: Final = 2
COPY_HOURS: Final = 4
"""The follow-up copy: not earlier than two days and not later than four hours before discharge (422.620(c))."""
OBSERVATION_HOURS: Final = 24
"""Observation for longer than this owes a notice (489.20(y); Social Security Act 1866(a)(1)(Y))."""
OBSERVATION_NOTICE_HOURS: Final = 36
"""The notice is given at the latest so long after observation began, sooner at discharge, transfer or admission."""


class HandingWay(StrEnum):
    """How a form that must be understood and signed reached the person."""

    IN_PERSON = "in_person"
    TELEPHONE = "telephone"


class HandingIncomplete(Invalid):
    """The record of a handing over lacks something that makes it valid."""

    code: ClassVar[str] = "handing-incomplete"


@dataclass(frozen=True, kw_only=True)
class Handing:
    """How a form reached the person, as a facility tells it.

    Attributes:
        to_representative: the person handed to is the member's representative.
        mailed_on: the day the copy was posted, after a telephone notice.
        is_explained: the form was explained by word of mouth.
    """

    at: datetime
    way: HandingWay
    handed_to: str
    to_representative: bool
    signed_at: datetime | None = None
    refused_at: datetime | None = None
    witness: str = ""
    mailed_on: date | None = None
    is_explained: bool = False


def check_handing(handing: Handing, *, zone: str, is_explained_orally: bool = False) -> None:
    """Refuse a record that proves nothing.

    Args:
        is_explained_orally: the law wants the form explained by word of mouth too (observation notice).

    Raises:
        HandingIncomplete: nobody named; neither signed, refused nor told by telephone; a refusal or a call without the
            name of who noted it; a telephone notice to the member, or without a copy posted on the same day; a form
            that must be explained by word of mouth and was not.
    """
    if not handing.handed_to.strip():
        raise HandingIncomplete("Write to whom the form was handed.")
    if handing.signed_at is not None and handing.refused_at is not None:
        raise HandingIncomplete("The form was signed or refused, not both.")
    if handing.way == HandingWay.TELEPHONE:
        if not handing.to_representative:
            raise HandingIncomplete("By telephone only a representative is told; the member gets the form in person.")
        if not handing.witness.strip():
            raise HandingIncomplete("Write who made the call.")
        if handing.mailed_on != handing.at.astimezone(ZoneInfo(zone)).date():
            raise HandingIncomplete("After a call the form is posted on the same day. Write that day.")
    elif handing.signed_at is None and handing.refused_at is None:
        raise HandingIncomplete("The form was signed or refused. Write when, or hand it over first.")
    if handing.refused_at is not None and not handing.witness.strip():
        raise HandingIncomplete("Write who noted that the person would not sign. The day of the refusal counts.")
    if is_explained_orally and not handing.is_explained:
        raise HandingIncomplete("This notice is also explained by word of mouth (42 CFR 489.20(y)). Do it, and say so.")


def end_of_day(day: date, zone: str) -> datetime:
    """Return the last instant of a day in a zone."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)) - timedelta(seconds=1)


def coverage_notice_due(last_covered_day: date, zone: str) -> datetime:
    """Return the last instant to hand over the notice of the end of coverage."""
    return end_of_day(last_covered_day - timedelta(days=NOMNC_DAYS), zone)


def covered_until(last_covered_day: date, *, handed_on: date | None) -> date:
    """Return the last day that is covered, counted from a valid notice.

    A late notice does not end coverage before two days after it was handed over; without one it does not end at all
    until one is (`handed_on` None keeps the planned day, which nobody may rely on).
    """
    if handed_on is None:
        return last_covered_day
    return max(last_covered_day, handed_on + timedelta(days=NOMNC_DAYS))


def first_message_due(admitted_at: datetime, zone: str) -> datetime:
    """Return the last instant for the first copy of the Important Message."""
    return end_of_day(admitted_at.astimezone(ZoneInfo(zone)).date() + timedelta(days=IM_DAYS), zone)


@dataclass(frozen=True, kw_only=True)
class CopyWindow:
    """When the follow-up copy is handed over; both ends included."""

    opens: datetime
    closes: datetime


def copy_window(discharge_at: datetime, *, first_handed_at: datetime, zone: str) -> CopyWindow | None:
    """Return the window of the follow-up copy; None where the first copy is not more than two days old at discharge."""
    local, first = discharge_at.astimezone(ZoneInfo(zone)).date(), first_handed_at.astimezone(ZoneInfo(zone)).date()
    if (local - first).days <= COPY_DAYS:
        return None
    opens = datetime.combine(local - timedelta(days=COPY_DAYS), time(), ZoneInfo(zone))
    return CopyWindow(opens=opens, closes=discharge_at - timedelta(hours=COPY_HOURS))


def observation_notice_due(began_at: datetime, *, ended_at: datetime | None) -> datetime | None:
    """Return the last instant to hand over the observation notice; None where the observation was too short to owe one.

    Args:
        ended_at: discharge, transfer or admission; None while the observation goes on.
    """
    latest = began_at + timedelta(hours=OBSERVATION_NOTICE_HOURS)
    if ended_at is None:
        return latest
    return min(latest, ended_at) if ended_at - began_at > timedelta(hours=OBSERVATION_HOURS) else None
