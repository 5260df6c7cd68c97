"""The only writers of reviews, one module a noun."""

from openum.review.services.information import (
    ask_for_information,
    receive_information,
    return_to_reviewer,
)
from openum.review.services.peer_to_peer import (
    add_slot,
    book_conversation,
    offer_conversation,
    record_conversation,
    record_conversation_attempt,
    take_window,
)
from openum.review.services.reviews import (
    close_reviews,
    open_evidence,
    own_breaches,
    refer_to_physician,
    release_review,
    start_review,
)
from openum.review.services.unsent import forget_form, keep_form

__all__ = [
    "add_slot", "ask_for_information", "book_conversation", "close_reviews", "forget_form", "keep_form",
    "offer_conversation", "open_evidence", "own_breaches", "receive_information", "record_conversation",
    "record_conversation_attempt", "refer_to_physician", "release_review", "return_to_reviewer", "start_review",
    "take_window",
]  # fmt: skip
