"""The only writers of appeals, one module a noun."""

from openum.appeals.services.assigning import ask_panel, assign_reviewer, vote_on_panel
from openum.appeals.services.deciding import Verdict, decide_appeal, reverse_early
from openum.appeals.services.effectuating import ask_to_continue, carry_out, end_continuation
from openum.appeals.services.extending import extend_appeal
from openum.appeals.services.filing import AppealAsked, StandingPaper, ask_second_level
from openum.appeals.services.first import file_appeal
from openum.appeals.services.following import (
    acknowledge_appeal,
    follow_decision,
    follow_lapse,
    follow_letter,
    send_what_waited,
    tell_assigned,
    tell_check,
    tell_continuation,
    tell_dismissal,
    tell_extension,
    tell_sent,
    tell_speed,
    tell_taken_back,
    tell_vacated,
    tell_withdrawal,
)
from openum.appeals.services.interests import declare_interest, end_interest
from openum.appeals.services.outside import (
    ask_outside_review,
    assign_organization,
    check_external_review,
    record_outside_decision,
    set_hearing,
)
from openum.appeals.services.papers import file_from_paper
from openum.appeals.services.publishing import enter_review_organization, publish_appeal_law
from openum.appeals.services.sending import archive_of, build_packet, parts_again, send_file
from openum.appeals.services.speed import ask_for_speed, grant_speed, refuse_speed
from openum.appeals.services.standing import (
    correct_representative,
    dismiss_appeal,
    end_standing,
    excuse_late_filing,
    receive_form,
    send_elsewhere,
    vacate_dismissal,
    withdraw_appeal,
)
from openum.appeals.services.taking_back import take_back_unfounded
from openum.appeals.services.telling import tell_by_phone

__all__ = [
    "AppealAsked", "StandingPaper", "Verdict", "acknowledge_appeal", "archive_of", "ask_for_speed",
    "ask_outside_review", "ask_panel", "ask_second_level", "ask_to_continue", "assign_organization", "assign_reviewer", "build_packet",
    "carry_out", "check_external_review", "correct_representative", "decide_appeal", "declare_interest",
    "dismiss_appeal", "end_continuation", "end_interest", "end_standing", "enter_review_organization",
    "excuse_late_filing", "extend_appeal", "file_appeal", "file_from_paper", "follow_decision", "follow_lapse", "follow_letter",
    "grant_speed", "parts_again", "publish_appeal_law", "receive_form", "record_outside_decision", "refuse_speed",
    "reverse_early", "send_elsewhere", "send_file", "send_what_waited", "set_hearing", "take_back_unfounded", "tell_assigned", "tell_by_phone", "tell_check", "tell_continuation",
    "tell_dismissal", "tell_extension", "tell_sent", "tell_speed", "tell_taken_back", "tell_vacated", "tell_withdrawal",
    "vacate_dismissal", "vote_on_panel", "withdraw_appeal",
]  # fmt: skip
