"""Letters about appeals, complaints and providers' own disputes. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from openum.notices.content import Letter, LetterKind, OverturnLetter
from openum.notices.elements import MEMBER_ONLY, needed
from openum.notices.facts import (
    APPEAL,
    CONTINUATION,
    DISPUTE,
    ERISA_ONLY,
    GRIEVANCE,
    KEEPS_BENEFIT,
    MEDICAID_ONLY,
    MEDICARE_ONLY,
    REASON,
    VOLUNTARY,
    AppealDismissed,
    AppealFacts,
    ApprovedService,
    Complaint,
    ContinuationEnded,
    CriterionGap,
    Disclosure,
    Dispute,
    MoreTime,
    NextLevel,
    Reason,
    RuleReliedOn,
    SentOn,
    SpeedRefused,
)
from openum.notices.facts_of_claims import CLAIM_REVIEW, ClaimReviewed


@dataclass(frozen=True, kw_only=True)
class AppealAcknowledgementLetter(Letter):
    """We have the appeal; when we answer, or what we still need before the time to answer begins."""

    kind: ClassVar[LetterKind] = LetterKind.APPEAL_ACKNOWLEDGEMENT

    appeal: AppealFacts = needed("the appeal", APPEAL, default=None)
    decide_by: date | None = needed("the day by which we answer the appeal", APPEAL, default=None)
    waits_for: str = ""
    send_more: str = needed("how to send more papers for the appeal", APPEAL)
    file_copy: str = needed("the right to see the file free of charge", APPEAL)

    def excused(self, path: str) -> bool:
        """While a form or a reason is awaited, no day can be named."""
        return bool(self.waits_for) if path == "decide_by" else super().excused(path)


@dataclass(frozen=True, kw_only=True)
class AppealSpeedRefusedLetter(Letter):
    """We will not decide the appeal fast; the standard time holds."""

    kind: ClassVar[LetterKind] = LetterKind.APPEAL_SPEED_REFUSED

    appeal: AppealFacts = needed("the appeal", APPEAL, default=None)
    speed: SpeedRefused = needed("the refusal to decide fast", APPEAL, default=None)


@dataclass(frozen=True, kw_only=True)
class AppealUpheldLetter(Letter):
    """We looked again and still say no, to all or to a part; the next level stands in it."""

    kind: ClassVar[LetterKind] = LetterKind.APPEAL_UPHELD

    appeal: AppealFacts = needed("the appeal", APPEAL, default=None)
    decided_on: date | None = needed("the day of the decision on the appeal", APPEAL, default=None)
    reviewed_by: str = needed("that somebody new decided, and of which field", APPEAL)
    reason: Reason = needed("the specific reason", REASON, default=None)
    gaps: tuple[CriterionGap, ...] = needed("the criterion that was not met", REASON, default=())
    rule: RuleReliedOn = needed("the rule relied on", REASON, default=None)
    disclosure: Disclosure = needed("the right to free copies", APPEAL, default=None)
    experts: str = needed("that the experts we asked are named on request", ERISA_ONLY)
    next_level: NextLevel = needed("the next level of appeal", APPEAL, default=None)
    continuation: str = needed(
        "what happens to a benefit that went on", MEDICAID_ONLY, audiences=MEMBER_ONLY, only=KEEPS_BENEFIT
    )
    offers_second: bool = False
    voluntary: str = needed("the plan's voluntary second appeal", VOLUNTARY)
    approved: tuple[ApprovedService, ...] = ()
    cites_authority_only: bool = False

    def excused(self, path: str) -> bool:
        """A decision under a cited authority has no criterion of ours; few plans offer a voluntary second appeal."""
        if path.startswith("gaps"):
            return self.cites_authority_only
        if path == "voluntary":
            return not self.offers_second
        return super().excused(path)


@dataclass(frozen=True, kw_only=True)
class AppealOverturnedLetter(OverturnLetter):
    """You appealed, and now we say yes."""

    kind: ClassVar[LetterKind] = LetterKind.APPEAL_OVERTURNED


@dataclass(frozen=True, kw_only=True)
class AppealDismissedLetter(Letter):
    """We closed the appeal without judging the care."""

    kind: ClassVar[LetterKind] = LetterKind.APPEAL_DISMISSED

    appeal: AppealFacts = needed("the appeal", APPEAL, default=None)
    dismissal: AppealDismissed = needed("the dismissal", APPEAL, default=None)


@dataclass(frozen=True, kw_only=True)
class AppealSentOnLetter(Letter):
    """Somebody outside the plan now looks at it."""

    kind: ClassVar[LetterKind] = LetterKind.APPEAL_SENT_ON

    appeal: AppealFacts = needed("the appeal", APPEAL, default=None)
    sent: SentOn = needed("where the file went", APPEAL, default=None)


@dataclass(frozen=True, kw_only=True)
class ExternalReviewCheckedLetter(Letter):
    """What the preliminary review of a request for external review found."""

    kind: ClassVar[LetterKind] = LetterKind.EXTERNAL_REVIEW_CHECKED

    appeal: AppealFacts = needed("the request for external review", APPEAL, default=None)
    result: str = needed("what the preliminary review found", APPEAL)
    what_now: str = needed("what happens now, or what is missing and until when", APPEAL)


@dataclass(frozen=True, kw_only=True)
class AppealExtensionLetter(Letter):
    """We need more time for the appeal."""

    kind: ClassVar[LetterKind] = LetterKind.APPEAL_EXTENSION

    appeal: AppealFacts = needed("the appeal", APPEAL, default=None)
    more_time: MoreTime = needed("the extension", APPEAL, default=None)


@dataclass(frozen=True, kw_only=True)
class ContinuationEndedLetter(Letter):
    """A benefit that went on during the appeal ends."""

    kind: ClassVar[LetterKind] = LetterKind.CONTINUATION_ENDED

    appeal: AppealFacts = needed("the appeal", APPEAL, default=None)
    ended: ContinuationEnded = needed("the end of the benefit", CONTINUATION, default=None)


@dataclass(frozen=True, kw_only=True)
class ReviewTakenBackLetter(Letter):
    """A review outside the plan ended, because our time to decide had not passed: we decide ourselves."""

    kind: ClassVar[LetterKind] = LetterKind.REVIEW_TAKEN_BACK

    appeal: AppealFacts = needed("the review", APPEAL, default=None)
    because: str = needed("why the review ends", APPEAL)
    file: str = needed("what becomes of the file", APPEAL)
    decide_by: date | None = needed("the day by which the plan decides", APPEAL, default=None)
    complain: str = needed("the right to a grievance about it", APPEAL, audiences=MEMBER_ONLY)


@dataclass(frozen=True, kw_only=True)
class GrievanceLetter(Letter):
    """What every letter about a complaint states; it is about no service."""

    complaint: Complaint = needed("the complaint", GRIEVANCE, default=None)

    def excused(self, path: str) -> bool:
        """A complaint asks for no service."""
        return path.startswith("services") or super().excused(path)


@dataclass(frozen=True, kw_only=True)
class GrievanceAcknowledgementLetter(GrievanceLetter):
    """We have the complaint."""

    kind: ClassVar[LetterKind] = LetterKind.GRIEVANCE_ACKNOWLEDGEMENT

    answer_by: date | None = needed("the day by which we answer the complaint", GRIEVANCE, default=None)
    appeal_is_other: str = needed("that an appeal is another door, and how to appeal", GRIEVANCE)


@dataclass(frozen=True, kw_only=True)
class GrievanceResolutionLetter(GrievanceLetter):
    """What we found about the complaint, and what we do."""

    kind: ClassVar[LetterKind] = LetterKind.GRIEVANCE_RESOLUTION

    found: str = needed("what we found", GRIEVANCE)
    done: str = needed("what we do about it", GRIEVANCE)
    further: str = needed("what else the member can do", GRIEVANCE)
    is_about_care: bool = False
    quality_review: str = needed("the right to write to the quality organization", MEDICARE_ONLY)

    def excused(self, path: str) -> bool:
        """Only a complaint about the quality of care goes to the quality organization too."""
        return (path == "quality_review" and not self.is_about_care) or super().excused(path)


@dataclass(frozen=True, kw_only=True)
class GrievanceExtensionLetter(GrievanceLetter):
    """We need more time for the complaint."""

    kind: ClassVar[LetterKind] = LetterKind.GRIEVANCE_EXTENSION

    more_time: MoreTime = needed("the extension", GRIEVANCE, default=None)


@dataclass(frozen=True, kw_only=True)
class DisputeLetter(Letter):
    """What every letter about a provider's own dispute states."""

    dispute: Dispute = needed("the dispute", DISPUTE, default=None)
    member_right: str = needed("that the member's appeal is another right, and stays", DISPUTE)


@dataclass(frozen=True, kw_only=True)
class DisputeAcknowledgementLetter(DisputeLetter):
    """We have the dispute."""

    kind: ClassVar[LetterKind] = LetterKind.DISPUTE_ACKNOWLEDGEMENT

    answer_by: date | None = needed("the day by which we answer the dispute", DISPUTE, default=None)
    send_more: str = needed("how to send more papers for the dispute", DISPUTE)


@dataclass(frozen=True, kw_only=True)
class DisputeAnswerLetter(DisputeLetter):
    """The answer to a provider's dispute."""

    kind: ClassVar[LetterKind] = LetterKind.DISPUTE_ANSWER

    result: str = needed("what the dispute came to", DISPUTE)
    answer: str = needed("the reasons of the answer", DISPUTE)
    answered_by: str = needed("who answered the dispute", DISPUTE)
    further: str = needed("what else the provider can do", DISPUTE)


@dataclass(frozen=True, kw_only=True)
class ClaimFindingLetter(Letter):
    """What a review after the service found, for the provider to answer. It decides nothing."""

    kind: ClassVar[LetterKind] = LetterKind.CLAIM_FINDING

    finding: ClaimReviewed = needed("the finding", CLAIM_REVIEW, default=None)
    nature: str = needed("that a finding is a question and no decision", CLAIM_REVIEW)
    how_to_answer: str = needed("how to answer the finding", CLAIM_REVIEW)
    member_right: str = needed("that the member owes nothing because of it", CLAIM_REVIEW)
    late_request: str = needed("that an authorization may still be asked for, where it applies", CLAIM_REVIEW)


OF_APPEALS: dict[LetterKind, type[Letter]] = {
    each.kind: each
    for each in (
        AppealAcknowledgementLetter, AppealSpeedRefusedLetter, AppealUpheldLetter, AppealOverturnedLetter,
        AppealDismissedLetter, AppealSentOnLetter, ExternalReviewCheckedLetter, GrievanceAcknowledgementLetter,
        GrievanceResolutionLetter, AppealExtensionLetter, ContinuationEndedLetter, ReviewTakenBackLetter, GrievanceExtensionLetter,
        DisputeAcknowledgementLetter, DisputeAnswerLetter, ClaimFindingLetter,
    )
}  # fmt: skip
