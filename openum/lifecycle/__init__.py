"""What follows what: the one table that links the steps, a file for each part of the work. Read this first.

`audit.record(event)` writes the row and runs what stands here, first in, first out, in the same transaction: database
work only. Slow or outgoing work becomes a job or an outbox row. An event that nothing follows still has its line, so
that nobody has to wonder. `docs/generated/events.md` lists the events with their fields.
"""

from openum import audit
from openum.audit.catalogue import Follows
from openum.lifecycle import (
    appeals,
    cases,
    claims,
    clocks,
    criteria,
    decisions,
    door,
    intake,
    letters,
    people,
    review,
    work,
)

FOLLOWS: Follows = {}
for _part in (people, door, intake, criteria, cases, clocks, review, decisions, letters, appeals, claims, work):
    for _event, _handlers in _part.FOLLOWS.items():
        audit.register(_event, _handlers)
    FOLLOWS |= _part.FOLLOWS
