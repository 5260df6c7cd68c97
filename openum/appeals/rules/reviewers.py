"""Who may decide an appeal: somebody new, above nobody's word, of the right field, licensed, without an interest.

The same facts are shown to the coordinator who chooses, and raise when a decision is tried: nothing is checked only on
a page (42 CFR 422.590(h), 438.406(b)(2), 29 CFR 2560.503-1(h)(3), who-may-decide matrix).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from openum.accounts.rules import Permission, ReviewerFacts
from openum.appeals.rules.law import AppealLaw
from openum.vocabulary.errors import NotAllowed


class ReviewerNotIndependent(NotAllowed):
    """This person may not decide this appeal."""

    code: ClassVar[str] = "reviewer-not-independent"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What the rules need to know of somebody who might decide an appeal.

    Attributes:
        key: who, as a stable key.
        superiors: everybody above in the reporting line.
        interests: why there is a conflict of interest, in words; empty when there is none.
        has_attested: signed that there is none, for this appeal.
    """

    key: str
    facts: ReviewerFacts
    superiors: frozenset[str] = frozenset()
    interests: tuple[str, ...] = ()
    has_attested: bool = False


@dataclass(frozen=True, kw_only=True)
class Need:
    """What the appeal asks of its reviewer.

    Attributes:
        involved: everybody who took part in an earlier decision on the line, at any level.
        specialty: the field that judges the service; empty when no field is named.
    """

    law: AppealLaw
    involved: frozenset[str]
    specialty: str
    state: str
    on: date


@dataclass(frozen=True, slots=True)
class Check:
    """One condition, whether it holds, and the sentence that says why."""

    key: str
    holds: bool
    words: str


def assess(candidate: Candidate, need: Need) -> list[Check]:
    """Return every condition with its answer, the ones that fail explained as well as the others."""
    facts, law = candidate.facts, need.law.reviewer
    over = candidate.superiors & need.involved
    kinds = need.law.licences_for(need.specialty)
    licence = any(
        licence.kind in kinds
        and licence.is_valid(on=need.on)
        and (not law.must_hold_product_state or licence.state == need.state)
        for licence in facts.licences
    )
    fit = need.law.fields_like(need.specialty) if need.specialty else facts.specialties
    common = sorted(facts.specialties & fit)
    where = f" in {need.state}" if law.must_hold_product_state else ""
    return [
        Check("person", not facts.is_machine, "A person." if not facts.is_machine else "Software decides no appeal."),
        Check(
            "permission",
            Permission.DECIDE_APPEALS in facts.permissions,
            "May decide appeals."
            if Permission.DECIDE_APPEALS in facts.permissions
            else "The role does not decide appeals.",
        ),
        Check(
            "not_involved",
            candidate.key not in need.involved,
            "Took no part in the decision."
            if candidate.key not in need.involved
            else "Took part in the decision that is appealed.",
        ),
        Check(
            "not_subordinate",
            not (law.not_subordinate and over),
            "Reports to nobody who took part."
            if not over
            else "Reports to somebody who took part in the decision that is appealed.",
        ),
        Check(
            "licence",
            licence,
            f"Valid {' or '.join(kinds)} licence{where}."
            if licence
            else f"No valid {' or '.join(kinds)} licence{where} today.",
        ),
        Check(
            "field",
            not need.specialty or bool(common),
            f"Same or similar field: {', '.join(common)}."
            if common
            else f"Not of the field that judges this service ({need.specialty}), nor of a similar one.",
        ),
        Check(
            "interest",
            not candidate.interests,
            "No known conflict of interest." if not candidate.interests else " ".join(candidate.interests),
        ),
    ]


def is_fit(checks: Sequence[Check]) -> bool:
    """Say whether every condition holds."""
    return all(check.holds for check in checks)


def check_may_be_assigned(candidate: Candidate, need: Need) -> list[Check]:
    """Refuse a reviewer who may not decide this appeal; return the conditions for the record.

    Raises:
        ReviewerNotIndependent: naming the conditions that do not hold.
    """
    checks = assess(candidate, need)
    failed = [check.words for check in checks if not check.holds]
    if failed:
        raise ReviewerNotIndependent(
            f"This person may not decide this appeal. {' '.join(failed)} Choose another reviewer ({need.law.reviewer.law})."
        )
    return checks


def check_may_decide_appeal(candidate: Candidate, need: Need) -> list[Check]:
    """Refuse a decision by somebody unfit, asked again at the instant of the decision: licences and roles change.

    Raises:
        ReviewerNotIndependent: unfit now, or the absence of a conflict was not attested.
    """
    checks = check_may_be_assigned(candidate, need)
    if not candidate.has_attested:
        raise ReviewerNotIndependent(
            "Attest first that you have no conflict of interest in this appeal. The statement is kept with the decision."
        )
    return checks


def check_may_reverse_early(candidate: Candidate, need: Need) -> list[Check]:
    """Refuse an early reversal by somebody unfit; where the law admits it, the first decider may take the no back.

    Raises:
        ReviewerNotIndependent: unfit, or the law of this line of business wants somebody new for a reversal too.
    """
    checks = assess(candidate, need)
    excused = {"not_involved", "not_subordinate", "field"} if need.law.reversal_by_first_decider else set()
    failed = [check.words for check in checks if not check.holds and check.key not in excused]
    if failed:
        raise ReviewerNotIndependent(
            f"This person may not reverse this decision. {' '.join(failed)} ({need.law.reviewer.law})."
        )
    return checks
