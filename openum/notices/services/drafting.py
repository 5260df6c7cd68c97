"""Forms that a facility hands over, before they are written: what each checks, its letter, and what is kept of the stay."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from openum.cases.models import Case, ServiceLine
from openum.notices import handing
from openum.notices.assembly import stays
from openum.notices.assembly.common import Setting
from openum.notices.content import Letter, LetterKind
from openum.notices.elements import COLUMN_OF, Column
from openum.notices.models import HandedForm
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import LineOfBusiness


class NotMedicare(Invalid):
    """Only Medicare has these forms."""

    code: ClassVar[str] = "not-medicare"


class NoFollowUpOwed(Conflict):
    """The law asks for no follow-up copy."""

    code: ClassVar[str] = "no-follow-up-owed"


class NoObservationNoticeOwed(Conflict):
    """The observation was too short for a notice."""

    code: ClassVar[str] = "no-observation-notice-owed"


BuildOne = Callable[[Setting], Letter]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A form that may be written.

    Attributes:
        kept: the fields of the `HandedForm`; empty for a letter that nobody signs.
    """

    line: ServiceLine
    kind: LetterKind
    build: BuildOne
    kept: Mapping[str, Any] = field(default_factory=dict)


def has_forms(case: Case) -> bool:
    """Say whether the law of the product has forms that are handed over."""
    return COLUMN_OF[LineOfBusiness(case.product.line_of_business)] is Column.MEDICARE


def check_has_forms(line: ServiceLine) -> None:
    """Refuse another line of business than Medicare Advantage.

    Raises:
        NotMedicare: see its sentence.
    """
    if not has_forms(line.case):
        raise NotMedicare("These forms belong to Medicare Advantage. Send a letter of advance notice instead.")


def coverage_end(line: ServiceLine, *, last_covered_day: date, at: datetime) -> Draft:
    """Draft the Notice of Medicare Non-Coverage (42 CFR 422.624).

    Raises:
        NotMedicare: another line of business.
        Invalid: the last covered day has passed.
    """
    check_has_forms(line)
    zone = line.case.product.time_zone
    if last_covered_day < at.astimezone(ZoneInfo(zone)).date():
        raise Invalid("The last covered day has passed. Coverage ends only after the member was told.")
    return Draft(
        line=line, kind=LetterKind.COVERAGE_ENDS,
        build=lambda setting: stays.coverage_ends_letter(setting, last_day=last_covered_day),
        kept={"last_covered_day": last_covered_day, "due_by": handing.coverage_notice_due(last_covered_day, zone)},
    )  # fmt: skip


def important_message(line: ServiceLine, *, admitted_at: datetime, at: datetime) -> Draft:
    """Draft the first copy of the Important Message from Medicare (42 CFR 422.620(b)).

    Raises:
        NotMedicare: another line of business.
        Invalid: the admission lies ahead.
    """
    check_has_forms(line)
    if admitted_at > at:
        raise Invalid("The admission lies ahead. The message belongs to a stay that has begun.")
    zone = line.case.product.time_zone
    admitted_on = admitted_at.astimezone(ZoneInfo(zone)).date()
    return Draft(
        line=line, kind=LetterKind.IMPORTANT_MESSAGE,
        build=lambda setting: stays.important_message_letter(setting, admitted_on=admitted_on, discharge_on=None),
        kept={"admitted_at": admitted_at, "due_by": handing.first_message_due(admitted_at, zone)},
    )  # fmt: skip


def follow_up(first: HandedForm, *, discharge_at: datetime) -> Draft:
    """Draft the follow-up copy of the Important Message (42 CFR 422.620(c)).

    Raises:
        Conflict: the form is no Important Message, was not handed over yet, or has a follow-up copy.
        Invalid: the discharge lies before the admission.
        NoFollowUpOwed: the first copy is not older than two days at discharge.
    """
    line = first.line
    if first.admitted_at is None:
        raise Conflict("Only an Important Message has a follow-up copy.")
    if first.handed_at is None:
        raise Conflict("The first copy was not handed over yet. Hand it over first.")
    if HandedForm.objects.filter(follows=first).exists():
        raise Conflict("A follow-up copy is there already.")
    if discharge_at <= first.admitted_at:
        raise Invalid("The discharge lies before the admission. Check the day and the hour.")
    zone = line.case.product.time_zone
    window = handing.copy_window(discharge_at, first_handed_at=first.handed_at, zone=zone)
    if window is None:
        raise NoFollowUpOwed("The first copy was handed over within two days of discharge: no follow-up copy is owed.")
    admitted_on = first.admitted_at.astimezone(ZoneInfo(zone)).date()
    leaves_on = discharge_at.astimezone(ZoneInfo(zone)).date()
    return Draft(
        line=line, kind=LetterKind.IMPORTANT_MESSAGE,
        build=lambda setting: stays.important_message_letter(
            setting, admitted_on=admitted_on, discharge_on=leaves_on
        ),
        kept={
            "admitted_at": first.admitted_at, "discharge_at": discharge_at, "follows": first, "due_by": window.closes,
        },
    )  # fmt: skip


def explanation(form: HandedForm, detail: stays.Detail) -> Draft:
    """Draft the detailed explanation for a fast appeal: of the end of coverage, or of the discharge.

    Raises:
        Conflict: the form has no fast appeal.
    """
    if form.last_covered_day is not None:
        kind, build = LetterKind.COVERAGE_ENDS_EXPLAINED, stays.coverage_ends_explained_letter
    elif form.admitted_at is not None:
        kind, build = LetterKind.DISCHARGE_EXPLAINED, stays.discharge_explained_letter
    else:
        raise Conflict("This form has no fast appeal, so nothing is explained in detail.")
    return Draft(line=form.line, kind=kind, build=lambda setting: build(setting, detail))


def observation(line: ServiceLine, *, began_at: datetime, ended_at: datetime | None, why: str, at: datetime) -> Draft:
    """Draft the Medicare Outpatient Observation Notice (42 CFR 489.20(y)).

    Args:
        ended_at: discharge, transfer or admission; None while the observation goes on.
        why: why the person is not admitted as an inpatient, in the words of the clinician.

    Raises:
        NotMedicare: another line of business.
        Invalid: the observation begins ahead, or ends before it began.
        NoObservationNoticeOwed: it ended within 24 hours.
    """
    check_has_forms(line)
    if began_at > at or (ended_at is not None and ended_at <= began_at):
        raise Invalid("Observation begins before now and ends after it began. Check the days and the hours.")
    due = handing.observation_notice_due(began_at, ended_at=ended_at)
    if due is None:
        raise NoObservationNoticeOwed(
            f"The observation ended within {handing.OBSERVATION_HOURS} hours: no notice is owed (42 CFR 489.20(y))."
        )
    return Draft(
        line=line, kind=LetterKind.OBSERVATION,
        build=lambda setting: stays.observation_letter(setting, began_at=began_at, why=why),
        kept={"observed_from": began_at, "due_by": due},
    )  # fmt: skip
