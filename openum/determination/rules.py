"""Who may decide what, and what must be true before somebody says no. No database, no clock, no web.

Machines approve or pass; only a clinician fit for the service decides against it (42 CFR 422.566(d), 438.210(b)(3)).
A guard never forces a breach: each can be done, attempted, found not to exist, or not apply, always with a reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

from openum.accounts.rules import LicenceFact, Permission, PermissionRefused, ReviewerFacts
from openum.review.rules.offers import STILL_OPEN, OfferTerms, Opportunity, TalkFacts, opportunity
from openum.vocabulary.errors import Conflict, Invalid, NotAllowed
from openum.vocabulary.sentences import sentence
from openum.vocabulary.terms import LineOfBusiness, LineStatus

DECIDERS = "deciders"
"""Kind of the policy rows that say who is fit to decide."""
SANDBOX_RULE = "sandbox-rule"
"""Kind of the policy rows that approve in sandbox plans without criteria."""


class ReviewerNotQualified(PermissionRefused):
    """The person is not fit to decide against this service."""

    code: ClassVar[str] = "reviewer-not-qualified"


def no_clinician() -> ReviewerNotQualified:
    """Return the refusal of software, and of people whose role decides against nothing."""
    return ReviewerNotQualified(
        "Only a qualified clinician may decide against a request. Refer it to the physician queue."
    )


class ConflictOfInterest(NotAllowed):
    """The person has an interest in the decision."""

    code: ClassVar[str] = "conflict-of-interest"


class GuardOpen(Conflict):
    """Something that must come before a no has not been done."""

    code: ClassVar[str] = "guard-open"


class RationaleMissing(Invalid):
    """A no without a reason that the person can understand."""

    code: ClassVar[str] = "rationale-missing"


class GroundMissing(Invalid):
    """A no that names neither criterion nor authority."""

    code: ClassVar[str] = "ground-missing"


class CriteriaNotMet(Conflict):
    """A nurse may approve only what meets every criterion, and no less than was asked."""

    code: ClassVar[str] = "criteria-not-met"


class ReversalNeedsReopening(Conflict):
    """After a Medicare Advantage letter a reversal is a reopening or an appeal (42 CFR 422.616)."""

    code: ClassVar[str] = "reversal-needs-reopening"


class AlreadyDecided(Conflict):
    """Somebody decided the line a moment ago; a second decision needs a reason that stands on the first."""

    code = "already-decided"


class LessIsAdverse(Invalid):
    """Units of a partial approval are fewer than asked, and more than none."""

    code: ClassVar[str] = "less-is-adverse"


class GuardAnswer(StrEnum):
    """How a guard is satisfied."""

    DONE = "done"
    ATTEMPTED = "attempted"
    NONE_EXISTS = "none_exists"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Guard:
    """One condition before a no: met or not, how, and the sentence that says what is still to do."""

    key: str
    words: str
    answer: GuardAnswer | None
    reason: str

    @property
    def is_met(self) -> bool:
        """Whether the guard is satisfied in one of the four ways."""
        return self.answer is not None


@dataclass(frozen=True, kw_only=True)
class DeciderRow:
    """One row of the table of fit deciders; published as policy, with its source.

    A licence counts by its kind: what the row does not name, as a licence for administrative medicine where only a
    physician's counts, makes nobody fit. The days are half-open; None means without end.
    """

    key: str
    lines_of_business: frozenset[str]
    states: frozenset[str]
    service_specialties: frozenset[str]
    licence_kinds: tuple[str, ...]
    must_hold_product_state: bool
    reviewer_specialties: frozenset[str]
    citation: str
    benefits: frozenset[str] = frozenset()
    effective_from: date | None = None
    effective_to: date | None = None

    def applies(self, asked: "Judged") -> bool:
        """Say whether the row speaks of this line on its day; an empty set in the row means any."""
        return (
            (not self.lines_of_business or asked.line_of_business in self.lines_of_business)
            and (not self.states or asked.state in self.states)
            and (not self.service_specialties or asked.specialty in self.service_specialties)
            and (not self.benefits or asked.benefit in self.benefits)
            and (self.effective_from is None or self.effective_from <= asked.on)
            and (self.effective_to is None or asked.on < self.effective_to)
        )

    @property
    def weight(self) -> int:
        """The more a row names, the more it counts: state law before field, field before benefit and program."""
        return (
            bool(self.states) * 8
            + bool(self.service_specialties) * 4
            + bool(self.benefits) * 2
            + bool(self.lines_of_business)
        )


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What of a line decides who may judge it: the law it lives under, the field, the benefit, the day."""

    line_of_business: str
    state: str
    specialty: str
    on: date
    benefit: str = "medical"


def decider_row(rows: Sequence[DeciderRow], asked: Judged) -> DeciderRow | None:
    """Choose the row that speaks most exactly of a line."""
    fitting = [row for row in rows if row.applies(asked)]
    return max(fitting, key=lambda row: (row.weight, row.key), default=None)


def check_may_deny(
    *, reviewer: ReviewerFacts, row: DeciderRow | None, specialty: str, state: str, on: date
) -> LicenceFact:
    """Refuse a person who is not fit to decide against a service; return the licence that makes them fit.

    Raises:
        ReviewerNotQualified: software, no permission, no valid licence, or another field of medicine.
    """
    if reviewer.is_machine or Permission.DECIDE_ADVERSELY not in reviewer.permissions:
        raise no_clinician()
    if row is None:
        raise ReviewerNotQualified(
            "No published rule says who may decide against this service. Ask compliance to publish one."
        )
    licence: LicenceFact | None = None
    for candidate in reviewer.licences:
        state_fits = not row.must_hold_product_state or not state or candidate.state == state
        if candidate.kind in row.licence_kinds and candidate.is_valid(on=on) and state_fits:
            licence = candidate
            break
    if licence is None:
        where = f" in {state}" if row.must_hold_product_state and state else ""
        raise ReviewerNotQualified(
            f"Your {' or '.join(row.licence_kinds)} licence{where} is missing or not valid today. Hand the case to a colleague."
        )
    if not _field_fits(reviewer.specialties, row, specialty):
        wanted = specialty or "the service's field"
        raise ReviewerNotQualified(
            f"Only a physician reviewer fit for {wanted} can deny this line. Send it to the {wanted} physician queue."
        )
    return licence


def check_no_interest(interests: Sequence[str]) -> None:
    """Refuse a decision by somebody with an interest in it (NCQA UM 4; 45 CFR 147.136(b)(2)(ii)(D)).

    Raises:
        ConflictOfInterest: naming each interest.
    """
    if interests:
        raise ConflictOfInterest(f"{' '.join(interests)} Hand the case to a colleague without an interest in it.")


def _field_fits(specialties: frozenset[str], row: DeciderRow, specialty: str) -> bool:
    if row.reviewer_specialties:
        return bool(specialties & row.reviewer_specialties) or (bool(specialty) and specialty in specialties)
    return not specialty or specialty in specialties


def evidence_guard(
    *, documents: int, opened: int, claimed: GuardAnswer | None = None, claimed_reason: str = ""
) -> Guard:
    """Was the evidence opened by the person who decides?"""
    words = sentence("Every document of the request was opened by you")
    if documents == 0:
        return Guard("evidence", words, GuardAnswer.NONE_EXISTS, "No document was sent with the request.")
    if opened >= documents:
        return Guard("evidence", words, GuardAnswer.DONE, f"{opened} of {documents} documents opened.")
    if claimed in {GuardAnswer.ATTEMPTED, GuardAnswer.NOT_APPLICABLE} and claimed_reason.strip():
        return Guard("evidence", words, claimed, claimed_reason.strip())
    left = documents - opened
    return Guard("evidence", words, None, f"Open {left} more of {documents} documents, or say why it cannot be done.")


_TALK_ANSWERS: dict[Opportunity, tuple[GuardAnswer | None, str]] = {
    Opportunity.HELD: (GuardAnswer.DONE, sentence("The conversation took place.")),
    Opportunity.DECLINED: (GuardAnswer.DONE, sentence("The clinician declined the conversation.")),
    Opportunity.RAN_OUT: (GuardAnswer.DONE, sentence("The conversation was offered; its window ended on {until} unused.")),
    Opportunity.ATTEMPTED: (GuardAnswer.ATTEMPTED, sentence("{attempts} logged attempts to reach the clinician.")),
    Opportunity.NOT_OWED: (
        GuardAnswer.NOT_APPLICABLE, sentence("For this line of business the conversation is offered with the notice."),
    ),
    Opportunity.NOT_OFFERED: (
        None, sentence("Offer the conversation first: here it comes before the decision ({law})."),
    ),
    Opportunity.BOOKED: (None, sentence("A conversation is booked for {booked}. Hold it first, or record that nobody came.")),
    Opportunity.TO_BE_RECORDED: (None, sentence("A conversation was booked for {booked}. Record what came of it.")),
    Opportunity.WRITING_UNREAD: (None, sentence("The clinician answered in writing. Read it and record what came of it.")),
    Opportunity.WINDOW_RUNS: (
        None, sentence("The conversation is offered; its window runs until {until}. Hold it, log that it was declined, or wait ({law})."),
    ),
}  # fmt: skip
_ONE_ATTEMPT = sentence("1 logged attempt to reach the clinician.")
_WINDOW_WITHOUT_END = sentence(
    "The conversation is offered; its window runs. Hold it, log that it was declined, or wait ({law})."
)


def conversation_guard(
    *,
    terms: OfferTerms,
    facts: TalkFacts,
    has_provider: bool,
    at: datetime,
    zone: ZoneInfo,
    claimed: GuardAnswer | None = None,
    claimed_reason: str = "",
) -> Guard:
    """Was the ordering clinician offered a conversation, where it must come first, and was there time to take it?"""
    words = sentence("The ordering clinician was offered a conversation")
    found = opportunity(terms, facts, at=at)
    if found not in {Opportunity.HELD, Opportunity.NOT_OWED} and not has_provider:
        return Guard("conversation", words, GuardAnswer.NONE_EXISTS, "No clinician is named on the request.")
    is_claimed = claimed == GuardAnswer.NOT_APPLICABLE and bool(claimed_reason.strip())
    if is_claimed and (found in STILL_OPEN or found is Opportunity.NOT_OWED):
        return Guard("conversation", words, claimed, claimed_reason.strip())
    answer, said = _TALK_ANSWERS[found]
    if found is Opportunity.ATTEMPTED and facts.attempts == 1:
        said = _ONE_ATTEMPT
    elif found is Opportunity.WINDOW_RUNS and facts.window_ends_at is None:
        said = _WINDOW_WITHOUT_END
    reason = said.format(
        until=_wall_clock(facts.window_ends_at, zone), booked=_wall_clock(facts.booked_for, zone), attempts=facts.attempts,
        law=terms.citation,
    )  # fmt: skip
    return Guard("conversation", words, answer, reason)


def _wall_clock(instant: datetime | None, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z") if instant is not None else ""


def nodes_guard(*, open_leaves: Sequence[str], answers: Mapping[str, str]) -> Guard:
    """Was each criterion that is not met answered by the person who decides?"""
    words = sentence("Each criterion that is not met has your answer")
    missing = [leaf for leaf in open_leaves if not answers.get(leaf, "").strip()]
    if not missing:
        if not open_leaves:
            return Guard("nodes", words, GuardAnswer.NONE_EXISTS, "No criterion is open.")
        return Guard("nodes", words, GuardAnswer.DONE, "Every open criterion is answered.")
    return Guard("nodes", words, None, f"Say for {', '.join(missing)} why it is not met for this person.")


_LEAST_DIFFERENCE = 20


def overturns_guard(*, overturned: int, different: str) -> Guard:
    """Was it said what is different from look-alike denials that did not hold? Only where such a history exists."""
    words = sentence("What is different from denials like this one that were overturned")
    if len(different.strip()) >= _LEAST_DIFFERENCE:
        return Guard("overturns", words, GuardAnswer.DONE, different.strip())
    if overturned == 1:
        return Guard(
            "overturns", words, None, "1 denial like this one was overturned. Say in a sentence what is different here."
        )
    return Guard(
        "overturns", words, None,
        f"{overturned} denials like this one were overturned. Say in a sentence what is different here.",
    )  # fmt: skip


_LEAST_RATIONALE = 20


def check_may_say_no(*, guards: Sequence[Guard], rationale: str, has_guideline: bool, cited_authority: str) -> None:
    """Refuse a no whose conditions are not met.

    Raises:
        GuardOpen: naming what is still to do.
        RationaleMissing: too short to explain anything.
        GroundMissing: no guideline of ours and no cited authority: no citation, no denial.
    """
    for guard in guards:
        if not guard.is_met:
            raise GuardOpen(guard.reason)
    if len(rationale.strip()) < _LEAST_RATIONALE:
        raise RationaleMissing("Write why, in plain words and tied to this person's facts. The letter quotes it.")
    if not has_guideline and not cited_authority.strip():
        raise GroundMissing(
            "No guideline of ours applies. Cite the statute, NCD or LCD section, plan page or licensed set you rely on."
        )


def check_may_approve_as_nurse(*, is_physician: bool, has_guideline: bool, all_met: bool, authority: str) -> None:
    """Refuse a nurse's approval of what does not meet every criterion.

    Raises:
        CriteriaNotMet: refer the line instead.
        GroundMissing: no guideline of ours, and no authority cited.
    """
    if is_physician:
        return
    if has_guideline and not all_met:
        raise CriteriaNotMet(
            "Not every criterion is met. Link the evidence that meets it, ask for it, or refer the line to a physician."
        )
    if not has_guideline and not authority.strip():
        raise GroundMissing(
            "No guideline of ours applies. Cite the authority the approval rests on, or refer the line."
        )


def check_may_judge(*, licences: Sequence[LicenceFact], on: date) -> LicenceFact:
    """Refuse a judgement of the care by somebody without a licence valid on the day; return the licence.

    What meets every published criterion follows a script and needs no judgement.

    Raises:
        ReviewerNotQualified: no licence, or none that is valid on the day.
    """
    valid = next((licence for licence in licences if licence.is_valid(on=on)), None)
    if valid is None:
        raise ReviewerNotQualified(
            "You have no licence that is valid today, so you judge no care. Hand the case to a colleague."
        )
    return valid


_REVERSED_BY_LAW = {
    LineOfBusiness.MEDICARE_ADVANTAGE: sentence(
        "The denial letter has gone out. In Medicare Advantage a change now takes an appeal or a documented reopening; "
        "record which one it is."
    ),
    LineOfBusiness.MEDICARE_PART_D: sentence(
        "The denial letter has gone out. Under Part D a change now takes a redetermination or a documented reopening "
        "(42 CFR 423.580, 423.1980); record which one it is."
    ),
}


def check_reversal(*, line_of_business: str, current: LineStatus, because: str, letter_was_sent: bool) -> None:
    """Refuse a simple reversal where the law wants an appeal or a reopening (settled point 8; 42 CFR 423.580, 423.1980).

    Raises:
        ReversalNeedsReopening: Medicare Advantage or Part D, after the letter.
    """
    if current not in {LineStatus.DENIED, LineStatus.PARTIALLY_APPROVED, LineStatus.DISMISSED}:
        return
    refusal = _REVERSED_BY_LAW.get(LineOfBusiness(line_of_business))
    if refusal is not None and letter_was_sent and because != "reopening":
        raise ReversalNeedsReopening(refusal)
