"""The only writers at the door, one module a noun."""

from openum.submission.services.arming import (
    arm,
    arming_of,
    check_may_arm,
    disarm,
    pending_arming,
    sign_standing_order,
    standing_order,
    take_fault,
    use_arming,
    withdraw_standing_order,
)
from openum.submission.services.attachments import (
    AcceptedAttachment,
    accept_attachment,
    answer_with_update,
    match_attachment,
    take_held_attachments,
)
from openum.submission.services.door import Accepted, Door, accept, note_faults, record_refusal, store_answer
from openum.submission.services.further import (
    add_line_beside,
    add_representative,
    confirm_standing,
    copy_parties,
    open_empty_case,
    rename_representative,
    take_further_request,
)
from openum.submission.services.waiting import admit_waiting, close_waiting

__all__ = [
    "Accepted",
    "AcceptedAttachment",
    "Door",
    "accept",
    "accept_attachment",
    "add_line_beside",
    "add_representative",
    "admit_waiting",
    "answer_with_update",
    "arm",
    "arming_of",
    "check_may_arm",
    "close_waiting",
    "confirm_standing",
    "copy_parties",
    "disarm",
    "match_attachment",
    "note_faults",
    "open_empty_case",
    "pending_arming",
    "record_refusal", "rename_representative",
    "sign_standing_order",
    "standing_order",
    "store_answer",
    "take_fault",
    "take_further_request",
    "take_held_attachments",
    "use_arming",
    "withdraw_standing_order",
]  # fmt: skip
