"""Keeping a benefit while the appeal runs (42 CFR 438.420): five conditions, when it ends, who may have to pay. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from openum.appeals.rules.law import AppealLaw
from openum.vocabulary.errors import Conflict, Invalid


class NoContinuation(Conflict):
    """The benefit cannot go on under this law."""

    code: ClassVar[str] = "no-continuation"


class BenefitGoesOn(Conflict):
    """None of the conditions that end a continued benefit holds."""

    code: ClassVar[str] = "benefit-goes-on"


class EndsInThePast(Invalid):
    """A benefit is not ended for days that have passed."""

    code: ClassVar[str] = "ends-in-the-past"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The facts of a request to keep a benefit.

    Attributes:
        appeal_in_time: the appeal itself was filed in its window.
        last_day: last day to ask; None where the law sets none.
        was_authorized: the action ends, suspends or reduces a course that was authorized before.
        ordered_by_provider: an authorized provider ordered it.
        authorized_until: last day of the first authorization; None: no end.
        filed_by_provider: a provider may not ask for this (438.402(c)(1)(ii)), unless the law lets it with consent.
        has_consent: the member's written consent that the provider asks.
    """

    on: date
    appeal_in_time: bool
    last_day: date | None
    was_authorized: bool
    ordered_by_provider: bool
    authorized_until: date | None
    filed_by_provider: bool
    has_consent: bool = False


def check_may_continue(law: AppealLaw, asked: Asked) -> None:
    """Refuse a continuation that the law does not give; each reason in words.

    Raises:
        NoContinuation: naming what is missing.
    """
    if law.continuation is None:
        raise NoContinuation("The law of this coverage has no continuation of benefits during an appeal.")
    failed = []
    if asked.filed_by_provider and not law.continuation.provider_law:
        failed.append("A provider cannot ask for this; the member or another representative can.")
    elif asked.filed_by_provider and not asked.has_consent:
        failed.append(
            f"A provider needs the member's written consent to ask for this ({law.continuation.provider_law})."
        )
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


class EndGround(StrEnum):
    """What ends a continued benefit (42 CFR 438.420(c))."""

    WITHDRAWN = "withdrawn"
    NO_HEARING_ASKED = "no_hearing_asked"
    HEARING_LOST = "hearing_lost"


def end_ground(
    law: AppealLaw,
    *,
    is_withdrawn: bool,
    plan_upheld_on: date | None,
    hearing_asked: bool,
    hearing_lost: bool,
    on: date,
) -> EndGround | None:
    """Return why a continued benefit ends on a day, None while it goes on (42 CFR 438.420(c)).

    Args:
        plan_upheld_on: day on which the letter that upholds was sent; None while it was not.
    """
    if law.continuation is None:
        return None
    if is_withdrawn:
        return EndGround.WITHDRAWN
    if hearing_lost:
        return EndGround.HEARING_LOST
    waited = plan_upheld_on is not None and (on - plan_upheld_on).days > law.continuation.days_to_go_on
    return EndGround.NO_HEARING_ASKED if waited and not hearing_asked else None


def check_may_end(ground: EndGround | None, *, last_day: date, on: date) -> EndGround:
    """Refuse to end a benefit while the law lets it go on, or on a day that has passed; return the ground.

    Raises:
        BenefitGoesOn: none of the three conditions holds.
        EndsInThePast: the last day lies before today.
    """
    if ground is None:
        raise BenefitGoesOn(
            "The benefit goes on. It ends when the appeal is withdrawn, when no hearing is asked for in time after the "
            "plan upheld its decision, or when the hearing is lost (42 CFR 438.420(c), 422.632(c))."
        )
    if last_day < on:
        raise EndsInThePast("The last day of the benefit cannot lie in the past. Choose today or a later day.")
    return ground
