"""What follows what: the one table that links the steps. Read this first.

`audit.record(event)` writes the row and runs what stands here, first in, first out, in the same transaction: database
work only. Slow or outgoing work becomes a job or an outbox row. An event that nothing follows still has its line, so
that nobody has to wonder. `docs/generated/events.md` lists the events with their fields.
"""

from collections.abc import Callable, Sequence

from openum import audit
from openum.accounts.connections.events import (
    AccessTokenIssued,
    ClientApproved,
    ClientKeyAdded,
    ClientKeyRemoved,
    ClientKeysMoved,
    ClientOriginsChanged,
    ClientRegistered,
    ClientRevoked,
    ClientServerChanged,
    ClientServerTried,
    SignedTokenReplayed,
)
from openum.accounts.events import SignedIn, SignedOut, SignInRefused
from openum.adapters.fhir.subscriptions import following as subscriptions
from openum.adapters.fhir.subscriptions.events import (
    SubscriptionCreated,
    SubscriptionDeleted,
    SubscriptionReplaced,
    SubscriptionStatusChanged,
)
from openum.adapters.sandbox.events import ConversationHeld, RecordedMessagesExported, RecordedMessagesRead
from openum.appeals import services as appeals
from openum.appeals.events import (
    AppealDecided,
    AppealDismissed,
    AppealExtended,
    AppealFiled,
    AppealMoved,
    AppealSpeedAnswered,
    BenefitContinued,
    DismissalVacated,
    ExternalReviewChecked,
    FileSentOn,
    HearingSet,
    InterestDeclared,
    LateFilingExcused,
    OrganizationAssigned,
    PacketBuilt,
    PanelAsked,
    PanelVoteCast,
    ReversalCarriedOut,
    ReviewerAssigned,
    ReviewOrganizationEntered,
    StandingEnded,
    StandingShown,
)
from openum.audit import Event
from openum.cases.events import (
    ContactAttempted,
    DocumentReceived,
    InformationReceived,
    InformationRequested,
    LineAmended,
    LineCancelled,
    LineStatusChanged,
    LineWithdrawn,
    NoteWritten,
    ReceiptCorrected,
)
from openum.clocks import services as clocks
from openum.clocks.events import (
    BreachAssigned,
    BreachExplained,
    ClockDueSoon,
    ClockEscalated,
    ClockExtended,
    ClockLapsed,
    ClockMoved,
    ClockResumed,
    ClockStarted,
    ClockStopped,
    ClockTolled,
    EscalationNoted,
    ExpediteRefused,
)
from openum.criteria.events import (
    CriteriaEvaluated,
    EvidenceLinked,
    EvidenceUnlinked,
    FindingRecorded,
    GuidelinePublished,
    GuidelineRetired,
    GuidelineReviewed,
    GuidelineTextSaved,
    GuidelineVoteCast,
    GuidelineVoteClosed,
)
from openum.criteria.simulation.events import SimulationAsked, SimulationRead
from openum.determination import services as determination
from openum.determination.events import (
    AuthorizationIssued,
    CaseFlagCleared,
    CaseFlagged,
    IntentToDenyRecorded,
    LineClosedAdministratively,
    LineDecided,
    LineReopened,
    OverturnLearned,
    ParityCompared,
    UsageRecorded,
)
from openum.directory.events import MemberEnrolled, PolicyPublished
from openum.forms.events import (
    FillingCompleted,
    FillingDelivered,
    FillingRead,
    FillingRecordsRead,
    FillingStarted,
    FormFaultReported,
    FormFaultsRead,
    FormsHandedOut,
)
from openum.grievances import services as grievances
from openum.grievances.events import (
    DisputeAnswered,
    DisputeFiled,
    GrievanceAnswered,
    GrievanceExtended,
    GrievanceFiled,
    GrievanceMoved,
)
from openum.intake import services as intake
from openum.intake.events import DuplicateNoticed, DuplicateSettled, LineTriaged
from openum.needs.events import AssertionCited, AssertionRead, AssertionsRemoved, NeedsAsked
from openum.notices import services as notices
from openum.notices.events import (
    NoticeHandedOver,
    NoticeHeld,
    NoticeNotDelivered,
    NoticePrepared,
    NoticeSent,
    NoticeSentAgain,
    TranslationStored,
)
from openum.review import services as review
from openum.review.events import (
    CalendarKept,
    DelegateEnded,
    DelegateNamed,
    DocumentOpened,
    LineReferred,
    PeerToPeerAsked,
    PeerToPeerBooked,
    PeerToPeerCalledOff,
    PeerToPeerClosed,
    PeerToPeerHeld,
    PeerToPeerMissed,
    PeerToPeerNotReached,
    PeerToPeerOffered,
    PeerToPeerWritten,
    ReviewEnded,
    ReviewStarted,
    SlotOffered,
    SlotWithdrawn,
)
from openum.submission import services as submission
from openum.submission.events import (
    CaseSubmitted,
    FaultsNoted,
    MemberLookedUp,
    RequestAdded,
    RequestAnswered,
    SandboxAnswerArmed,
    SandboxAnswerDisarmed,
    SandboxFaultGiven,
    StandingOrderSigned,
    StandingOrderWithdrawn,
    SubmissionReceived,
    SubmissionSettled,
)

FOLLOWS: dict[type[Event], Sequence[Callable[..., None]]] = {
    # people
    SignedIn: [],
    SignedOut: [],
    SignInRefused: [],
    # the systems that connect
    ClientRegistered: [],
    ClientApproved: [],
    ClientRevoked: [],
    ClientKeyAdded: [],
    ClientKeyRemoved: [],
    ClientKeysMoved: [],
    ClientServerChanged: [],
    ClientServerTried: [],
    ClientOriginsChanged: [],
    AccessTokenIssued: [],
    SignedTokenReplayed: [],
    # the door
    SubmissionReceived: [],
    SubmissionSettled: [],
    SandboxAnswerArmed: [],
    SandboxAnswerDisarmed: [],
    SandboxFaultGiven: [],
    StandingOrderSigned: [],
    StandingOrderWithdrawn: [],
    RecordedMessagesRead: [],
    RecordedMessagesExported: [],
    ConversationHeld: [],
    CaseSubmitted: [submission.take_held_attachments, clocks.start_clocks, intake.triage_request],
    RequestAdded: [
        submission.take_held_attachments,
        clocks.start_clocks,
        intake.triage_request,
        submission.answer_with_update,
    ],
    RequestAnswered: [],
    FaultsNoted: [],
    MemberEnrolled: [],
    MemberLookedUp: [],
    NeedsAsked: [],
    AssertionRead: [],
    AssertionCited: [],
    AssertionsRemoved: [],
    # intake
    LineTriaged: [determination.follow_triage],
    DuplicateNoticed: [],
    DuplicateSettled: [],
    # criteria
    CriteriaEvaluated: [determination.note_evaluation, determination.follow_criteria],
    FindingRecorded: [determination.note_finding],
    EvidenceLinked: [],
    EvidenceUnlinked: [],
    SimulationAsked: [],
    SimulationRead: [],
    # forms
    FormsHandedOut: [],
    FormFaultReported: [],
    FormFaultsRead: [],
    FillingStarted: [],
    FillingRead: [],
    FillingRecordsRead: [],
    FillingCompleted: [],
    FillingDelivered: [],
    # the file
    LineStatusChanged: [clocks.end_with_line, subscriptions.tell_of_status],
    InformationRequested: [
        clocks.pause_if_the_law_allows,
        determination.note_question,
        notices.ask_for_information,
        subscriptions.tell_of_answer,
    ],
    InformationReceived: [clocks.resume, review.return_to_reviewer, determination.follow_information],
    DocumentReceived: [determination.note_recognition, determination.follow_documents],
    ContactAttempted: [clocks.note_contact],
    NoteWritten: [],
    LineAmended: [intake.triage_amended, notices.tell_of_amendment],
    LineWithdrawn: [review.close_reviews, review.end_conversations, notices.confirm_withdrawal],
    LineCancelled: [review.close_reviews, review.end_conversations],
    ReceiptCorrected: [clocks.follow_corrected_receipt],
    # review
    ReviewStarted: [],
    ReviewEnded: [],
    LineReferred: [],
    DocumentOpened: [],
    PeerToPeerOffered: [clocks.note_peer_to_peer_offered, review.take_window, notices.offer_in_writing],
    PeerToPeerAsked: [clocks.note_peer_to_peer_asked],
    PeerToPeerBooked: [],
    PeerToPeerCalledOff: [],
    PeerToPeerMissed: [],
    PeerToPeerWritten: [],
    PeerToPeerHeld: [clocks.note_peer_to_peer_held, determination.follow_conversation],
    PeerToPeerNotReached: [],
    PeerToPeerClosed: [],
    DelegateNamed: [],
    DelegateEnded: [],
    SlotOffered: [],
    SlotWithdrawn: [],
    CalendarKept: [],
    # determination
    IntentToDenyRecorded: [],
    LineDecided: [
        determination.note_decision,
        clocks.note_decision,
        review.close_reviews,
        review.end_conversations,
        determination.offer_with_notice,
        notices.prepare,
    ],
    AuthorizationIssued: [subscriptions.tell_of_answer],
    LineClosedAdministratively: [],
    LineReopened: [clocks.note_reopened],
    UsageRecorded: [],
    OverturnLearned: [],
    CaseFlagged: [],
    CaseFlagCleared: [],
    ParityCompared: [],
    # appeals
    AppealFiled: [appeals.acknowledge_appeal],
    AppealMoved: [appeals.tell_withdrawal],
    AppealExtended: [appeals.tell_extension],
    StandingShown: [],
    StandingEnded: [],
    LateFilingExcused: [],
    AppealSpeedAnswered: [appeals.tell_speed],
    ReviewerAssigned: [],
    PanelAsked: [],
    PanelVoteCast: [],
    AppealDecided: [appeals.follow_decision],
    AppealDismissed: [appeals.tell_dismissal],
    DismissalVacated: [appeals.tell_vacated],
    ExternalReviewChecked: [appeals.tell_check],
    PacketBuilt: [],
    FileSentOn: [appeals.tell_sent],
    ReversalCarriedOut: [],
    BenefitContinued: [appeals.tell_continuation],
    OrganizationAssigned: [appeals.tell_assigned],
    HearingSet: [],
    InterestDeclared: [],
    ReviewOrganizationEntered: [appeals.send_what_waited],
    # complaints, and disputes of providers
    GrievanceFiled: [grievances.acknowledge],
    GrievanceAnswered: [grievances.tell_answer],
    GrievanceExtended: [grievances.tell_extension],
    GrievanceMoved: [],
    DisputeFiled: [grievances.acknowledge_dispute],
    DisputeAnswered: [grievances.tell_dispute_answer],
    # letters: most laws time the notice, not the decision
    NoticePrepared: [],
    NoticeHeld: [],
    NoticeSent: [clocks.stop_on_notice, appeals.follow_letter, grievances.follow_letter],
    NoticeSentAgain: [],
    NoticeNotDelivered: [],
    NoticeHandedOver: [],
    TranslationStored: [],
    # clocks
    ClockStarted: [],
    ClockTolled: [],
    ClockResumed: [],
    ClockExtended: [notices.extend],
    ClockMoved: [],
    ExpediteRefused: [notices.refuse_speed],
    ClockStopped: [],
    ClockDueSoon: [clocks.escalate_at_risk],
    ClockLapsed: [
        clocks.register_breach,
        review.own_breaches,
        clocks.escalate_lapse,
        notices.tell_late,
        appeals.follow_lapse,
    ],
    ClockEscalated: [],
    EscalationNoted: [],
    BreachAssigned: [],
    BreachExplained: [],
    # listeners
    SubscriptionCreated: [],
    SubscriptionReplaced: [],
    SubscriptionStatusChanged: [],
    SubscriptionDeleted: [],
    # policies
    PolicyPublished: [],
    GuidelineTextSaved: [],
    GuidelineReviewed: [],
    GuidelineVoteCast: [],
    GuidelineVoteClosed: [],
    GuidelinePublished: [],
    GuidelineRetired: [],
}

for _event, _handlers in FOLLOWS.items():
    audit.register(_event, _handlers)
