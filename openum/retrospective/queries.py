"""Reads of leads and of claims under review. Every one starts from what the actor may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.cases.queries import cases_visible_to
from openum.cases.rules import OPEN_STATUSES
from openum.determination.models import AuthorizationSegment, Determination
from openum.determination.queries import current_determination, determinations_of
from openum.retrospective.models import ClaimFinding, ClaimHold, ClaimLine, Lead, Rebuttal
from openum.retrospective.rules.findings import Issue, check_reason, pay_by
from openum.retrospective.rules.leads import LeadState
from openum.retrospective.rules.outcomes import Outcome, outcome_of
from openum.retrospective.rules.patterns import Counted, PatternKey
from openum.retrospective.terms import Term, terms
from openum.vocabulary.terms import LineStatus, ReasonClass

LEADS_READERS = (Permission.REVIEW_LINES,)


def leads_visible_to(user: User) -> QuerySet[Lead]:
    """Leads of the plans for which an actor reviews."""
    return Lead.objects.filter(plan__in=scope_of(user).plans_with(*LEADS_READERS)).select_related(
        "plan", "settled_by", "taken_up_as__line__case__product", "taken_up_as__line__request"
    )


def claim_lines_visible_to(user: User) -> QuerySet[ClaimLine]:
    """Claim lines of cases an actor may see."""
    return ClaimLine.objects.filter(line__case__in=cases_visible_to(user).values("pk")).select_related(
        "line__request", "line__case__plan", "line__case__product", "line__case__member"
    )


def findings_visible_to(user: User) -> QuerySet[ClaimFinding]:
    """Findings of cases an actor may see."""
    return ClaimFinding.objects.filter(claim_line__line__case__in=cases_visible_to(user).values("pk")).select_related(
        "claim_line__line__case__plan", "claim_line__line__case__product", "made_by", "rebuttal"
    )


def findings_for_office(user: User) -> QuerySet[ClaimFinding]:
    """Findings that went to an actor's provider organizations; those that a later one replaced stay readable."""
    offices = scope_of(user).organizations_with(Permission.SEE_ORGANIZATION_CASES)
    return findings_visible_to(user).filter(claim_line__line__case__organization__in=offices, sent_at__isnull=False)


def check_decision(line: ServiceLine, reason_class: ReasonClass) -> None:
    """Refuse a no to a claim line that its finding does not carry (registered with the decisions)."""
    claim_line = ClaimLine.objects.filter(line=line).first()
    finding = ClaimFinding.objects.filter(claim_line=claim_line).order_by("-version").first() if claim_line else None
    check_reason(
        issue=Issue(finding.issue) if finding else None,
        is_claim=claim_line is not None,
        was_sent=finding is not None and finding.sent_at is not None,
        has_open_rebuttal=Rebuttal.objects.filter(
            finding__claim_line=claim_line, agrees=False, settled_at__isnull=True
        ).exists()
        if claim_line
        else False,
        reason=reason_class,
    )


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a claim line stands: what was billed, found, answered, decided and held; and by when it is to be paid.

    Attributes:
        pay_by: end of the time to pay or deny; None where no term is published. A hold does not move it.
        decisions: every decision, the first one first; a reopening keeps them all.
    """

    claim_line: ClaimLine
    outcome: Outcome
    findings: tuple[ClaimFinding, ...]
    decisions: tuple[Determination, ...]
    hold: ClaimHold | None
    pay_term: Term | None
    pay_by: datetime | None


def standing_of(claim_line: ClaimLine) -> Standing:
    """Return where a claim line stands."""
    line = claim_line.line
    decision = current_determination(line)
    hold = claim_line.holds.filter(released_at__isnull=True).first()
    product = line.case.product
    term = terms().prompt_pay.get(product.line_of_business)
    code, units = _certified(line, decision)
    return Standing(
        claim_line=claim_line,
        outcome=outcome_of(
            status=LineStatus(line.status), is_open=line.status in OPEN_STATUSES, is_held=hold is not None,
            billed=(line.code, line.requested_units), certified=(code, units),
        ),
        findings=tuple(
            claim_line.findings.select_related("made_by", "rebuttal__settled_by", "rebuttal__document").order_by("version")
        ),
        decisions=tuple(determinations_of(line)),
        hold=hold,
        pay_term=term,
        pay_by=pay_by(line.request.received_at, days=term.days, zone=product.time_zone) if term else None,
    )  # fmt: skip


def _certified(line: ServiceLine, decision: Determination | None) -> tuple[str, Decimal | None]:
    """Return what a decision approved of a line: code and units; what was billed where it approved nothing else."""
    segment = (
        AuthorizationSegment.objects.filter(determination=decision, superseded_at__isnull=True).order_by("pk").first()
        if decision is not None
        else None
    )
    return (segment.code, segment.units) if segment is not None else (line.code, line.requested_units)


def standings(claim_lines: Iterable[ClaimLine]) -> list[Standing]:
    """Return where several claim lines stand."""
    return [standing_of(each) for each in claim_lines]


def counted(leads: Iterable[Lead]) -> list[Counted]:
    """Return leads for the board of patterns, each with what became of its line."""
    rows = list(leads)
    taken = {lead.taken_up_as_id: lead.taken_up_as for lead in rows if lead.taken_up_as is not None}
    outcomes = {key: standing_of(claim_line).outcome for key, claim_line in taken.items()}
    return [
        Counted(
            key=PatternKey(
                service=lead.procedure or lead.drg, diagnosis=lead.diagnosis, provider=lead.provider,
                population=lead.payer,
            ),
            state=LeadState(lead.state),
            outcome=outcomes.get(lead.taken_up_as_id),
            amount_cents=lead.amount_cents,
        )
        for lead in rows
    ]  # fmt: skip
