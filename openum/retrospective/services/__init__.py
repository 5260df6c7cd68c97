"""The only writers of leads, claim lines, findings and providers' answers."""

from openum.retrospective.services.findings import answer_rebuttal, make_finding, receive_reply, send_finding
from openum.retrospective.services.following import tell_finding
from openum.retrospective.services.holds import hold_claim, release_claim
from openum.retrospective.services.leads import dismiss_lead, load_leads, note_leads_read
from openum.retrospective.services.proposing import propose_change
from openum.retrospective.services.taking import take_up

__all__ = [
    "answer_rebuttal", "dismiss_lead", "hold_claim", "load_leads", "make_finding", "note_leads_read", "propose_change", "receive_reply",
    "release_claim", "send_finding", "take_up", "tell_finding",
]  # fmt: skip
