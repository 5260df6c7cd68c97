"""The letters of appeals: receipt, not fast, still no, dismissed, sent on, checked. Each follows its event."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from openum.accounts.models import User
from openum.appeals.models import Appeal, AppealDecision
from openum.appeals.queries import acts_on, day_of, experts_of, law_of
from openum.appeals.rules.law import Body
from openum.appeals.rules.states import AppealState, Counted
from openum.appeals.services.outside import UNDECIDED, next_level
from openum.cases.models import Party
from openum.clocks.queries import due_of, last_day_of_window, outside_time_of
from openum.determination.models import Determination
from openum.notices.assembly import appeals as letters
from openum.notices.assembly import stays
from openum.notices.assembly.common import Setting
from openum.notices.assembly.decision import Approval, Decision
from openum.notices.content import Letter, LetterKind
from openum.notices.services.issuing import Build, Occasion, issue_all
from openum.vocabulary.terms import ClockPurpose, LineStatus, PartyRole, ReasonClass

_WINDOWS = {
    Body.PLAN: "appeal_filing_window",
    Body.EXTERNAL: "external_review_filing",
    Body.STATE_EXTERNAL: "external_review_filing",
    Body.FAIR_HEARING: "state_fair_hearing_filing",
    Body.REVIEW_ENTITY: "appeal_filing_window",
}


def story_of(appeal: Appeal, *, last_day: date | None = None) -> letters.Story:
    """Return an appeal as letters tell it."""
    return letters.Story(
        number=appeal.number, filed_at=appeal.filed_at, filed_by=appeal.filer_name, last_day=last_day,
        level="second" if appeal.body == Body.PLAN and appeal.level > 1 else appeal.body,
    )  # fmt: skip


def _issue(
    appeal: Appeal,
    build: Build,
    kind: LetterKind,
    *,
    event_id: UUID,
    by: User,
    at: datetime,
    to_member_only: bool = False,
    words: str = "",
    kept_because: str = "",
) -> None:
    case = appeal.line.case
    today = day_of(case.product, at)
    people = [
        party
        for party in Party.objects.filter(
            request=appeal.request, role__in=[PartyRole.REPRESENTATIVE, PartyRole.GUARDIAN]
        )
        .exclude(address="")
        .order_by("pk")
        if acts_on(party, today)
    ]
    occasion = Occasion(
        case=case, request=appeal.request, lines=(appeal.line,), event_id=event_id, by=by, at=at,
        representatives=tuple(people), to_member_only=to_member_only, words=words, kept_because=kept_because,
    )  # fmt: skip
    issue_all(occasion, build, lambda _: (kind,))


def acknowledge(appeal: Appeal, *, event_id: UUID, by: User, at: datetime) -> None:
    """Write the receipt of an appeal: by when we answer, or what is still needed first."""
    waits_for, last_day = "", None
    if appeal.state == AppealState.WAITING_FOR_FORM:
        waits_for, last_day = "form", appeal.form_due_on
    elif appeal.state == AppealState.LATE_FILING:
        waits_for, last_day = "reason", appeal.last_day_to_file
    else:
        due = due_of(appeal.request, ClockPurpose.DECIDE)
        last_day = day_of(appeal.line.case.product, due) if due else day_of(appeal.line.case.product, at)

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.acknowledgement_letter(setting, story_of(appeal, last_day=last_day), waits_for=waits_for)

    _issue(appeal, build, LetterKind.APPEAL_ACKNOWLEDGEMENT, event_id=event_id, by=by, at=at)


def refuse_speed(appeal: Appeal, *, event_id: UUID, by: User, at: datetime) -> None:
    """Write that the appeal is decided in the standard time, with the right to a fast complaint."""
    due = due_of(appeal.request, ClockPurpose.DECIDE)
    decide_by = day_of(appeal.line.case.product, due) if due else day_of(appeal.line.case.product, at)

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.speed_refused_letter(setting, story_of(appeal), decide_by=decide_by)

    _issue(appeal, build, LetterKind.APPEAL_SPEED_REFUSED, event_id=event_id, by=by, at=at)


def uphold(decision: AppealDecision, *, event_id: UUID, by: User, at: datetime) -> None:
    """Write that the answer is still no, to all or to a part, with the next level."""
    appeal = decision.appeal
    level = next_level(law_of(appeal), appeal)
    product = appeal.line.case.product
    last_day = None
    if level is not None and not level.is_automatic:
        last_day = last_day_of_window(product=product, request_type=_WINDOWS[level.body], trigger_at=at)
    beside = next_level(law_of(appeal), appeal, is_asked=True)
    key: str = level.body if level else "none"
    if level is not None and beside is not None and beside.body != level.body:
        key = f"{level.body}_and_{beside.body}"
        last_day = last_day_of_window(product=product, request_type=_WINDOWS[beside.body], trigger_at=at)
    own = law_of(appeal).further_plan_level(appeal.level)
    ask_by = last_day_of_window(product=product, request_type=own.window, trigger_at=at) if own and own.window else None
    told, approvals = _as_told(decision)
    experts = tuple(experts_of(appeal.line))

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.upheld_letter(
            setting, story_of(appeal, last_day=last_day), told, field=decision.specialty or appeal.line.specialty,
            next_level=key, approvals=approvals,
            offers_second=own is not None and own.is_voluntary, experts=experts,
            specialty_review_by=ask_by,
        )  # fmt: skip

    own_words = "" if decision.counted_as == Counted.OUTSIDE else decision.rationale
    _issue(
        appeal, build, LetterKind.APPEAL_UPHELD, event_id=event_id, by=by, at=at, words=own_words,
        kept_because=decision.words_kept,
    )  # fmt: skip


def _as_told(decision: AppealDecision) -> tuple[Decision, tuple[Approval, ...]]:
    """Return the appeal's decision in the form that letters of decisions tell, and what it approved."""
    first = decision.appeal.determination
    approvals: tuple[Approval, ...] = ()
    if decision.determination is not None:
        row = Determination.objects.select_related("line__request", "decided_by", "evidence_map", "supersedes").get(
            pk=decision.determination.pk
        )
        approvals = Decision.of(row).approvals
    told = Decision(
        line=decision.appeal.line,
        outcome=LineStatus.DENIED,
        reason_class=ReasonClass(first.reason_class) if first else ReasonClass.NOT_MEDICALLY_NECESSARY,
        reason=first.reason if first else "",
        rationale=decision.rationale,
        decided_at=decision.decided_at,
        decided_by=decision.decided_by,
        credentials=", ".join(part for part in (decision.specialty, decision.licence) if part),
        evidence_map=decision.evidence_map.snapshot if decision.evidence_map else None,
        node_answers=decision.node_answers,
        cited_authority=decision.cited_authority,
    )
    return told, approvals


def dismiss(appeal: Appeal, *, event_id: UUID, by: User, at: datetime, is_withdrawn: bool = False) -> None:
    """Write that the appeal was closed without a decision, with the right to a review of that.

    Args:
        is_withdrawn: the filer took the appeal back; the letter says so in the plan's standard words.
    """
    law = law_of(appeal)
    level = next_level(law, appeal)
    review = level.body if level and level.body in {Body.REVIEW_ENTITY, Body.FAIR_HEARING} else "plan"
    until = at.astimezone(ZoneInfo(appeal.line.case.product.time_zone)).date() + timedelta(
        days=law.dismissal.review_days
    )

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.dismissed_letter(
            setting, story_of(appeal, last_day=until), why="" if is_withdrawn else appeal.dismissed_because,
            review=review,
        )  # fmt: skip

    _issue(appeal, build, LetterKind.APPEAL_DISMISSED, event_id=event_id, by=by, at=at)


def extend(appeal: Appeal, *, event_id: UUID, by: User, at: datetime) -> None:
    """Write that more time was taken, why, until when, and how to complain about it."""
    due = due_of(appeal.request, ClockPurpose.DECIDE)
    decide_by = day_of(appeal.line.case.product, due) if due else day_of(appeal.line.case.product, at)

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.extension_letter(setting, story_of(appeal), why=appeal.extended_because, decide_by=decide_by)

    _issue(appeal, build, LetterKind.APPEAL_EXTENSION, event_id=event_id, by=by, at=at)


def end_continuation(appeal: Appeal, *, event_id: UUID, by: User, at: datetime) -> None:
    """Write that a continued benefit ends: the last day, why, and what it may cost."""
    row = appeal.continuation

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.continuation_ended_letter(
            setting,
            story_of(appeal),
            ground=row.ended_because,
            last_day=row.last_day or day_of(setting.case.product, at),
        )

    _issue(appeal, build, LetterKind.CONTINUATION_ENDED, event_id=event_id, by=by, at=at)


def tell_sent_on(appeal: Appeal, *, event_id: UUID, by: User, at: datetime) -> None:
    """Write to whom the file went, and by when it is answered there: the time of the clock that runs for it.

    42 CFR 422.594, 423.600(d); 45 CFR 147.136(d); the state's own row where the state reviews.
    """
    organization = appeal.outside.organization
    time = outside_time_of(appeal.request)
    last_day = day_of(appeal.line.case.product, time.due_at) if time else None

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.sent_on_letter(
            setting, story_of(appeal, last_day=last_day), to=organization.name if organization else "",
            because=appeal.outside.because, time=(time.amount, time.unit) if time else None,
        )  # fmt: skip

    _issue(appeal, build, LetterKind.APPEAL_SENT_ON, event_id=event_id, by=by, at=at)


def tell_taken_back(appeal: Appeal, *, was_sent: bool, event_id: UUID, by: User, at: datetime) -> None:
    """Write that a review outside ends undecided, why, and by when the plan decides itself: by its corrected receipt."""
    organization = appeal.outside.organization
    due = due_of(appeal.follows.request if appeal.follows else appeal.line.request, ClockPurpose.DECIDE)
    decide_by = day_of(appeal.line.case.product, due or at)

    def build(setting: Setting, kind: LetterKind) -> Letter:
        to = (
            (organization.name if organization else setting.say("appeal.review_taken_back.reviewer"))
            if was_sent
            else ""
        )
        return letters.review_taken_back_letter(setting, story_of(appeal), to=to, decide_by=decide_by)

    _issue(appeal, build, LetterKind.REVIEW_TAKEN_BACK, event_id=event_id, by=by, at=at)


def tell_checked(appeal: Appeal, *, event_id: UUID, by: User, at: datetime) -> None:
    """Write what the preliminary review found; an incomplete request has the rest of its window, at least 48 hours."""
    outside, product = appeal.outside, appeal.line.case.product
    least = day_of(product, at) + timedelta(days=2)
    until = max(appeal.last_day_to_file or least, least)

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.checked_letter(
            setting, story_of(appeal, last_day=until), result=outside.preliminary_result,
            note=outside.preliminary_note, organization=outside.organization.name if outside.organization else "",
        )  # fmt: skip

    _issue(appeal, build, LetterKind.EXTERNAL_REVIEW_CHECKED, event_id=event_id, by=by, at=at)


def tell_continuation(appeal: Appeal, *, answer: str, event_id: UUID, by: User, at: datetime) -> None:
    """Write to the member whether care goes on while the appeal runs: granted or refused."""

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return stays.continues_letter(setting, story_of(appeal), answer=answer)

    _issue(appeal, build, LetterKind.BENEFIT_CONTINUES, event_id=event_id, by=by, at=at, to_member_only=True)


def tell_outside_decision(decision: AppealDecision, *, event_id: UUID, by: User, at: datetime) -> None:
    """Write what an outside reviewer decided, and that the plan is bound by it."""
    appeal = decision.appeal

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return stays.outside_decision_letter(
            setting, story_of(appeal), outcome=decision.outcome, by=decision.licence, why=decision.rationale,
            reference=appeal.outside.reference, has_judge=law_of(appeal).has_judge_after(appeal.level),
            was_decided=appeal.outside.because != UNDECIDED or appeal.determination is not None,
        )  # fmt: skip

    _issue(appeal, build, LetterKind.OUTSIDE_DECISION, event_id=event_id, by=by, at=at)
