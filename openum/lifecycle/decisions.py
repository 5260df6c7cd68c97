"""Decisions and what rests on them."""

from openum.adapters.fhir.subscriptions import following as subscriptions
from openum.audit.catalogue import Follows
from openum.clocks import services as clocks
from openum.determination import services as determination
from openum.determination.events import (
    ApprovalLookedAt,
    AuthorizationIssued,
    CaseFlagCleared,
    CaseFlagged,
    CodeAdded,
    IncentivesAffirmed,
    IntentToDenyRecorded,
    LineClosedAdministratively,
    LineDecided,
    LineReopened,
    NetworkStated,
    NotesCarried,
    OutreachStepDue,
    OverturnLearned,
    ParityCompared,
    SecondReadingAnswered,
    SecondReadingAsked,
    StatusLinkEnded,
    StatusLinkMade,
    StatusLinkOpened,
    UsageRecorded,
)
from openum.notices import services as notices
from openum.payment.events import AuthorizationFeedRead, ClaimLineMatched
from openum.programme.events import PublicReportFrozen, RequirementProposalAnswered, RequirementRemovalProposed
from openum.review import services as review

FOLLOWS: Follows = {
    IntentToDenyRecorded: [],
    LineDecided: [
        determination.note_decision,
        clocks.note_decision,
        review.close_reviews,
        review.end_conversations,
        determination.offer_with_notice,
        notices.prepare,
    ],
    CodeAdded: [],
    AuthorizationIssued: [subscriptions.tell_of_answer],
    LineClosedAdministratively: [],
    ApprovalLookedAt: [determination.note_look],
    LineReopened: [clocks.note_reopened],
    NotesCarried: [],
    UsageRecorded: [],
    OutreachStepDue: [],
    OverturnLearned: [],
    CaseFlagged: [determination.time_after_stabilization],
    CaseFlagCleared: [determination.time_after_stabilization],
    ParityCompared: [],
    SecondReadingAsked: [],
    SecondReadingAnswered: [],
    AuthorizationFeedRead: [],
    ClaimLineMatched: [],
    PublicReportFrozen: [],
    RequirementRemovalProposed: [],
    RequirementProposalAnswered: [],
    IncentivesAffirmed: [],
    NetworkStated: [],
    StatusLinkMade: [],
    StatusLinkEnded: [],
    StatusLinkOpened: [],
}
