"""The only writers of papers, their pages, and what was read on them."""

from openum.intake.papers.services.entering import enter_paper, put_on_waiting_case
from openum.intake.papers.services.fields import add_service, choose_member, keep_field, settle_field, take_service_away
from openum.intake.papers.services.ordering import hide_area, merge_papers, split_paper, turn_page, undo_step
from openum.intake.papers.services.reading import ask_to_read, read_page
from openum.intake.papers.services.receiving import receive_paper

__all__ = [
    "add_service", "ask_to_read", "choose_member", "enter_paper", "hide_area", "keep_field", "merge_papers", "put_on_waiting_case",
    "read_page", "receive_paper", "settle_field", "split_paper", "take_service_away", "turn_page", "undo_step",
]  # fmt: skip
