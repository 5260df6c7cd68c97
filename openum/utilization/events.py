"""What happens to the metrics of claims, past tense, ids and counts only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class MetricsStated(Event):
    """A statement of a plan's metrics was made, or could not be; `reached` says which."""

    statement_id: UUID
    reached: str


@dataclass(frozen=True, kw_only=True)
class FigureListAsked(Event):
    """A person asked for the rows behind a number."""

    list_id: UUID


@dataclass(frozen=True, kw_only=True)
class FigureListMade(Event):
    """The rows behind a number were written out, or could not be."""

    list_id: UUID
    rows: int


@dataclass(frozen=True, kw_only=True)
class FigureListRead(Event):
    """A person was shown rows behind a number, or took them as a file; `cause` says which."""

    list_id: UUID
    rows: int


@dataclass(frozen=True, kw_only=True)
class SnapshotMade(Event):
    """The figures of a plan were kept as a PDF."""

    snapshot_id: UUID
