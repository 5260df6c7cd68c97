"""The file of a case: lines, documents, questions, notes."""

from openum.adapters.fhir.subscriptions import following as subscriptions
from openum.appeals import services as appeals
from openum.audit.catalogue import Follows
from openum.cases import services as cases
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
    SealBroken,
)
from openum.clocks import services as clocks
from openum.determination import services as determination
from openum.intake import services as intake
from openum.notices import services as notices
from openum.review import services as review
from openum.work import services as work

FOLLOWS: Follows = {
    LineStatusChanged: [clocks.end_with_line, work.follow_status, subscriptions.tell_of_status],
    InformationRequested: [
        clocks.pause_if_the_law_allows,
        determination.note_question,
        notices.ask_for_information,
        subscriptions.tell_of_answer,
    ],
    InformationReceived: [clocks.resume, review.return_to_reviewer, determination.follow_information],
    DocumentReceived: [determination.note_recognition, determination.follow_documents],
    ContactAttempted: [clocks.note_contact],
    NoteWritten: [work.note_mentions],
    LineAmended: [cases.follow_case, intake.triage_amended, notices.tell_of_amendment],
    LineWithdrawn: [review.close_reviews, review.end_conversations, notices.confirm_withdrawal],
    LineCancelled: [review.close_reviews, review.end_conversations],
    SealBroken: [],
    ReceiptCorrected: [clocks.follow_corrected_receipt, appeals.take_back_unfounded],
}
