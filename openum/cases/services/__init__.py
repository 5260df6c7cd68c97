"""The only writers of the case file, one module a noun."""

from openum.cases.services.amendments import amend_line
from openum.cases.services.contact import (
    ItemAsked,
    close_information_request,
    record_contact_attempt,
    record_information_request,
    settle_items,
)
from openum.cases.services.documents import NewDocument, attach, write_note
from openum.cases.services.lines import (
    cancel_line,
    correct_receipt,
    lock_line,
    record_amendment,
    set_line_status,
    withdraw_line,
)
from openum.cases.services.members import give_to_member
from openum.cases.services.numbers import (
    next_authorization_number,
    next_call_number,
    next_case_number,
    next_receipt_number,
)
from openum.cases.services.sealing import OPEN_MINUTES, break_seal, follow_case, seal_unsorted

__all__ = [
    "OPEN_MINUTES", "ItemAsked", "NewDocument", "amend_line", "attach", "break_seal", "cancel_line", "close_information_request", "correct_receipt", "follow_case",
    "give_to_member", "lock_line",
    "next_authorization_number", "next_call_number", "next_case_number", "next_receipt_number", "record_amendment", "record_contact_attempt",
    "record_information_request", "seal_unsorted", "set_line_status", "settle_items", "withdraw_line", "write_note",
]  # fmt: skip
