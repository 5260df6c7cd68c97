"""Saying no, or less than asked: only by a clinician fit for it, after every guard, with the reason in plain words."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import reviewer_facts
from openum.accounts.rules import Permission
from openum.cases.models import Note, ServiceLine
from openum.cases.rules import check_transition
from openum.cases.services import lock_line, write_note
from openum.criteria.queries import current_map
from openum.determination.barred import LISTED, check_said_of_listed
from openum.determination.conditions import check_conditions
from openum.determination.events import IntentToDenyRecorded
from openum.determination.models import Determination
from openum.determination.outreach import check_sought
from openum.determination.protecting import check_not_deemed_approved, check_protections
from openum.determination.protections import Law, LegalReason
from openum.determination.queries import current_determination, guards_for, licence_to_deny, overturned_like
from openum.determination.reasons import check_may_sign, signer_of
from openum.determination.rules import (
    AlreadyDecided,
    GuardAnswer,
    LessIsAdverse,
    check_may_say_no,
    check_reversal,
    no_clinician,
)
from openum.determination.services.affirming import check_statement
from openum.determination.services.carrying import compose_rationale, keep_carried
from openum.determination.services.record import Certified, Decision, EarlyEnd, record_decision
from openum.review.queries import documents_to_open, openings_by
from openum.review.services import offer_conversation
from openum.review.services.peer_to_peer import BEFORE_DECISION
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import LineStatus, ReasonClass


def _plan_day(line: ServiceLine, at: datetime) -> date:
    return at.astimezone(ZoneInfo(line.case.product.time_zone)).date()


def _told(reason: LegalReason) -> str:
    """Write a legal reason against an approval as the record keeps it: ground, document, sentence."""
    return f"{reason.ground.replace('_', ' ')} (document {reason.document}): {reason.words.strip()}"


@permitted(Permission.DECIDE_ADVERSELY, on="line.case", refusal=no_clinician)
@transaction.atomic
def record_intent_to_deny(
    *, line: ServiceLine, rationale: str, by: User, at: datetime, talk_until: datetime | None = None
) -> Note:
    """Record that a physician means to deny, and offer the conversation at once. It stops no clock.

    Raises:
        ReviewerNotQualified: not fit for the service.
        Invalid: no reason.
    """
    line = lock_line(line)
    licence_to_deny(line, by=by, on=_plan_day(line, at))
    check_transition(current=LineStatus(line.status), target=LineStatus.DENIED)
    if not rationale.strip():
        raise Invalid("Say what stands in the way. The ordering clinician reads it before the conversation.")
    note = write_note(case=line.case, line=line, text=rationale, purpose="intent-to-deny", by=by, at=at)
    audit.record(
        IntentToDenyRecorded(case_id=line.case.public_id, line_ids=(line.public_id,), note_id=note.public_id),
        by=by,
        at=at,
    )
    offer_conversation(line=line, how=BEFORE_DECISION, open_until=talk_until, by=by, at=at)
    return note


@permitted(Permission.DECIDE_ADVERSELY, on="line.case", refusal=no_clinician)
@transaction.atomic
def deny_line(
    *,
    line: ServiceLine,
    by: User,
    at: datetime,
    rationale: str,
    reason_class: ReasonClass = ReasonClass.NOT_MEDICALLY_NECESSARY,
    reason: str = "not-medically-necessary",
    node_answers: Mapping[str, str] | None = None,
    cited_authority: str = "",
    evidence: GuardAnswer | None = None,
    evidence_reason: str = "",
    conversation: GuardAnswer | None = None,
    conversation_reason: str = "",
    different: str = "",
    statements: Mapping[str, str] | None = None,
    legal_reason: LegalReason | None = None,
    carried: Sequence[str] = (),
    is_sandbox: bool = False,
) -> Determination:
    """Deny a line.

    Raises:
        ReviewerNotQualified: software, or not a clinician fit for the service (42 CFR 422.566(d)).
        ConflictOfInterest: an interest in the request.
        AffirmationMissing: the plan wants the yearly statement affirmed first, and it has run out.
        Protected, CourtOrderStands, ApprovedBefore, ProofMissing: the law protects the member or the approval.
        OutreachMissing: a no for lack of information that was not sought often enough.
        GuardOpen: evidence not opened, conversation not offered where it comes first, a criterion unanswered, or
            look-alike denials were overturned and `different` does not say what is different here, or a question that
            the law asks about this person has no answer in `statements` (by protections.Law).
        RationaleMissing, GroundMissing: no reason, or neither guideline nor authority.
        SecondReadingMissing: the plan wants a second clinician to agree, and no agreement with this content holds.
        NoteGone, NotForTheLetter: a note in `carried` (public ids of notes at places, for the reason) may not flow.
        IllegalTransition: the line is already decided.
        LetterIncomplete: a mandatory element of the letter has no fact (raised by what follows; nothing is kept).
    """
    return say_no(
        line=line, by=by, at=at, outcome=LineStatus.DENIED, units=None, rationale=rationale, reason_class=reason_class,
        reason=reason, node_answers=dict(node_answers or {}), cited_authority=cited_authority, evidence=evidence,
        evidence_reason=evidence_reason, conversation=conversation, conversation_reason=conversation_reason,
        different=different, statements=dict(statements or {}), legal_reason=legal_reason, carried=carried,
        is_sandbox=is_sandbox,
    )  # fmt: skip


@permitted(Permission.DECIDE_ADVERSELY, on="line.case", refusal=no_clinician)
@transaction.atomic
def partially_approve_line(
    *,
    line: ServiceLine,
    units: Decimal,
    by: User,
    at: datetime,
    rationale: str,
    reason_class: ReasonClass = ReasonClass.NOT_MEDICALLY_NECESSARY,
    reason: str = "fewer-units",
    node_answers: Mapping[str, str] | None = None,
    cited_authority: str = "",
    evidence: GuardAnswer | None = None,
    evidence_reason: str = "",
    conversation: GuardAnswer | None = None,
    conversation_reason: str = "",
    different: str = "",
    statements: Mapping[str, str] | None = None,
    legal_reason: LegalReason | None = None,
    carried: Sequence[str] = (),
    is_sandbox: bool = False,
) -> Determination:
    """Approve fewer units than asked: adverse for the rest, under the same conditions as a denial.

    Raises:
        LessIsAdverse: not between none and all of what was asked.
        ReversalNeedsReopening: in Medicare Advantage, of a line that was denied: an appeal or a reopening comes first.
        ProviderBarred: a provider stands on an exclusion list, and `statements` (under barred.LISTED) does not say
            who gives the care instead, or why it may be paid.
        As deny_line.
    """
    asked = line.requested_units
    if units <= 0 or (asked is not None and units >= asked):
        raise LessIsAdverse("Fewer units than asked and more than none. To approve all of them, approve the line.")
    return say_no(
        line=line, by=by, at=at, outcome=LineStatus.PARTIALLY_APPROVED, units=units, rationale=rationale,
        reason_class=reason_class, reason=reason, node_answers=dict(node_answers or {}),
        cited_authority=cited_authority, evidence=evidence, evidence_reason=evidence_reason,
        conversation=conversation, conversation_reason=conversation_reason, different=different,
        statements=dict(statements or {}), legal_reason=legal_reason, carried=carried,
        is_sandbox=is_sandbox,
    )  # fmt: skip


@permitted(Permission.DECIDE_ADVERSELY, on="line.case", refusal=no_clinician)
@transaction.atomic
def approve_as_documented(
    *,
    line: ServiceLine,
    by: User,
    at: datetime,
    rationale: str,
    cited_authority: str,
    code: str = "",
    code_system: str = "",
    units: Decimal | None = None,
    evidence: GuardAnswer | None = None,
    evidence_reason: str = "",
    conversation: GuardAnswer | None = None,
    conversation_reason: str = "",
    different: str = "",
    statements: Mapping[str, str] | None = None,
) -> Determination:
    """Approve a claimed service as the record shows it: another code, or fewer units. Adverse for the rest.

    The reason is the billing, never the need for the care; what was claimed stays on the line.

    Raises:
        LessIsAdverse: neither another code nor fewer units than claimed and more than none.
        ProviderBarred: as partially_approve_line.
        As deny_line.
    """
    other = bool(code.strip()) and code.strip() != line.code
    asked = line.requested_units
    if units is not None and (units <= 0 or (asked is not None and units > asked)):
        raise LessIsAdverse("The record shows more than none and no more than was claimed. Check the units.")
    if not other and (units is None or units == asked):
        raise LessIsAdverse(
            "Name another code or fewer units than claimed. To approve the claim as it is, approve the line."
        )
    return say_no(
        line=line, by=by, at=at, outcome=LineStatus.PARTIALLY_APPROVED, units=units if units is not None else asked,
        rationale=rationale, reason_class=ReasonClass.CODING, reason="coding", node_answers={},
        cited_authority=cited_authority, evidence=evidence, evidence_reason=evidence_reason, conversation=conversation,
        conversation_reason=conversation_reason, different=different, statements=dict(statements or {}),
        legal_reason=None, is_sandbox=False,
        certified=Certified(code_system=code_system or line.code_system, code=code.strip()) if other else None,
    )  # fmt: skip


def say_no(
    *,
    line: ServiceLine,
    by: User,
    at: datetime,
    outcome: LineStatus,
    units: Decimal | None,
    rationale: str,
    reason_class: ReasonClass,
    reason: str,
    node_answers: dict[str, str],
    cited_authority: str,
    evidence: GuardAnswer | None,
    evidence_reason: str,
    conversation: GuardAnswer | None,
    conversation_reason: str,
    different: str,
    statements: dict[str, str],
    legal_reason: LegalReason | None,
    is_sandbox: bool,
    early_end: EarlyEnd | None = None,
    certified: Certified | None = None,
    carried: Sequence[str] = (),
) -> Determination:
    """Say no to a line, to a part of it, or to what was approved for later: the checks are the same."""
    line = lock_line(line)
    check_transition(current=LineStatus(line.status), target=outcome)
    if line.status == LineStatus.DISMISSED:
        raise AlreadyDecided("This line was closed. Reopen it with its ground, then judge it.")
    if line.status == LineStatus.PARTIALLY_APPROVED and early_end is None:
        raise AlreadyDecided("This line is already approved in part: somebody decided it before you. Reload the page.")
    if early_end is None:
        check_reversal(
            line_of_business=line.case.product.line_of_business, current=LineStatus(line.status), because="",
            letter_was_sent=True,
        )  # fmt: skip
    licence = licence_to_deny(line, by=by, on=_plan_day(line, at))
    check_statement(line, by=by, at=at)
    if outcome is LineStatus.PARTIALLY_APPROVED and early_end is None:
        check_said_of_listed(line, statements.get(LISTED, ""), at=at)
    check_may_sign(signer_of(reason_class), is_clinical=True)
    check_conditions(line, reason_class)
    if not line.case.is_sandbox:
        check_not_deemed_approved(line)
        # An early end looks forward: what was approved until its last day stands whole, so nothing is taken back.
        stands = early_end.segment.units if early_end is not None else units
        check_protections(
            line, reason_class=reason_class, units=stands or Decimal(0), legal_reason=legal_reason, at=at,
            cited_authority=cited_authority,
        )  # fmt: skip
        check_sought(
            line, reason_class=reason_class, statement=statements.get(Law.INFORMATION_SOUGHT, ""), at=at
        )  # fmt: skip
        if legal_reason is not None:
            statements = {**statements, Law.APPROVED_BEFORE: _told(legal_reason)}
    rationale, notes = compose_rationale(line, rationale, carried)
    guards = guards_for(
        line, by=by, at=at, answers=node_answers, evidence=evidence, evidence_reason=evidence_reason,
        conversation=conversation, conversation_reason=conversation_reason,
        overturned=len(overturned_like(line, at=at)), different=different, statements=statements,
    )  # fmt: skip
    check_may_say_no(
        guards=guards, rationale=rationale, has_guideline=current_map(line).has_guideline,
        cited_authority=cited_authority,
    )  # fmt: skip
    by_key = {guard.key: guard for guard in guards}
    opened = openings_by(by, line.case)
    documents = {item.pk: item for item in documents_to_open(line.case)}
    supersedes = current_determination(line)
    determination = record_decision(
        line=line,
        decision=Decision(
            outcome=outcome,
            reason_class=reason_class,
            reason=reason,
            rationale=rationale,
            cited_authority=cited_authority,
            licence=f"{licence.kind} {licence.state}",
            specialty=", ".join(sorted(reviewer_facts(by).specialties)),
            node_answers=node_answers,
            evidence_opened=[
                {"attachment": str(documents[key].public_id), "at": when.isoformat()}
                for key, when in opened.items()
                if key in documents
            ],
            evidence_guard=by_key["evidence"].answer or "",
            evidence_guard_reason=by_key["evidence"].reason,
            conversation_guard=by_key["conversation"].answer or "",
            conversation_guard_reason=by_key["conversation"].reason,
            different_from_overturned=different.strip(),
            statements={key: words.strip() for key, words in statements.items() if words.strip()},
            supersedes=supersedes,
            supersedes_because=early_end.because if early_end else "reopening" if supersedes else "",
            early_end=early_end,
            is_sandbox=is_sandbox,
            units=units,
            certified=certified,
        ),
        by=by,
        at=at,
        is_read_twice=True,
    )
    keep_carried(determination, notes, by=by, at=at)
    return determination
