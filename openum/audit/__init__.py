"""Who did what, when and why: events in hash chains, and what follows from them.

Models are imported inside functions, so that every folder can `from openum.audit import Event, record` while
Django is still loading.
"""

from openum.audit.catalogue import NotRegistered, check_complete, handlers_of, register
from openum.audit.events import CATALOGUE, Actor, CasesRead, Event, Recorded
from openum.audit.queries import events_of
from openum.audit.services import batch, record, record_reads, seal_heads
from openum.audit.verification import Finding, verify

__all__ = [
    "CATALOGUE", "Actor", "CasesRead", "Event", "Finding", "NotRegistered", "Recorded", "batch", "check_complete",
    "events_of", "handlers_of", "record", "record_reads", "register", "seal_heads", "verify",
]  # fmt: skip
