"""Carrying a reversal out, with proof; and a benefit that goes on while the appeal runs."""

from datetime import date, datetime, time
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import check_user_may
from openum.accounts.rules import Permission
from openum.appeals.events import BenefitContinued, ReversalCarriedOut
from openum.appeals.models import Appeal, BenefitContinuation, Effectuation
from openum.appeals.queries import day_of, followers_of, law_of
from openum.appeals.rules.continuation import (
    Asked,
    EndGround,
    NoContinuation,
    check_may_continue,
    check_may_end,
    end_ground,
)
from openum.appeals.rules.law import Body, Filer
from openum.appeals.rules.states import AppealState, IllegalAppealStep, Outcome
from openum.appeals.services.filing import note_fact
from openum.appeals.services.steps import lock, move
from openum.clocks.models import ClockFact
from openum.clocks.queries import last_day_of_window
from openum.clocks.rules.facts import FactKind
from openum.determination.services import EARLY_END
from openum.notices.content import LetterKind
from openum.notices.models import Notice, NoticeState
from openum.vocabulary.errors import Conflict, Invalid

PROOFS = ("authorization", "payment", "service provided")


class ProofMissing(Invalid):
    """Nothing is carried out without proof."""

    code: ClassVar[str] = "proof-missing"


@permitted(Permission.SEE_PLAN_CASES, on="appeal.line.case")
@transaction.atomic
def carry_out(*, appeal: Appeal, proof_kind: str, proof: str, by: User, at: datetime) -> Effectuation:
    """Keep the proof that a reversal was carried out; its clock stops here and not before.

    Raises:
        ProofMissing: no kind or no number.
        IllegalAppealStep: nothing was reversed.
        Conflict: it is done already.
    """
    if not by.is_machine:
        check_user_may(by, Permission.SEE_PLAN_CASES)
    if proof_kind not in PROOFS or not proof.strip():
        raise ProofMissing("Give the proof: the authorization number, the payment number, or the date of the service.")
    appeal = lock(appeal)
    owed = Effectuation.objects.select_for_update().filter(appeal=appeal).first()
    if owed is None:
        raise IllegalAppealStep("This appeal reversed nothing, so nothing is to be carried out.")
    if owed.done_at is not None:
        raise Conflict("This was carried out already; its proof is on the appeal.")
    owed.done_at, owed.done_by, owed.proof_kind, owed.proof = at, by, proof_kind, proof.strip()
    owed.save()
    if appeal.counts_from is not None:
        note_fact(appeal, FactKind.EFFECTUATED, by=by, at=at, reason=proof_kind)
    audit.record(
        ReversalCarriedOut(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), cause=proof_kind,
            appeal_id=appeal.public_id,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    close_if_done(appeal, by=by, at=at)
    return owed


def close_if_done(appeal: Appeal, *, by: User, at: datetime) -> None:
    """Close a decided appeal when its letter is out and what it gave is carried out."""
    if appeal.state != AppealState.DECIDED:
        return
    owed = Effectuation.objects.filter(appeal=appeal, done_at__isnull=True).exists()
    told = ClockFact.objects.filter(request=appeal.request, kind=FactKind.NOTICE_SENT).exists()
    by_outside = appeal.decision.counted_as == "outside" and appeal.outcome == Outcome.UPHELD
    if owed or not (told or by_outside):
        return
    appeal.closed_at = at
    move(appeal, AppealState.CLOSED, by=by, at=at, cause="letter out, carried out", fields=["closed_at"])


@permitted(Permission.MANAGE_APPEALS, on="appeal.line.case")
@transaction.atomic
def ask_to_continue(
    *,
    appeal: Appeal,
    was_authorized: bool,
    ordered_by_provider: bool,
    by: User,
    at: datetime,
    recovery_told: bool = False,
    has_consent: bool = False,
) -> BenefitContinuation:
    """Answer a request to keep a benefit while the appeal runs; a refusal is kept with its reasons, never silent.

    Args:
        was_authorized: the decision ends, suspends or reduces care that was authorized before.
        recovery_told: the member was told that the plan may get its costs back after a loss, where the law lets it.
        has_consent: the member agreed in writing that the provider asks.

    Raises:
        Invalid: the member was not told about costs.
        Conflict: it was answered already.
    """
    appeal = lock(appeal)
    if BenefitContinuation.objects.filter(appeal=appeal).exists():
        raise Conflict("The wish to keep the benefit was answered already.")
    law, product = law_of(appeal), appeal.line.case.product
    if law.continuation is not None and law.continuation.may_recover and not recovery_told:
        raise Invalid(
            "Tell the member first that the plan may ask for the costs back if the appeal is lost "
            f"({law.continuation.recovery_law})."
        )
    today = day_of(product, at)
    letter = (
        Notice.objects.filter(
            lines=appeal.line, determination=appeal.determination, state=NoticeState.SENT, audience="member"
        )
        .order_by("sent_at")
        .first()
    )
    last_day = None
    if letter is not None and letter.sent_at is not None:
        last_day = last_day_of_window(
            product=product,
            request_type="benefit_continuation_request",
            trigger_at=letter.sent_at,
            effective_at=_takes_effect(appeal),
        )
    period_end = appeal.line.service_to
    asked = Asked(
        on=today, appeal_in_time=not appeal.is_late or bool(appeal.good_cause), last_day=last_day,
        was_authorized=was_authorized, ordered_by_provider=ordered_by_provider, authorized_until=period_end,
        filed_by_provider=appeal.filer in {Filer.CLINICIAN, Filer.OUTSIDE_PROVIDER}, has_consent=has_consent,
    )  # fmt: skip
    refusal = ""
    try:
        check_may_continue(law, asked)
    except NoContinuation as reason:
        refusal = reason.english
    row = BenefitContinuation.objects.create(
        appeal=appeal, asked_at=at, last_day_to_ask=last_day, recorded_by=by, is_granted=not refusal,
        refused_because=refusal, law=law.continuation.law if law.continuation else "none", recovery_told=recovery_told,
    )  # fmt: skip
    _record_continuation(appeal, "refused" if refusal else "granted", by=by, at=at)
    return row


def _takes_effect(appeal: Appeal) -> datetime | None:
    """Return when a reduction or an early end takes effect: the first day on which the care is not as it was."""
    if appeal.determination is None or not appeal.determination.supersedes_because.startswith(f"{EARLY_END}:"):
        return None
    first = appeal.determination.segments.order_by("valid_from", "pk").first()
    if first is None or first.valid_to is None:
        return None
    return datetime.combine(first.valid_to, time(), tzinfo=ZoneInfo(appeal.line.case.product.time_zone))


@permitted(Permission.MANAGE_APPEALS, on="appeal.line.case")
@transaction.atomic
def end_continuation(*, appeal: Appeal, last_day: date, by: User, at: datetime) -> BenefitContinuation:
    """End a benefit that went on, when the law ends it; the letter names the last day, the reason and what it may cost.

    Raises:
        BenefitGoesOn: not withdrawn, no hearing lost, and the time to ask for a hearing still runs or one was asked.
        EndsInThePast: the last day lies before today.
        Conflict: nothing goes on.
    """
    appeal = lock(appeal)
    row = (
        BenefitContinuation.objects.select_for_update()
        .filter(appeal=appeal, is_granted=True, ended_at__isnull=True)
        .first()
    )
    if row is None:
        raise Conflict("No benefit goes on under this appeal.")
    today = day_of(appeal.line.case.product, at)
    row.ended_because = check_may_end(_ground_to_end(appeal, on=today), last_day=last_day, on=today)
    row.ended_at, row.last_day = at, last_day
    row.save(update_fields=["ended_at", "ended_because", "last_day"])
    _record_continuation(appeal, "ended", by=by, at=at)
    return row


def _ground_to_end(appeal: Appeal, *, on: date) -> EndGround | None:
    """Read which condition ends the benefit of an appeal to the plan, or of the hearing that followed it."""
    product = appeal.line.case.product
    letter = (
        Notice.objects.filter(
            request=appeal.request, kind=LetterKind.APPEAL_UPHELD, state=NoticeState.SENT, audience="member"
        )
        .order_by("sent_at")
        .first()
    )
    hearing = followers_of(appeal).filter(body=Body.FAIR_HEARING).first()
    return end_ground(
        law_of(appeal),
        is_withdrawn=AppealState.WITHDRAWN in {appeal.state, hearing.state if hearing else ""},
        plan_upheld_on=day_of(product, letter.sent_at) if letter is not None and letter.sent_at is not None else None,
        hearing_asked=hearing is not None,
        hearing_lost=hearing is not None and hearing.outcome == Outcome.UPHELD,
        on=on,
    )


def _record_continuation(appeal: Appeal, answer: str, *, by: User, at: datetime) -> None:
    audit.record(
        BenefitContinued(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), cause=answer,
            appeal_id=appeal.public_id,
        ),
        by=by,
        at=at,
    )  # fmt: skip
