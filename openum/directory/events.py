"""What happens in the directory, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class PolicyPublished(Event):
    """A policy file became an immutable row."""

    policy_id: UUID
    kind: str
    key: str
    version: str


@dataclass(frozen=True, kw_only=True)
class MemberEnrolled(Event):
    """A person was put on file: from an eligibility load, or on first sight in a sandbox plan."""

    member_id: UUID


@dataclass(frozen=True, kw_only=True)
class LanguageChanged(Event):
    """A member said in which language letters and calls should be."""

    member_id: UUID
