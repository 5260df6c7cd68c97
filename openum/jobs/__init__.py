"""Background work that survives crashes: a leased table, exactly-once database effects, back-off, dead letters."""

from openum.jobs.registry import every, handler
from openum.jobs.services import enqueue
from openum.jobs.worker import run_due, work

__all__ = ["enqueue", "every", "handler", "run_due", "work"]
