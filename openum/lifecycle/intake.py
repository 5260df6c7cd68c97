"""Intake: papers, receipts, duplicates, forwarding."""

from openum.audit.catalogue import Follows
from openum.cases import services as cases
from openum.determination import services as determination
from openum.intake import services as intake
from openum.intake.events import (
    DuplicateNoticed,
    DuplicateSettled,
    FieldSettled,
    ForwardingAcknowledged,
    ForwardingShown,
    LineTriaged,
    MemberTied,
    MemberUntied,
    PageRead,
    PaperChanged,
    PaperEntered,
    PaperMarked,
    PaperMemberChosen,
    PaperMovedAway,
    PaperMovedHere,
    PaperReceived,
    PaperShown,
    ReadingUsed,
    ReceiptCorrectionProposed,
    ReceiptCorrectionRefused,
    RequestForwarded,
    RequestRefiledAway,
    RequestRefiledHere,
    SenderTold,
)
from openum.review import services as review

FOLLOWS: Follows = {
    LineTriaged: [determination.follow_triage],
    DuplicateNoticed: [],
    DuplicateSettled: [],
    PaperReceived: [],
    PaperShown: [],
    PageRead: [],
    PaperChanged: [],
    FieldSettled: [],
    PaperMemberChosen: [],
    PaperEntered: [],
    ReadingUsed: [determination.note_reading],
    ReceiptCorrectionProposed: [],
    ReceiptCorrectionRefused: [],
    PaperMarked: [],
    PaperMovedAway: [],
    PaperMovedHere: [],
    RequestRefiledAway: [review.close_reviews, review.end_conversations],
    RequestRefiledHere: [],
    MemberTied: [cases.follow_case, intake.triage_tied],
    MemberUntied: [cases.follow_case, intake.triage_tied],
    RequestForwarded: [],
    ForwardingShown: [],
    ForwardingAcknowledged: [],
    SenderTold: [],
}
