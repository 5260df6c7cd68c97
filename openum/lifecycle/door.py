"""The door: messages, members, needs, listeners."""

from openum.adapters.fhir.subscriptions.events import (
    SubscriptionCreated,
    SubscriptionDeleted,
    SubscriptionReplaced,
    SubscriptionStatusChanged,
)
from openum.adapters.sandbox.events import ConversationHeld, RecordedMessagesExported, RecordedMessagesRead
from openum.audit.catalogue import Follows
from openum.cases import services as cases
from openum.clocks import services as clocks
from openum.directory.events import LanguageChanged, MemberEnrolled
from openum.intake import services as intake
from openum.needs.events import AssertionCited, AssertionRead, AssertionsRemoved, NeedsAsked
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
    TelephoneRequestBegun,
    TelephoneRequestEnded,
)

FOLLOWS: Follows = {
    SubmissionReceived: [],
    SubmissionSettled: [],
    TelephoneRequestBegun: [],
    TelephoneRequestEnded: [],
    SandboxAnswerArmed: [],
    SandboxAnswerDisarmed: [],
    SandboxFaultGiven: [],
    StandingOrderSigned: [],
    StandingOrderWithdrawn: [],
    RecordedMessagesRead: [],
    RecordedMessagesExported: [],
    ConversationHeld: [],
    CaseSubmitted: [cases.follow_case, submission.take_held_attachments, clocks.start_clocks, intake.triage_request],
    RequestAdded: [
        cases.follow_case,
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
    LanguageChanged: [],
    SubscriptionCreated: [],
    SubscriptionReplaced: [],
    SubscriptionStatusChanged: [],
    SubscriptionDeleted: [],
}
