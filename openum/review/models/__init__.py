"""What review keeps: reviews, evidence opened, and the conversations between clinicians."""

from openum.review.models.conversations import (
    CalendarMessage,
    PeerToPeer,
    PeerToPeerDelegate,
    PeerToPeerSlot,
    PeerToPeerStatement,
    PhysicianCalendar,
)
from openum.review.models.messages import CaseMessage
from openum.review.models.notes import AnchoredNote
from openum.review.models.reviews import EvidenceOpened, Review, UnsentForm

__all__ = [
    "AnchoredNote", "CalendarMessage", "CaseMessage", "EvidenceOpened", "PeerToPeer", "PeerToPeerDelegate", "PeerToPeerSlot",
    "PeerToPeerStatement", "PhysicianCalendar", "Review", "UnsentForm",
]  # fmt: skip
