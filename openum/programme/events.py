"""What happens to published reports, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class PublicReportFrozen(Event):
    """The public metrics of a year were frozen and posted; `cause` is why an earlier version gave way."""

    report_id: UUID
    year: int
