"""The only writers of decisions, one module a noun."""

from openum.determination.services.adding import add_code, publish_added_codes
from openum.determination.services.administrative import close_administratively
from openum.determination.services.adverse import (
    approve_as_documented,
    deny_line,
    partially_approve_line,
    record_intent_to_deny,
)
from openum.determination.services.affirming import affirm_statement, affirmed_on
from openum.determination.services.alternatives import approve_alternative
from openum.determination.services.amending import amend_approval
from openum.determination.services.appeals import ON_APPEAL, Ground, keep_outside_no, reverse_on_appeal
from openum.determination.services.approvals import approve_line
from openum.determination.services.automatic import (
    follow_criteria,
    follow_documents,
    follow_information,
    follow_triage,
    prepare_sandbox_answer,
)
from openum.determination.services.carrying import compose_rationale
from openum.determination.services.climbing import climb, ladder_of, publish_ladder
from openum.determination.services.conversations import follow_conversation, offer_with_notice
from openum.determination.services.ending import EARLY_END, check_early_end, end_early
from openum.determination.services.flags import clear_flag, flag_case, time_after_stabilization
from openum.determination.services.lessons import record_lesson
from openum.determination.services.links import end_status_link, make_status_link, note_visit
from openum.determination.services.looking import look_at_approval
from openum.determination.services.machines import (
    note_decision,
    note_evaluation,
    note_finding,
    note_link,
    note_look,
    note_question,
    note_reading,
    note_recognition,
)
from openum.determination.services.parity import compare_parity
from openum.determination.services.publishing import publish_automation, publish_deciders, publish_sandbox_rule
from openum.determination.services.record import cut
from openum.determination.services.renewing import start_renewal
from openum.determination.services.reopening import reopen_line
from openum.determination.services.second_readings import (
    agree_to_reading,
    ask_second_reading,
    go_on_unread,
    publish_second_readings,
    send_reading_back,
    take_reading_back,
)
from openum.determination.services.seeking import log_outreach
from openum.determination.services.telling import state_network, tell_answer_by_phone
from openum.determination.services.usage import record_usage, reverse_usage

__all__ = [
    "EARLY_END",
    "ON_APPEAL",
    "Ground",
    "add_code",
    "affirm_statement",
    "affirmed_on",
    "agree_to_reading",
    "amend_approval",
    "approve_alternative",
    "approve_as_documented",
    "approve_line",
    "ask_second_reading",
    "check_early_end",
    "clear_flag",
    "climb",
    "close_administratively",
    "compare_parity",
    "compose_rationale",
    "cut",
    "deny_line",
    "end_early",
    "end_status_link",
    "flag_case",
    "follow_conversation",
    "follow_criteria",
    "follow_documents",
    "follow_information",
    "follow_triage",
    "go_on_unread",
    "keep_outside_no",
    "ladder_of",
    "log_outreach",
    "look_at_approval",
    "make_status_link",
    "note_decision",
    "note_evaluation",
    "note_finding",
    "note_link",
    "note_look",
    "note_question",
    "note_reading",
    "note_recognition",
    "note_visit",
    "offer_with_notice",
    "partially_approve_line",
    "prepare_sandbox_answer",
    "publish_added_codes",
    "publish_automation",
    "publish_deciders",
    "publish_ladder",
    "publish_sandbox_rule",
    "publish_second_readings",
    "record_intent_to_deny",
    "record_lesson",
    "record_usage",
    "reopen_line",
    "reverse_on_appeal",
    "reverse_usage",
    "send_reading_back",
    "start_renewal",
    "state_network",
    "take_reading_back",
    "tell_answer_by_phone",
    "time_after_stabilization",
]  # fmt: skip
