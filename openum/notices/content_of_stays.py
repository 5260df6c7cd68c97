"""Letters about care that ends early, stays, talks before a decision, and what goes on while an appeal runs. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from openum.notices.content import Adverse, Letter, LetterKind
from openum.notices.elements import everywhere, needed
from openum.notices.facts import APPEAL, QUALITY, AppealFacts, Disclosure
from openum.notices.facts_of_stays import (
    ADVANCE,
    CONTINUES,
    COVERAGE_ENDS,
    DISCHARGE,
    EXPLAINED,
    IMPORTANT,
    OBSERVED,
    OUTSIDE,
    Change,
    Continued,
    Conversation,
    EndOfCoverage,
    Explanation,
    HospitalRights,
    Observation,
    OutsideDecision,
)
from openum.vocabulary.errors import Invalid


class ChangeBeforeNotice(Invalid):
    """A letter of advance notice names a last day before its own date."""

    code: ClassVar[str] = "change-before-notice"


@dataclass(frozen=True, kw_only=True)
class ReductionLetter(Adverse):
    """We approved care, and it will end early or become less: advance notice, with the right to keep it meanwhile."""

    kind: ClassVar[LetterKind] = LetterKind.REDUCTION

    change: Change | None = needed("the change", ADVANCE, default=None)

    def __post_init__(self) -> None:
        """Never tell of a change that has happened already.

        Raises:
            ChangeBeforeNotice: the last day lies before the letter.
        """
        last_day = self.change.last_day if self.change else None
        if last_day is not None and self.dated is not None and last_day < self.dated:
            raise ChangeBeforeNotice(
                "Care that was approved ends only after the member was told. Choose the day of the letter or a later one."
            )


@dataclass(frozen=True, kw_only=True)
class CoverageEndsLetter(Letter):
    """Notice of Medicare Non-Coverage: a facility hands it over at least two days before the last covered day."""

    kind: ClassVar[LetterKind] = LetterKind.COVERAGE_ENDS

    end: EndOfCoverage = needed("the end of coverage", COVERAGE_ENDS, default=None)


@dataclass(frozen=True, kw_only=True)
class CoverageEndsExplainedLetter(Letter):
    """Detailed Explanation of Non-Coverage, once the quality organization tells the plan of a fast appeal."""

    kind: ClassVar[LetterKind] = LetterKind.COVERAGE_ENDS_EXPLAINED

    last_day: date | None = needed("the last day that is covered", EXPLAINED, default=None)
    explanation: Explanation = needed("the explanation", EXPLAINED, default=None)


@dataclass(frozen=True, kw_only=True)
class ImportantMessageLetter(Letter):
    """Important Message from Medicare: within two days of admission, and again before discharge."""

    kind: ClassVar[LetterKind] = LetterKind.IMPORTANT_MESSAGE

    admitted_on: date | None = needed("the day of admission", IMPORTANT, default=None)
    discharge: str = ""
    hospital: HospitalRights = needed("the rights of a hospital patient", IMPORTANT, default=None)


@dataclass(frozen=True, kw_only=True)
class DischargeExplainedLetter(Letter):
    """Detailed Notice of Discharge, once the quality organization tells of a fast appeal."""

    kind: ClassVar[LetterKind] = LetterKind.DISCHARGE_EXPLAINED

    explanation: Explanation = needed("the explanation", DISCHARGE, default=None)


@dataclass(frozen=True, kw_only=True)
class ObservationLetter(Letter):
    """Medicare Outpatient Observation Notice: the hospital keeps the person, who is no inpatient there."""

    kind: ClassVar[LetterKind] = LetterKind.OBSERVATION

    observation: Observation = needed("the observation", OBSERVED, default=None)


@dataclass(frozen=True, kw_only=True)
class PeerToPeerOfferLetter(Letter):
    """Before we say no: a physician of the plan would like to talk. It is no decision."""

    kind: ClassVar[LetterKind] = LetterKind.PEER_TO_PEER_OFFER

    talk: Conversation = needed("the offer of a talk", everywhere(QUALITY), default=None)


@dataclass(frozen=True, kw_only=True)
class BenefitContinuesLetter(Letter):
    """The member asked to keep care while the appeal runs; this is our answer."""

    kind: ClassVar[LetterKind] = LetterKind.BENEFIT_CONTINUES

    appeal: AppealFacts = needed("the appeal", APPEAL, default=None)
    continued: Continued = needed("the answer about going on", CONTINUES, default=None)


@dataclass(frozen=True, kw_only=True)
class OutsideDecisionLetter(Letter):
    """An outside reviewer decided, and what that means for the care."""

    kind: ClassVar[LetterKind] = LetterKind.OUTSIDE_DECISION

    appeal: AppealFacts = needed("the appeal", APPEAL, default=None)
    decision: OutsideDecision = needed("the outside decision", OUTSIDE, default=None)
    disclosure: Disclosure = needed("the right to free copies", APPEAL, default=None)


OF_STAYS: dict[LetterKind, type[Letter]] = {
    each.kind: each
    for each in (
        ReductionLetter, CoverageEndsLetter, CoverageEndsExplainedLetter, ImportantMessageLetter, DischargeExplainedLetter,
        ObservationLetter, PeerToPeerOfferLetter, BenefitContinuesLetter, OutsideDecisionLetter,
    )
}  # fmt: skip
