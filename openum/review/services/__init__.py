"""The only writers of reviews, one module a noun."""

from openum.review.services.anchored import anchor_note, take_note_away
from openum.review.services.bookings import book_conversation, call_off_conversation, record_no_show
from openum.review.services.delegates import answer_in_writing, end_delegate, name_delegate
from openum.review.services.information import (
    ask_for_information,
    receive_information,
    return_to_reviewer,
)
from openum.review.services.messages import mark_read, write_message
from openum.review.services.outcomes import record_conversation, record_conversation_attempt
from openum.review.services.papers import (
    ask_for_missing_papers,
    require_paper,
    say_unreadable,
    tick_paper,
    waive_paper,
)
from openum.review.services.peer_to_peer import (
    ask_for_conversation,
    end_conversations,
    offer_conversation,
    publish_offer_terms,
    take_window,
)
from openum.review.services.returning import return_to_nurse
from openum.review.services.reviews import (
    close_reviews,
    open_evidence,
    own_breaches,
    refer_to_physician,
    release_review,
    start_review,
)
from openum.review.services.slots import add_slot, keep_calendar, publish_slots, withdraw_slot
from openum.review.services.unsent import forget_form, keep_form

__all__ = [
    "add_slot",
    "anchor_note",
    "answer_in_writing",
    "ask_for_conversation",
    "ask_for_information",
    "ask_for_missing_papers",
    "book_conversation",
    "call_off_conversation",
    "close_reviews",
    "end_conversations",
    "end_delegate",
    "forget_form",
    "keep_calendar",
    "keep_form",
    "mark_read",
    "name_delegate",
    "offer_conversation",
    "open_evidence",
    "own_breaches",
    "publish_offer_terms",
    "publish_slots",
    "receive_information",
    "record_conversation",
    "record_conversation_attempt",
    "record_no_show",
    "refer_to_physician",
    "release_review",
    "require_paper",
    "return_to_nurse",
    "return_to_reviewer",
    "say_unreadable",
    "start_review",
    "take_note_away",
    "take_window",
    "tick_paper",
    "waive_paper",
    "withdraw_slot",
    "write_message",
]  # fmt: skip
