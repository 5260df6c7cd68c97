"""Deciding an appeal: by somebody new, on the whole record, with an answer to every criterion that stays open.

Both findings stay: the first determination is never edited, the appeal's decision stands beside it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import reviewer_facts
from openum.accounts.rules import Permission
from openum.appeals.events import AppealDecided
from openum.appeals.models import Appeal, AppealDecision, Effectuation
from openum.appeals.queries import APPEALABLE, came_after, candidate_for, day_of, law_of, licence_for, need_of
from openum.appeals.rules.deciding import (
    CauseKind,
    check_cause,
    check_is_new,
    check_panel,
    check_part,
)
from openum.appeals.rules.law import Program
from openum.appeals.rules.reviewers import Check, check_may_decide_appeal, check_may_reverse_early
from openum.appeals.rules.states import WITH_PLAN, AppealState, Counted, IllegalAppealStep, NotYourAppeal, Outcome
from openum.appeals.services.filing import note_fact
from openum.appeals.services.steps import lock, move
from openum.cases.models import ServiceLine
from openum.clocks.rules.facts import FactKind
from openum.criteria.models import EvidenceMap
from openum.criteria.queries import current_map
from openum.criteria.services import freeze_map
from openum.determination.models import Determination
from openum.determination.protecting import (
    check_not_deemed_approved,
    check_protections,
    standing_units,
    statement_guards,
)
from openum.determination.protections import Law
from openum.determination.queries import authorization_of, current_segments, open_leaves
from openum.determination.reasons import ADMINISTRATIVE_REASONS
from openum.determination.rules import Guard, GuardAnswer, check_may_say_no, evidence_guard, nodes_guard
from openum.determination.services import Ground, record_lesson, reverse_on_appeal
from openum.review.queries import documents_to_open, openings_by
from openum.vocabulary.errors import Conflict
from openum.vocabulary.terms import FindingValue, LineStatus, ReasonClass, Timing

STATEMENT = "I took no part in the decision that is appealed, I report to nobody who did, and I have no interest in its outcome."
"""What a reviewer attests; kept word for word."""


class DecideTheRequestFirst(Conflict):
    """An appeal from a missed time cannot be upheld while the request itself waits."""

    code: ClassVar[str] = "decide-the-request-first"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a reviewer decided, and why.

    Attributes:
        units: what is given in all, on a partial reversal.
        node_answers: criterion → the reviewer's own answer; each open one needs it unless all is overturned, and so does
            what the law asks about this person, by protections.Law.
        cause_kind, cause_key, cause_words: what failed at the first decision, on a reversal.
        listed: on a reversal for a provider on an exclusion list: who gives the care instead, or why it may be paid.
        attests: signed that there is no conflict of interest.
        words_kept: why words of the reason stay that are hard for the member to read.
    """

    outcome: Outcome
    rationale: str
    units: Decimal | None = None
    node_answers: Mapping[str, str] = field(default_factory=dict)
    cited_authority: str = ""
    evidence: GuardAnswer | None = None
    evidence_reason: str = ""
    cause_kind: str = ""
    cause_key: str = ""
    cause_words: str = ""
    listed: str = ""
    attests: bool = False
    words_kept: str = ""


@permitted(Permission.DECIDE_APPEALS, on="appeal.line.case")
@transaction.atomic
def decide_appeal(*, appeal: Appeal, verdict: Verdict, by: User, at: datetime) -> AppealDecision:
    """Decide an appeal that was assigned to the one who decides.

    Raises:
        PermissionRefused: software, or a role that decides no appeals.
        NotYourAppeal: it is assigned to somebody else, or to nobody.
        ReviewerNotIndependent: unfit at this instant, or no attestation (42 CFR 422.590(h), 438.406(b)(2)).
        GuardOpen: evidence not opened, an open criterion or what the law asks about this person without an answer.
        RationaleMissing, GroundMissing: no reason, or neither guideline nor authority.
        CauseMissing: a reversal that does not say what failed.
        ProviderBarred: a reversal for a provider on an exclusion list without the sentence about it.
        PanelOpen: a second opinion that was asked is not complete.
        Protected, CourtOrderStands, ApprovedBefore, DeemedApproved: the law forbids the no that would be upheld.
        IllegalAppealStep: the plan does not decide this appeal now.
    """
    appeal = lock(appeal)
    if appeal.state not in WITH_PLAN:
        raise IllegalAppealStep("This appeal does not wait for the plan's decision. Reload the page.")
    if appeal.assigned_to_id != by.pk:
        raise NotYourAppeal("This appeal is not assigned to you. The coordinator assigns an independent reviewer.")
    line = appeal.line
    today = day_of(line.case.product, at)
    checks = check_may_decide_appeal(
        candidate_for(appeal, by, on=today, has_attested=verdict.attests), need_of(appeal, on=today)
    )
    check_panel(votes=appeal.panel.filter(voted_at__isnull=False).count(), members=appeal.panel.count())
    check_cause(outcome=verdict.outcome, kind=verdict.cause_kind, words=verdict.cause_words)
    if verdict.outcome is not Outcome.OVERTURNED:
        if LineStatus(line.status) not in APPEALABLE:
            raise DecideTheRequestFirst(
                "The request itself was not decided in time and still waits. Decide it, or overturn: its delay is no answer."
            )
        _check_lawful(appeal, verdict, at=at)
    guards = _guards(line, verdict, by=by, on=today)
    check_may_say_no(
        guards=guards, rationale=verdict.rationale, has_guideline=current_map(line).has_guideline,
        cited_authority=verdict.cited_authority or ("" if verdict.outcome is not Outcome.OVERTURNED else "appeal"),
    )  # fmt: skip
    check_part(outcome=verdict.outcome, units=verdict.units, asked=line.requested_units, approved=_approved_units(line))
    return _record(appeal, verdict, guards, checks, counted_as=Counted.DECISION, by=by, at=at)


@permitted(Permission.DECIDE_APPEALS, Permission.DECIDE_ADVERSELY, on="appeal.line.case")
@transaction.atomic
def reverse_early(*, appeal: Appeal, verdict: Verdict, by: User, at: datetime) -> AppealDecision:
    """Say yes before the appeal's own decision, because new evidence answers what was open.

    Counted apart from decisions, and still an appeal outcome: in Medicare Advantage it is a favourable reconsideration
    (settled point 8), so there the first decider may not do it.

    Raises:
        NothingNew: nothing came since the no, or criteria are still open.
        ReviewerNotIndependent: not a fit clinician for this line of business.
        CauseMissing: what failed is not said.
    """
    appeal = lock(appeal)
    if appeal.state not in WITH_PLAN:
        raise IllegalAppealStep("This appeal does not wait for the plan's decision. Reload the page.")
    line = appeal.line
    today = day_of(line.case.product, at)
    checks = check_may_reverse_early(candidate_for(appeal, by, on=today), need_of(appeal, on=today))
    check_cause(outcome=Outcome.OVERTURNED, kind=verdict.cause_kind, words=verdict.cause_words)
    picture = current_map(line)
    since = appeal.determination.decided_at if appeal.determination else appeal.filed_at
    check_is_new(
        came_after=came_after(line, since), all_met=picture.value is FindingValue.MET,
        has_guideline=picture.has_guideline, rationale=verdict.rationale,
    )  # fmt: skip
    return _record(appeal, verdict, [], checks, counted_as=Counted.EARLY_REVERSAL, by=by, at=at)


def _check_lawful(appeal: Appeal, verdict: Verdict, *, at: datetime) -> None:
    """Refuse to uphold what nobody could lawfully say no to at first; what became known since the first answer counts.

    The proof against an earlier approval was given with the first no, and an early end takes nothing back.
    """
    line, first = appeal.line, appeal.determination
    if line.case.is_sandbox:
        return
    reason_class = ReasonClass(first.reason_class) if first else ReasonClass.NOT_MEDICALLY_NECESSARY
    if reason_class in ADMINISTRATIVE_REASONS and reason_class is not ReasonClass.EXCLUSION:
        return
    check_not_deemed_approved(line)
    is_answered = line.status == LineStatus.TERMINATED_WITH_NOTICE or (
        first is not None and bool(first.statements.get(Law.APPROVED_BEFORE))
    )
    check_protections(
        line, reason_class=reason_class, units=verdict.units or standing_units(line) or Decimal(0), legal_reason=None,
        at=at, cited_authority=verdict.cited_authority or (first.cited_authority if first else ""),
        settled={Law.APPROVED_BEFORE} if is_answered else (),
    )  # fmt: skip


def _guards(line: ServiceLine, verdict: Verdict, *, by: User, on: date) -> list[Guard]:
    documents = documents_to_open(line.case)
    opened = openings_by(by, line.case)
    guards = [
        evidence_guard(
            documents=len(documents), opened=sum(1 for item in documents if item.pk in opened),
            claimed=verdict.evidence, claimed_reason=verdict.evidence_reason,
        )
    ]  # fmt: skip
    if verdict.outcome is not Outcome.OVERTURNED:
        guards.append(nodes_guard(open_leaves=open_leaves(line), answers=verdict.node_answers))
        guards += statement_guards(line, statements=verdict.node_answers, on=on)
    return guards


def _approved_units(line: ServiceLine) -> Decimal | None:
    if line.status != LineStatus.PARTIALLY_APPROVED:
        return None
    authorization = authorization_of(line)
    units = [each.units for each in current_segments(authorization)] if authorization else []
    return sum((each for each in units if each is not None), Decimal(0)) or None


def _opened(line: ServiceLine, by: User) -> tuple[dict[str, str], ...]:
    documents = {item.pk: item for item in documents_to_open(line.case)}
    return tuple(
        {"attachment": str(documents[key].public_id), "at": when.isoformat()}
        for key, when in openings_by(by, line.case).items()
        if key in documents
    )


def _record(
    appeal: Appeal,
    verdict: Verdict,
    guards: list[Guard],
    checks: list[Check],
    *,
    counted_as: Counted,
    by: User,
    at: datetime,
) -> AppealDecision:
    line = appeal.line
    evidence = next((guard for guard in guards if guard.key == "evidence"), None)
    opened, specialty = _opened(line, by), ", ".join(sorted(reviewer_facts(by).specialties))
    licence = licence_for(appeal, by, on=day_of(appeal.line.case.product, at))
    frozen = freeze_map(line=line, reason=EvidenceMap.DECIDED, by=by, at=at)
    determination = None
    if verdict.outcome is not Outcome.UPHELD:
        determination = reverse_on_appeal(
            line=line, units=verdict.units if verdict.outcome is Outcome.PARTLY else None, by=by, at=at,
            ground=Ground(
                because="appeal", rationale=verdict.rationale, licence=licence, specialty=specialty,
                cited_authority=verdict.cited_authority, node_answers=verdict.node_answers, evidence_opened=opened,
                evidence_guard=evidence.answer if evidence and evidence.answer else GuardAnswer.NOT_APPLICABLE,
                listed=verdict.listed, words_kept=verdict.words_kept, evidence_reason=evidence.reason if evidence else "New evidence answers what was open.",
            ),
        )  # fmt: skip
    decision = AppealDecision(
        appeal=appeal, outcome=verdict.outcome, counted_as=counted_as, rationale=verdict.rationale.strip(),
        node_answers=dict(verdict.node_answers), evidence_map=frozen, evidence_opened=list(opened),
        evidence_guard=evidence.answer or "" if evidence else "", evidence_guard_reason=evidence.reason if evidence else "",
        cited_authority=verdict.cited_authority.strip(), decided_by=by, decided_by_machine=by.is_machine,
        decided_at=at, licence=licence, specialty=specialty, independence=[asdict(check) for check in checks],
        conflict_statement=STATEMENT if verdict.attests else "", determination=determination,
        words_kept=verdict.words_kept.strip(),
    )  # fmt: skip
    return finish(
        appeal, decision, verdict_cause=(verdict.cause_kind, verdict.cause_key, verdict.cause_words), by=by, at=at
    )


def finish(
    appeal: Appeal,
    decision: AppealDecision,
    *,
    verdict_cause: tuple[str, str, str],
    by: User,
    at: datetime,
    since: datetime | None = None,
) -> AppealDecision:
    """Keep a decision on a locked appeal, teach what failed, tell the clocks; the letter follows the event.

    Args:
        since: when an outside decision reached the plan, from which the time to carry it out counts; None: now.
    """
    told_at = since or at
    decision.save()
    appeal.outcome, appeal.decided_at = decision.outcome, at
    move(appeal, AppealState.DECIDED, by=by, at=at, cause=decision.counted_as, fields=["outcome", "decided_at"])
    is_upheld = decision.outcome == Outcome.UPHELD
    if appeal.counts_from is not None:
        note_fact(
            appeal, FactKind.DECIDED, by=by, at=told_at, known_at=at, reason="adverse" if is_upheld else "favourable"
        )
        if not is_upheld:
            note_fact(appeal, FactKind.OVERTURNED, by=by, at=told_at, known_at=at, value=1)
        level = law_of(appeal).level_outside(appeal.level, code=appeal.line.code)
        if decision.outcome != Outcome.OVERTURNED and (level is None or level.program is not Program.MEDICAID):
            note_fact(appeal, FactKind.AFFIRMED, by=by, at=told_at, known_at=at, value=1)
    if not is_upheld and decision.determination is not None:
        Effectuation.objects.create(appeal=appeal, ordered_at=at)
        kind, key, words = verdict_cause
        if appeal.determination is not None:
            record_lesson(
                overturned=appeal.determination, reversed_by=decision.determination, kind=CauseKind(kind), key=key,
                words=words, by=by, at=at,
            )  # fmt: skip
    audit.record(
        AppealDecided(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), appeal_id=appeal.public_id,
            decision_id=decision.public_id, outcome=decision.outcome, counted_as=decision.counted_as,
            determination_id=decision.determination.public_id if decision.determination else None,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return decision


def is_payment(appeal: Appeal) -> bool:
    """Say whether the appeal is about care already given: what is owed is money, not an authorization."""
    return appeal.request.timing == Timing.RETROSPECTIVE


def authorization_number(determination: Determination) -> str:
    """Return the number that a reversal gave, empty when it gave none."""
    authorization = authorization_of(determination.line)
    return authorization.number if authorization else ""
