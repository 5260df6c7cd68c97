"""Reads of review: worklists and evidence, conversations and the times of physicians."""

from openum.review.queries.conversations import (
    conversations_of,
    conversations_visible_to,
    delegates_of,
    is_ordering_doctor,
    logins_of_practice,
    may_be_booked,
    ordering_doctors,
    people_of,
    still_open,
    still_open_for_plan,
    talk_facts,
)
from openum.review.queries.reviews import (
    documents_to_open,
    last_referral,
    lines_for_nurses,
    lines_for_physicians,
    lines_in_review,
    open_review,
    openings_by,
    unsent_forms,
)
from openum.review.queries.slots import DEFAULT_ZONE, free_slots, invited, slots_of, time_zone_of

__all__ = [
    "DEFAULT_ZONE", "conversations_of", "conversations_visible_to", "delegates_of", "documents_to_open", "free_slots",
    "invited", "is_ordering_doctor", "last_referral", "lines_for_nurses", "lines_for_physicians", "lines_in_review", "logins_of_practice",
    "may_be_booked", "open_review", "openings_by", "ordering_doctors", "people_of", "slots_of", "still_open",
    "still_open_for_plan", "talk_facts", "time_zone_of", "unsent_forms",
]  # fmt: skip
