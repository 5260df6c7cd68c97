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
class GuidelineRetired(Event):
    """A published version ends on a day."""

    policy_id: UUID
    key: str
    version: str


@dataclass(frozen=True, kw_only=True)
class GuidelineTextSaved(Event):
    """A draft was started, or a new text of it was saved; it is a draft again."""

    draft_id: UUID
    key: str
    version: str
    number: int


@dataclass(frozen=True, kw_only=True)
class GuidelineReviewed(Event):
    """A second person found a text ready for the committee, or not."""

    draft_id: UUID
    number: int
    is_ready: bool


@dataclass(frozen=True, kw_only=True)
class GuidelineVoteCast(Event):
    """A member of the committee voted."""

    draft_id: UUID
    number: int
    vote: str
    has_conflict: bool


@dataclass(frozen=True, kw_only=True)
class GuidelineVoteClosed(Event):
    """The vote of the committee was counted."""

    draft_id: UUID
    number: int
    is_carried: bool


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
