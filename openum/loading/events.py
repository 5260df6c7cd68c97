"""What happens to claims files, past tense, ids and counts only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class ClaimsUploaded(Event):
    """A person gave claims files."""

    load_id: UUID
    files: int


@dataclass(frozen=True, kw_only=True)
class HeaderMappingKept(Event):
    """A mapping of headers was kept under a name."""

    mapping_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClaimsLoadStarted(Event):
    """A person had tables and headers read as they stand, and started the load."""

    load_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClaimsFileMoved(Event):
    """A file reached a stage of its load, or its end."""

    load_id: UUID
    file_id: UUID
    reached: str


@dataclass(frozen=True, kw_only=True)
class ClaimsLoadEnded(Event):
    """Every file of a load has ended; the scorecard was made."""

    load_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClaimsFileTakenBack(Event):
    """A person took a loaded file out of the store; `cause` says why."""

    load_id: UUID
    file_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClaimsRowsRead(Event):
    """A person was shown rows set aside, or took them as a file; `cause` says which."""

    file_id: UUID
    rows: int


@dataclass(frozen=True, kw_only=True)
class ClaimsRowRepaired(Event):
    """A person gave a value of a row set aside anew; the row of the file, never the value."""

    file_id: UUID
    row: int
    column: str
