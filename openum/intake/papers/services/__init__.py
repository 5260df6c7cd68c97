"""The only writers of papers, their pages, and what was read on them."""

from openum.intake.papers.services.entering import document_of_paper, enter_paper, put_on_waiting_case, settle_paper
from openum.intake.papers.services.fields import add_service, choose_member, keep_field, settle_field, take_service_away
from openum.intake.papers.services.ordering import (
    hide_area,
    locked_paper,
    merge_papers,
    split_paper,
    turn_page,
    undo_step,
)
from openum.intake.papers.services.reading import ask_to_read, read_page
from openum.intake.papers.services.receiving import receive_paper

__all__ = [
    "add_service", "ask_to_read", "choose_member", "document_of_paper", "enter_paper", "hide_area", "keep_field", "locked_paper", "merge_papers", "put_on_waiting_case",
    "read_page", "receive_paper", "settle_field", "settle_paper", "split_paper", "take_service_away", "turn_page", "undo_step",
]  # fmt: skip
