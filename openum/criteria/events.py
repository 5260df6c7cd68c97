"""What happens in this folder, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class GuidelinePublished(Event):
    """A guideline or an approval rule became a policy row."""

    policy_id: UUID
    kind: str
    key: str
    version: str


@dataclass(frozen=True, kw_only=True)
class CriteriaEvaluated(Event):
    """The rule engine answered the criteria of one line."""

    policy_id: UUID | None
    map_id: UUID
    value: str


@dataclass(frozen=True, kw_only=True)
class FindingRecorded(Event):
    """A person answered one criterion."""

    finding_id: UUID
    leaf: str
    value: str


@dataclass(frozen=True, kw_only=True)
class EvidenceLinked(Event):
    """A place in the record was linked to a criterion, or a proposed link was confirmed."""

    link_id: UUID
    leaf: str


@dataclass(frozen=True, kw_only=True)
class EvidenceUnlinked(Event):
    """A link was closed."""

    link_id: UUID
    leaf: str
