"""The only writers of work."""

from openum.work.services.absences import cancel_absence, record_absence, set_capacity
from openum.work.services.around import (
    end_task,
    end_told,
    make_task,
    move_task,
    note_mentions,
    see_mentions,
    see_watched,
    tell_holders,
    tick_step,
    untick_step,
    unwatch,
    watch,
)
from openum.work.services.assigning import (
    give_out,
    hand_on,
    note_taken_up,
    take_next,
)
from openum.work.services.bulk import (
    NothingChosen,
    give_lines,
    route_lines,
    save_view,
    tag_cases,
    undo_change,
    untag_case,
)
from openum.work.services.checklists import publish_checklist
from openum.work.services.covering import cancel_on_call, cover, record_on_call
from openum.work.services.handing import accept_hand_over, give_hand_over_back, hand_over
from openum.work.services.past import take_in_past_weeks
from openum.work.services.queues import close_queue, keep_queue
from openum.work.services.routing import (
    NotSimulated,
    ask_to_reroute,
    check_routing,
    follow_status,
    publish_routing,
    reroute_open_lines,
    route_line,
)

__all__ = [
    "NotSimulated",
    "NothingChosen",
    "accept_hand_over",
    "ask_to_reroute",
    "cancel_absence",
    "cancel_on_call",
    "check_routing",
    "close_queue",
    "cover",
    "end_task",
    "end_told",
    "follow_status",
    "give_hand_over_back",
    "give_lines",
    "give_out",
    "hand_on",
    "hand_over",
    "keep_queue",
    "make_task",
    "move_task",
    "note_mentions",
    "note_taken_up",
    "publish_checklist",
    "publish_routing",
    "record_absence",
    "record_on_call",
    "reroute_open_lines",
    "route_line",
    "route_lines",
    "save_view",
    "see_mentions",
    "see_watched",
    "set_capacity",
    "tag_cases",
    "take_in_past_weeks",
    "take_next",
    "tell_holders",
    "tick_step",
    "undo_change",
    "untag_case",
    "untick_step",
    "unwatch",
    "watch",
]  # fmt: skip
