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
from openum.clocks.services.following import (
    end_with_line,
    follow_corrected_receipt,
    note_contact,
    note_decision,
    note_peer_to_peer_held,
    note_peer_to_peer_offered,
    note_reopened,
    pause_if_the_law_allows,
    resume,
    start_clocks,
    stop_on_notice,
)
from openum.clocks.services.publishing import publish_deadlines
from openum.clocks.services.recording import (
    FactInTheFuture,
    correct_received_at,
    recompute,
    record_facts,
    start_request,
)
from openum.clocks.services.sweeping import sweep
from openum.clocks.stored import NewFact

__all__ = [
    "ExtensionNotAllowed",
    "ExtensionTooLate",
    "ExtensionUsed",
    "FactInTheFuture",
    "NewFact",
    "SpeedAttested",
    "correct_received_at",
    "end_with_line",
    "facts_of",
    "follow_corrected_receipt",
    "note_contact",
    "note_decision",
    "note_notice",
    "note_peer_to_peer_held",
    "note_peer_to_peer_offered",
    "note_reopened",
    "pause_if_the_law_allows",
    "publish_deadlines",
    "recompute",
    "record_facts",
    "refuse_expedite",
    "resume",
    "start_clocks",
    "start_request",
    "stop",
    "stop_on_notice",
    "sweep",
    "take_extension",
    "upgrade",
]  # fmt: skip
