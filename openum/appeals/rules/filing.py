"""Taking an appeal in: standing and forms, the window, speed, and what ends an appeal without a decision. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from openum.appeals.rules.law import AppealLaw, Filer, Form, FormRow
from openum.appeals.rules.states import AppealState
from openum.vocabulary.errors import Conflict, Invalid, NotAllowed


class NothingToAppeal(Conflict):
    """There is no adverse decision to appeal, or an appeal runs already."""

    code: ClassVar[str] = "nothing-to-appeal"


class FilerNotNamed(Invalid):
    """Somebody who acts for the member has a name."""

    code: ClassVar[str] = "filer-not-named"


class SpeedMustBeGranted(NotAllowed):
    """A clinician says that waiting could harm; the plan may not refuse (42 CFR 422.584(c)(2)(ii) and its twins)."""

    code: ClassVar[str] = "speed-must-be-granted"


class NoSpeedForPayment(Conflict):
    """A matter of payment is never an expedited appeal (42 CFR 422.584(a))."""

    code: ClassVar[str] = "no-speed-for-payment"


class GoodCauseMissing(Invalid):
    """A late filing is taken only with its reason written down."""

    code: ClassVar[str] = "good-cause-missing"


class NoSpecialtyReview(Invalid):
    """A specialty review is asked for by the provider, with good cause in writing (Tex. Ins. Code 4201.356(b))."""

    code: ClassVar[str] = "no-specialty-review"


class DismissalNotFounded(Conflict):
    """The facts do not bear the ground of the dismissal."""

    code: ClassVar[str] = "dismissal-not-founded"


class DismissalFinal(Conflict):
    """The time to vacate a dismissal is over."""

    code: ClassVar[str] = "dismissal-final"


class Ground(StrEnum):
    """Why an appeal ends without a decision. None of them judges the care."""

    NO_STANDING = "no_standing"
    LATE = "late"
    NOT_APPEALABLE = "not_appealable"
    NOT_ELIGIBLE = "not_eligible"


class SpeedAnswer(StrEnum):
    """What became of a wish for speed."""

    NOT_ASKED = "not_asked"
    GRANTED = "granted"
    TO_DECIDE = "to_decide"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Filing:
    """What somebody asks for.

    Attributes:
        is_after: the service was given already.
        has_valid_form: the paper that the filer needs is here and has not run out.
        is_late: filed after the window.
    """

    filer: Filer
    name: str
    wants_speed: bool
    clinician_supports: bool
    is_after: bool
    has_valid_form: bool
    is_late: bool


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What the filing becomes."""

    state: AppealState
    form: FormRow
    speed: SpeedAnswer


def check_specialty_review(*, filer: Filer, good_cause: str) -> None:
    """Refuse a specialty review that the law does not give.

    Raises:
        NoSpecialtyReview: somebody else than the provider asks, or without the good cause.
    """
    if filer not in {Filer.CLINICIAN, Filer.OUTSIDE_PROVIDER}:
        raise NoSpecialtyReview(
            "The member's health care provider asks for a specialty review, in the provider's own name."
        )
    if not good_cause.strip():
        raise NoSpecialtyReview("Write the good cause for having a particular specialty look at it.")


def take(law: AppealLaw, filing: Filing) -> Taken:
    """Return what a filing becomes; nothing is turned away at the door.

    A missing form and a late filing are states in which the plan helps, never a refusal.

    Raises:
        FilerNotNamed: somebody acts for the member and is not named.
    """
    if filing.filer is not Filer.MEMBER and not filing.name.strip():
        raise FilerNotNamed("Write who files the appeal for the member.")
    speed = speed_answer(law, filing)
    is_urgent = speed in {SpeedAnswer.GRANTED, SpeedAnswer.TO_DECIDE}
    form = law.form_for(filing.filer, is_urgent=is_urgent, is_after=filing.is_after)
    state = AppealState.OPEN
    if form.form is not Form.NONE and not filing.has_valid_form:
        state = AppealState.WAITING_FOR_FORM
    elif filing.is_late:
        state = AppealState.LATE_FILING
    return Taken(state=state, form=form, speed=speed)


def speed_answer(law: AppealLaw, filing: Filing) -> SpeedAnswer:
    """Return what the law makes of a wish for speed.

    A clinician's word binds the plan, whether the clinician files or supports the member; payment is never urgent.
    """
    if not filing.wants_speed:
        return SpeedAnswer.NOT_ASKED
    if filing.is_after and not law.speed.payment_too:
        return SpeedAnswer.REFUSED
    if law.speed.clinician_binds and (filing.clinician_supports or filing.filer is Filer.CLINICIAN):
        return SpeedAnswer.GRANTED
    return SpeedAnswer.TO_DECIDE


def check_may_refuse_speed(law: AppealLaw, *, clinician_supports: bool, answer: SpeedAnswer) -> None:
    """Refuse to refuse speed where a clinician asked for it, or where it was not asked.

    Raises:
        SpeedMustBeGranted: a clinician says that waiting could harm.
        NothingToAppeal: nobody asked for speed, or it is answered.
    """
    if clinician_supports and law.speed.clinician_binds:
        raise SpeedMustBeGranted(
            f"A clinician says that waiting could harm the member. The appeal must then be fast ({law.speed.law})."
        )
    if answer is not SpeedAnswer.TO_DECIDE:
        raise NothingToAppeal("No wish for speed waits for an answer here.")


def form_is_valid(row: FormRow, *, signed_on: date | None, on: date) -> bool:
    """Say whether a paper of standing holds on a day: an appointment lasts its months from the signature."""
    if row.form is Form.NONE:
        return True
    if signed_on is None or signed_on > on:
        return False
    if not row.months:
        return True
    whole = signed_on.month - 1 + row.months
    year, month = signed_on.year + whole // 12, whole % 12 + 1
    return (on.year, on.month, on.day) < (year, month, signed_on.day)


def check_may_dismiss(
    *, ground: Ground, state: AppealState, explanation: str, form_due_on: date | None, on: date
) -> None:
    """Refuse a dismissal that the facts do not bear; a person always writes why.

    Raises:
        DismissalNotFounded: the form is still awaited, or the appeal was not late, or there is no explanation.
    """
    if not explanation.strip():
        raise DismissalNotFounded("Explain the dismissal in a sentence. The letter quotes it.")
    if ground is Ground.NO_STANDING:
        if state is not AppealState.WAITING_FOR_FORM:
            raise DismissalNotFounded("No form is missing on this appeal.")
        if form_due_on is not None and on <= form_due_on:
            raise DismissalNotFounded(f"The form may still come until {form_due_on.isoformat()}. Wait, and remind.")
    if ground is Ground.LATE and state is not AppealState.LATE_FILING:
        raise DismissalNotFounded("This appeal was filed in time, or its late filing was excused.")
    if ground is Ground.NOT_ELIGIBLE and state is not AppealState.PRELIMINARY:
        raise DismissalNotFounded("Only the preliminary review of an external review finds this.")


def add_months(day: date, months: int) -> date:
    """Return the same day number some months on, or the last day of that month."""
    whole = day.month - 1 + months
    year, month = day.year + whole // 12, whole % 12 + 1
    last = [31, 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return date(year, month, min(day.day, last[month - 1]))


def check_may_vacate(law: AppealLaw, *, dismissed_on: date, on: date, reason: str) -> None:
    """Refuse to vacate a dismissal without a reason or after its months (42 CFR 422.568(i)).

    Raises:
        GoodCauseMissing: no reason.
        DismissalFinal: too late.
    """
    if not reason.strip():
        raise GoodCauseMissing("Write the good cause for taking the dismissal back.")
    if on > add_months(dismissed_on, law.dismissal.vacate_months):
        raise DismissalFinal(
            f"A dismissal can be taken back within {law.dismissal.vacate_months} months. This one is older."
        )
