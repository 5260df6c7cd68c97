"""What happens in determination, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class LineDecided(Event):
    """A line got its determination."""

    determination_id: UUID
    outcome: str
    is_adverse: bool
    supersedes: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class AuthorizationIssued(Event):
    """An authorization number was given, or a new segment under it."""

    authorization_id: UUID
    determination_id: UUID


@dataclass(frozen=True, kw_only=True)
class CodeAdded(Event):
    """An office told a code that was found necessary during an approved operation."""

    request_id: UUID
    authorization_id: UUID
    is_permitted: bool


@dataclass(frozen=True, kw_only=True)
class IntentToDenyRecorded(Event):
    """A physician means to decide against a line and offers to talk first. It stops no clock."""

    note_id: UUID


@dataclass(frozen=True, kw_only=True)
class LineClosedAdministratively(Event):
    """A person closed a line for a reason of the short administrative whitelist."""

    determination_id: UUID
    reason_class: str


@dataclass(frozen=True, kw_only=True)
class LineReopened(Event):
    """A decided line was reopened with a documented reason."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class UsageRecorded(Event):
    """Units of an authorization were used, or given back."""

    authorization_id: UUID
    kind: str


@dataclass(frozen=True, kw_only=True)
class OverturnLearned(Event):
    """A reversal was tied to what failed; `cause` is node, fact or step."""

    lesson_id: UUID
    determination_id: UUID


@dataclass(frozen=True, kw_only=True)
class CaseFlagged(Event):
    """A fact was noted that the law ties a protection to: a court order, an emergency, a birth."""

    flag_id: UUID


@dataclass(frozen=True, kw_only=True)
class CaseFlagCleared(Event):
    """A flag of a case was cleared with a reason."""

    flag_id: UUID


@dataclass(frozen=True, kw_only=True)
class ParityCompared(Event):
    """Mental health and substance use were compared with medical and surgical care for a period."""

    comparison_id: UUID


@dataclass(frozen=True, kw_only=True)
class IncentivesAffirmed(Event):
    """Somebody who decides affirmed the yearly statement that no pay hangs on a decision."""

    user_id: UUID
    affirmation_id: UUID


@dataclass(frozen=True, kw_only=True)
class NetworkStated(Event):
    """A person stated how the provider stands to the network, and what the plan pays outside it; the letters tell it."""

    statement_id: UUID


@dataclass(frozen=True, kw_only=True)
class StatusLinkMade(Event):
    """The member or the office made a link that shows where the request stands."""

    link_id: UUID


@dataclass(frozen=True, kw_only=True)
class StatusLinkEnded(Event):
    """A link that showed where the request stands was stopped."""

    link_id: UUID


@dataclass(frozen=True, kw_only=True)
class StatusLinkOpened(Event):
    """Somebody who holds the link saw where the request stands; kept once an hour for each link."""

    link_id: UUID


@dataclass(frozen=True, kw_only=True)
class SecondReadingAsked(Event):
    """A decision that two people make was given to a second clinician. It stops no clock."""

    reading_id: UUID
    digest: str


@dataclass(frozen=True, kw_only=True)
class SecondReadingAnswered(Event):
    """The second clinician agreed or sent it back, or who asked took it back or went on unread in the last hours."""

    reading_id: UUID
    answer: str


@dataclass(frozen=True, kw_only=True)
class ApprovalLookedAt(Event):
    """A clinician looked again at an approval by software; the approval stands."""

    determination_id: UUID
    agrees: bool


@dataclass(frozen=True, kw_only=True)
class NotesCarried(Event):
    """Who decided took notes of places into the reason that the letter quotes."""

    determination_id: UUID
    note_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class OutreachStepDue(Event):
    """A step of the search for missing information became due; who works on the case has a task."""

    information_request_id: UUID
    step: str
