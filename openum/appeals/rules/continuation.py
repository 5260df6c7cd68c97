"""Keeping a benefit while the appeal runs (42 CFR 438.420): five conditions, when it ends, who may have to pay. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from openum.appeals.rules.law import AppealLaw
from openum.vocabulary.errors import Conflict


class NoContinuation(Conflict):
    """The benefit cannot go on under this law."""

    code: ClassVar[str] = "no-continuation"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The facts of a request to keep a benefit.

    Attributes:
        appeal_in_time: the appeal itself was filed in its window.
        last_day: last day to ask; None where the law sets none.
        was_authorized: the action ends, suspends or reduces a course that was authorized before.
        ordered_by_provider: an authorized provider ordered it.
        authorized_until: last day of the first authorization; None: no end.
        filed_by_provider: a provider may not ask for this (438.402(c)(1)(ii)).
    """

    on: date
    appeal_in_time: bool
    last_day: date | None
    was_authorized: bool
    ordered_by_provider: bool
    authorized_until: date | None
    filed_by_provider: bool


def check_may_continue(law: AppealLaw, asked: Asked) -> None:
    """Refuse a continuation that the law does not give; each reason in words.

    Raises:
        NoContinuation: naming what is missing.
    """
    if law.continuation is None:
        raise NoContinuation("The law of this coverage has no continuation of benefits during an appeal.")
    failed = []
    if asked.filed_by_provider:
        failed.append("A provider cannot ask for this; the member or another representative can.")
    if not asked.appeal_in_time:
        failed.append("The appeal was not filed in time.")
    if asked.last_day is not None and asked.on > asked.last_day:
        failed.append(f"It had to be asked for by {asked.last_day.isoformat()}.")
    if not asked.was_authorized:
        failed.append("The decision does not end, suspend or reduce care that was authorized before.")
    if not asked.ordered_by_provider:
        failed.append("No authorized provider ordered the care.")
    if asked.authorized_until is not None and asked.on > asked.authorized_until:
        failed.append("The period of the first authorization is over.")
    if failed:
        raise NoContinuation(f"The benefit cannot go on: {' '.join(failed)} ({law.continuation.law})")


def ends_because(
    law: AppealLaw,
    *,
    is_withdrawn: bool,
    plan_upheld_on: date | None,
    hearing_asked: bool,
    hearing_lost: bool,
    on: date,
) -> str:
    """Return why a continued benefit ends on a day, empty while it goes on (42 CFR 438.420(c))."""
    if law.continuation is None:
        return ""
    if is_withdrawn:
        return "The appeal was withdrawn."
    if hearing_lost:
        return "The state fair hearing decided against the member."
    waited = plan_upheld_on is not None and (on - plan_upheld_on).days > law.continuation.days_to_go_on
    if waited and not hearing_asked:
        return (
            f"No hearing was asked for within {law.continuation.days_to_go_on} days after the plan upheld its decision."
        )
    return ""
