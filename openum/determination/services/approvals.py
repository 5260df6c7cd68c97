"""Approving a line as asked: by a nurse when every criterion is met, by a physician also otherwise."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import reviewer_facts, scope_of
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.cases.rules import check_transition
from openum.cases.services import lock_line
from openum.criteria.queries import current_map
from openum.determination.barred import check_not_barred
from openum.determination.models import Determination
from openum.determination.network import Standing, standing_of
from openum.determination.queries import current_determination, licence_to_approve
from openum.determination.rules import (
    AlreadyDecided,
    RationaleMissing,
    ReversalNeedsReopening,
    check_may_approve_as_nurse,
    check_reversal,
)
from openum.determination.services.appeals import ON_APPEAL
from openum.determination.services.record import Decision, record_decision
from openum.determination.services.telling import state_network
from openum.review.models import PeerToPeer
from openum.vocabulary.terms import FindingValue, LineStatus, NetworkStatus, ReasonClass

_REVERSIBLE = {LineStatus.DENIED, LineStatus.PARTIALLY_APPROVED, LineStatus.DISMISSED}


@permitted(Permission.APPROVE_LINES, on="line.case")
@transaction.atomic
def approve_line(
    *,
    line: ServiceLine,
    by: User,
    at: datetime,
    rationale: str = "",
    cited_authority: str = "",
    because: str = "",
    network: NetworkStatus | None = None,
    plan_pays: Decimal | None = None,
) -> Determination:
    """Approve a line in full.

    Args:
        network: how the provider stands to the network, stated with the approval where the letter has to tell it;
            None keeps what is known.
        plan_pays: US dollars that the plan pays, outside the network only.
        because: why an earlier decision is superseded: peer_to_peer or correction. On a reopened line it is always the
            reopening; an appeal is decided by its own service.

    Raises:
        CriteriaNotMet: a nurse, and not every criterion is met.
        ReviewerNotQualified: the approval judges the care, and no licence is valid on the day of the decision.
        ConflictOfInterest: an interest in the request.
        GroundMissing: no guideline of ours applies and no authority is cited.
        RationaleMissing: a physician reverses or departs from the criteria without saying why.
        ReversalNeedsReopening: Medicare Advantage after the letter (settled point 8), no reason given, or a reopening
            named that is not on record.
        IllegalTransition: the line cannot become approved.
        AlreadyDecided: it is approved already.
        ProviderBarred: a provider stands on an exclusion or preclusion list, and no physician says why it may be.
        SecondReadingMissing: the plan wants a second clinician to agree to such an approval.
        Invalid: outside the network without an amount, or an amount inside it.
        NetworkNotTold: the letter in New York would lack it.
    """
    line = lock_line(line)
    check_transition(current=LineStatus(line.status), target=LineStatus.APPROVED)
    if line.status == LineStatus.APPROVED and not because:
        raise AlreadyDecided("This line is already approved: somebody decided it before you. Reload the page.")
    is_physician = Permission.DECIDE_ADVERSELY in scope_of(by).permissions
    picture = current_map(line)
    all_met = picture.has_guideline and picture.value == FindingValue.MET
    check_may_approve_as_nurse(
        is_physician=is_physician,
        has_guideline=picture.has_guideline,
        all_met=all_met,
        authority=cited_authority,
    )
    today = at.astimezone(ZoneInfo(line.case.product.time_zone)).date()
    licence = licence_to_approve(line, by=by, on=today, is_judged=not all_met)
    check_not_barred(line, is_physician=is_physician, rationale=rationale, at=at)
    supersedes = current_determination(line)
    if LineStatus(line.status) in _REVERSIBLE:
        _check_may_reverse(line, supersedes, because=because, is_physician=is_physician)
    elif line.status != LineStatus.APPROVED and supersedes is not None:
        because = "reopening"
    if is_physician and not all_met and not rationale.strip():
        raise RationaleMissing("Say in a sentence why you approve although not every criterion is met.")
    _state_network(line, network, plan_pays, by=by, at=at)
    return record_decision(
        line=line,
        decision=Decision(
            outcome=LineStatus.APPROVED,
            reason_class=ReasonClass.CRITERIA_MET if all_met else ReasonClass.OTHER,
            reason="criteria-met" if all_met else "clinical-judgment",
            rationale=rationale,
            cited_authority=cited_authority,
            licence=licence,
            specialty=", ".join(sorted(reviewer_facts(by).specialties)),
            supersedes=supersedes,
            supersedes_because=(because or "correction") if supersedes else "",
        ),
        by=by,
        at=at,
        is_read_twice=True,
    )


def _state_network(
    line: ServiceLine, network: NetworkStatus | None, plan_pays: Decimal | None, *, by: User, at: datetime
) -> None:
    """Keep what an approval says of the network, unless it is what stands already."""
    if network is None and plan_pays is not None:
        network = NetworkStatus.OUT_OF_NETWORK
    if network is None or standing_of(line) == Standing(status=network, plan_pays=plan_pays):
        return
    state_network(line=line, status=network, plan_pays=plan_pays, by=by, at=at)


def _check_may_reverse(line: ServiceLine, standing: Determination | None, *, because: str, is_physician: bool) -> None:
    if not is_physician or not because:
        raise ReversalNeedsReopening(
            "A decision stands on this line. A physician may reverse it after a conversation, an appeal or a reopening."
        )
    if because in ON_APPEAL:
        raise ReversalNeedsReopening(
            "An appeal is decided by somebody who took no part before, on the appeal itself. Open it on the docket."
        )
    if because == "reopening":
        raise ReversalNeedsReopening("Reopen the decision first: with its ground and an explanation for the record.")
    held = (
        standing is not None
        and PeerToPeer.objects.filter(line=line, state=PeerToPeer.HELD, held_to__gte=standing.decided_at).exists()
    )
    if because == "peer_to_peer" and not held:
        raise ReversalNeedsReopening("No conversation is on record since the decision. Record it first.")
    check_reversal(
        line_of_business=line.case.product.line_of_business,
        current=LineStatus(line.status),
        because=because,
        letter_was_sent=standing is not None,
    )
