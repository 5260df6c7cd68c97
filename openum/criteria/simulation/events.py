"""What happens here, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class SimulationAsked(Event):
    """A person asked what a version of a guideline would have answered."""

    simulation_id: UUID
    key: str
    version: str


@dataclass(frozen=True, kw_only=True)
class SimulationRead(Event):
    """A person was shown the counts of a run, or took them away as a file; without a run, on the command line."""

    simulation_id: UUID | None
    as_file: bool = False
