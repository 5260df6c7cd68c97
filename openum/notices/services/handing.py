"""Forms that a facility hands over: writing them, showing them before that, and the proof of handing over."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.notices import handing
from openum.notices.assembly.stays import Detail
from openum.notices.content import LetterKind
from openum.notices.events import NoticeHandedOver
from openum.notices.models import HandedForm, Notice, NoticeState, SendingChannel
from openum.notices.services import drafting
from openum.notices.services.drafting import Draft
from openum.notices.services.issuing import Occasion, issue_all
from openum.notices.services.previewing import Preview, preview_of
from openum.notices.services.sending import note_sent
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.identifiers import new_uuid7


@permitted(Permission.REVIEW_LINES, on="draft.line.case")
@transaction.atomic
def write_form(draft: Draft, *, by: User, at: datetime) -> HandedForm:
    """Write a form that is handed over; the caller holds the draft's checks.

    Raises:
        LetterIncomplete: a mandatory element has no fact.
        Invalid: a sandbox plan.
    """
    notice = write_explanation(draft, by=by, at=at)
    return HandedForm.objects.create(notice=notice, line=draft.line, **draft.kept)


@permitted(Permission.REVIEW_LINES, on="draft.line.case")
@transaction.atomic
def write_explanation(draft: Draft, *, by: User, at: datetime) -> Notice:
    """Write the letter of a draft for the member in the member's language and in English; return the one to hand over.

    Raises:
        As `write_form`.
    """
    made = issue_all(_occasion(draft, by=by, at=at), lambda setting, _: draft.build(setting), lambda _: (draft.kind,))
    if not made:
        raise Invalid("A sandbox plan hands out no forms.")
    usable = [notice for notice in made if notice.state != NoticeState.HELD]
    return next(
        (notice for notice in usable if notice.language == draft.line.case.member.language), (usable or made)[0]
    )


@permitted(Permission.REVIEW_LINES, on="draft.line.case")
def preview_form(draft: Draft, *, by: User, at: datetime) -> Preview:
    """Show the letters of a draft, each with what it lacks; nothing is written."""
    return preview_of(
        _occasion(draft, by=by, at=at), lambda setting, _: draft.build(setting), lambda _: (draft.kind,), text=""
    )


def _occasion(draft: Draft, *, by: User, at: datetime) -> Occasion:
    line = draft.line
    return Occasion(
        case=line.case, request=line.request, lines=(line,), event_id=new_uuid7(), by=by, at=at, to_member_only=True
    )


def write_coverage_end(*, line: ServiceLine, last_covered_day: date, by: User, at: datetime) -> HandedForm:
    """Write the Notice of Medicare Non-Coverage for a facility or home health agency to hand over (42 CFR 422.624).

    Raises:
        As `drafting.coverage_end` and `write_form`.
    """
    return write_form(drafting.coverage_end(line, last_covered_day=last_covered_day, at=at), by=by, at=at)


def write_important_message(*, line: ServiceLine, admitted_at: datetime, by: User, at: datetime) -> HandedForm:
    """Write the first copy of the Important Message from Medicare (42 CFR 422.620(b)).

    Raises:
        As `drafting.important_message` and `write_form`.
    """
    return write_form(drafting.important_message(line, admitted_at=admitted_at, at=at), by=by, at=at)


@transaction.atomic
def write_follow_up(*, form: HandedForm, discharge_at: datetime, by: User, at: datetime) -> HandedForm:
    """Write the follow-up copy of the Important Message (42 CFR 422.620(c)).

    Raises:
        As `drafting.follow_up` and `write_form`.
    """
    first = HandedForm.objects.select_for_update(of=("self",)).get(pk=form.pk)
    return write_form(drafting.follow_up(first, discharge_at=discharge_at), by=by, at=at)


def explain_end(*, form: HandedForm, detail: Detail, by: User, at: datetime) -> Notice:
    """Write the detailed explanation for a fast appeal: of the end of coverage, or of the discharge.

    Raises:
        As `drafting.explanation` and `write_form`.
    """
    return write_explanation(drafting.explanation(form, detail), by=by, at=at)


def write_observation(
    *, line: ServiceLine, began_at: datetime, why: str, by: User, at: datetime, ended_at: datetime | None = None
) -> HandedForm:
    """Write the Medicare Outpatient Observation Notice for the hospital to hand over (42 CFR 489.20(y)).

    Raises:
        As `drafting.observation` and `write_form`.
    """
    draft = drafting.observation(line, began_at=began_at, ended_at=ended_at, why=why, at=at)
    return write_form(draft, by=by, at=at)


@permitted(Permission.REVIEW_LINES, on="form.notice.case")
@transaction.atomic
def record_handing(*, form: HandedForm, told: handing.Handing, by: User, at: datetime) -> HandedForm:
    """Keep that a form was handed over: signed, refused, or told to a representative by telephone.

    A late notice of the end of coverage moves the last covered day (`handing.covered_until`).

    Raises:
        HandingIncomplete: the record proves nothing; see `handing.check_handing`.
        Conflict: it is on record already, or the form is held.
        Invalid: it lies in the future, or before the form was written.
    """
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
    handing.check_handing(told, zone=zone, is_explained_orally=row.notice.kind == LetterKind.OBSERVATION)
    row.handed_at, row.way, row.handed_to = told.at, told.way, told.handed_to.strip()
    row.signed_at, row.refused_at, row.witness = told.signed_at, told.refused_at, told.witness.strip()
    row.mailed_on, row.is_explained, row.noted_by = told.mailed_on, told.is_explained, by
    if row.last_covered_day is not None:
        row.last_covered_day = handing.covered_until(
            row.last_covered_day, handed_on=told.at.astimezone(ZoneInfo(zone)).date()
        )
    row.save()
    proof: dict[str, Any] = {"form": str(row.public_id), "way": told.way, "signed": told.signed_at is not None}
    note_sent(row.notice, channel=SendingChannel.HAND, attempts=1, proof=proof, by=by, at=told.at)
    cause = "signed" if told.signed_at else "refused" if told.refused_at else "telephone"
    event = NoticeHandedOver(
        case_id=row.line.case.public_id, line_ids=(row.line.public_id,), cause=cause, handing_id=row.public_id,
        notice_id=row.notice.public_id, was_in_time=row.due_by is None or told.at <= row.due_by,
    )  # fmt: skip
    audit.record(event, by=by, at=at)
    return row
