"""Forms that a facility hands over: end of coverage, Important Message and its follow-up copy; the proof of each."""

from collections.abc import Callable
from datetime import date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.queries import check_user_may
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.notices import handing
from openum.notices.assembly import stays
from openum.notices.assembly.common import Setting
from openum.notices.content import Letter, LetterKind
from openum.notices.elements import COLUMN_OF, Column
from openum.notices.events import NoticeHandedOver
from openum.notices.models import HandedForm, Notice, NoticeState, SendingChannel
from openum.notices.services.issuing import Occasion, issue_all
from openum.notices.services.sending import note_sent
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.identifiers import new_uuid7
from openum.vocabulary.terms import LineOfBusiness


class NotMedicare(Invalid):
    """Only Medicare has these forms."""

    code: ClassVar[str] = "not-medicare"


class NoFollowUpOwed(Conflict):
    """The law asks for no follow-up copy."""

    code: ClassVar[str] = "no-follow-up-owed"


BuildOne = Callable[[Setting], Letter]


def _issue(line: ServiceLine, kind: LetterKind, build: BuildOne, *, by: User, at: datetime) -> Notice:
    """Write a form for the member in the member's language and in English; return the one to hand over."""
    check_user_may(by, Permission.REVIEW_LINES)
    if COLUMN_OF[LineOfBusiness(line.case.product.line_of_business)] is not Column.MEDICARE:
        raise NotMedicare("These forms belong to Medicare Advantage. Send a letter of advance notice instead.")
    occasion = Occasion(
        case=line.case, request=line.request, lines=(line,), event_id=new_uuid7(), by=by, at=at, to_member_only=True
    )
    made = issue_all(occasion, lambda setting, _: build(setting), lambda _: (kind,))
    if not made:
        raise Invalid("A sandbox plan hands out no forms.")
    usable = [notice for notice in made if notice.state != NoticeState.HELD]
    return next((notice for notice in usable if notice.language == line.case.member.language), (usable or made)[0])


@transaction.atomic
def write_coverage_end(*, line: ServiceLine, last_covered_day: date, by: User, at: datetime) -> HandedForm:
    """Write the Notice of Medicare Non-Coverage for a facility or home health agency to hand over (42 CFR 422.624).

    Raises:
        NotMedicare: another line of business.
        Invalid: the last covered day has passed.
    """
    if last_covered_day < _day(line, at):
        raise Invalid("The last covered day has passed. Coverage ends only after the member was told.")
    notice = _issue(
        line, LetterKind.COVERAGE_ENDS,
        lambda setting: stays.coverage_ends_letter(setting, last_day=last_covered_day), by=by, at=at,
    )  # fmt: skip
    due = handing.coverage_notice_due(last_covered_day, line.case.product.time_zone)
    return HandedForm.objects.create(notice=notice, line=line, last_covered_day=last_covered_day, due_by=due)


@transaction.atomic
def write_important_message(*, line: ServiceLine, admitted_at: datetime, by: User, at: datetime) -> HandedForm:
    """Write the first copy of the Important Message from Medicare (42 CFR 422.620(b))."""
    zone = line.case.product.time_zone
    admitted_on = admitted_at.astimezone(ZoneInfo(zone)).date()
    notice = _issue(
        line, LetterKind.IMPORTANT_MESSAGE,
        lambda setting: stays.important_message_letter(setting, admitted_on=admitted_on, discharge_on=None),
        by=by, at=at,
    )  # fmt: skip
    return HandedForm.objects.create(
        notice=notice, line=line, admitted_at=admitted_at, due_by=handing.first_message_due(admitted_at, zone)
    )


@transaction.atomic
def write_follow_up(*, form: HandedForm, discharge_at: datetime, by: User, at: datetime) -> HandedForm:
    """Write the follow-up copy of the Important Message (42 CFR 422.620(c)).

    Raises:
        Conflict: the first copy was not handed over yet, or a follow-up copy is there.
        NoFollowUpOwed: the first copy is not older than two days at discharge.
    """
    first = HandedForm.objects.select_for_update(of=("self",)).select_related("line__case__product").get(pk=form.pk)
    if first.admitted_at is None or first.handed_at is None:
        raise Conflict("The first copy was not handed over yet. Hand it over first.")
    if HandedForm.objects.filter(follows=first).exists():
        raise Conflict("A follow-up copy is there already.")
    zone = first.line.case.product.time_zone
    window = handing.copy_window(discharge_at, first_handed_at=first.handed_at, zone=zone)
    if window is None:
        raise NoFollowUpOwed("The first copy was handed over within two days of discharge: no follow-up copy is owed.")
    admitted_on = first.admitted_at.astimezone(ZoneInfo(zone)).date()
    leaves_on = discharge_at.astimezone(ZoneInfo(zone)).date()
    notice = _issue(
        first.line, LetterKind.IMPORTANT_MESSAGE,
        lambda setting: stays.important_message_letter(setting, admitted_on=admitted_on, discharge_on=leaves_on),
        by=by, at=at,
    )  # fmt: skip
    return HandedForm.objects.create(
        notice=notice, line=first.line, admitted_at=first.admitted_at, discharge_at=discharge_at, follows=first,
        due_by=window.closes,
    )  # fmt: skip


@transaction.atomic
def record_handing(*, form: HandedForm, told: handing.Handing, by: User, at: datetime) -> HandedForm:
    """Keep that a form was handed over: signed, refused, or told to a representative by telephone.

    A late notice of the end of coverage moves the last covered day (`handing.covered_until`).

    Raises:
        HandingIncomplete: the record proves nothing; see `handing.check_handing`.
        Conflict: it is on record already, or the form is held.
        Invalid: it lies in the future, or before the form was written.
    """
    check_user_may(by, Permission.REVIEW_LINES)
    row = (
        HandedForm.objects.select_for_update(of=("self",))
        .select_related("line__case__product", "notice")
        .get(pk=form.pk)
    )
    if row.handed_at is not None:
        raise Conflict("This form is handed over already.")
    if row.notice.state == NoticeState.HELD:
        raise Conflict("This form waits for a person. Open it to see why.")
    if not row.notice.prepared_at <= told.at <= at:
        raise Invalid("The form was written later, or the time lies ahead. Check the day and the hour.")
    zone = row.line.case.product.time_zone
    handing.check_handing(told, zone=zone)
    row.handed_at, row.way, row.handed_to = told.at, told.way, told.handed_to.strip()
    row.signed_at, row.refused_at, row.witness = told.signed_at, told.refused_at, told.witness.strip()
    row.mailed_on, row.noted_by = told.mailed_on, by
    if row.last_covered_day is not None:
        row.last_covered_day = handing.covered_until(
            row.last_covered_day, handed_on=told.at.astimezone(ZoneInfo(zone)).date()
        )
    row.save()
    proof = {"form": str(row.public_id), "way": told.way, "signed": told.signed_at is not None}
    note_sent(row.notice, channel=SendingChannel.HAND, attempts=1, proof=proof, by=by, at=told.at)
    cause = "signed" if told.signed_at else "refused" if told.refused_at else "telephone"
    event = NoticeHandedOver(
        case_id=row.line.case.public_id, line_ids=(row.line.public_id,), cause=cause, handing_id=row.public_id,
        notice_id=row.notice.public_id, was_in_time=row.due_by is None or told.at <= row.due_by,
    )  # fmt: skip
    audit.record(event, by=by, at=at)
    return row


@transaction.atomic
def explain_end(*, form: HandedForm, detail: stays.Detail, by: User, at: datetime) -> Notice:
    """Write the detailed explanation for a fast appeal: of the end of coverage, or of the discharge.

    Raises:
        LetterIncomplete: the facts, the reason or the rule is missing.
    """
    if form.last_covered_day is not None:
        return _issue(
            form.line, LetterKind.COVERAGE_ENDS_EXPLAINED,
            lambda setting: stays.coverage_ends_explained_letter(setting, detail), by=by, at=at,
        )  # fmt: skip
    return _issue(
        form.line, LetterKind.DISCHARGE_EXPLAINED,
        lambda setting: stays.discharge_explained_letter(setting, detail), by=by, at=at,
    )  # fmt: skip


def _day(line: ServiceLine, at: datetime) -> date:
    return at.astimezone(ZoneInfo(line.case.product.time_zone)).date()
