"""Reads of the audit tables."""

from typing import TYPE_CHECKING
from uuid import UUID

from openum.audit.writing import flush

if TYPE_CHECKING:
    from openum.audit.models import EventRow


def events_of(case_id: UUID) -> "list[EventRow]":
    """Return the events of a case, oldest first, including those of the running transaction."""
    from openum.audit.models import EventRow

    flush()
    return list(EventRow.objects.filter(chain=f"case:{case_id}").order_by("seq"))
