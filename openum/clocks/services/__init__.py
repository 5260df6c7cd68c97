"""The only writer of clocks. Handlers of events are in `following`."""

from openum.clocks.services.actions import (
    ExtensionNotAllowed,
    ExtensionTooLate,
    ExtensionUsed,
    SpeedAttested,
    note_notice,
    refuse_expedite,
    stop,
    take_extension,
    upgrade,
)
from openum.clocks.services.breaches import NotTheOwner, assign_breach, explain_breach, register_breach
from openum.clocks.services.escalating import (
    NotTold,
    escalate_at_risk,
    escalate_lapse,
    note_escalation,
    raise_rung,
)
from openum.clocks.services.following import (
    end_with_line,
    follow_corrected_receipt,
    note_contact,
    note_decision,
    note_peer_to_peer_asked,
    note_peer_to_peer_held,
    note_peer_to_peer_offered,
    note_reopened,
    pause_if_the_law_allows,
    resume,
    start_clocks,
    stop_on_notice,
)
from openum.clocks.services.publishing import publish_deadlines, publish_ladder
from openum.clocks.services.recording import (
    FactInTheFuture,
    correct_received_at,
    recompute,
    record_facts,
    start_request,
    take_back_withdrawal,
)
from openum.clocks.services.sweeping import sweep
from openum.clocks.stored import NewFact

__all__ = [
    "ExtensionNotAllowed",
    "ExtensionTooLate",
    "ExtensionUsed",
    "FactInTheFuture",
    "NewFact",
    "NotTheOwner",
    "NotTold",
    "SpeedAttested",
    "assign_breach",
    "correct_received_at",
    "end_with_line",
    "escalate_at_risk",
    "escalate_lapse",
    "explain_breach",
    "follow_corrected_receipt",
    "note_contact",
    "note_decision",
    "note_escalation",
    "note_notice",
    "note_peer_to_peer_asked",
    "note_peer_to_peer_held",
    "note_peer_to_peer_offered",
    "note_reopened",
    "pause_if_the_law_allows",
    "publish_deadlines",
    "publish_ladder",
    "raise_rung",
    "recompute",
    "record_facts",
    "refuse_expedite",
    "register_breach",
    "resume",
    "start_clocks",
    "start_request",
    "stop",
    "stop_on_notice",
    "sweep",
    "take_back_withdrawal",
    "take_extension",
    "upgrade",
]  # fmt: skip
