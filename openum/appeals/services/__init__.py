"""The only writers of appeals, one module a noun."""

from openum.appeals.services.assigning import ask_panel, assign_reviewer, vote_on_panel
from openum.appeals.services.deciding import Verdict, decide_appeal, reverse_early
from openum.appeals.services.effectuating import ask_to_continue, carry_out, end_continuation
from openum.appeals.services.filing import AppealAsked, StandingPaper, file_appeal
from openum.appeals.services.following import (
    acknowledge_appeal,
    follow_decision,
    follow_lapse,
    follow_letter,
    tell_check,
    tell_continuation,
    tell_dismissal,
    tell_sent,
    tell_speed,
)
from openum.appeals.services.outside import ask_outside_review, check_external_review, record_outside_decision
from openum.appeals.services.publishing import enter_review_organization, publish_appeal_law
from openum.appeals.services.sending import archive_of, build_packet, parts_again, send_file
from openum.appeals.services.speed import ask_for_speed, grant_speed, refuse_speed
from openum.appeals.services.standing import (
    dismiss_appeal,
    excuse_late_filing,
    receive_form,
    send_elsewhere,
    vacate_dismissal,
    withdraw_appeal,
)

__all__ = [
    "AppealAsked", "StandingPaper", "Verdict", "acknowledge_appeal", "archive_of", "ask_for_speed",
    "ask_outside_review", "ask_panel", "ask_to_continue", "assign_reviewer", "build_packet", "carry_out",
    "check_external_review", "decide_appeal", "dismiss_appeal", "end_continuation", "enter_review_organization",
    "excuse_late_filing", "file_appeal", "follow_decision", "follow_lapse", "follow_letter", "grant_speed",
    "parts_again", "publish_appeal_law", "receive_form", "record_outside_decision", "refuse_speed", "reverse_early",
    "send_elsewhere", "send_file", "tell_check", "tell_continuation", "tell_dismissal", "tell_sent", "tell_speed", "vacate_dismissal",
    "vote_on_panel", "withdraw_appeal",
]  # fmt: skip
