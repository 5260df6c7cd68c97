"""The timeline of a case, drawn from the same events that the audit chain holds."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openum.accounts.models import User
from openum.audit import events_of
from openum.audit.models import EventRow
from openum.cases import queries
from openum.cases.models import Case, ServiceLine
from openum.design.drawings import Happening
from openum.design.moments import short_moment
from openum.design.status import LINE_LOOKS, status_words


@dataclass(frozen=True)
class Words:
    """How one kind of event reads."""

    text: str | Promise
    shape: str = "ring"
    tone: str = "muted"
    is_minor: bool = False


WORDS: dict[str, Words] = {
    "SubmissionReceived": Words(gettext_lazy("Message received"), is_minor=True),
    "SubmissionSettled": Words(gettext_lazy("Matched at intake"), "check"),
    "CaseSubmitted": Words(gettext_lazy("Request received"), "target", "info"),
    "RequestAdded": Words(gettext_lazy("Further request of the requester"), "target", "info"),
    "RequestAnswered": Words(gettext_lazy("Answer given to the requester's system"), "arrow", "info"),
    "LineTriaged": Words(gettext_lazy("Eligibility and documents checked"), is_minor=True),
    "DuplicateNoticed": Words(gettext_lazy("Looks like another request"), "again", "attention"),
    "DuplicateSettled": Words(gettext_lazy("Look-alike answered"), "check"),
    "PaperEntered": Words(gettext_lazy("Entered from paper at the intake desk"), "arrow", "info"),
    "ReadingUsed": Words(gettext_lazy("Fields read by software, checked by a person"), is_minor=True),
    "DocumentReceived": Words(gettext_lazy("Documents received"), "arrow", "info"),
    "InformationRequested": Words(gettext_lazy("Information asked for"), "bars", "attention"),
    "InformationReceived": Words(gettext_lazy("Information received"), "arrow", "info"),
    "CriteriaEvaluated": Words(gettext_lazy("Criteria checked by rule"), "diamond"),
    "FindingRecorded": Words(gettext_lazy("Criterion answered by a reviewer"), "check"),
    "EvidenceLinked": Words(gettext_lazy("Evidence linked to a criterion"), is_minor=True),
    "EvidenceUnlinked": Words(gettext_lazy("Evidence link closed"), is_minor=True),
    "DocumentOpened": Words(gettext_lazy("Document opened by a reviewer"), is_minor=True),
    "ContactAttempted": Words(gettext_lazy("Contact attempted"), "arrow"),
    "CallActed": Words(gettext_lazy("Spoken about on the phone")),
    "SealJudged": Words(gettext_lazy("The reason for opening it was judged")),
    "SealBroken": Words(gettext_lazy("Opened for a reason, though specially protected")),
    "NoteWritten": Words(gettext_lazy("Note written")),
    "LineAmended": Words(gettext_lazy("Changed by the requester"), "dash"),
    "LineWithdrawn": Words(gettext_lazy("Withdrawn by the requester"), "dash"),
    "LineCancelled": Words(gettext_lazy("Cancelled by the requester"), "dash"),
    "ReceiptCorrected": Words(gettext_lazy("Receipt time corrected by two people"), "clock", "attention"),
    "ReceiptCorrectionProposed": Words(
        gettext_lazy("Another receipt time proposed; a second person has to confirm it"), "clock", "attention"
    ),
    "MemberTied": Words(gettext_lazy("The provisional person was tied to a member"), "check", "info"),
    "MemberUntied": Words(gettext_lazy("The tie to a member was undone"), "again", "attention"),
    "PaperMarked": Words(gettext_lazy("A paper of the list was looked at"), "check"),
    "ReceiptCorrectionRefused": Words(gettext_lazy("Proposed receipt time refused; the receipt stands"), "dash"),
    "ClockStarted": Words(gettext_lazy("Clock started"), is_minor=True),
    "ClockMoved": Words(gettext_lazy("Clock moved"), is_minor=True),
    "ClockTolled": Words(gettext_lazy("Clock paused, as the law allows"), "bars"),
    "ClockResumed": Words(gettext_lazy("Clock runs again"), "clock"),
    "ClockExtended": Words(gettext_lazy("Time extended by notice"), "clock", "attention"),
    "ExpediteRefused": Words(gettext_lazy("Refused to decide fast"), "clock", "attention"),
    "ClockStopped": Words(gettext_lazy("Clock stopped"), is_minor=True),
    "ClockDueSoon": Words(gettext_lazy("Deadline near"), "clock", "attention"),
    "ClockLapsed": Words(gettext_lazy("Deadline passed; the duty to decide stays"), "clock", "danger"),
    "ReviewStarted": Words(gettext_lazy("Review started"), is_minor=True),
    "ReviewEnded": Words(gettext_lazy("Review ended"), is_minor=True),
    "LineReferred": Words(gettext_lazy("Referred to a physician"), "triangle", "pended"),
    "MessageWritten": Words(gettext_lazy("Message between the office and the plan"), "arrow", "info"),
    "MessagesRead": Words(gettext_lazy("Messages read"), is_minor=True),
    "LineReturned": Words(gettext_lazy("Given back to the nurse with a question"), "triangle", "attention"),
    "IntentToDenyRecorded": Words(gettext_lazy("Intention to deny recorded"), "square", "attention"),
    "SlotOffered": Words(gettext_lazy("Time for conversations opened"), is_minor=True),
    "SlotWithdrawn": Words(gettext_lazy("Time for conversations taken back"), is_minor=True),
    "CalendarKept": Words(gettext_lazy("Calendar of a physician set"), is_minor=True),
    "PeerToPeerAsked": Words(gettext_lazy("The practice asked for a conversation between clinicians"), "arrow", "info"),
    "PeerToPeerOffered": Words(gettext_lazy("Conversation between clinicians offered"), "arrow", "info"),
    "PeerToPeerBooked": Words(gettext_lazy("Conversation between clinicians booked"), "clock", "info"),
    "PeerToPeerCalledOff": Words(gettext_lazy("Booked conversation called off"), "dash", "attention"),
    "PeerToPeerMissed": Words(gettext_lazy("One side was not there at the booked time"), "times", "attention"),
    "PeerToPeerWritten": Words(gettext_lazy("The clinician answered in writing"), "again", "info"),
    "PeerToPeerClosed": Words(gettext_lazy("Offer of a conversation closed"), "dash", is_minor=True),
    "DelegateNamed": Words(gettext_lazy("Named who may book or speak for the doctor"), is_minor=True),
    "DelegateEnded": Words(gettext_lazy("A delegate's part ended"), is_minor=True),
    "PeerToPeerHeld": Words(gettext_lazy("Conversation between clinicians held"), "again", "info"),
    "PeerToPeerNotReached": Words(gettext_lazy("Clinician not reached, or declined"), "times", "attention"),
    "LineDecided": Words(gettext_lazy("Decided"), is_minor=True),
    "LineReopened": Words(gettext_lazy("Reopened with a documented reason"), "again", "pended"),
    "LineClosedAdministratively": Words(gettext_lazy("Closed administratively"), "dash", "attention"),
    "CaseFlagged": Words(gettext_lazy("A fact that protects the case was noted"), "diamond", "attention"),
    "NoteAnchored": Words(gettext_lazy("A note was written at a place"), is_minor=True),
    "NoteTakenAway": Words(gettext_lazy("A note was taken from its place"), "dash"),
    "NotesCarried": Words(gettext_lazy("The reason took notes with their source"), is_minor=True),
    "ApprovalLookedAt": Words(gettext_lazy("A clinician looked again at the approval by a rule"), "check"),
    "SecondReadingAsked": Words(gettext_lazy("A second clinician was asked to read the decision"), "arrow"),
    "SecondReadingAnswered": Words(gettext_lazy("The second reading was answered"), "check"),
    "NetworkStated": Words(gettext_lazy("How the provider stands to the network was stated"), "check"),
    "StatusLinkMade": Words(gettext_lazy("A link to where the request stands was made"), "arrow"),
    "StatusLinkEnded": Words(gettext_lazy("A link to where the request stands was stopped"), "check"),
    "StatusLinkOpened": Words(gettext_lazy("Somebody opened a link to where the request stands"), "ring"),
    "CaseFlagCleared": Words(gettext_lazy("A flag of the case was cleared"), "check"),
    "TelephoneRequestBegun": Words(gettext_lazy("A call was taken"), is_minor=True),
    "TelephoneRequestEnded": Words(gettext_lazy("The request was taken by telephone"), "ring"),
    "RequestRefiledAway": Words(
        gettext_lazy("Services were moved to the case where they belong"), "arrow", "attention"
    ),
    "RequestRefiledHere": Words(gettext_lazy("Services came from another case"), "arrow"),
    "PaperMovedAway": Words(gettext_lazy("A paper was moved to another case"), "arrow", "attention"),
    "PaperMovedHere": Words(gettext_lazy("A paper came from another case"), "arrow", "attention"),
    "OutreachStepDue": Words(gettext_lazy("Another attempt to get what is missing is due"), "arrow", "attention"),
    "CodeAdded": Words(gettext_lazy("A code was added after the operation"), "arrow"),
    "AuthorizationIssued": Words(gettext_lazy("Authorization issued"), "check", "ok"),
    "UsageRecorded": Words(gettext_lazy("Use of the authorization recorded"), is_minor=True),
    "NoticePrepared": Words(gettext_lazy("Letter written"), is_minor=True),
    "NoticeHeld": Words(gettext_lazy("Letter held"), "bars", "attention"),
    "NoticeSent": Words(gettext_lazy("Letter sent"), "arrow", "ok"),
    "NoticeSentAgain": Words(gettext_lazy("Letter sent again"), "arrow"),
    "NoticeNotDelivered": Words(gettext_lazy("Letter did not arrive"), "bars", "attention"),
    "NoticeHandedOver": Words(gettext_lazy("Form handed over"), "arrow", "ok"),
    "TranslationStored": Words(gettext_lazy("Translation kept"), is_minor=True),
    "LineStatusChanged": Words(gettext_lazy("Status changed")),
    "ClockEscalated": Words(gettext_lazy("Time runs out: the next desk was told"), "clock", "attention"),
    "EscalationNoted": Words(gettext_lazy("Somebody took note of the time running out"), "check", is_minor=True),
    "BreachAssigned": Words(gettext_lazy("The missed deadline got an owner"), is_minor=True),
    "BreachSetAside": Words(gettext_lazy("The missed deadline was set aside: the receipt was corrected"), "again"),
    "BreachExplained": Words(gettext_lazy("Why the deadline was missed was written down"), "check"),
    "AppealFiled": Words(gettext_lazy("Appeal taken in"), "target", "info"),
    "AppealMoved": Words(gettext_lazy("The appeal moved on"), is_minor=True),
    "StandingShown": Words(gettext_lazy("The paper to act for the member is here"), "check"),
    "LateFilingExcused": Words(gettext_lazy("Late filing excused for good cause"), "check"),
    "AppealSpeedAnswered": Words(gettext_lazy("The wish for a fast appeal was answered"), "clock"),
    "ReviewerAssigned": Words(gettext_lazy("The appeal got its reviewer")),
    "AppealDecided": Words(gettext_lazy("Appeal decided"), "target", "pended"),
    "AppealDismissed": Words(gettext_lazy("Appeal dismissed"), "square", "attention"),
    "AppealExtended": Words(gettext_lazy("More time was taken for the appeal, by notice"), "clock", "attention"),
    "StandingEnded": Words(gettext_lazy("Somebody does not act for the member any more"), "dash"),
    "OrganizationAssigned": Words(gettext_lazy("The outside review got its organization by rotation"), "arrow", "info"),
    "HearingSet": Words(gettext_lazy("The day of a hearing was set"), "clock", "info"),
    "DismissalVacated": Words(gettext_lazy("The dismissal was taken back"), "again"),
    "PacketBuilt": Words(gettext_lazy("The file of the appeal was sealed")),
    "ReviewTakenBack": Words(
        gettext_lazy("The outside review was taken back: no time had passed"), "again", "attention"
    ),
    "FileSentOn": Words(gettext_lazy("The file went to the outside reviewer"), "arrow", "info"),
    "ExternalReviewChecked": Words(gettext_lazy("The request for outside review was checked"), "check"),
    "ReversalCarriedOut": Words(gettext_lazy("What the reversal gave was carried out"), "check", "ok"),
    "BenefitContinued": Words(gettext_lazy("The wish to keep the benefit meanwhile was answered")),
    "PanelAsked": Words(gettext_lazy("Physicians were asked for a second opinion")),
    "PanelVoteCast": Words(gettext_lazy("A physician gave a second opinion"), is_minor=True),
    "OverturnLearned": Words(gettext_lazy("What failed at the first decision was kept"), is_minor=True),
    "GrievanceFiled": Words(gettext_lazy("Complaint taken in"), "target", "info"),
    "GrievanceAnswered": Words(gettext_lazy("Complaint answered"), "check", "ok"),
    "GrievanceExtended": Words(gettext_lazy("More time was taken for the complaint, by notice"), "clock", "attention"),
    "GrievanceMoved": Words(gettext_lazy("The complaint is an appeal and moved there"), "arrow"),
    "DisputeFiled": Words(gettext_lazy("The provider disputed the decision"), "target", "info"),
    "DisputeAnswered": Words(gettext_lazy("The provider's dispute was answered"), "check", "ok"),
    "ClaimTakenUp": Words(gettext_lazy("A claim came under review after the service"), "target", "info"),
    "ClaimFindingMade": Words(gettext_lazy("A finding about the claim was written"), "check"),
    "ClaimFindingSent": Words(gettext_lazy("A finding went to the provider, who may answer"), "arrow", "attention"),
    "ClaimFindingAnswered": Words(gettext_lazy("The provider answered a finding"), "again", "info"),
    "ClaimRebuttalSettled": Words(gettext_lazy("The provider's answer to a finding was settled"), "check", "ok"),
    "ClaimHeld": Words(gettext_lazy("Payment held; the time to pay runs on"), "bars", "attention"),
    "ClaimReleased": Words(gettext_lazy("The hold of the payment ended"), "check"),
    "AssertionCited": Words(gettext_lazy("The request names an answer given before it"), is_minor=True),
    "FaultsNoted": Words(gettext_lazy("Faults of form were counted again"), is_minor=True),
    "LineRouted": Words(gettext_lazy("Came into a queue"), "arrow", is_minor=True),
    "LineAssigned": Words(gettext_lazy("Got a person who works it"), is_minor=True),
    "AssignmentEnded": Words(gettext_lazy("Waits in its queue again"), is_minor=True),
    "CaseTagged": Words(gettext_lazy("The team's tags changed"), is_minor=True),
    "HandOverOffered": Words(
        gettext_lazy("Offered to a colleague at the end of a shift, or to who is on call"), "arrow"
    ),
    "HandOverAnswered": Words(gettext_lazy("The hand-over was answered"), is_minor=True),
    "TaskMade": Words(gettext_lazy("Task written down"), "clock"),
    "TaskMoved": Words(gettext_lazy("Task got another owner or time"), is_minor=True),
    "TaskEnded": Words(gettext_lazy("Task ended"), "check"),
    "ChecklistTicked": Words(gettext_lazy("Checklist step answered"), is_minor=True),
    "ColleagueMentioned": Words(gettext_lazy("A note names a colleague"), is_minor=True),
    "CaseWatched": Words(gettext_lazy("Somebody began or stopped watching"), is_minor=True),
    "FillingDelivered": Words(gettext_lazy("A completed form was attached"), "arrow", "info"),
}


def words_for(event_type: str) -> str:
    """Return the sentence of an event type; a type without one reads as its own name, in words."""
    words = WORDS.get(event_type)
    if words is not None:
        return str(words.text)
    return re.sub(r"(?<!^)(?=[A-Z])", " ", event_type).capitalize()


def timeline_of(case: Case, *, with_minor: bool = False) -> list[Happening]:
    """Return the timeline of a case, newest first: what, when in the plan's zone, who.

    Minor events, whose meaning stands in another one, are left out unless asked for; the audit chain holds them all.
    """
    return timelines_of(case)[with_minor]


def timelines_of(case: Case) -> tuple[list[Happening], list[Happening]]:
    """Return the timeline of a case without and with its minor events, each newest first."""
    rows = events_of(case.public_id)[::-1]
    names = _names({row.actor_id for row in rows})
    lines = {str(line.public_id): line for line in queries.lines_ever(case)}
    entries = [_entry(row, names=names, lines=lines, zone=case.plan.time_zone) for row in rows]
    return [entry for row, entry in zip(rows, entries, strict=True) if not _is_minor(row)], entries


def _is_minor(row: EventRow) -> bool:
    words = WORDS.get(row.type)
    return words is not None and words.is_minor


def _is_outcome(row: EventRow) -> bool:
    return row.type == "LineStatusChanged"


def _names(ids: Iterable[object]) -> dict[object, str]:
    return dict(User.objects.filter(public_id__in=list(ids)).values_list("public_id", "name"))


def _entry(row: EventRow, *, names: dict[object, str], lines: dict[str, ServiceLine], zone: str) -> Happening:
    touched = [lines[key] for key in row.line_ids if key in lines]
    where = ""
    if touched and len(lines) > 1:
        where = _("line %(numbers)s") % {"numbers": ", ".join(str(line.sequence) for line in touched)}
    words = WORDS.get(row.type)
    text = words_for(row.type)
    shape, tone = (words.shape, words.tone) if words else ("ring", "muted")
    if _is_outcome(row):
        after = str(row.fields().get("after", ""))
        look = LINE_LOOKS.get(after)
        text = _("Status: %(status)s") % {"status": status_words(after)}
        shape, tone = (look.shape, look.tone) if look else (shape, tone)
    return Happening(
        at=short_moment(row.at, zone),
        instant=row.at.isoformat(),
        text=text,
        who=names.get(row.actor_id, ""),
        detail=where,
        shape=shape,
        tone=tone,
    )
