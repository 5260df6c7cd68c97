"""What an appeal or an outside reviewer changes on a line: a new determination, the earlier one kept beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from openum.accounts.models import User
from openum.cases.models import ServiceLine
from openum.cases.rules import OPEN_STATUSES, check_actor_may_set, check_transition
from openum.cases.services import lock_line
from openum.determination.barred import check_said_of_listed, listed_statement
from openum.determination.models import Determination
from openum.determination.models.decisions import BY_OUTSIDE_REVIEW
from openum.determination.queries import current_determination
from openum.determination.reasons import kept_statement
from openum.determination.rules import AlreadyDecided, GuardAnswer, RationaleMissing
from openum.determination.services.record import Decision, record_decision
from openum.vocabulary.terms import LineStatus, ReasonClass

ON_APPEAL = frozenset({"appeal", "external_review"})
"""Why a determination supersedes another: the plan's own second look, or the order of somebody outside."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """On what a reversal rests and who answers for it. Checked by the caller against the law of appeals.

    Attributes:
        because: `appeal` or `external_review`.
        licence: of the reviewer, or the name of the outside body whose order is carried out.
        listed: where a provider stands on an exclusion list: who gives the care instead, or why it may be paid.
        words_kept: why words of the reason stay that are hard for the member to read.
    """

    because: str
    rationale: str
    licence: str
    specialty: str = ""
    cited_authority: str = ""
    node_answers: Mapping[str, str] = field(default_factory=dict)
    evidence_opened: tuple[dict[str, str], ...] = ()
    evidence_guard: GuardAnswer = GuardAnswer.NOT_APPLICABLE
    evidence_reason: str = ""
    listed: str = ""
    words_kept: str = ""


@transaction.atomic
def reverse_on_appeal(
    *, line: ServiceLine, units: Decimal | None, ground: Ground, by: User, at: datetime
) -> Determination:
    """Approve a line on appeal, in full or in part; authorization, letters and clocks follow as after any decision.

    Args:
        units: what is given in all where it is less than asked; None for all.

    Raises:
        RationaleMissing: no reason.
        ProviderBarred: a provider stands on an exclusion list, and nothing says who gives the care or why it may be paid.
        MachineMayNot: software.
        IllegalTransition: the line cannot be approved from where it stands.
    """
    target = LineStatus.APPROVED if units is None else LineStatus.PARTIALLY_APPROVED
    line = lock_line(line)
    check_actor_may_set(target=LineStatus.DENIED, by_machine=by.is_machine)  # an appeal is no machine's matter
    check_transition(current=LineStatus(line.status), target=target)
    if not ground.rationale.strip():
        raise RationaleMissing("Say in a sentence why the decision changes. The letter quotes it.")
    check_said_of_listed(line, ground.listed, at=at)
    return record_decision(
        line=line,
        decision=Decision(
            outcome=target,
            reason_class=ReasonClass.OTHER if units is None else ReasonClass.NOT_MEDICALLY_NECESSARY,
            reason="clinical-judgment" if units is None else "fewer-units",
            rationale=ground.rationale,
            cited_authority=ground.cited_authority or ("" if units is None else ground.because.replace("_", " ")),
            licence=ground.licence,
            specialty=ground.specialty,
            node_answers=dict(ground.node_answers),
            evidence_opened=list(ground.evidence_opened),
            evidence_guard=ground.evidence_guard,
            evidence_guard_reason=ground.evidence_reason or "An outside reviewer looked at the file.",
            conversation_guard=GuardAnswer.NOT_APPLICABLE,
            conversation_guard_reason="An appeal is decided on the file; the clinician could add to it.",
            supersedes=current_determination(line),
            supersedes_because=ground.because,
            statements=listed_statement(ground.listed) | kept_statement(ground.words_kept),
            units=units,
        ),
        by=by,
        at=at,
    )


@transaction.atomic
def keep_outside_no(*, line: ServiceLine, ground: Ground, by: User, at: datetime) -> Determination:
    """Keep the no of an outside body on a line that the plan itself never decided (42 CFR 423.568(h), 423.600).

    The body decided, not who writes it down: its name stands where a clinician's licence stands, and the plan writes
    no denial letter of its own.

    Raises:
        RationaleMissing: no reason.
        MachineMayNot: software.
        AlreadyDecided: the plan decided it meanwhile.
    """
    line = lock_line(line)
    check_actor_may_set(target=LineStatus.DENIED, by_machine=by.is_machine)
    if LineStatus(line.status) not in OPEN_STATUSES:
        raise AlreadyDecided("This line is decided. What the outside body says about that decision stands beside it.")
    if not ground.rationale.strip():
        raise RationaleMissing("Write what the outside body decided and why.")
    supersedes = current_determination(line)
    return record_decision(
        line=line,
        decision=Decision(
            outcome=LineStatus.DENIED,
            reason_class=ReasonClass.OTHER,
            reason="clinical-judgment",
            rationale=ground.rationale,
            cited_authority=ground.cited_authority,
            licence=ground.licence,
            evidence_guard=GuardAnswer.NOT_APPLICABLE,
            evidence_guard_reason="The outside body decided on the file that was sent to it.",
            conversation_guard=GuardAnswer.NOT_APPLICABLE,
            conversation_guard_reason="The outside body hears whom it wants to hear.",
            supersedes=supersedes,
            supersedes_because=ground.because if supersedes else "",
            function=BY_OUTSIDE_REVIEW,
        ),
        by=by,
        at=at,
    )
