"""The kinds of letters, and one typed letter for each answer to a request; `letters.py` names all of them. Pure.

A letter that lacks a mandatory element cannot be made: `compose` calls `elements.check`. The kinds differ only in the
facts they hold.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar

from openum.notices.elements import (
    ADVERSE,
    COLUMN_OF,
    MEMBER_ONLY,
    PROVIDER_ONLY,
    Audience,
    Column,
    everywhere,
    needed,
)
from openum.notices.facts import (
    ACCESS,
    APPROVAL,
    ERISA_ONLY,
    INTEGRATED_ONLY,
    KEEPS_BENEFIT,
    MEDICAID_ONLY,
    QUALITY,
    REASON,
    AppealRights,
    ApprovedService,
    Assistance,
    Benefits,
    Continuation,
    CriterionGap,
    Disclosure,
    EarlierDecision,
    Extension,
    Lateness,
    MemberFacts,
    PlanContact,
    Reason,
    Recipient,
    RequestedItem,
    RequestFacts,
    ReviewerContact,
    RuleReliedOn,
    ServiceFacts,
    Software,
    SpeedRefused,
    Withdrawal,
)
from openum.notices.facts_of_states import (
    ADVERSE_IN_NEW_YORK,
    NETWORK,
    CaliforniaRights,
    GoesOn,
    NetworkFacts,
    StateRights,
    TexasRights,
    excuses_network,
    in_california,
    in_new_york,
    in_texas,
)
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import LineOfBusiness, ReasonClass


class LetterKind(StrEnum):
    """What a letter tells."""

    APPROVAL = "approval"
    PARTIAL_APPROVAL = "partial-approval"
    DENIAL = "denial"
    OVERTURN = "overturn"
    INFORMATION_REQUEST = "information-request"
    EXTENSION = "extension"
    DISMISSAL = "dismissal"
    LATE = "late"
    EXPEDITE_REFUSED = "expedite-refused"
    WITHDRAWAL = "withdrawal"
    INSERT = "insert"
    APPEAL_ACKNOWLEDGEMENT = "appeal-acknowledgement"
    APPEAL_SPEED_REFUSED = "appeal-speed-refused"
    APPEAL_UPHELD = "appeal-upheld"
    APPEAL_OVERTURNED = "appeal-overturned"
    APPEAL_DISMISSED = "appeal-dismissed"
    APPEAL_SENT_ON = "appeal-sent-on"
    EXTERNAL_REVIEW_CHECKED = "external-review-checked"
    GRIEVANCE_ACKNOWLEDGEMENT = "grievance-acknowledgement"
    GRIEVANCE_RESOLUTION = "grievance-resolution"
    REDUCTION = "reduction"
    COVERAGE_ENDS = "coverage-ends"
    COVERAGE_ENDS_EXPLAINED = "coverage-ends-explained"
    IMPORTANT_MESSAGE = "important-message"
    DISCHARGE_EXPLAINED = "discharge-explained"
    OBSERVATION = "observation"
    PEER_TO_PEER_OFFER = "peer-to-peer-offer"
    BENEFIT_CONTINUES = "benefit-continues"
    OUTSIDE_DECISION = "outside-decision"
    APPEAL_EXTENSION = "appeal-extension"
    CONTINUATION_ENDED = "continuation-ended"
    REVIEW_TAKEN_BACK = "review-taken-back"
    GRIEVANCE_EXTENSION = "grievance-extension"
    DISPUTE_ACKNOWLEDGEMENT = "dispute-acknowledgement"
    DISPUTE_ANSWER = "dispute-answer"
    CLAIM_FINDING = "claim-finding"


ADMINISTRATIVE = frozenset(
    {
        ReasonClass.NOT_A_MEMBER,
        ReasonClass.DUPLICATE,
        ReasonClass.NOT_OUR_PLAN,
        ReasonClass.EXCLUSION,
        ReasonClass.WITHDRAWN_BY_REQUESTER,
    }
)
"""Reasons that rest on a rule, not on a clinical criterion; their letters quote the rule and need no criterion."""


TELLS_OF_SOFTWARE = frozenset(
    {
        LetterKind.APPROVAL, LetterKind.PARTIAL_APPROVAL, LetterKind.DENIAL, LetterKind.INSERT, LetterKind.OVERTURN,
        LetterKind.APPEAL_OVERTURNED, LetterKind.REDUCTION,
    }
)  # fmt: skip
"""Letters that tell a member of software in review, where the law of the place has them told."""


TELLS_OF_NETWORK = frozenset(
    {
        LetterKind.APPROVAL, LetterKind.PARTIAL_APPROVAL, LetterKind.DENIAL, LetterKind.OVERTURN,
        LetterKind.APPEAL_OVERTURNED,
    }
)  # fmt: skip
"""Letters that tell of the provider's network, where the law of the place has it told."""

_NO_ANSWER = frozenset({LetterKind.DISMISSAL, LetterKind.INSERT})


class ResponseTimeTooShort(Invalid):
    """An extension for missing information gives the reader less than 45 days (29 CFR 2560.503-1(f)(4))."""

    code: ClassVar[str] = "response-time-too-short"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What every letter states."""

    kind: ClassVar[LetterKind]

    audience: Audience
    language: str
    line_of_business: LineOfBusiness
    state: str = ""
    number: str = needed("the number of the letter", everywhere(QUALITY))
    dated: date | None = needed("the date of the letter", ADVERSE, default=None)
    recipient: Recipient = field(default_factory=Recipient)
    plan: PlanContact = field(default_factory=PlanContact)
    member: MemberFacts = field(default_factory=MemberFacts)
    request: RequestFacts = field(default_factory=RequestFacts)
    services: tuple[ServiceFacts, ...] = needed("the service that was asked for", ADVERSE, default=())
    assistance: Assistance | None = needed(
        "the language assistance block", everywhere(ACCESS), audiences=MEMBER_ONLY, default=None
    )

    @property
    def title_of_kind(self) -> str:
        """The kind in words, for refusals."""
        return self.kind.value.replace("-", " ")

    def excused(self, path: str) -> bool:
        """Say whether this letter's facts excuse an element."""
        return path.startswith("assistance") and self.audience is Audience.PROVIDER


@dataclass(frozen=True, kw_only=True)
class Adverse(Letter):
    """The part of a letter that says no, with everything one may do about it."""

    reason_class: ReasonClass = ReasonClass.NOT_MEDICALLY_NECESSARY
    decided_on: date | None = needed("the day of the decision", ADVERSE, default=None)
    reason: Reason = needed("the specific reason", REASON, default=None)
    gaps: tuple[CriterionGap, ...] = needed("the criterion that was not met", REASON, default=())
    rule: RuleReliedOn = needed("the rule relied on", REASON, default=None)
    rationale: str = needed("the clinical rationale", REASON, audiences=PROVIDER_ONLY)
    disclosure: Disclosure = needed("the right to free copies", ADVERSE, default=None)
    rights: AppealRights = needed("the appeal rights", ADVERSE, default=None)
    continuation: Continuation | None = needed(
        "continuation of benefits", MEDICAID_ONLY, audiences=MEMBER_ONLY, only=KEEPS_BENEFIT, default=None
    )
    benefits: Benefits | None = needed(
        "what Medicare and what Medicaid say", INTEGRATED_ONLY, audiences=MEMBER_ONLY, default=None
    )
    reviewer: ReviewerContact | None = needed(
        "the reviewer contact for a peer-to-peer talk", everywhere(QUALITY), audiences=PROVIDER_ONLY, default=None
    )
    diagnosis_on_request: str = needed(
        "that diagnosis and treatment codes and their meaning are given on request", ERISA_ONLY, audiences=MEMBER_ONLY
    )
    cites_authority_only: bool = False
    software: Software | None = None
    network: tuple[NetworkFacts, ...] = in_new_york(
        "whether the provider is in or out of the network", NETWORK, default=()
    )
    is_after_care: bool = False
    state_rights: StateRights | None = in_new_york(
        "what New York has a denial say of appeals", ADVERSE_IN_NEW_YORK, default=None
    )
    texas: TexasRights | None = in_texas("what Texas has a denial say of reviews", default=None)
    california: CaliforniaRights | None = in_california("what California has a denial say of reviews", default=None)

    def excused(self, path: str) -> bool:
        """A decision under a rule has no criterion; a talk, and the look at both programs, belong to clinical decisions.

        What a state wants told belongs to answers about the care: not to a dismissal, the network not to an early end.
        """
        if path.startswith(("state_rights", "texas", "california")):
            return self.kind in _NO_ANSWER
        if path.startswith("network"):
            is_other = self.kind in _NO_ANSWER or self.kind is LetterKind.REDUCTION
            return is_other or excuses_network(self.network, path, is_after_care=self.is_after_care)
        if path == "texas.decided_by":
            return self.reason_class in ADMINISTRATIVE
        if path.startswith("gaps"):
            return self.reason_class in ADMINISTRATIVE or self.cites_authority_only
        if path.startswith(("reviewer", "rationale")):
            return self.reason_class in ADMINISTRATIVE or self.audience is Audience.MEMBER
        if path.startswith("benefits"):
            return self.reason_class in ADMINISTRATIVE
        return super().excused(path)


@dataclass(frozen=True, kw_only=True)
class DenialLetter(Adverse):
    """We said no."""

    kind: ClassVar[LetterKind] = LetterKind.DENIAL


@dataclass(frozen=True, kw_only=True)
class PartialApprovalLetter(Adverse):
    """We said yes to a part: approval content for that part and denial content for the rest."""

    kind: ClassVar[LetterKind] = LetterKind.PARTIAL_APPROVAL

    approved: tuple[ApprovedService, ...] = needed("what was approved", APPROVAL, default=())
    goes_on: tuple[GoesOn, ...] = ()
    not_approved: str = needed("what was not approved", ADVERSE)


@dataclass(frozen=True, kw_only=True)
class InsertLetter(Adverse):
    """Plain words beside a government form; says nothing less about rights than the form does."""

    kind: ClassVar[LetterKind] = LetterKind.INSERT


@dataclass(frozen=True, kw_only=True)
class DismissalLetter(Adverse):
    """We closed the request without a decision on the care, by a rule; the reader may ask for a review of that."""

    kind: ClassVar[LetterKind] = LetterKind.DISMISSAL


@dataclass(frozen=True, kw_only=True)
class ApprovalLetter(Letter):
    """We said yes."""

    kind: ClassVar[LetterKind] = LetterKind.APPROVAL

    approved: tuple[ApprovedService, ...] = needed("what was approved", APPROVAL, default=())
    goes_on: tuple[GoesOn, ...] = ()
    software: Software | None = None
    network: tuple[NetworkFacts, ...] = in_new_york(
        "whether the provider is in or out of the network", NETWORK, default=()
    )
    is_after_care: bool = False

    def excused(self, path: str) -> bool:
        """Care already given needs no word about the network; inside it no amount is stated."""
        if path.startswith("network"):
            return excuses_network(self.network, path, is_after_care=self.is_after_care)
        return super().excused(path)


@dataclass(frozen=True, kw_only=True)
class OverturnLetter(ApprovalLetter):
    """We said no before, and yes now."""

    kind: ClassVar[LetterKind] = LetterKind.OVERTURN

    earlier: EarlierDecision = needed("the earlier decision", everywhere(QUALITY), default=None)


@dataclass(frozen=True, kw_only=True)
class ExtensionLetter(Letter):
    """We need more time."""

    kind: ClassVar[LetterKind] = LetterKind.EXTENSION

    extension: Extension = needed("the extension", everywhere("29 CFR 2560.503-1(f); 42 CFR 422.568(b)"), default=None)
    is_for_information: bool = True
    items: tuple[RequestedItem, ...] = needed(
        "the items that are needed", everywhere("29 CFR 2560.503-1(f)(3)"), default=()
    )

    def excused(self, path: str) -> bool:
        """Items, standards and time to answer belong to an extension for missing information."""
        if path.startswith(("items", "extension.standards", "extension.open_points", "extension.respond_by")):
            return not self.is_for_information
        return super().excused(path)

    def __post_init__(self) -> None:
        """Give at least 45 days to answer.

        Raises:
            ResponseTimeTooShort: fewer than 45 days between the letter and the day to answer.
        """
        _check_response_time(self, self.extension)


@dataclass(frozen=True, kw_only=True)
class InformationRequestLetter(Letter):
    """We need papers before we can decide; holds the extension when one is taken with it."""

    kind: ClassVar[LetterKind] = LetterKind.INFORMATION_REQUEST

    items: tuple[RequestedItem, ...] = needed(
        "the items that are needed", everywhere("29 CFR 2560.503-1(f)(3)"), default=()
    )
    how_to_send: str = needed("how to send the items", everywhere(QUALITY))
    send_by: date | None = needed("the day by which to send the items", everywhere(QUALITY), default=None)
    otherwise: str = needed("what happens without the items", everywhere(QUALITY))
    extension: Extension | None = None

    def __post_init__(self) -> None:
        """Give at least 45 days when the request extends the time (29 CFR 2560.503-1(f)(4))."""
        _check_response_time(self, self.extension)


@dataclass(frozen=True, kw_only=True)
class LateLetter(Letter):
    """We did not decide in time; the reader may appeal as if we had said no, and we still owe the decision."""

    kind: ClassVar[LetterKind] = LetterKind.LATE

    lateness: Lateness = needed("the missed day", ADVERSE, default=None)
    rights: AppealRights = needed("the appeal rights", ADVERSE, default=None)


@dataclass(frozen=True, kw_only=True)
class ExpediteRefusedLetter(Letter):
    """We will not decide fast; the standard time holds."""

    kind: ClassVar[LetterKind] = LetterKind.EXPEDITE_REFUSED

    speed: SpeedRefused = needed("the refusal to decide fast", everywhere("42 CFR 422.570(d)(2)"), default=None)


@dataclass(frozen=True, kw_only=True)
class WithdrawalLetter(Letter):
    """The request was taken back."""

    kind: ClassVar[LetterKind] = LetterKind.WITHDRAWAL

    withdrawal: Withdrawal = needed("the withdrawal", everywhere("42 CFR 422.568(g); plan policy"), default=None)


def _check_response_time(letter: Letter, extension: Extension | None) -> None:
    if extension is None or extension.respond_by is None or letter.dated is None:
        return
    is_erisa = COLUMN_OF[letter.line_of_business] is Column.ERISA
    if is_erisa and (extension.respond_by - letter.dated).days < MINIMUM_RESPONSE_DAYS:
        raise ResponseTimeTooShort(
            f"An extension for missing information must give at least {MINIMUM_RESPONSE_DAYS} days to answer "
            "(29 CFR 2560.503-1(f)(4)). Choose a later day."
        )


MINIMUM_RESPONSE_DAYS = 45

OF_REQUESTS: dict[LetterKind, type[Letter]] = {
    each.kind: each
    for each in (
        DenialLetter, PartialApprovalLetter, InsertLetter, ApprovalLetter, OverturnLetter, ExtensionLetter,
        InformationRequestLetter, DismissalLetter, LateLetter, ExpediteRefusedLetter, WithdrawalLetter,
    )
}  # fmt: skip
