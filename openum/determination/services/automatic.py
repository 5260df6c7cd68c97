"""What software does by itself: approve by a published rule, ask, or pass to a person. It has no other outcome.

Sandbox plans add one more way: a signed-in demo physician has armed the next answer; it is recorded as that person's
determination by the ordinary services (settled point 7).
"""

from datetime import datetime, timedelta
from decimal import Decimal

from openum import jobs
from openum.accounts.models import User
from openum.accounts.queries import rules_engine
from openum.audit import Recorded
from openum.cases import working
from openum.cases.events import DocumentReceived, InformationReceived
from openum.cases.kinds import FORM
from openum.cases.models import Attachment, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.cases.services import ItemAsked, lock_line, set_line_status
from openum.criteria.events import CriteriaEvaluated
from openum.criteria.queries import approval_rule_for, current_map, governing_date
from openum.criteria.services import evaluate_line
from openum.determination.added_codes import Why
from openum.determination.barred import barred_for
from openum.determination.models import AddedCode
from openum.determination.network import lacks_network
from openum.determination.queries import open_leaves, sandbox_rule_for
from openum.determination.rules import GuardAnswer
from openum.determination.services.adverse import deny_line, partially_approve_line
from openum.determination.services.alternatives import approve_alternative
from openum.determination.services.record import Decision, record_decision
from openum.determination.services.second_readings import asked_for
from openum.directory.models import Policy
from openum.intake.events import LineTriaged
from openum.intake.models import EligibilityCheck
from openum.intake.queries import latest_check
from openum.intake.rules import Triage
from openum.review.services import ask_for_information
from openum.submission.arming import ASKS, LATER, SandboxAnswer, other_service
from openum.submission.models import SandboxArming
from openum.submission.services import arming_of
from openum.vocabulary.terms import Channel, FindingValue, LineStatus, ReasonClass, RequestKind

_SANDBOX_RATIONALE = (
    "This is a test answer that a demonstration physician chose in advance. It says nothing about a real person."
)
_SANDBOX_AUTHORITY = "sandbox plan, demonstration terms, page 1"
_SANDBOX_REASON = "Sandbox answer armed in advance; no real person is concerned."


def _engine() -> User:
    """Return the machine actor, read once a transaction."""
    at_hand: User | None = working.recall("engine")
    if at_hand is None:
        at_hand = rules_engine()
        working.remember("engine", at_hand)
    return at_hand


def _line_of(event: LineTriaged | CriteriaEvaluated) -> ServiceLine:
    return lock_line(working.lines_by_public_id(event.line_ids[:1])[0])


def _arming_for(line: ServiceLine) -> SandboxArming | None:
    if not line.case.is_sandbox:
        return None
    return arming_of(line.request.submission)


def follow_triage(event: LineTriaged, recorded: Recorded) -> None:
    """After triage: give an armed sandbox answer, send to intake what must be put right, else evaluate the criteria."""
    line = _line_of(event)
    if LineStatus(line.status) not in OPEN_STATUSES:
        return
    arming = _arming_for(line)
    if arming is not None:
        _give_armed_answer(line, arming, at=recorded.at)
    elif event.outcome == Triage.TO_INTAKE:
        _pend(line, at=recorded.at, cause="the code is not valid on the date of service")
    else:
        evaluate_line(line=line, by=_engine(), at=recorded.at)


def follow_criteria(event: CriteriaEvaluated, recorded: Recorded) -> None:
    """After the criteria: approve by a published rule when all is met and in order; else ask, or pass to a person."""
    line = _line_of(event)
    if LineStatus(line.status) not in OPEN_STATUSES or line.status == LineStatus.PENDED_WITH_PHYSICIAN:
        return
    if _approve_by_rule(line, event, at=recorded.at):
        return
    if line.status == LineStatus.RECEIVED and _ask_for_what_is_missing(line, at=recorded.at):
        return
    if line.status == LineStatus.RECEIVED:
        _pend(line, at=recorded.at, cause=_why_a_person(line, at=recorded.at))


def follow_information(event: InformationReceived, recorded: Recorded) -> None:
    """When everything asked for has arrived, evaluate the criteria again; all met approves by rule as at first."""
    if not event.is_complete:
        return
    for line in ServiceLine.objects.filter(public_id__in=event.line_ids).order_by("pk"):
        if LineStatus(line.status) in OPEN_STATUSES:
            evaluate_line(line=lock_line(line), by=_engine(), at=recorded.at)


def follow_documents(event: DocumentReceived, recorded: Recorded) -> None:
    """When clinical data arrive unasked on an open case, evaluate its criteria again; the lines of a request that is
    just being taken in are evaluated with what came with it.
    """
    at_hand = working.current()
    if event.case_id is None or (at_hand is not None and at_hand.is_new_case):
        return
    if not Attachment.objects.filter(public_id__in=event.attachment_ids, kind=Attachment.FHIR).exists():
        return
    waiting = sorted(OPEN_STATUSES - {LineStatus.RECEIVED})
    own = [line.pk for line in at_hand.lines] if at_hand is not None else []
    lines = ServiceLine.objects.filter(case__public_id=event.case_id, status__in=waiting).exclude(pk__in=own)
    for line in lines.order_by("pk"):
        evaluate_line(line=lock_line(line), by=_engine(), at=recorded.at)


def _in_order(check: EligibilityCheck | None, line: ServiceLine) -> bool:
    """Say whether coverage and providers let a rule approve; a member's own request always goes to a person."""
    return (
        check is not None
        and check.is_covered
        and check.are_providers_in_order
        and check.is_code_valid is not False
        and line.request.standing == "provider"
        and not line.case.member.has_court_order
    )


def _is_barred_since(check: EligibilityCheck | None, line: ServiceLine, *, at: datetime) -> bool:
    """Say whether a provider of a line came on an exclusion list since its providers were checked."""
    return check is not None and check.checked_at != at and bool(barred_for(line, at=at))


def _why_a_person(line: ServiceLine, *, at: datetime) -> str:
    check = latest_check(line)
    if check is not None and (not check.are_providers_in_order or _is_barred_since(check, line, at=at)):
        return "a provider is not in order: read why before an approval"
    if lacks_network(line):
        return "say what the plan pays out of network before an approval"
    return "a person must look at it"


def _approve_by_rule(line: ServiceLine, event: CriteriaEvaluated, *, at: datetime) -> bool:
    check = latest_check(line)
    if not _in_order(check, line) or _is_barred_since(check, line, at=at) or lacks_network(line):
        return False
    matched = approval_rule_for(line) if event.value == FindingValue.MET else None
    permitted = None if matched else _permitted_addition(line)
    rule = matched.policy if matched else permitted or sandbox_rule_for(line, on=governing_date(line))
    if rule is None:
        return False
    is_met = matched is not None or permitted is not None
    reason_class = ReasonClass.CRITERIA_MET if is_met else ReasonClass.REFERRAL_RULE
    if asked_for(line, outcome=LineStatus.APPROVED, reason_class=reason_class, at=at) is not None:
        return False  # two people make this decision: software passes it to them
    record_decision(
        line=line,
        decision=Decision(
            outcome=LineStatus.APPROVED,
            reason_class=reason_class,
            reason="criteria-met" if is_met else "referral-rule",
            approval_rule=rule,
            is_sandbox=line.case.is_sandbox,
        ),
        by=_engine(),
        at=at,
    )
    return True


def _permitted_addition(line: ServiceLine) -> Policy | None:
    """Return the policy by which a code may be added to an approved operation, where one permits this line."""
    if line.request.kind != RequestKind.RETROSPECTIVE:
        return None
    added = AddedCode.objects.select_related("policy").filter(line=line, why=Why.PERMITTED).first()
    return added.policy if added else None


def _ask_for_what_is_missing(line: ServiceLine, *, at: datetime) -> bool:
    """Ask for what the criteria want that can still change the outcome. Asking is not deciding."""
    items = [
        ItemAsked(
            line=line,
            leaf=leaf.key,
            text=leaf.to_satisfy.en or leaf.question.en,
            document_kind=leaf.documents[0] if leaf.documents else "",
        )
        for leaf in current_map(line).questions
        if leaf.documents
    ]
    if not items or line.request.standing != "provider":
        return False
    ask_for_information(case=line.case, request=line.request, items=items, by=_engine(), at=at)
    return True


def _pend(line: ServiceLine, *, at: datetime, cause: str) -> None:
    if line.status == LineStatus.RECEIVED:
        set_line_status(line, LineStatus.PENDED_WITH_PAYER, by=_engine(), at=at, cause=cause)


def _give_armed_answer(line: ServiceLine, arming: SandboxArming, *, at: datetime) -> None:
    physician, answer = arming.armed_by, SandboxAnswer(arming.answer)
    if answer == SandboxAnswer.APPROVE:
        _approve_for_sandbox(line, physician, at=at)
    elif answer == SandboxAnswer.DENY:
        _deny_for_sandbox(line, physician, at=at)
    elif answer == SandboxAnswer.MODIFY:
        partially_approve_line(
            line=line, units=_half_of(line.requested_units), by=physician, at=at, rationale=_SANDBOX_RATIONALE,
            node_answers=dict.fromkeys(open_leaves(line), _SANDBOX_REASON), cited_authority=_SANDBOX_AUTHORITY,
            evidence=GuardAnswer.NOT_APPLICABLE, evidence_reason=_SANDBOX_REASON,
            conversation=GuardAnswer.NOT_APPLICABLE, conversation_reason=_SANDBOX_REASON, is_sandbox=True,
        )  # fmt: skip
    elif answer == SandboxAnswer.MODIFY_CODE:
        _approve_another_for_sandbox(line, arming, at=at)
    elif answer in ASKS:
        wanted = _wanted_in_sandbox(line, answer)
        ask_for_information(case=line.case, request=line.request, items=[wanted], by=_engine(), at=at)
    else:
        _pend(line, at=at, cause="sandbox answer: pend")
        if answer in LATER:
            jobs.enqueue(
                "determination.sandbox_answer",
                {"line": str(line.public_id), "arming": str(arming.public_id)},
                run_at=at + timedelta(seconds=arming.delay_seconds),
                dedupe_key=f"sandbox-answer:{line.public_id}",
            )


def prepare_sandbox_answer(*, line: ServiceLine, arming: SandboxArming, at: datetime) -> None:
    """Give the decision that was armed for later, if the line still waits."""
    line = lock_line(line)
    if not line.case.is_sandbox or LineStatus(line.status) not in OPEN_STATUSES:
        return
    if arming.answer == SandboxAnswer.PEND_THEN_DENY:
        _deny_for_sandbox(line, arming.armed_by, at=at)
    else:
        _approve_for_sandbox(line, arming.armed_by, at=at)


def _deny_for_sandbox(line: ServiceLine, physician: User, *, at: datetime) -> None:
    deny_line(
        line=line, by=physician, at=at, rationale=_SANDBOX_RATIONALE, cited_authority=_SANDBOX_AUTHORITY,
        node_answers=dict.fromkeys(open_leaves(line), _SANDBOX_REASON),
        evidence=GuardAnswer.NOT_APPLICABLE, evidence_reason=_SANDBOX_REASON,
        conversation=GuardAnswer.NOT_APPLICABLE, conversation_reason=_SANDBOX_REASON, is_sandbox=True,
    )  # fmt: skip


def _approve_for_sandbox(line: ServiceLine, physician: User, *, at: datetime) -> None:
    record_decision(
        line=line,
        decision=Decision(
            outcome=LineStatus.APPROVED,
            reason_class=ReasonClass.OTHER,
            reason="clinical-judgment",
            rationale=_SANDBOX_RATIONALE,
            is_sandbox=True,
        ),
        by=physician,
        at=at,
    )


def _approve_another_for_sandbox(line: ServiceLine, arming: SandboxArming, *, at: datetime) -> None:
    """Certify another service: who chose this answer accepts it for the requester whose system is tested."""
    code_system, code, code_end = other_service(line.code_system, line.code, line.code_end)
    approve_alternative(
        line=line, code_system=code_system, code=code, code_end=code_end, by=arming.armed_by, at=at, rationale=_SANDBOX_RATIONALE,
        accepted_by=(arming.chosen_by or arming.armed_by).name, channel=Channel(line.request.channel),
        cited_authority=_SANDBOX_AUTHORITY,
    )  # fmt: skip


def _wanted_in_sandbox(line: ServiceLine, answer: SandboxAnswer) -> ItemAsked:
    if answer == SandboxAnswer.ASK_FOR_FORM:
        return ItemAsked(line=line, text="The plan's form for this service, answered", document_kind=FORM)
    text = "Clinical notes of the three months before the service"
    return ItemAsked(line=line, text=text, document_kind="visit-note", months_back=3)


def _half_of(units: Decimal | None) -> Decimal:
    """Half of what was asked, at least a half unit: something to approve in part."""
    if units is None or units <= 1:
        return Decimal("0.5")
    return (units / 2).to_integral_value()
