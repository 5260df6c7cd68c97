"""The paper of a representative, the reason of a late filing, and the ends of an appeal without a decision."""

from datetime import date, datetime, timedelta
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.appeals.events import (
    AppealDismissed,
    DismissalVacated,
    LateFilingExcused,
    StandingEnded,
    StandingShown,
)
from openum.appeals.models import Appeal
from openum.appeals.queries import acts_on, day_of, law_of, representative_of
from openum.appeals.rules.filing import (
    GoodCauseMissing,
    Ground,
    add_months,
    check_may_dismiss,
    check_may_vacate,
    form_is_valid,
)
from openum.appeals.rules.law import Form, FormRow
from openum.appeals.rules.states import AppealState, IllegalAppealStep
from openum.appeals.services.filing import note_fact, start_time
from openum.appeals.services.steps import lock, move, ready_state
from openum.cases.services import NewDocument, attach, write_note
from openum.clocks import services as clocks
from openum.clocks.rules.facts import FactKind
from openum.submission.services import confirm_standing, rename_representative
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel


class FormNotValid(Invalid):
    """The paper does not let this person act for the member."""

    code: ClassVar[str] = "form-not-valid"


def _form_row(appeal: Appeal) -> FormRow:
    rows = [row for row in law_of(appeal).forms if row.filer == appeal.filer and row.form == appeal.form]
    return rows[0]


@permitted(Permission.FILE_APPEAL, on="appeal.line.case")
@transaction.atomic
def receive_form(
    *, appeal: Appeal, signed_on: date, document: NewDocument, channel: Channel, by: User, at: datetime
) -> Appeal:
    """Take the paper that lets somebody act for the member; the time to decide begins with it.

    Raises:
        IllegalAppealStep: no paper is awaited.
        FormNotValid: not signed, signed in the future, or run out.
    """
    appeal = lock(appeal)
    if appeal.state != AppealState.WAITING_FOR_FORM:
        raise IllegalAppealStep("No form is awaited on this appeal.")
    today = day_of(appeal.line.case.product, at)
    row = _form_row(appeal)
    if not form_is_valid(row, signed_on=signed_on, on=today):
        months = f" It holds {row.months} months from the signature." if row.months else ""
        raise FormNotValid(f"This paper does not hold today.{months} Ask for a new one ({row.law}).")
    (paper,) = attach(
        case=appeal.line.case, request=appeal.request, documents=[document], channel=channel, by=by, at=at
    )
    appeal.form_signed_on, appeal.form_received_at, appeal.form_paper = signed_on, at, paper
    party = representative_of(appeal)
    if party is not None:
        ends = add_months(signed_on, row.months) if row.months else None
        confirm_standing(party=party, document=Form(appeal.form), expires_on=ends)
    target = AppealState.LATE_FILING if appeal.is_late and not appeal.good_cause else ready_state(appeal.body)
    move(
        appeal, target, by=by, at=at, cause="standing shown",
        fields=["form_signed_on", "form_received_at", "form_paper"],
    )  # fmt: skip
    audit.record(
        StandingShown(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), appeal_id=appeal.public_id
        ),
        by=by,
        at=at,
    )
    if target is not AppealState.LATE_FILING:
        start_time(appeal, counts_from=at, by=by, at=at)
    return appeal


@permitted(Permission.FILE_APPEAL, on="appeal.line.case")
@transaction.atomic
def end_standing(*, appeal: Appeal, said_by: str, reason: str, by: User, at: datetime) -> Appeal:
    """Record that somebody does not act for the member any more; letters to them stop, the appeal goes on.

    Raises:
        Invalid: nobody named, or no reason.
        IllegalAppealStep: nobody acts for the member here, or the appeal is over.
    """
    if not said_by.strip() or not reason.strip():
        raise Invalid("Say who ended it, and why. Both are kept.")
    appeal = lock(appeal)
    party = representative_of(appeal)
    today = day_of(appeal.line.case.product, at)
    if party is None or appeal.closed_at is not None or not acts_on(party, today):
        raise IllegalAppealStep("Nobody acts for the member in this appeal now.")
    confirm_standing(party=party, document=party.standing_document, expires_on=today)
    write_note(
        case=appeal.line.case, line=appeal.line, purpose="representative", by=by, at=at,
        text=f"{said_by.strip()}: {party.name} does not act for the member any more. {reason.strip()}",
    )  # fmt: skip
    if appeal.state == AppealState.WAITING_FOR_FORM:  # the member's own appeal needs no paper
        target = AppealState.LATE_FILING if appeal.is_late and not appeal.good_cause else ready_state(appeal.body)
        move(appeal, target, by=by, at=at, cause="the member appeals in person")
        if target is not AppealState.LATE_FILING:
            start_time(appeal, counts_from=at, by=by, at=at)
    audit.record(
        StandingEnded(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), appeal_id=appeal.public_id
        ),
        by=by,
        at=at,
    )
    return appeal


@permitted(Permission.FILE_APPEAL, on="appeal.line.case")
@transaction.atomic
def correct_representative(
    *, appeal: Appeal, name: str, relationship: str, address: str, phone: str, by: User, at: datetime
) -> Appeal:
    """Correct how a representative is called and reached; with an address, the letters go there too.

    Raises:
        Invalid: no name.
        IllegalAppealStep: nobody acts for the member here.
    """
    if not name.strip():
        raise Invalid("Write the name of the person who acts for the member.")
    appeal = lock(appeal)
    party = representative_of(appeal)
    if party is None:
        raise IllegalAppealStep("Nobody acts for the member in this appeal.")
    rename_representative(party=party, name=name, relationship=relationship, address=address, phone=phone)
    appeal.filer_name, appeal.filer_relationship = name.strip(), relationship.strip()
    appeal.save(update_fields=["filer_name", "filer_relationship"])
    write_note(
        case=appeal.line.case, line=appeal.line, purpose="representative", by=by, at=at,
        text="Corrected how the representative is called and reached.",
    )  # fmt: skip
    return appeal


@permitted(Permission.MANAGE_APPEALS, on="appeal.line.case")
@transaction.atomic
def excuse_late_filing(*, appeal: Appeal, reason: str, by: User, at: datetime) -> Appeal:
    """Take a late appeal for good cause; the reason stays on the appeal (42 CFR 422.582(c) and its twins).

    Raises:
        GoodCauseMissing: no reason.
        IllegalAppealStep: it was not late.
    """
    if not reason.strip():
        raise GoodCauseMissing("Write the good cause for which the late filing is taken.")
    appeal = lock(appeal)
    appeal.good_cause, appeal.good_cause_by = reason.strip(), by
    target = ready_state(appeal.body)
    if appeal.state != AppealState.LATE_FILING:
        raise IllegalAppealStep("This appeal was not filed late, or its late filing is excused already.")
    move(appeal, target, by=by, at=at, cause="late filing excused", fields=["good_cause", "good_cause_by"])
    audit.record(
        LateFilingExcused(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), appeal_id=appeal.public_id
        ),
        by=by,
        at=at,
    )
    start_time(appeal, counts_from=max(appeal.filed_at, appeal.form_received_at or appeal.filed_at), by=by, at=at)
    return appeal


@permitted(Permission.MANAGE_APPEALS, on="appeal.line.case")
@transaction.atomic
def dismiss_appeal(*, appeal: Appeal, ground: Ground, explanation: str, by: User, at: datetime) -> Appeal:
    """Close an appeal without judging the care; its own letter goes out with the right to a review of it.

    Raises:
        DismissalNotFounded: the facts do not bear the ground, or there is no explanation.
        MachineMayNot: software; a person always dismisses.
    """
    appeal = lock(appeal)
    check_may_dismiss(
        ground=ground, state=AppealState(appeal.state), explanation=explanation, form_due_on=appeal.form_due_on,
        on=day_of(appeal.line.case.product, at),
    )  # fmt: skip
    appeal.dismissed_at, appeal.dismissed_by = at, by
    appeal.dismissed_for, appeal.dismissed_because = ground, explanation.strip()
    appeal.closed_at = at
    move(
        appeal, AppealState.DISMISSED, by=by, at=at, cause=ground,
        fields=["dismissed_at", "dismissed_by", "dismissed_for", "dismissed_because", "closed_at"],
    )  # fmt: skip
    audit.record(
        AppealDismissed(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), cause=ground,
            appeal_id=appeal.public_id,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    if appeal.counts_from is not None:
        note_fact(appeal, FactKind.WITHDRAWN, by=by, at=at, reason="dismissed")
    return appeal


@permitted(Permission.MANAGE_APPEALS, on="appeal.line.case")
@transaction.atomic
def vacate_dismissal(*, appeal: Appeal, reason: str, by: User, at: datetime) -> Appeal:
    """Take a dismissal back for good cause within its months; the appeal is open again.

    A time that had begun runs again from its first receipt; one that had not begins now, or with the form. A request
    for external review that was found not eligible returns to its preliminary review.

    Raises:
        GoodCauseMissing, DismissalFinal: no reason, or too late.
        IllegalAppealStep: it was not dismissed.
    """
    appeal = lock(appeal)
    if appeal.dismissed_at is None or appeal.state != AppealState.DISMISSED:
        raise IllegalAppealStep("This appeal is not dismissed.")
    product = appeal.line.case.product
    check_may_vacate(
        law_of(appeal), dismissed_on=day_of(product, appeal.dismissed_at), on=day_of(product, at), reason=reason
    )
    needs_form = bool(appeal.form) and appeal.form_received_at is None
    target = AppealState.WAITING_FOR_FORM if needs_form else ready_state(appeal.body)
    appeal.vacated_at, appeal.vacated_because, appeal.closed_at = at, reason.strip(), None
    if needs_form:
        appeal.form_due_on = day_of(product, at) + timedelta(days=law_of(appeal).form_days)
    if appeal.is_late and not appeal.good_cause:
        appeal.good_cause, appeal.good_cause_by = reason.strip(), by
    fields = ["vacated_at", "vacated_because", "closed_at", "form_due_on", "good_cause", "good_cause_by"]
    move(appeal, target, by=by, at=at, cause="dismissal vacated", fields=fields)
    if appeal.counts_from is not None:
        clocks.take_back_withdrawal(request_id=appeal.request_id, reason="vacated", by=by, at=at)
    elif target is not AppealState.WAITING_FOR_FORM:
        start_time(appeal, counts_from=at, by=by, at=at)
    audit.record(
        DismissalVacated(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), appeal_id=appeal.public_id
        ),
        by=by,
        at=at,
    )
    return appeal


@permitted(Permission.FILE_APPEAL, on="appeal.line.case")
@transaction.atomic
def withdraw_appeal(*, appeal: Appeal, who: str, why: str, by: User, at: datetime) -> Appeal:
    """Record that the filer takes the appeal back; who said so and why is kept.

    Raises:
        Invalid: nobody named, or no reason.
        IllegalAppealStep: it is over.
    """
    if not who.strip() or not why.strip():
        raise Invalid("Say who takes the appeal back, and why. Both are kept.")
    appeal = lock(appeal)
    appeal.ended_note, appeal.closed_at = f"{who.strip()}: {why.strip()}", at
    move(appeal, AppealState.WITHDRAWN, by=by, at=at, cause="withdrawn", fields=["ended_note", "closed_at"])
    if appeal.counts_from is not None:
        note_fact(appeal, FactKind.WITHDRAWN, by=by, at=at, reason="withdrawn")
    return appeal


@permitted(Permission.MANAGE_APPEALS, on="appeal.line.case")
@transaction.atomic
def send_elsewhere(*, appeal: Appeal, to: str, proof: str, by: User, at: datetime) -> Appeal:
    """Forward an appeal that is not ours, with its receipt; the first receipt stays where it is.

    Raises:
        Invalid: no address, or no proof of forwarding.
        IllegalAppealStep: it is over, or decided.
    """
    if not to.strip() or not proof.strip():
        raise Invalid("Say to whom the appeal was forwarded and what proves it: tracking number, fax report, receipt.")
    appeal = lock(appeal)
    received = appeal.filed_at.isoformat(timespec="seconds")
    note = f"Forwarded to {to.strip()} with its receipt of {received}. Proof: {proof.strip()}"
    return end_as_misdirected(appeal, AppealState.SENT_ELSEWHERE, note, by=by, at=at)


def end_as_misdirected(appeal: Appeal, target: AppealState, note: str, *, by: User, at: datetime) -> Appeal:
    """End a locked appeal that goes on elsewhere with its receipt, and its time at the plan with it."""
    appeal.ended_note, appeal.closed_at = note, at
    move(appeal, target, by=by, at=at, cause="misdirected", fields=["ended_note", "closed_at"])
    if appeal.counts_from is not None:
        note_fact(appeal, FactKind.WITHDRAWN, by=by, at=at, reason="goes on elsewhere")
    return appeal
