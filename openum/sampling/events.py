"""What happens to samples, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class SampleDrawn(Event):
    """Files were drawn by lot."""

    sample_id: UUID
    rows: int
    files: int
    content_digest: str


@dataclass(frozen=True, kw_only=True)
class GuestAdmitted(Event):
    """A guest may read the files of a sample until an instant (ISO)."""

    sample_id: UUID
    guest_id: UUID
    until: str
    is_new_account: bool


@dataclass(frozen=True, kw_only=True)
class GuestShutOut(Event):
    """A guest may read the files no longer."""

    sample_id: UUID
    guest_id: UUID


@dataclass(frozen=True, kw_only=True)
class SampledFileJudged(Event):
    """Somebody said what they found about an element of a file."""

    sample_id: UUID
    position: int
    element: str
    verdict: str


@dataclass(frozen=True, kw_only=True)
class UniverseRead(Event):
    """Somebody took the universe of a sample as a file."""

    sample_id: UUID


@dataclass(frozen=True, kw_only=True)
class SampleClosed(Event):
    """A sample ended; its files are shut to guests, its verdicts stay."""

    sample_id: UUID
    failed: int
