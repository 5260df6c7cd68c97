"""Answering a wish for speed: a clinician's word binds, a refusal has its letter and the right to a fast complaint."""

from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.appeals.events import AppealSpeedAnswered
from openum.appeals.models import Appeal
from openum.appeals.queries import law_of
from openum.appeals.rules.filing import NoSpeedForPayment, SpeedAnswer, check_may_refuse_speed
from openum.appeals.rules.states import WITH_PLAN, AppealState, IllegalAppealStep
from openum.appeals.services.filing import note_fact
from openum.appeals.services.steps import lock
from openum.cases.services import write_note
from openum.clocks.rules.facts import FactKind
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Timing


def _answer(appeal: Appeal, answer: SpeedAnswer, *, by: User, at: datetime) -> None:
    appeal.speed = answer
    appeal.save(update_fields=["speed", "clinician_supports"])
    audit.record(
        AppealSpeedAnswered(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), cause=answer,
            appeal_id=appeal.public_id,
        ),
        by=by,
        at=at,
    )  # fmt: skip


@permitted(Permission.MANAGE_APPEALS, on="appeal.line.case")
@transaction.atomic
def grant_speed(*, appeal: Appeal, by: User, at: datetime) -> Appeal:
    """Decide the appeal fast, as it was asked; its fast clock has run since the receipt.

    Raises:
        IllegalAppealStep: nothing waits for this answer.
    """
    appeal = lock(appeal)
    if appeal.speed != SpeedAnswer.TO_DECIDE:
        raise IllegalAppealStep("No wish for speed waits for an answer here.")
    _answer(appeal, SpeedAnswer.GRANTED, by=by, at=at)
    return appeal


@permitted(Permission.MANAGE_APPEALS, on="appeal.line.case")
@transaction.atomic
def refuse_speed(*, appeal: Appeal, reason: str, by: User, at: datetime) -> Appeal:
    """Return the appeal to the standard time from its first receipt; the letter and the right to complain follow.

    Raises:
        SpeedMustBeGranted: a clinician asked for it.
        Invalid: no reason.
        IllegalAppealStep: the plan does not decide this appeal now.
    """
    if not reason.strip():
        raise Invalid("Write why the standard time does no harm. It stays in the record.")
    appeal = lock(appeal)
    check_may_refuse_speed(
        law_of(appeal), clinician_supports=appeal.clinician_supports, answer=SpeedAnswer(appeal.speed)
    )
    write_note(
        case=appeal.line.case, line=appeal.line, text=f"Refused to expedite the appeal. {reason.strip()}",
        purpose="expedite", by=by, at=at,
    )  # fmt: skip
    if appeal.counts_from is not None:
        note_fact(appeal, FactKind.DOWNGRADED, by=by, at=at)
    _answer(appeal, SpeedAnswer.REFUSED, by=by, at=at)
    return appeal


@permitted(Permission.FILE_APPEAL, on="appeal.line.case")
@transaction.atomic
def ask_for_speed(*, appeal: Appeal, clinician: str, reason: str, by: User, at: datetime) -> Appeal:
    """Take a wish for speed that came after the appeal; a clinician's word makes it fast at once.

    Args:
        clinician: who says that waiting could harm; empty when the member asks.

    Raises:
        NoSpeedForPayment: the service was given already.
        IllegalAppealStep: the plan does not decide this appeal now, or it is fast already.
    """
    appeal = lock(appeal)
    law = law_of(appeal)
    if appeal.state not in WITH_PLAN | {AppealState.WAITING_FOR_FORM} or appeal.speed == SpeedAnswer.GRANTED:
        raise IllegalAppealStep("This appeal cannot be made faster now.")
    if appeal.request.timing == Timing.RETROSPECTIVE and not law.speed.payment_too:
        raise NoSpeedForPayment("A matter of payment is not decided fast. The standard time holds.")
    if reason.strip():
        who = f"{clinician.strip()}: " if clinician.strip() else ""
        write_note(
            case=appeal.line.case, line=appeal.line, text=f"Asked to expedite the appeal. {who}{reason.strip()}",
            purpose="expedite", by=by, at=at,
        )  # fmt: skip
    if appeal.counts_from is not None:
        note_fact(appeal, FactKind.UPGRADED, by=by, at=at)
    appeal.clinician_supports = appeal.clinician_supports or bool(clinician.strip())
    binds = appeal.clinician_supports and law.speed.clinician_binds
    _answer(appeal, SpeedAnswer.GRANTED if binds else SpeedAnswer.TO_DECIDE, by=by, at=at)
    return appeal
